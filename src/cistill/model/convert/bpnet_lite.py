"""bpnet-lite's networks (PyTorch): pickled modules and plain dictionaries of weights.

Zero-padded convolutions, activated sums of residuals, controls beside the trunk in the wide profile convolution, one
log count of both strands (jmschrei/bpnet-lite bpnet.py). Predictions are cut to what saw no padding, so that valid
convolutions equal them. `BasePairNet` differs: sums before the ReLU, ln(2 + control total) of the output window.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from cistill.errors import InputError
from cistill.files import require_file
from cistill.model.checkpoint import read_safetensors
from cistill.model.convert.converted import Converted, both_strands, config_of, mixing, refuse
from cistill.model.convert.torch_archive import read_torch
from cistill.model.convert.torch_records import Described, entries, modules, tensors_of
from cistill.model.network import NetworkConfig

# bpnet-lite averages the trunk over the output window and 37 bp on either side, whatever the profile kernel
POOLED = 37
KINDS = {"BPNet": "post", "BasePairNet": "pre"}
PARTS = ("accessibility", "bias")


def read_bpnet_lite(
    path: str | os.PathLike[str], part: str | None = None, input_length: int | None = None, kind: str | None = None
) -> Converted:
    """Read a network of bpnet-lite.

    Parameters
    ----------
    path : path
        A .torch file, a saved dictionary of weights (.pt, .pth), or one in safetensors.
    part : str, optional
        `accessibility` or `bias` of a ChromBPNet.
    input_length : int, optional
        Length of the sequence in bp; 2,114 by default. These networks take any length.
    kind : str, optional
        For dictionaries of weights, which do not say it: `BPNet` (the default) or `BasePairNet`.

    Raises
    ------
    InputError
        If the file holds something else, or a network that saw padding.
    """
    file = require_file(path, "source")
    saved: Any = read_safetensors(file)[0] if file.suffix == ".safetensors" else read_torch(file)
    described = isinstance(saved, Described) and isinstance(saved.state, dict) and "_modules" in saved.state
    if described:
        saved = _chosen_part(file, saved, part)
        kind = saved.kind
    elif part is not None:
        raise InputError(f"{file}: holds weights of one network, no part {part!r}")
    kind = kind or "BPNet"
    if kind not in KINDS:
        raise InputError(f"{file}: holds a {kind}; {' and '.join(KINDS)} can be converted")
    if described:
        _check_layers(file, saved)
    attributes = saved.state if described else {}
    return _converted(file, kind, tensors_of(saved), attributes.get("trimming"), input_length or 2114)


def _chosen_part(file: Path, record: Described, part: str | None) -> Described:
    """Return the network to convert: the one in the file, or the chosen one of a ChromBPNet."""
    if record.kind != "ChromBPNet":
        if part is not None:
            raise InputError(f"{file}: holds a single {record.kind}, no part {part!r}")
        return record
    if part not in PARTS:
        raise InputError(f"{file}: a ChromBPNet of two networks: choose one with --part: {', '.join(PARTS)}")
    found = entries(record.state["_modules"]).get(part)
    if not isinstance(found, Described):
        raise InputError(f"{file}: the ChromBPNet has no {part} network")
    return found


def _check_layers(file: Path, record: Described) -> None:
    """Raise InputError for a layer that bpnet-lite's networks do not have, or one that is set up differently."""
    for name, layer in entries(record.state["_modules"]).items():
        for inner in modules(layer):
            if inner.kind not in ("Conv1d", "ReLU", "Linear", "ModuleList"):
                raise refuse(file, name, f"is a {inner.kind}, which is not read")
    convolutions = entries(_dilated(file, record).state["_modules"])
    for i, layer in enumerate(convolutions.values(), start=1):
        if _single(layer.state.get("dilation")) != 2**i:
            raise refuse(file, f"rconvs.{i - 1}", f"has dilation {layer.state.get('dilation')}, not {2**i}")


