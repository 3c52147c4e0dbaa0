"""BPNet of basepairmodels and of bpnet 2 (Keras): valid convolutions, ReLUs before or after sums, controls per task.

Sources: kundajelab/bpnet-refactor bpnet/model/arch.py and generators/generators.py, the older genomicsdlarchsandlosses.
A task's profile is a width-one convolution of the head's tracks and the raw control; its log counts are a linear
function of the head's and either of ln(1 + control total) per strand (a loss per strand) or of ln(sum of 1 + control
totals) (one loss over both strands).
"""

import torch
from torch import Tensor

from cistill.errors import InputError
from cistill.model.convert.converted import Converted, both_strands, config_of, mixing, refuse
from cistill.model.convert.keras_file import KerasModel
from cistill.model.network import NetworkConfig

KNOWN = {
    "sequence": "InputLayer",
    r"(profile|counts)_bias_input_(\d+)": "InputLayer",
    r"(.*)_dil_conv_(\d+)": "Conv1D",
    r"(.*)_conv_(\d+)": "Conv1D",
    r".*_relu_cr|.*_(conv|add)_\d+_cr": "Cropping1D",
    r".*_relu": "ReLU",
    r"(.*)_add_(\d+)": "Add",
    r"(.*)_profile_head": "Conv1D",
    r"(.*)_profile_head_cropped": "Cropping1D",
    r"(.*)_prof_head_(\d+)|(.*)_counts_head_(\d+)": "Lambda",
    r"(.*)_global_avg_pooling": "GlobalAveragePooling1D",
    r"(.*)_counts_head": "Dense",
    r"(.*)_concat_with_(prof|counts)_bias_(\d+)": "Concatenate",
    r"(.*)_logsumexp_counts_bias_(\d+)": "Lambda",
    r"profile_predictions_(\d+)": "Conv1D",
    r"logcounts_predictions_(\d+)": "Dense",
}


def matches(model: KerasModel) -> bool:
    """Return whether a Keras model has this format's layers."""
    return any(name.endswith("_dil_conv_1") for name in model.layers) and "logcounts_predictions" in model.layers


def convert(model: KerasModel) -> Converted:
    """Return a network of basepairmodels or bpnet 2 in our terms."""
    controlled = "profile_bias_input_0" in model.layers or "profile_bias_input_1" in model.layers
    model.expect({**KNOWN, **_outputs(model)})
    prefix = next(name for name in model.layers if name.endswith("_dil_conv_1")).removesuffix("_dil_conv_1")
    if f"{prefix}_conv_1" in model.layers:
        raise refuse(model.file, f"{prefix}_conv_1", "is a second convolution before the dilated ones")
    layers = model.count(f"{prefix}_dil_conv_(\\d+)")
    state: dict[str, Tensor] = {}
    for i in range(layers + 1):
        theirs, ours = (f"{prefix}_dil_conv_{i}", f"dilated.{i - 1}") if i else (f"{prefix}_conv_0", "first")
        state[f"{ours}.weight"], state[f"{ours}.bias"] = model.convolution(theirs, 2**i)
    head = f"{prefix}_profile_head"
    state["profile_weight"], state["profile_bias"] = model.convolution(head)
    counts = f"{prefix}_counts_head" if f"{prefix}_counts_head" in model.layers else "logcounts_predictions"
    state["count.weight"], state["count.bias"] = model.dense(counts)

    form = _control_form(model, prefix) if controlled else {}
    tasks = _tasks(model) if controlled else 1
    strands, rest = divmod(len(state["profile_weight"]), tasks)
    if rest or strands not in (1, 2):
        raise refuse(model.file, head, f"predicts {len(state['profile_weight'])} tracks for {tasks} task(s)")
    joint = len(state["count.weight"]) == tasks
    if joint and tasks > 1 and strands > 1:
        raise refuse(model.file, counts, "predicts one count for several tracks of several tasks")
    if not joint and len(state["count.weight"]) != strands * tasks:
        raise refuse(model.file, counts, f"predicts {len(state['count.weight'])} counts")
    crop_layer = f"{prefix}_profile_head_cropped" if controlled else "profile_predictions"
    crop = model.cropping(crop_layer)
    length = model.input_length("sequence")
    config = config_of(
        state,
        length,
        tasks=tasks,
        controls=controlled,
        last_residual=True,
        residual=_residual(model, prefix),
        strands=strands,
        joint_profile=joint and strands == 2,
        joint_counts=joint,
        profile_crop=crop,
        profile_control="raw",
        **form,
    )
    if controlled:
        state |= _mixes(model, config)
    return Converted(config, state)


