"""Average observed and predicted profiles, streamed from the large files block by block."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.formats.dataset import RegionReader, open_dataset
from cistill.formats.predictions import PredictionReader, open_predictions
from cistill.formats.profiles import cut_out
from cistill.report.reading.prediction_tables import best_split
from cistill.report.reading.tf_results import TfResults

Floats = NDArray[np.float64]
Averages = dict[str, Floats]
ProfileReader = Callable[[NDArray[np.int64]], Floats]
"""Returns the profiles of some rows, in ascending order and close together, (rows, tasks, 2, length)."""
WINDOWS_AT_ONCE = 512
"""Regions times tasks that are in memory together."""
SUMMITS = "summits"
LARGEST_REACH = 75


class Anchor(NamedTuple):
    """What a profile is centred on: the index of the anchor's base in the output window, and its strand."""

    position: int
    reverse: bool


class AverageProfile(NamedTuple):
    """Average shares of a region's reads around anchors, strands [same, opposite] as the anchor's.

    Attributes
    ----------
    observed, predicted : array (2, 2 * reach + 1)
        Mean over anchors.
    n : int
        Anchors averaged.
    task : str
        Whose reads.
    around : str
        `summits`, or the motif whose hits.
    """

    observed: Floats
    predicted: Floats
    n: int
    task: str = ""
    around: str = SUMMITS

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
    """What is asked of both files: anchors per region, how far to look, at the reads of which task."""

    anchors: dict[str, list[Anchor]]
    reach: int
    task: str
    around: str = SUMMITS


def average_profiles(results: TfResults, places: Mapping[str, HitPlace]) -> dict[str, AverageProfile]:
    """Return average profiles around summits of each task's peaks, and around hits.

    Parameters
    ----------
    results : TfResults
        All tables; needs dataset.h5, predictions.h5 and region_predictions.tsv.
    places : mapping
        Name of the answer to the hits it is about; reads are those of the first task.

    Returns
    -------
    dict
        `summit` (of further tasks, `summit` and the task) and the names of `places`, to the averages over held-out
        peaks that have reads; without entries for which there is nothing to average.
    """
    dataset, predicted = results.file("dataset"), results.file("predictions")
    if dataset is None or predicted is None or results.predictions is None:
        return {}
    with open_dataset(dataset) as reads:
        length = reads.output_length
    questions = {}
    for place, task in enumerate(results.tasks):
        regions = _regions_with_reads(results, task)
        questions[f"summit {task}" if place else "summit"] = _around_summits(regions, length, task)
        if place:
            continue
        for name, hit_place in places.items():
            hits = results.heads[hit_place.head].hits if hit_place.head in results.heads else None
            if hits is not None:
                hits = hits[hits["motif_id"] == hit_place.motif_id]
                questions[name] = _around_hits(hits, hit_place, regions, length, task)
    questions = {name: question for name, question in questions.items() if question.anchors}
    with open_dataset(dataset) as reads:
        observed = _average(reads, questions, lambda rows: reads.windows(rows[0], rows[-1] + 1)[rows - rows[0]])
    with open_predictions(predicted) as file:
        expected = _average(file, questions, file.expected_ends)
    return {
        name: AverageProfile(observed[name], expected[name], anchors, question.task, question.around)
        for name, question in questions.items()
        if name in observed and name in expected and (anchors := sum(len(found) for found in question.anchors.values()))
    }


def _regions_with_reads(results: TfResults, task: str) -> pd.DataFrame:
    """Return the rows of regions.tsv of a task's held-out peaks that have reads, by region_id."""
    rows = results.predictions
    assert rows is not None
    of_task = (rows["task"] == task) & (rows["split"] == best_split(rows)) & (rows["kind"] == "peak")
    chosen = set(rows.loc[of_task & (rows["observed_log_count"] > 0), "region_id"])
    return results.regions.set_index("region_id").loc[lambda table: table.index.isin(chosen)]


def _around_summits(regions: pd.DataFrame, length: int, task: str) -> Question:
    reach = min(LARGEST_REACH, (length - 1) // 2)
    return Question({str(name): [Anchor(length // 2, False)] for name in regions.index}, reach, task)


def _around_hits(hits: pd.DataFrame, place: HitPlace, regions: pd.DataFrame, length: int, task: str) -> Question:
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
    return Question(anchors, reach, task, place.motif_id)


def _blocks(names: Iterable[str], wanted: set[str], size: int) -> Iterator[list[tuple[int, str]]]:
    """Yield (row, region_id) of the wanted regions in every block of so many rows that holds some."""
    found: list[tuple[int, str]] = []
    for row, name in enumerate(names):
        if row % size == 0 and found:
            yield found
            found = []
        if name in wanted:
            found.append((row, name))
    if found:
        yield found


def _average(file: RegionReader | PredictionReader, questions: dict[str, Question], read: ProfileReader) -> Averages:
    """Return per question the mean over anchors of each region's profile scaled to sum one over both strands.

    Questions about tasks that the file lacks have no answer.
    """
    tasks = file.tasks
    questions = {name: question for name, question in questions.items() if question.task in tasks}
    sums = {name: np.zeros((2, 2 * question.reach + 1)) for name, question in questions.items()}
    numbers = dict.fromkeys(questions, 0)
    of_task: dict[int, list[str]] = {}
    for name, question in questions.items():
        of_task.setdefault(tasks.index(question.task), []).append(name)
    wanted = set().union(*(question.anchors for question in questions.values()))
    size = max(1, WINDOWS_AT_ONCE // max(1, len(tasks)))
    for found in _blocks(file.region_id, wanted, size):
        profiles = read(np.array([row for row, _ in found], dtype=np.int64))
        for task, names in of_task.items():
            for place, (_, region_id) in enumerate(found):
                asked = [name for name in names if region_id in questions[name].anchors]
                profile = profiles[place, task]
                total = profile.sum()
                for name in asked if total > 0 else ():
                    reach = questions[name].reach
                    for anchor in questions[name].anchors[region_id]:
                        part = cut_out(profile, anchor.position - reach, 2 * reach + 1, anchor.reverse)
                        sums[name] += part / total
                        numbers[name] += 1
    return {name: sums[name] / max(numbers[name], 1) for name in sums}
