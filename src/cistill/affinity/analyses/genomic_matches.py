"""In-vitro sequences where the genome has them: observed and predicted counts there (Affinity Distillation).

Every occurrence on either strand counts, once, in the region where it lies most central. Counts are those of a window
centred on it, which must lie within the region's output window.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.affinity.comparators.coded_sequences import by_length
from cistill.dna.codes import encode_all, reverse_complement_codes
from cistill.formats.dataset import open_dataset
from cistill.formats.predictions import open_predictions
from cistill.motifs.motif_footprints import Profiles
from cistill.statistics import pearson, spearman

Floats = NDArray[np.float64]

BASE = np.uint64(0x9E3779B97F4A7C15)  # any odd number: hashes are polynomials in it, modulo 2**64
REGIONS_AT_ONCE = 512
MATCHES = ["sequence", "region_id", "kind", "split", "chrom", "start", "end", "strand"]
SIDES = ("observed", "predicted")


def _hashes(codes: NDArray[np.uint8], width: int) -> NDArray[np.uint64]:
    """Return a hash of every window of `width` bases, `(sequences, windows)`."""
    windows = codes.shape[1] - width + 1
    total = np.zeros((len(codes), windows), dtype=np.uint64)
    for position in range(width):
        total = total * BASE + (codes[:, position : position + windows].astype(np.uint64) + np.uint64(1))
    return total


def find_matches(dataset: Path, sequences: Sequence[str], window: int, peaks_only: bool = True) -> pd.DataFrame:
    """Find sequences in the regions of a dataset.

    Parameters
    ----------
    dataset : Path
        dataset.h5.
    sequences : sequence of str
        Unique.
    window : int
        bp around the match that must lie within the output window.
    peaks_only : bool
        Leave out background regions.

    Returns
    -------
    pandas.DataFrame
        `sequence, region_id, kind, split, chrom, start, end, strand` and `row` (of the region in the file), `offset`
        (of the window in the output window), sorted by place.
    """
    with open_dataset(dataset) as reader:
        columns = {name: reader.column(name) for name in ("region_id", "kind", "split", "chrom")}
        summit, length, stored = reader.summit, reader.output_length, reader.file["sequence"]
        first_base = summit - reader.input_length // 2 - reader.max_jitter
        rows = np.flatnonzero(columns["kind"] == "peak") if peaks_only else np.arange(len(summit))
        found = [
            part
            for first in range(0, len(rows), REGIONS_AT_ONCE)
            for part in _in_block(
                stored, rows[first : first + REGIONS_AT_ONCE], sequences, first_base, summit, window, length
            )
        ]
    empty = {name: np.empty(0, dtype=np.int64) for name in ("of", "row", "start", "strand", "offset", "distance")}
    joined = {name: np.concatenate([part[name] for part in found]) if found else value for name, value in empty.items()}
    table = pd.DataFrame(joined)
    for name in ("region_id", "kind", "split", "chrom"):
        table[name] = columns[name][table["row"]]
    table["sequence"] = np.array(sequences, dtype=object)[table["of"]]
    table["end"] = table["start"] + table["sequence"].str.len()
    table["strand"] = np.where(table["strand"] == 1, "+", "-")
    order = ["chrom", "start", "of", "distance", "row"]
    table = table.sort_values(order, kind="stable").drop_duplicates(["chrom", "start", "of"])
    return table[[*MATCHES, "row", "offset"]].reset_index(drop=True)


def _in_block(
    stored: h5py.Dataset,
    rows: NDArray[np.int64],
    sequences: Sequence[str],
    first_base: NDArray[np.int64],
    summit: NDArray[np.int64],
    window: int,
    output_length: int,
) -> Iterator[dict[str, NDArray[np.int64]]]:
    """Yield matches within some regions: which sequence, region, genomic start, strand, offset, distance."""
    low, high = int(rows[0]), int(rows[-1]) + 1
    codes = stored[low:high][rows - low]  # (regions, length)
    for group in by_length(sequences):
        given = encode_all([sequences[i] for i in group])
        width = given.shape[1]
        if width > codes.shape[1]:
            continue
        hashes = _hashes(codes, width)
        for strand, own in ((1, given), (-1, reverse_complement_codes(given))):
            wanted = _hashes(own, width)[:, 0]
            order = np.argsort(wanted, kind="stable")
            place = np.minimum(np.searchsorted(wanted, hashes, sorter=order), len(order) - 1)
            region, position = np.nonzero(wanted[order[place]] == hashes)
            of = order[place[region, position]]
            same = (codes[region[:, None], position[:, None] + np.arange(width)] == own[of]).all(axis=1)
            if strand == -1:  # a palindrome is found on the plus strand already
                same &= (own[of] != given[of]).any(axis=1)
            region, position, of = region[same], position[same], of[same]
            start = first_base[rows[region]] + position
            offset = start + width // 2 - window // 2 - (summit[rows[region]] - output_length // 2)
            inside = (offset >= 0) & (offset + window <= output_length)
            distance = np.abs(start + width // 2 - summit[rows[region]])
            values = {"of": group[of], "row": rows[region], "start": start, "offset": offset, "distance": distance}
            values["strand"] = np.full(len(of), strand)
            yield {name: value[inside] for name, value in values.items()}


def match_counts(profiles: Profiles, matches: pd.DataFrame, window: int) -> pd.DataFrame:
    """Return matches with the 5' ends of both strands in the window around them: `task, observed, predicted`.

    Parameters
    ----------
    profiles : Profiles
        dataset.h5 and, for predicted counts, predictions.h5.
    matches : pandas.DataFrame
        As `find_matches` returns it.
    window : int
        bp.

    Returns
    -------
    pandas.DataFrame
        One row per match and task; `predicted` is NaN without predictions, `unseen` (whether only networks predicted
        that never saw the chromosome) NA.
    """
    tasks = len(profiles.tasks)
    assert profiles.dataset is not None
    observed = np.zeros((len(matches), tasks))
    at, offset = (matches[name].to_numpy(np.int64) for name in ("row", "offset"))
    with open_dataset(profiles.dataset) as dataset:
        for row, windows in _by_region(at):
            counts = dataset.windows(row, row + 1)[0]  # (tasks, 2, length)
            for match in windows:
                first = int(offset[match])
                observed[match] = counts[:, :, first : first + window].sum(axis=(1, 2))
    predicted, unseen = np.full((len(matches), tasks), np.nan), np.full(len(matches), None, dtype=object)
    if profiles.predictions is not None:
        with open_predictions(profiles.predictions) as predictions:
            place = {name: row for row, name in enumerate(predictions.region_id)}
            flags = predictions.unseen
            for _, windows in _by_region(at):
                other = place.get(matches["region_id"].iat[windows[0]])
                if other is None:
                    continue
                ends = predictions.expected_ends(other)  # (tasks, 2, length)
                for match in windows:
                    first = int(offset[match])
                    predicted[match] = ends[:, :, first : first + window].sum(axis=(1, 2))
                    unseen[match] = None if flags is None else bool(flags[other])
    table = matches[MATCHES].loc[matches.index.repeat(tasks)].reset_index(drop=True)
    table["task"] = list(profiles.tasks) * len(matches)
    table["observed"], table["predicted"] = observed.ravel(), predicted.ravel()
    table["unseen"] = np.repeat(unseen, tasks)
    return table


def _by_region(rows: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Yield every region and its matches."""
    order = np.argsort(rows, kind="stable")
    edges = np.flatnonzero(np.diff(rows[order])) + 1
    for part in np.split(order, edges):
        if len(part):
            yield int(rows[part[0]]), part


