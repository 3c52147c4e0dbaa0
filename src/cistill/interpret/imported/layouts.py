"""The layouts that programs write importance scores in."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.errors import InputError
from cistill.files import require_file
from cistill.formats.foreign import expecting
from cistill.formats.foreign_hdf5 import check_apart
from cistill.interpret.imported.arrays import HDF5_SUFFIXES, Stored, stored_array
from cistill.network_heads import HEADS

NAMES_SHOWN = 20
HYPOTHETICAL, ACTUAL = "hypothetical", "actual"


@dataclass(frozen=True)
class ScoreSource:
    """Scores of one head, and what the file says about their regions.

    Attributes
    ----------
    head : str
        `counts` or `profile`.
    scores : Stored
    sequences : Stored or None
        One-hot sequences, of the same rows.
    contributions : {"hypothetical", "actual"}
        What the scores are said to be.
    task : str
        What was explained, where the file says so.
    coordinates : pandas.DataFrame or None
        `chrom, start, end` of every row's window.
    region_id : (rows,) of str or None
    kept : bool array, (rows,), or None
        Rows that belong to the task; all by default.
    """

    head: str
    scores: Stored
    sequences: Stored | None
    contributions: str = HYPOTHETICAL
    task: str = ""
    coordinates: pd.DataFrame | None = None
    region_id: NDArray[np.object_] | None = None
    kept: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Request:
    """What the user says about a file of scores.

    Attributes
    ----------
    scores : Path
    layout : str
        One of `LAYOUTS`, or `auto`.
    sequences : Path, optional
        One-hot sequences in a file of their own.
    score_key, sequence_key : str
        Names of arrays, where they are not the layout's.
    head, task : str
    contributions : str
    """

    scores: Path
    layout: str = "auto"
    sequences: Path | None = None
    score_key: str = ""
    sequence_key: str = ""
    head: str = ""
    task: str = ""
    contributions: str = HYPOTHETICAL


def find_sources(request: Request) -> tuple[str, list[ScoreSource]]:
    """Return the layout of a file and its scores, one source per head.

    Raises
    ------
    InputError
        If the layout is not known or does not fit the file, an array is missing, or head or task are not clear.
    """
    file = require_file(request.scores, "scores")
    layout = request.layout
    if file.suffix not in (".npz", ".npy"):
        if not h5py.is_hdf5(file):
            raise InputError(f"{file}: neither HDF5 ({', '.join(HDF5_SUFFIXES)}) nor npz or npy by its suffix")
        check_apart(file, "scores in HDF5")
    if layout == "auto":
        layout = _detect(file, request)
    if layout not in LAYOUTS:
        raise InputError(f"no layout is called {layout}; there are {', '.join(LAYOUTS)}")
    with expecting(f"scores in the layout {layout}", file):
        sources = LAYOUTS[layout](request)
    if request.head:
        sources = [source for source in sources if source.head == request.head]
        if not sources:
            raise InputError(f"{file}: there are no scores of the head {request.head}")
    for source in sources:
        _check_shapes(source)
    return layout, sources


def _detect(file: Path, request: Request) -> str:
    if file.suffix in (".npz", ".npy") or request.score_key:
        return "arrays"
    with expecting("scores in HDF5", file), h5py.File(file, "r") as handle:
        if "hyp_imp" in handle:
            return "bpnet"
        if "shap/seq" in handle or "projected_shap/seq" in handle:
            return "chrombpnet"
        if any(name in handle for name in KEY_OF_HEAD.values()) or "hyp_scores" in handle:
            return "motif_discovery"
        names = ", ".join(sorted(handle)[:NAMES_SHOWN])
    raise InputError(
        f"{file}: the layout is not known from what the file holds ({names}): name the arrays with --score_key and "
        "--sequence_key"
    )


def _head(request: Request) -> str:
    """Return the head of a file of one head: as the user says, or as the file's name does."""
    if request.head:
        return request.head
    named = [head for head in HEADS if head.rstrip("s") in request.scores.name]
    if len(named) != 1:
        raise InputError(f"{request.scores}: the file does not say which head was explained: give --head")
    return named[0]


KEY_OF_HEAD = {"counts": "count_hyp_scores", "profile": "profile_hyp_scores"}


def _motif_discovery(request: Request) -> list[ScoreSource]:
    """Read `coords_*`, `input_seqs` and `profile_hyp_scores`, `count_hyp_scores` or `hyp_scores`."""
    with h5py.File(request.scores, "r") as handle:
        keys = {head: key for head, key in KEY_OF_HEAD.items() if key in handle}
        if not keys:
            keys = {str(handle.attrs.get("head", "")) or _head(request): "hyp_scores"}
        coordinates = None
        if "coords_chrom" in handle:
            chrom = handle["coords_chrom"]
            names = handle["chrom_names"].asstr()[:][chrom[:]] if chrom.dtype.kind in "iu" else chrom.asstr()[:]
            coordinates = _coordinates(names, handle["coords_start"][:], handle["coords_end"][:])
        region_id = handle["region_id"].asstr()[:] if "region_id" in handle else None
    sequences = _sequences(request, "input_seqs")
    return [
        ScoreSource(
            head, stored_array(request.scores, key, "scores"), sequences, coordinates=coordinates, region_id=region_id
        )
        for head, key in keys.items()
    ]


