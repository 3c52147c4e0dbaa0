"""Mean observed and predicted profiles around the seqlets of each motif."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from cistill.console import LOG
from cistill.errors import InputError
from cistill.formats.dataset import RegionReader, open_dataset
from cistill.formats.hdf5 import new_file
from cistill.formats.motifs import FOOTPRINT_LAYOUT
from cistill.formats.predictions import PredictionReader, open_predictions
from cistill.formats.profiles import cut_out

Floats = npt.NDArray[np.float64]
Places = dict[str, list[tuple[str, int, bool]]]
"""Region to its seqlets: motif, start of the seqlet's surroundings in the output window, whether they are turned."""
WINDOWS_AT_ONCE = 512
"""Regions times tasks that are in memory together."""
OPENERS: dict[str, Callable[[Path], AbstractContextManager[RegionReader | PredictionReader]]] = {
    "dataset": open_dataset,
    "predictions": open_predictions,
}


@dataclass(frozen=True)
class Profiles:
    """The files that profiles are read from; either may be missing.

    Attributes
    ----------
    dataset, predictions : Path or None
        dataset.h5 and predictions.h5 of one TF.
    tasks : tuple of str
        Of the files, in their order.
    output_length : int
        bp.
    """

    dataset: Path | None
    predictions: Path | None
    tasks: tuple[str, ...]
    output_length: int

    @property
    def files(self) -> dict[str, Path]:
        """Role to file, for the provenance."""
        both = {"dataset": self.dataset, "predictions": self.predictions}
        return {role: file for role, file in both.items() if file is not None}


@dataclass(frozen=True)
class MotifFootprint:
    """Mean profiles around the seqlets of one motif, read in the motif's direction.

    Attributes
    ----------
    observed, predicted : (tasks, 2, width)
        Mean over seqlets of the share of the region's 5' ends (both strands of the output window sum to one), strands
        [same, opposite] as the motif's. NaN where there is no file or no seqlet.
    observed_reads, predicted_reads : (tasks, 2, width)
        The same in 5' ends per base, so that strong regions count more.
    n : (tasks,) of int
        Seqlets in regions with 5' ends of the task.
    n_seqlets, n_outside : int
        All seqlets of the motif; those whose surroundings do not lie within the output window of a region of the files.
    """

    observed: Floats
    predicted: Floats
    observed_reads: Floats
    predicted_reads: Floats
    n: npt.NDArray[np.int64]
    n_seqlets: int
    n_outside: int


def open_profiles(dataset: Path | None, predictions: Path | None) -> Profiles | None:
    """Check the files that profiles are to be read from; None if none is given.

    Raises
    ------
    InputError
        If a file is missing or not of its kind, or the two differ in tasks or output length.
    """
    found: dict[str, tuple[tuple[str, ...], int]] = {}
    if dataset is not None:
        with open_dataset(dataset) as reader:
            found["dataset"] = reader.tasks, reader.output_length
    if predictions is not None:
        with open_predictions(predictions) as predicted:
            found["predictions"] = predicted.tasks, predicted.output_length
    if not found:
        return None
    if len(set(found.values())) > 1:
        raise InputError(
            f"{dataset} and {predictions} are not of one model: "
            + "; ".join(f"{role} has {', '.join(tasks)} and {length} bp" for role, (tasks, length) in found.items())
        )
    tasks, length = next(iter(found.values()))
    return Profiles(dataset, predictions, tasks, length)


