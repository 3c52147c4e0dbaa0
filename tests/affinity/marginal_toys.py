"""Small networks, models and datasets for marginalization, made in code."""

import json
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
import torch
from typer.testing import CliRunner

from cistill.cli import app_of
from cistill.data.splits import Split
from cistill.errors import InputError
from cistill.model.ensemble import Ensemble, save_ensemble
from cistill.model.member import Member
from cistill.model.network import Network, NetworkConfig, build_network

PROJECT = Path(__file__).resolve().parents[2]
INPUT, OUTPUT = 114, 40
SMALL = {"layers": 4, "filters": 6, "first_kernel": 7, "profile_kernel": 9}
FOLDS = {
    "0": Split(("chr1", "chr2"), ("chr3",), ("chr4",)),
    "1": Split(("chr3", "chr4"), ("chr1",), ("chr2",)),
}


def toy_network(seed: int = 0, **arguments: object) -> Network:
    """Return an untrained network of 114 -> 40 bp whose log counts vary by a few tenths."""
    lengths = {"input_length": INPUT, "output_length": OUTPUT}
    network = build_network(NetworkConfig(**{**lengths, **SMALL, **arguments})).eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.normal_(0, 0.25, generator=generator)
    return network


def toy_model(
    path: Path, folds: tuple[str, ...] = ("0",), tasks: tuple[str, ...] = ("a",), **arguments: object
) -> Path:
    """Write a model of one network per fold."""
    members = [
        Member(
            toy_network(number, tasks=len(tasks), **arguments), list(tasks), fold, FOLDS[fold], {"run": f"fold_{fold}"}
        )
        for number, fold in enumerate(folds)
    ]
    save_ensemble(path, Ensemble("TOY", list(tasks), members))
    return path


class Outcome(NamedTuple):
    """How a command ended."""

    returncode: int
    stderr: str


def in_process(name: str, *arguments: object) -> Outcome:
    """Run a command of bin/ in this process, without what a new one takes to import."""
    app = app_of(name)
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if isinstance(done.exception, InputError):
        return Outcome(2, str(done.exception))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Outcome(done.exit_code, done.output)


def random_codes(n: int, length: int, seed: int = 0) -> np.ndarray:
    """Return random sequences, coded."""
    return np.random.default_rng(seed).integers(0, 4, (n, length), dtype=np.uint8)


def letters(codes: np.ndarray) -> str:
    """Return one coded sequence as text."""
    return "".join("ACGTN"[code] for code in codes)


def write_dataset(path: Path, peaks: int = 40, tasks: tuple[str, ...] = ("a",)) -> Path:
    """Write a dataset of random sequence: peak i and background i on chromosome i % 4 + 1."""
    n = 2 * peaks
    text = h5py.string_dtype()
    chrom = [f"chr{i % 4 + 1}" for i in range(peaks)] * 2
    ids = [f"{'' if i < peaks else 'bg:'}{chrom[i]}:{1000 * i}" for i in range(n)]
    columns = {
        "region_id": ids,
        "chrom": chrom,
        "kind": ["peak"] * peaks + ["background"] * peaks,
        "split": ["test"] * n,
        "matched_to": [""] * peaks + ids[:peaks],
    }
    with h5py.File(path, "w") as h5:
        h5.attrs.update(format="cistill-dataset", format_version=2, tf="TOY", seed=1, max_jitter=3)
        h5.attrs.update(input_length=INPUT, output_length=OUTPUT)
        h5.attrs["tasks"] = json.dumps(tasks)
        folds = {
            name: {part: getattr(split, part) for part in ("train", "valid", "test")} for name, split in FOLDS.items()
        }
        h5.create_dataset("folds", data=json.dumps(folds), dtype=text)
        h5.create_dataset("sizes", data=json.dumps({f"chr{i}": 10**6 for i in range(1, 5)}), dtype=text)
        for name, values in columns.items():
            h5.create_dataset(name, data=np.array(values, dtype=object), dtype=text)
        h5["summit"] = 1000 * np.arange(n)
        h5["match_rank"] = np.zeros(n, np.uint8)
        h5["is_peak"] = np.repeat(np.arange(n)[:, None] < peaks, len(tasks), 1)
        h5["sequence"] = random_codes(n, INPUT + 6)
        for name, tracks in (("signal", len(tasks)), ("control", 0)):
            group = h5.create_group(name)
            group["indptr"] = np.zeros(n * tracks * 2 + 1, np.int64)
            group["position"], group["value"] = np.zeros(0, np.uint16), np.zeros(0, np.uint8)
        h5["control"]["of_task"] = np.full(len(tasks), -1, np.int16)
        h5["has_control"] = np.zeros(len(tasks), bool)
    return path