def _outputs(model: KerasModel) -> dict[str, str]:
    """Return the classes that the two output layers may have: they depend on controls and the number of tasks."""
    allowed = {
        "profile_predictions": ("Cropping1D", "Conv1D", "Concatenate"),
        "logcounts_predictions": ("Dense", "Concatenate"),
    }
    return {name: k for name, kinds in allowed.items() if (k := model.layer(name).kind) in kinds}


def _residual(model: KerasModel, prefix: str) -> str:
    """Return where the residuals leave: before the ReLU (`pre`) or after it (`sum`)."""
    fed = [layer for layer in model.layers[f"{prefix}_add_1"].inputs if not layer.endswith("_dil_conv_1")]
    return "sum" if fed and "_relu" in fed[0] else "pre"


def _tasks(model: KerasModel) -> int:
    """Return the number of tasks of a network with controls: one output layer each, numbered if there are several."""
    single = model.layers["profile_predictions"].kind == "Conv1D"
    return 1 if single else len(model.layers["profile_predictions"].inputs)


def _tracks(model: KerasModel, task: int) -> int:
    """Return how many control tracks a task takes; 0 for a task without."""
    config = model.layers[f"profile_bias_input_{task}"].config if f"profile_bias_input_{task}" in model.layers else None
    if config is None:
        return 0
    return int((config.get("batch_input_shape") or config["batch_shape"])[-1])


def _control_form(model: KerasModel, prefix: str) -> dict[str, str | int]:
    """Return how control totals enter the count head."""
    tracks = {_tracks(model, task) for task in range(_tasks(model))} - {0}
    name = next(name for name in model.layers if name.startswith("profile_bias_input_"))
    if len(tracks) != 1 or tracks > {1, 2} or max(tracks) > 2:
        raise refuse(model.file, name, f"takes {sorted(tracks)} control tracks (smoothed ones too?), not one or two")
    joint = any(layer.startswith(f"{prefix}_logsumexp") for layer in model.layers)
    if joint or tracks == {1}:
        return {"count_control": "joint", "count_control_pseudocount": tracks.pop()}
    return {"count_control": "log1p"}


def _mixes(model: KerasModel, config: NetworkConfig) -> dict[str, Tensor]:
    """Return the weights that join heads and controls, task by task."""
    parts: dict[str, list[Tensor]] = {"profile_mix": [], "count_mix": []}
    biases: dict[str, list[Tensor]] = {"profile_mix": [], "count_mix": []}
    totals = 1 if config.count_control == "joint" else 2
    for task in range(config.tasks):
        number = "" if config.tasks == 1 else f"_{task}"
        for mix, name, outputs, controls, read in (
            ("profile_mix", f"profile_predictions{number}", config.strands, 2, model.convolution),
            ("count_mix", f"logcounts_predictions{number}", config.counts_per_task, totals, model.dense),
        ):
            if not _tracks(model, task):
                weight, bias = mixing(torch.eye(outputs), torch.zeros(outputs, controls)), torch.zeros(outputs)
            else:
                weight, bias = read(name)
                weight = weight if weight.dim() == 3 else weight[..., None]
                if weight.shape[-1] != 1:
                    raise refuse(model.file, name, "is wider than one position")
                own, control = weight[:, :outputs, 0], weight[:, outputs:, 0]
                if own.shape != (outputs, outputs):
                    raise InputError(f"{model.file}: layer {name!r} has {len(own)} outputs, not {outputs}")
                weight = mixing(own, both_strands(control) if controls == 2 else control)
            parts[mix].append(weight)
            biases[mix].append(bias)
    return {f"{mix}.weight": torch.cat(parts[mix]) for mix in parts} | {
        f"{mix}.bias": torch.cat(biases[mix]) for mix in biases
    }