def footprints(profiles: Profiles, seqlets: pd.DataFrame, width: int) -> dict[str, MotifFootprint]:
    """Average profiles around the middle of the core of every motif's seqlets.

    Where both files are given, only regions that both hold count, so that observed and predicted are of the same
    seqlets. For a seqlet on the minus strand, positions and strands are both reversed.

    Parameters
    ----------
    profiles : Profiles
        The files.
    seqlets : pandas.DataFrame
        `motif_id, region_id, core_start, core_end, strand` of seqlets.tsv.
    width : int
        bp, the middle of the core at `width // 2`.

    Returns
    -------
    dict
        Motif to Footprint, in the order of the motifs in the table.
    """
    motifs = list(dict.fromkeys(seqlets["motif_id"]))
    tasks = len(profiles.tasks)
    starts = _window_starts(profiles)
    middle, reverse = core_middle(seqlets)
    at = np.array([starts.get(name, -1) for name in seqlets["region_id"]], dtype=np.int64)
    first = middle - at - np.where(reverse, width - 1 - width // 2, width // 2)  # of the window in the output window
    inside = (at >= 0) & (first >= 0) & (first + width <= profiles.output_length)
    places: Places = {}
    columns = (seqlets["region_id"], seqlets["motif_id"], first.tolist(), reverse.tolist(), inside.tolist())
    for region_id, motif, begin, turned, whole in zip(*columns, strict=True):
        if whole:
            places.setdefault(str(region_id), []).append((str(motif), begin, turned))
    shape = (len(motifs), tasks, 2, width)
    sums = {name: np.zeros(shape) for name in ("observed", "predicted", "observed_reads", "predicted_reads")}
    number = np.zeros((len(motifs), tasks), dtype=np.int64)
    index = {name: place for place, name in enumerate(motifs)}
    with_reads = expected = None
    if profiles.dataset is not None:
        with open_dataset(profiles.dataset) as dataset:
            with_reads = _add_up(dataset, dataset.windows, places, index, sums, "observed", None)
    if profiles.predictions is not None:
        with open_predictions(profiles.predictions) as predictions:
            ends = partial(_expected, predictions)
            expected = _add_up(predictions, ends, places, index, sums, "predicted", with_reads)
    for region_id, has in (with_reads if with_reads is not None else expected or {}).items():
        for name, _, _ in places[region_id]:
            number[index[name]] += has
    present = {"observed": profiles.dataset is not None, "predicted": profiles.predictions is not None}
    with np.errstate(invalid="ignore"):
        means = {
            name: total / number[:, :, None, None] if present[name.split("_")[0]] else np.full(shape, np.nan)
            for name, total in sums.items()
        }
    of_motif = seqlets["motif_id"].to_numpy()
    return {
        name: MotifFootprint(
            **{kind: values[place] for kind, values in means.items()},
            n=number[place],
            n_seqlets=int((of_motif == name).sum()),
            n_outside=int(((of_motif == name) & ~inside).sum()),
        )
        for name, place in index.items()
    }


def core_middle(seqlets: pd.DataFrame) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return the genomic position of the middle base of each seqlet's core, and whether it is on the minus strand.

    It is base `length // 2` of the core along the motif, so that it is the same base on either strand.
    """
    start, end = (seqlets[name].to_numpy(np.int64) for name in ("core_start", "core_end"))
    reverse = (seqlets["strand"] == "-").to_numpy(dtype=bool)
    half = (end - start) // 2
    return np.where(reverse, end - 1 - half, start + half), reverse


def _window_starts(profiles: Profiles) -> dict[str, int]:
    """Return the start of the output window of every region that all files hold."""
    tables = []
    for role, file in profiles.files.items():
        with OPENERS[role](file) as reader:
            names, starts = reader.region_id, reader.summit - profiles.output_length // 2
        tables.append(dict(zip(names, starts.tolist(), strict=True)))
    common = set(tables[0]).intersection(*tables[1:])
    return {name: start for name, start in tables[0].items() if name in common}


def _expected(predictions: PredictionReader, first: int, last: int) -> Floats:
    return predictions.expected_ends(slice(first, last))


def _add_up(
    reader: RegionReader | PredictionReader,
    ends: Callable[[int, int], Floats],
    places: Places,
    index: dict[str, int],
    sums: dict[str, Floats],
    kind: str,
    counted: dict[str, npt.NDArray[np.bool_]] | None,
) -> dict[str, npt.NDArray[np.bool_]]:
    """Add the profiles of a file around all seqlets to the sums; return which tasks have 5' ends, per region.

    `ends` gives 5' ends of consecutive regions, (rows, tasks, 2, length). `counted` says for which regions and tasks to
    add; by default where there is any 5' end.
    """
    with_reads: dict[str, npt.NDArray[np.bool_]] = {}
    names, tasks, width = reader.region_id, len(reader.tasks), sums[kind].shape[-1]
    size = max(1, WINDOWS_AT_ONCE // tasks)
    for start in range(0, len(names), size):
        wanted = [(row, name) for row, name in enumerate(names[start : start + size]) if name in places]
        if not wanted:
            continue
        block = ends(start, min(start + size, len(names)))
        for row, name in wanted:
            total = block[row].sum(axis=(1, 2))
            has = total > 0 if counted is None else counted.get(name, np.zeros(tasks, dtype=bool))
            with_reads[name] = has
            share = np.divide(1.0, total, out=np.zeros(tasks), where=has & (total > 0))[:, None, None]
            for motif, first, reverse in places[name]:
                part = cut_out(block[row], first, width, reverse) * has[:, None, None]
                sums[kind][index[motif]] += part * share
                sums[f"{kind}_reads"][index[motif]] += part
    return with_reads


def write_footprints(path: Path, found: dict[str, MotifFootprint], profiles: Profiles, width: int) -> None:
    """Write footprints.h5; the layout is in docs/motifs.md."""
    with new_file(path) as file:
        FOOTPRINT_LAYOUT.stamp(file)
        file.attrs.update(tasks=json.dumps(list(profiles.tasks)), width=width, centre=width // 2)
        for rank, (name, footprint) in enumerate(found.items()):
            group = file.create_group(name)
            group.attrs.update(rank=rank, n_seqlets=footprint.n_seqlets, n_outside=footprint.n_outside)
            group["n"] = footprint.n
            for kind in ("observed", "predicted", "observed_reads", "predicted_reads"):
                group[kind] = getattr(footprint, kind).astype(np.float32)


def write_footprints_of(path: Path, profiles: Profiles, seqlets: pd.DataFrame, width: int) -> dict[str, int]:
    """Average and write; the width is clipped to half the output window. Return facts for the provenance."""
    used = min(width, profiles.output_length // 2)
    if used < width:
        LOG.info("footprints of %d bp: half the output window of %d bp", used, profiles.output_length)
    found = footprints(profiles, seqlets, used)
    write_footprints(path, found, profiles, used)
    outside = sum(footprint.n_outside for footprint in found.values())
    return {"footprint_width": used, "seqlets_without_footprint": outside}