def _bpnet(request: Request) -> list[ScoreSource]:
    """Read BPNet's `hyp_imp/<task>/...`, `inputs/seq` and `metadata/range`: the rows whose peak is of the task."""
    with h5py.File(request.scores, "r") as handle:
        tasks = sorted(handle["hyp_imp"])
        task = request.task or (tasks[0] if len(tasks) == 1 else "")
        if task not in tasks:
            raise InputError(f"{request.scores}: name the task with --task: {', '.join(tasks)}")
        ranges = handle["metadata/range"]
        coordinates = _coordinates(ranges["chr"].asstr()[:], ranges["start"][:], ranges["end"][:])
        kept = None
        if "metadata/interval_from_task" in handle:
            kept = handle["metadata/interval_from_task"].asstr()[:] == task
            if not kept.any():
                raise InputError(f"{request.scores}: no region is a peak of {task} (metadata/interval_from_task)")
        keys = {"counts": f"hyp_imp/{task}/counts/pre-act", "profile": f"hyp_imp/{task}/profile/wn"}
        keys = {head: key for head, key in keys.items() if key in handle}
    if not keys:
        raise InputError(f"{request.scores}: {task} has neither counts/pre-act nor profile/wn under hyp_imp")
    sequences = _sequences(request, "inputs/seq")
    return [
        ScoreSource(
            head, stored_array(request.scores, key, "scores"), sequences, HYPOTHETICAL, task, coordinates, kept=kept
        )
        for head, key in keys.items()
    ]


def _chrombpnet(request: Request) -> list[ScoreSource]:
    """Read `shap/seq` (hypothetical), or `projected_shap/seq` (actual), and `raw/seq`, all (regions, 4, length)."""
    with h5py.File(request.scores, "r") as handle:
        hypothetical = "shap/seq" in handle and request.contributions == HYPOTHETICAL
        region_id = handle["region_id"].asstr()[:] if "region_id" in handle else None
    key = "shap/seq" if hypothetical else "projected_shap/seq"
    scores = stored_array(request.scores, key, "scores")
    contributions = HYPOTHETICAL if hypothetical else ACTUAL
    sequences = _sequences(request, "raw/seq")
    return [ScoreSource(_head(request), scores, sequences, contributions, request.task, region_id=region_id)]


def _arrays(request: Request) -> list[ScoreSource]:
    """Read arrays by name, of one file or of two."""
    if request.scores.suffix in HDF5_SUFFIXES and not request.score_key:
        raise InputError(f"{request.scores}: name the array of scores with --score_key")
    scores = stored_array(request.scores, request.score_key, "scores")
    contributions = request.contributions if scores.per_base else ACTUAL
    sequences = None
    if request.sequences or request.sequence_key:
        sequences = _sequences(request, request.sequence_key)
    return [ScoreSource(_head(request), scores, sequences, contributions, request.task)]


def _sequences(request: Request, key: str) -> Stored | None:
    """Return the one-hot sequences: of the file named, or of the scores' file if it has them."""
    if request.sequences:
        return stored_array(request.sequences, request.sequence_key, "one-hot sequences")
    key = request.sequence_key or key
    if request.scores.suffix not in (".npz", ".npy"):
        with h5py.File(request.scores, "r") as handle:
            if key not in handle and not request.sequence_key:
                return None
    return stored_array(request.scores, key, "one-hot sequences")


def _coordinates(chrom: NDArray[Any], start: NDArray[Any], end: NDArray[Any]) -> pd.DataFrame:
    table = {"chrom": np.asarray(chrom, dtype=object), "start": start.astype(np.int64), "end": end.astype(np.int64)}
    return pd.DataFrame(table)


def _check_shapes(source: ScoreSource) -> None:
    """Check that scores, sequences and what is known of the rows have one length."""
    scores, sequences = source.scores, source.sequences
    problems = []
    if sequences is not None and not sequences.per_base:
        problems.append(f"the sequences are of shape {sequences.shape}, which is not one-hot")
    elif sequences is not None and (sequences.regions, sequences.length) != (scores.regions, scores.length):
        problems.append(
            f"scores of {scores.regions} regions of {scores.length} bp, but sequences of {sequences.regions} of "
            f"{sequences.length} bp"
        )
    for name, known in (("coordinates", source.coordinates), ("region_id", source.region_id)):
        if known is not None and len(known) != scores.regions:
            problems.append(f"scores of {scores.regions} regions, but {len(known)} {name}")
    if problems:
        raise InputError(f"{scores.path}: " + "; ".join(problems))


LAYOUTS: dict[str, Callable[[Request], list[ScoreSource]]] = {
    "motif_discovery": _motif_discovery,
    "bpnet": _bpnet,
    "chrombpnet": _chrombpnet,
    "arrays": _arrays,
}