def matched_table(
    matches: pd.DataFrame, labels: Mapping[str, float], scores: "Mapping[str, float] | None"
) -> pd.DataFrame:
    """Average the matches of every sequence, split and task.

    Returns
    -------
    pandas.DataFrame
        `sequence, label, score, split, task, n_matches, observed_log_count, predicted_log_count`: ln(1 + mean 5' ends).
    """
    grouped = matches.groupby(["sequence", "split", "task"], sort=False)
    table = grouped[list(SIDES)].mean().assign(n_matches=grouped.size()).reset_index()
    table.insert(1, "label", table["sequence"].map(dict(labels)).astype(float))
    table.insert(2, "score", table["sequence"].map(dict(scores or {})).astype(float))
    for side in SIDES:
        table[f"{side}_log_count"] = np.log1p(table.pop(side))
    return table


def matched_summary(table: pd.DataFrame, higher_is_tighter: bool | None) -> pd.DataFrame:
    """Correlate label, score, observed and predicted log counts of the sequences of each split and task.

    `label` is turned so that larger is tighter; `score` beside `label` is marginalization against measurement for the
    sequences that the genome has.

    Returns
    -------
    pandas.DataFrame
        `split` (`any`: the sequence's matches of all splits), `task, x, y, n, pearson, spearman`.
    """
    sign = -1.0 if higher_is_tighter is False else 1.0
    pairs = [("label", "observed"), ("label", "predicted"), ("label", "score"), ("score", "observed")]
    pairs += [("score", "predicted"), ("observed", "predicted")]
    rows = []
    for task, of_task in table.groupby("task", sort=False):
        weighted = of_task.assign(
            **{side: np.expm1(of_task[f"{side}_log_count"]) * of_task["n_matches"] for side in SIDES}
        )
        whole = weighted.groupby("sequence", sort=False).agg(
            {"label": "first", "score": "first", "n_matches": "sum", "observed": "sum", "predicted": "sum"}
        )
        for side in SIDES:
            missing = weighted.groupby("sequence", sort=False)[side].count() == 0
            whole[f"{side}_log_count"] = np.log1p((whole[side] / whole["n_matches"]).mask(missing))
        splits = [("any", whole)] + [(str(name), group) for name, group in of_task.groupby("split", sort=True)]
        for split, group in splits:
            values = {"label": sign * group["label"], "score": group["score"]}
            values |= {side: group[f"{side}_log_count"] for side in SIDES}
            for x, y in pairs:
                both = values[x].notna() & values[y].notna()
                a, b = (values[name][both].to_numpy(np.float64) for name in (x, y))
                if len(a):
                    row = {"split": split, "task": task, "x": x, "y": y, "n": len(a)}
                    rows.append(row | {"pearson": pearson(a, b), "spearman": spearman(a, b)})
    return pd.DataFrame(rows, columns=["split", "task", "x", "y", "n", "pearson", "spearman"])


def fitted_window(window: int, output_length: int) -> int:
    """Return the bp around a match to count in: those asked for or, where they do not fit, half the output window.

    A window as long as the output window would fit matches at a summit alone.
    """
    return window if window <= output_length else max(output_length // 2, 1)
