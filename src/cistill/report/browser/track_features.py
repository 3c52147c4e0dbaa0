"""Peaks, hits and genes as rows that both the page and the files of other browsers are made from."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from cistill.data.annotation import Transcript
from cistill.report.drawing.tracks import motif_colours
from cistill.report.reading.tf_results import TfResults

PEAK_COLOUR = "#3c4856"
UNKNOWN_MOTIF = "#5b6776"


class Feature(NamedTuple):
    """A named interval.

    Attributes
    ----------
    chrom : str
    start, end : int
        0-based, half open.
    name : str
    score : int
        0 to 1000.
    strand : str
        `+`, `-` or `.`.
    thick : (int, int)
        Part that is drawn thick: of a peak its summit, of a hit all of it.
    colour : str
        `#rrggbb`.
    further : tuple of str
        Further fields: of a peak its reads; of a hit confidence, importance, region and heads.
    """

    chrom: str
    start: int
    end: int
    name: str
    score: int
    strand: str
    thick: tuple[int, int]
    colour: str
    further: tuple[str, ...]


PEAK_FIELDS = (("uint", "reads", "5' ends in the output window, all tasks"),)
HIT_FIELDS = (
    ("float", "confidence", "0 to 1; 0.5 is the caller's own threshold"),
    ("float", "importance", "Signed sum of contributions over the hit"),
    ("string", "region", "Region that the hit was found in"),
)
"""Type, name and meaning of the further fields, in autoSql."""


def peaks_of(regions: pd.DataFrame, task: str) -> list[Feature]:
    """Return the peaks of a task that the run kept, their summits thick."""
    peaks = regions[(regions["kind"] == "peak") & regions["kept"].astype(bool)]
    own = peaks[[task in str(names).split(",") for names in peaks["tasks"]]]
    reads = own["counts"].fillna(0).astype(float) if "counts" in own else own["summit"] * 0.0
    largest = max(float(reads.max()), 1.0) if len(own) else 1.0
    rows: Iterable[Any] = own.itertuples()
    return [
        Feature(
            str(row.chrom),
            int(row.start),
            int(row.end),
            str(row.region_id),
            round(1000 * number / largest),
            ".",
            _summit(row),
            PEAK_COLOUR,
            (f"{number:.0f}",),
        )
        for row, number in zip(rows, reads, strict=True)
    ]


def _summit(row: Any) -> tuple[int, int]:
    """Return the summit of a peak as an interval within it."""
    at = min(max(int(row.summit), int(row.start)), int(row.end) - 1)
    return at, at + 1


def hits_of(hits: pd.DataFrame, colours: Mapping[str, str]) -> list[Feature]:
    """Return hits, coloured by their motifs, the score that of hits.bed."""
    names = [str(name) for name in hits["motif_id"]]
    importance = hits["importance"] if "importance" in hits else [float("nan")] * len(hits)
    rows: Iterable[Any] = hits.itertuples()
    return [
        Feature(
            str(row.chrom),
            int(row.start),
            int(row.end),
            name,
            round(1000 * float(row.confidence)) if row.confidence == row.confidence else 0,
            str(row.strand),
            (int(row.start), int(row.end)),
            colours.get(name, UNKNOWN_MOTIF),
            (f"{row.confidence:.4g}", f"{weight:.4g}", str(row.region_id)),
        )
        for row, name, weight in zip(rows, names, importance, strict=True)
    ]


def colours_of_motifs(results: TfResults) -> dict[str, dict[str, str]]:
    """Return head to the colour of each of its motifs, those of the report."""
    return {
        head.name: motif_colours([motif.motif_id for motif in head.motifs or ()]) for head in results.heads.values()
    }


def within(features: Iterable[Feature], spans: Mapping[str, Sequence[tuple[int, int]]]) -> list[Feature]:
    """Return the features that overlap one of the spans of their chromosome."""
    return [feature for feature in features if _overlaps(feature.start, feature.end, spans.get(feature.chrom, ()))]


def transcripts_within(
    transcripts: Iterable[Transcript], spans: Mapping[str, Sequence[tuple[int, int]]]
) -> list[Transcript]:
    """Return the transcripts that overlap one of the spans of their chromosome."""
    return [one for one in transcripts if _overlaps(one.start, one.end, spans.get(one.chrom, ()))]


def _overlaps(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < last and end > first for first, last in spans)
