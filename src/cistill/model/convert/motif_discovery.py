"""The published motif-discovery system's networks (Keras, kundajelab/neural_motif_discovery).

Zero-padded convolutions whose padded ends are cropped away, which valid convolutions equal; no residual on the last
layer; raw controls in both heads; strands in the order [-, +].
"""

import torch
from torch import Tensor

from cistill.model.convert.converted import Converted, config_of, refuse
from cistill.model.convert.keras_file import KerasModel

KNOWN = {
    "input_seq": "InputLayer",
    "cont_profs": "InputLayer",
    r"dil_conv_(\d+)": "Conv1D",
    r"add(_\d+)?": "Add",
    "dil_conv_crop": "Cropping1D",
    "prof_large_conv": "Conv1D",
    r"prof_one_conv_(\d+)": "Conv1D",
    "count_pool": "GlobalAveragePooling1D",
    "count_pair_dense": "Dense",
    r"count_out_dense_(\d+)": "Dense",
    r"reshape(_\d+)?": "Reshape",
    r"concatenate(_\d+)?": "Concatenate",
    r"lambda(_\d+)?": "Lambda",
}


def matches(model: KerasModel) -> bool:
    """Return whether a Keras model has this format's layers."""
    return "prof_large_conv" in model.layers


def convert(model: KerasModel) -> Converted:
    """Return a network of the motif-discovery system in our terms."""
    model.expect(KNOWN)
    layers, tasks = model.count(r"dil_conv_(\d+)") - 1, model.count(r"prof_one_conv_(\d+)")
    state: dict[str, Tensor] = {}
    for i in range(layers + 1):
        ours = "first" if i == 0 else f"dilated.{i - 1}"
        state[f"{ours}.weight"], state[f"{ours}.bias"] = model.convolution(
            f"dil_conv_{i + 1}", 2**i, "relu", padding="same"
        )
    added = set().union(*model.sums())
    for i in range(2, layers + 1):
        if f"dil_conv_{i}" not in added:
            raise refuse(model.file, f"dil_conv_{i}", "is not added to its input")
    state["profile_weight"], state["profile_bias"] = model.convolution("prof_large_conv")
    state["count.weight"], state["count.bias"] = model.dense("count_pair_dense")
    profile = [model.convolution(f"prof_one_conv_{i + 1}") for i in range(tasks)]
    counts = [model.dense(f"count_out_dense_{i + 1}") for i in range(tasks)]
    state["profile_mix.weight"] = torch.cat([weight for weight, _ in profile])
    state["profile_mix.bias"] = torch.cat([bias for _, bias in profile])
    state["count_mix.weight"] = torch.cat([weight for weight, _ in counts])[..., None]
    state["count_mix.bias"] = torch.cat([bias for _, bias in counts])

    length = model.input_length("input_seq")
    config = config_of(
        state,
        length,
        tasks=tasks,
        controls=True,
        last_residual=f"dil_conv_{layers + 1}" in added,
        profile_control="raw",
        count_control="raw",
    )
    if 2 * model.cropping("dil_conv_crop") != config.receptive_field - 1:
        raise refuse(model.file, "dil_conv_crop", "does not cut exactly the positions that saw padding")
    return Converted(config, state, strands="minus_plus")