def _dilated(file: Path, record: Described) -> Described:
    """Return the list of dilated convolutions."""
    found = entries(record.state["_modules"]).get("rconvs")
    if not isinstance(found, Described) or not isinstance(found.state, dict):
        raise InputError(f"{file}: has no dilated convolutions `rconvs`: not a network of bpnet-lite")
    return found


def _single(value: Any) -> Any:
    return value[0] if isinstance(value, tuple) else value


def _converted(file: Path, kind: str, weights: dict[str, Tensor], trimming: int | None, length: int) -> Converted:
    """Return a network in our terms from bpnet-lite's weights."""
    layers = sum(name.startswith("rconvs.") and name.endswith(".weight") for name in weights)
    missing = [name for name in ("iconv.weight", "fconv.weight", "linear.weight") if name not in weights]
    if missing:
        raise InputError(f"{file}: not weights of a bpnet-lite network: no {', '.join(missing)}")
    state: dict[str, Tensor] = {}
    for i in range(layers + 1):
        theirs, ours = (f"rconvs.{i - 1}", f"dilated.{i - 1}") if i else ("iconv", "first")
        state[f"{ours}.weight"] = weights[f"{theirs}.weight"]
        state[f"{ours}.bias"] = _bias(weights, theirs)
    filters = len(state["first.weight"])
    wide = weights["fconv.weight"]
    strands, controls = len(wide), wide.shape[1] - filters
    if strands not in (1, 2) or controls not in (0, 1, 2):
        raise refuse(file, "fconv", f"has {strands} outputs and {controls} control tracks")
    state["profile_weight"], state["profile_bias"] = wide[:, :filters], _bias(weights, "fconv")
    state["count.weight"], state["count.bias"] = weights["linear.weight"][:, :filters], _bias(weights, "linear")
    form: dict[str, Any] = {}
    if controls:
        form = {"profile_control": "wide", "count_control": "joint_wide" if kind == "BPNet" else "joint"}
        form["count_control_pseudocount"] = 1 if kind == "BPNet" else 2
        state["profile_control_weight"] = both_strands(wide[:, filters:])
        state["count_mix.weight"] = mixing(torch.eye(1), weights["linear.weight"][:, filters:])
        state["count_mix.bias"] = torch.zeros(1)
    crop = POOLED - wide.shape[-1] // 2
    if wide.shape[-1] % 2 == 0 or crop < 0 or (controls and crop):
        raise refuse(file, "fconv", f"is {wide.shape[-1]} bp wide; 75 bp, or less without controls, is read")
    config = config_of(
        state,
        length,
        controls=controls > 0,
        last_residual=True,
        residual=KINDS[kind],
        strands=strands,
        joint_profile=strands == 2,
        joint_counts=True,
        profile_crop=crop,
        **form,
    )
    config = _trimmed(file, kind, config, trimming, length)
    return Converted(config, state, notes={"class": kind, "trimming": trimming, "source_input_length": length})


def _bias(weights: dict[str, Tensor], name: str) -> Tensor:
    """Return a layer's bias, zeros if it has none."""
    bias = weights.get(f"{name}.bias")
    return weights[f"{name}.weight"].new_zeros(len(weights[f"{name}.weight"])) if bias is None else bias


def _trimmed(file: Path, kind: str, config: NetworkConfig, trimming: int | None, length: int) -> NetworkConfig:
    """Return the configuration for the source's output window, with the part of the input that it needs.

    Raises
    ------
    InputError
        If the source predicts positions that saw padding.
    """
    shorter = length - config.output_length
    trimming = shorter // 2 if trimming is None else int(trimming)
    output = length - 2 * trimming
    if 2 * trimming < shorter:
        raise InputError(
            f"{file}: this {kind} cuts {trimming} bp from either side of its predictions, but {shorter // 2} bp saw "
            "padding; it cannot be converted"
        )
    if output < 1:
        raise InputError(f"{file}: an input of {length} bp is shorter than what is cut: give a longer --input_length")
    return replace(config, input_length=output + shorter, output_length=output)
