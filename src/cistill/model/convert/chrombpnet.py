"""ChromBPNet's networks (Keras): the bias model, the one without bias, and either of them inside the combined file.

Valid convolutions, activated sums of residuals, one unstranded profile cropped to its length, one log count from the
whole trunk (kundajelab/chrombpnet, training/models).
"""

from cistill.model.convert.converted import Converted, config_of, refuse
from cistill.model.convert.keras_file import KerasModel

PREFIX = "(wo_bias_)?"
HEAD = f"{PREFIX}(bpnet_)?"
KNOWN = {
    "sequence.*": "InputLayer",
    f"{PREFIX}bpnet_1st_conv": "Conv1D",
    PREFIX + r"bpnet_(\d+)conv": "Conv1D",
    PREFIX + r"bpnet_(\d+)crop": "Cropping1D",
    r"add(_\d+)?": "Add",
    f"{HEAD}prof_out_precrop": "Conv1D",
    f"{HEAD}(logits_profile_predictions_preflatten|logitt_before_flatten)": "Cropping1D",
    f"{HEAD}logits_profile_predictions": "Flatten",
    r"gap(_\d+)?": "GlobalAveragePooling1D",
    f"{HEAD}logcount_predictions": "Dense",
}


def matches(model: KerasModel) -> bool:
    """Return whether a Keras model has this format's layers."""
    return any(name.endswith("bpnet_1st_conv") for name in model.layers)


def convert(model: KerasModel) -> Converted:
    """Return a ChromBPNet network in our terms."""
    model.expect(KNOWN)
    prefix = "wo_bias_" if "wo_bias_bpnet_1st_conv" in model.layers else ""
    layers = model.count(f"{prefix}bpnet_(\\d+)conv")
    first, first_bias = model.convolution(f"{prefix}bpnet_1st_conv", activation="relu")
    state = {"first.weight": first, "first.bias": first_bias}
    sums = model.sums()
    for i in range(1, layers + 1):
        name = f"{prefix}bpnet_{i}conv"
        if {name, f"{prefix}bpnet_{i}crop"} not in sums:
            raise refuse(model.file, name, "is not added to its input, cropped")
        weight, bias = model.convolution(name, dilation=2**i, activation="relu")
        state |= {f"dilated.{i - 1}.weight": weight, f"dilated.{i - 1}.bias": bias}
    head = next(name for name in model.layers if name.endswith("prof_out_precrop"))
    state["profile_weight"], state["profile_bias"] = model.convolution(head)
    counts = next(name for name in model.layers if name.endswith("logcount_predictions"))
    state["count.weight"], state["count.bias"] = model.dense(counts)
    if len(state["profile_weight"]) != 1 or len(state["count.weight"]) != 1:
        raise refuse(model.file, head, "predicts more than one profile")
    crop = model.cropping(next(n for n in model.layers if n.endswith(("preflatten", "before_flatten"))))
    length = model.input_length(model.of_kind("InputLayer")[0].name)
    config = config_of(state, length, last_residual=True, strands=1, joint_counts=True, profile_crop=crop)
    return Converted(config, state, notes={"network": "without bias" if prefix else "as trained alone"})
