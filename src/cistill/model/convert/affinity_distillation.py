"""Affinity Distillation's networks (Keras with the reverse-complement layers of keras-genomics).

Those layers add their bias in place, so that each computes 2 conv(x) + b: the kernels are doubled here. Raw controls;
strands in the order [+, -] (kundajelab/affinity_distillation train_model.py, keras-genomics convolutional.py).
"""

from torch import Tensor

from cistill.errors import InputError
from cistill.model.convert.converted import Converted, config_of, refuse
from cistill.model.convert.keras_file import KerasModel, Layer, plain

KNOWN = {
    "sequence": "InputLayer",
    "control_(logcount|profile)": "InputLayer",
    r"rev_comp_conv1d(_\d+)?": "RevCompConv1D",
    "task0_profile": "RevCompConv1D",
    "task0_logcount": "Reshape",
    r"reshape(_\d+)?": "Reshape",
    r"average(_\d+)?": "Average",
    r"lambda(_\d+)?": "Lambda",
    r"global_average_pooling1d(_\d+)?": "GlobalAveragePooling1D",
    r"concatenate(_\d+)?": "Concatenate",
}
SMOOTHING = 50


def matches(model: KerasModel) -> bool:
    """Return whether a Keras model has this format's layers."""
    return bool(model.of_kind("RevCompConv1D"))


def convert(model: KerasModel, factor: float = 2.0) -> Converted:
    """Return a network of Affinity Distillation in our terms.

    Parameters
    ----------
    model : KerasModel
    factor : float
        What the layers multiply their convolutions by: 2 for every published keras-genomics.
    """
    model.expect(KNOWN)
    controls = "control_profile" in model.layers
    trunk, profile, counts = _roles(model)
    state: dict[str, Tensor] = {}
    for i, layer in enumerate(trunk):
        ours = "first" if i == 0 else f"dilated.{i - 1}"
        weight, bias = model.convolution(layer.name, 2**i, "relu")
        state |= {f"{ours}.weight": factor * weight, f"{ours}.bias": bias}
    for i, layer in enumerate([*trunk[2:], profile], start=2):
        seen = [model.layers[name] for name in layer.inputs]
        if [layer.kind for layer in seen] != ["Average"] or len(seen[0].inputs) != i:
            raise refuse(model.file, layer.name, f"does not see the average of the {i} layers before it")
    weight, state["profile_bias"] = model.convolution(profile.name)
    state["profile_weight"] = factor * weight
    weight, state["profile_mix_bias"] = model.convolution("task0_profile")
    state["profile_mix_weight"] = factor * weight[:, :, 0]
    weight, state["count.bias"] = model.convolution(counts.name)
    weight = factor * weight[:, :, 0]
    state["count.weight"] = weight[:, 1:-1] if controls else weight
    if controls:
        state["count_control_weight"] = weight[:, [0, -1]]

    length = model.input_length("sequence")
    config = config_of(
        state, length, family="distill", controls=controls, control_smoothing=SMOOTHING, profile_control="raw"
    )
    expected = {"profile_mix_weight": 6 if controls else 2, "count.weight": config.channels}
    for name, columns in expected.items():
        if tuple(state[name].shape) != (1, columns):
            raise InputError(f"{model.file}: {name} has shape {tuple(state[name].shape)}, not (1, {columns})")
    return Converted(config, state, notes={"kernel_factor": factor})


def _roles(model: KerasModel) -> tuple[list[Layer], Layer, Layer]:
    """Return the trunk's layers in order of dilation, the wide profile convolution, and that of the counts."""
    layers = [layer for layer in model.of_kind("RevCompConv1D") if layer.name != "task0_profile"]
    trunk = [layer for layer in layers if plain(layer.config["activation"]) == "relu"]
    heads = [layer for layer in layers if layer not in trunk]
    trunk.sort(key=lambda layer: int(plain(layer.config["dilation_rate"])))
    counts = [layer for layer in heads if plain(layer.config["kernel_size"]) == 1]
    profile = [layer for layer in heads if layer not in counts]
    if len(counts) != 1 or len(profile) != 1 or not trunk:
        raise InputError(f"{model.file}: no single wide profile convolution and single count convolution found")
    return trunk, profile[0], counts[0]
