"""Our networks for other programs: their plain state, and ONNX."""

import importlib.util
import json
import logging
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from cistill.errors import InputError
from cistill.files import atomic_output
from cistill.model.ensemble import Ensemble, load_ensemble
from cistill.model.member import Member
from cistill.model.network import Network
from cistill.provenance import write_provenance

EXPORTS = ("torch", "onnx")
OPSET = 18


def describe(ensemble: Ensemble, member: Member) -> dict[str, Any]:
    """Return what a program needs beside the weights: sizes, tasks, and what goes in and comes out."""
    config = member.network.config
    control = {"control": ["batch", config.tasks, 2, config.output_length]} if config.controls else {}
    return {
        "tf": ensemble.tf,
        "tasks": member.tasks,
        "fold": member.fold,
        "network": config.to_json(),
        "inputs": {"sequence": ["batch", 4, config.input_length], **control},
        "outputs": {
            "profile": ["batch", config.tasks, config.strands, config.output_length],
            "log_counts": ["batch", config.tasks, config.counts_per_task],
        },
        "axes": {
            "bases": "A, C, G, T; all zeros where unknown",
            "strands": "+, -",
            "control": "5' ends per base and strand",
            "profile": "logits; softmax over positions"
            + (" and strands" if config.joint_profile else ", each strand on its own"),
            "log_counts": "natural log of 1 + number of 5' ends"
            + (" of both strands" if config.joint_counts and config.strands == 2 else ""),
        },
    }


def write_state(path: Path, network: Network) -> None:
    """Write a network's weights as a plain dictionary, for `torch.load(path, weights_only=True)`."""
    state = {name: tensor.detach().cpu().clone() for name, tensor in sorted(network.state_dict().items())}
    # written through a handle, the archive does not keep the temporary file's name
    with atomic_output(path) as temporary, temporary.open("wb") as handle:
        torch.save(state, handle)


class _Outputs(nn.Module):
    """A network that returns a plain pair."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, sequence: Tensor, control: Tensor | None = None) -> tuple[Tensor, Tensor]:
        profile, log_counts = self.network(sequence, control)
        return profile, log_counts


def write_onnx(path: Path, network: Network) -> None:
    """Write a network as an ONNX graph: inputs `sequence` (and `control`), outputs `profile` and `log_counts`.

    Raises
    ------
    InputError
        If the packages that PyTorch exports with are not installed.
    """
    missing = [name for name in ("onnx", "onnxscript") if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError(f"ONNX export needs the package(s) {', '.join(missing)}: pip install onnx onnxscript")
    config = network.config
    example = [torch.zeros(2, 4, config.input_length)]
    if config.controls:
        example.append(torch.zeros(2, config.tasks, 2, config.output_length))
    batch = torch.export.Dim("batch", min=1)
    # what it says of packages for images and of names of axes is not about this network
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            _Outputs(network).eval(),
            tuple(example),
            input_names=["sequence", "control"][: len(example)],
            output_names=["profile", "log_counts"],
            dynamic_shapes=tuple({0: batch} for _ in example),
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise RuntimeError("torch.onnx.export returned nothing")
    for node in program.model.graph.all_nodes():
        node.metadata_props.clear()  # the exporter's traces name files of this machine
    with atomic_output(path) as temporary:
        program.save(temporary, external_data=False)


def export_networks(model: Path, kind: str, which: int | None, outdir: Path) -> None:
    """Write members of a model file for other programs, one file each, with a description and provenance.

    Parameters
    ----------
    model : Path
        A `{tf}.model.safetensors`.
    kind : str
        One of `EXPORTS`.
    which : int, optional
        Number of one member, counted from 1; all by default.

    Raises
    ------
    InputError
        If the model has no such member, or packages for ONNX are missing.
    """
    if kind not in EXPORTS:
        raise InputError(f"unknown export {kind!r}: use one of {', '.join(EXPORTS)}")
    ensemble = load_ensemble(model)
    numbers = range(1, len(ensemble.members) + 1)
    if which is not None:
        if which not in numbers:
            raise InputError(f"{model}: has members 1 to {len(ensemble.members)}, no {which}")
        numbers = range(which, which + 1)
    outdir.mkdir(parents=True, exist_ok=True)
    written = []
    for number in numbers:
        member = ensemble.members[number - 1]
        stem = f"{ensemble.tf}.member_{number}"
        if kind == "torch":
            write_state(outdir / f"{stem}.state.pt", member.network)
        else:
            write_onnx(outdir / f"{stem}.onnx", member.network)
        with atomic_output(outdir / f"{stem}.network.json") as temporary:
            temporary.write_text(json.dumps(describe(ensemble, member), indent=2) + "\n")
        written.append(stem)
    write_provenance(
        outdir / f"{ensemble.tf}.export.json",
        {"export": kind, "member": which},
        {"model": model},
        {"written": written},
    )
