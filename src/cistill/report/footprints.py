"""Average observed and predicted profiles, streamed from the large files block by block."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.report.loci import expected_reads, observed_window
from cistill.report.performance_section import best_split
from cistill.report.results import Results, open_results, text_column

Floats = NDArray[np.float64]
ROWS_AT_ONCE = 256
LARGEST_REACH = 75


class Anchor(NamedTuple):
    """What a profile is centred on: the index of the anchor's base in the output window, and its strand."""

    position: int
    reverse: bool


class Footprint(NamedTuple):
    """Average shares of a region's reads around anchors, strands [same, opposite] as the anchor's.

    Attributes
    ----------
    observed, predicted : array (2, 2 * reach + 1)
        Mean over anchors.
    n : int
        Anchors averaged.
    """

    observed: Floats
    predicted: Floats
    n: int

    @property
    def reach(self) -> int:
        """Positions on either side of the anchor."""
        return self.observed.shape[1] // 2


class HitPlace(NamedTuple):
    """The base of a motif's hits that a question is about.

    Attributes
    ----------
    head, motif_id : str
        Whose hits.
    base : int or None
        Position from the hit's first base, along the motif; its middle by default.
    turned : bool
        Whether the question reads the motif from the other strand.
    """

    head: str
    motif_id: str
    base: int | None = None
    turned: bool = False

    def bases(self, hits: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the genomic position of the base in each hit, and whether it is read from the minus strand.

        On the minus strand a motif begins at the hit's last position, so that it is the same base on either.
        """
        start, end = hits["start"].to_numpy(np.int64), hits["end"].to_numpy(np.int64)
        minus = (hits["strand"] == "-").to_numpy()
        index = (end - start) // 2 if self.base is None else np.full(len(hits), self.base)
        return np.where(minus, end - 1 - index, start + index), minus != self.turned


class Question(NamedTuple):
    """What is asked of both files: anchors per region, and how far to look."""

    anchors: dict[str, list[Anchor]]
    reach: int


def footprints(results: Results, places: Mapping[str, HitPlace]) -> dict[str, Footprint]:
    """Return average profiles around summits, and around hits.

    Parameters
    ----------
    results : Results
        All tables; needs dataset.h5, predictions.h5 and region_predictions.tsv.
    places : mapping
        Name of the answer to the hits it is about.

    Returns
    -------
    dict
        `summit` and the names of `places`, to the averages over held-out peaks that have reads; without entries for
        which there is nothing to average.
    """
    dataset, predicted = results.file("dataset"), results.file("predictions")
    if dataset is None or predicted is None or results.predictions is None or not results.tasks:
        return {}
    rows = results.predictions
    chosen = rows[
        (rows["split"] == best_split(rows))
        & (rows["task"] == results.tasks[0])
        & (rows["kind"] == "peak")
        & (rows["observed_log_count"] > 0)
    ]["region_id"]
    regions = results.regions.set_index("region_id").loc[lambda table: table.index.isin(set(chosen))]
    with open_results(dataset) as handle:
        window = observed_window(handle, dataset)
    length = window.stop - window.start
    questions = {"summit": _around_summits(regions, length)}
    for name, place in places.items():
        hits = results.heads[place.head].hits if place.head in results.heads else None
        if hits is not None:
            questions[name] = _around_hits(hits[hits["motif_id"] == place.motif_id], place, regions, length)
    observed = _average(dataset, questions, lambda file, rows: file["signal"][rows, 0, :, window].astype(np.float64))
    expected = _average(predicted, questions, _read_expected)
    return {
        name: Footprint(observed[name], expected[name], sum(len(found) for found in question.anchors.values()))
        for name, question in questions.items()
        if question.anchors
    }


def _read_expected(file: h5py.File, rows: slice) -> Floats:
    return expected_reads(
        file["log_counts"][rows, 0].astype(np.float64), file["log_profile"][rows, 0].astype(np.float64)
    )


def _around_summits(regions: pd.DataFrame, length: int) -> Question:
    reach = min(LARGEST_REACH, (length - 1) // 2)
    return Question({str(name): [Anchor(length // 2, False)] for name in regions.index}, reach)


def _around_hits(hits: pd.DataFrame, place: HitPlace, regions: pd.DataFrame, length: int) -> Question:
    """Return the anchors of the hits whose surroundings lie in the output window."""
    reach = min(LARGEST_REACH, length // 4)
    anchors: dict[str, list[Anchor]] = {}
    summits = {str(name): int(summit) for name, summit in regions["summit"].items()}
    near = hits[hits["region_id"].isin(set(summits))]
    starts = [summits[name] - length // 2 for name in near["region_id"]]
    bases, reverse = place.bases(near)
    for region_id, position, turned in zip(
        near["region_id"], bases - np.array(starts, dtype=np.int64), reverse, strict=True
    ):
        if reach <= position < length - reach:
            anchors.setdefault(str(region_id), []).append(Anchor(int(position), bool(turned)))
    return Question(anchors, reach)


def oriented(profile: Floats, anchor: Anchor, reach: int) -> Floats:
    """Cut (2, 2 * reach + 1) out of a profile (2, length); a reverse anchor turns both strands and positions."""
    part = profile[:, anchor.position - reach : anchor.position + reach + 1]
    return part[::-1, ::-1] if anchor.reverse else part


def _blocks(file: Path, wanted: set[str]) -> Iterator[tuple[slice, list[tuple[int, str]]]]:
    """Yield blocks of rows that hold wanted regions, with (place in the block, region_id)."""
    names = text_column(file, "region_id")
    for start in range(0, len(names), ROWS_AT_ONCE):
        rows = slice(start, min(start + ROWS_AT_ONCE, len(names)))
        found = [(place, name) for place, name in enumerate(names[rows]) if name in wanted]
        if found:
            yield rows, found


def _average(
    path: Path, questions: dict[str, Question], read: Callable[[h5py.File, slice], Floats]
) -> dict[str, Floats]:
    """Return per question the mean over anchors of each region's profile scaled to sum one over both strands."""
    sums = {name: np.zeros((2, 2 * question.reach + 1)) for name, question in questions.items()}
    numbers = dict.fromkeys(questions, 0)
    wanted = set().union(*(question.anchors for question in questions.values()))
    with open_results(path) as handle:
        for rows, found in _blocks(path, wanted):
            profiles = read(handle, rows)  # (rows, 2, length)
            for place, region_id in found:
                total = profiles[place].sum()
                if total <= 0:
                    continue
                share = profiles[place] / total
                for name, question in questions.items():
                    for anchor in question.anchors.get(region_id, ()):
                        sums[name] += oriented(share, anchor, question.reach)
                        numbers[name] += 1
    return {name: sums[name] / max(numbers[name], 1) for name in sums}
