"""What the page of the browser holds, as one JSON: places, sequence, tracks with their values."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cistill.data.annotation import Transcript
from cistill.report.browser.shown_places import Place, hits_of_regions
from cistill.report.browser.stretches import MINUS, ShownValues, Stretch, read_signals
from cistill.report.browser.track_features import (
    HIT_FIELDS,
    PEAK_FIELDS,
    Feature,
    colours_of_motifs,
    hits_of,
    peaks_of,
    transcripts_within,
    within,
)
from cistill.report.drawing.wording import HEAD_TITLES
from cistill.report.reading.tf_results import TfResults

DATA_AT_MOST = 4_000_000
"""Characters of values that a page holds: with igv.js it then has less than 6 MB."""
LARGEST_COUNT = np.iinfo(np.uint16).max
LETTERS = np.frombuffer(b"ACGTN", dtype=np.uint8)
OBSERVED = ("#33658a", "#86a9c4")
PREDICTED = ("#c8553d", "#e3a89a")
"""Colours of the plus and the minus strand."""
GENE_COLOUR = "#3a5a40"
NONE: Mapping[str, str] = MappingProxyType({})


def page_contents(results: TfResults, places: Sequence[Place], transcripts: Iterable[Transcript]) -> dict[str, Any]:
    """Return what the page holds, with as many of the places, from the first on, as fit.

    Parameters
    ----------
    results : TfResults
    places : sequence of Place
    transcripts : iterable of Transcript
        Those of the annotation; none without one.
    """
    shown, shortened = list(places), list[str]()
    while True:
        signals = read_signals(results, list(dict.fromkeys(name for place in shown for name in place.regions)))
        size = _size(signals)
        if size <= DATA_AT_MOST:
            break
        if len(shown) > 1:
            shown = shown[: max(1, min(len(shown) - 1, len(shown) * DATA_AT_MOST // size))]
            continue
        (place,) = shown
        if len(place.regions) == 1:
            break
        kept = max(1, min(len(place.regions) - 1, len(place.regions) * DATA_AT_MOST // size))
        shown, shortened = [replace(place, regions=place.regions[:kept])], [place.title]
    spans = _spans(signals, shown)
    sizes = sizes_of(results)
    return {
        "tf": results.tf,
        "tasks": list(results.tasks),
        "places": _places(results, shown),
        "shortened": shortened,
        "left_out": [place.title for place in places[len(shown) :]],
        "sizes": {chrom: max(sizes.get(chrom, 0), max(end for _, end in found)) for chrom, found in spans.items()},
        "sequence": [
            {"chr": one.chrom, "start": one.start, "bases": LETTERS[one.values].tobytes().decode()}
            for one in signals.sequence
        ],
        "tracks": [*_numeric(results, signals), *_intervals(results, spans), *_genes(transcripts, spans)],
        "missing": _missing(results, signals),
    }


def sizes_of(results: TfResults) -> dict[str, int]:
    """Return the lengths of the chromosomes that the dataset lists; of others the end of the last region's reach."""
    from cistill.formats.dataset import open_dataset

    ends = results.regions.groupby("chrom")["summit"].max() + 1
    found = {str(chrom): int(end) for chrom, end in ends.items()}
    if (dataset := results.file("dataset")) is not None:
        with open_dataset(dataset) as file:
            found |= file.sizes
    return found


def _size(signals: ShownValues) -> int:
    """Return about how many characters the values take."""
    counts = sum(len(one.values) for stretches in signals.observed.values() for one in stretches)
    floats = [*signals.predicted.values(), *signals.contributions.values()]
    return (4 * 2 * counts + 4 * 4 * sum(len(one.values) for stretches in floats for one in stretches)) // 3


def _spans(signals: ShownValues, places: Sequence[Place]) -> dict[str, list[tuple[int, int]]]:
    """Return chromosome to the intervals that the page has anything of."""
    found: dict[str, list[tuple[int, int]]] = {}
    for one in (*signals.sequence, *(one for stretches in signals.observed.values() for one in stretches)):
        found.setdefault(one.chrom, []).append((one.start, one.end))
    for place in places:
        found.setdefault(place.chrom, []).append((place.start, place.end))
    return found


def _places(results: TfResults, places: Sequence[Place]) -> list[dict[str, Any]]:
    """Return the rows of the list of regions."""
    hits = hits_of_regions(results)
    ends: dict[tuple[str, str], tuple[float, float]] = {}
    if results.predictions is not None:
        named = results.predictions[results.predictions["region_id"].isin({n for p in places for n in p.regions})]
        rows_of: Iterable[Any] = named.itertuples()
        for row in rows_of:
            ends[str(row.region_id), str(row.task)] = float(row.observed_log_count), float(row.predicted_log_count)
    rows = []
    for place in places:
        found = [[ends.get((name, task)) for name in place.regions] for task in results.tasks]
        one_region = len(place.regions) == 1
        rows.append(
            {
                "title": place.title,
                "reasons": list(place.reasons),
                "regions": len(place.regions),
                "locus": f"{place.chrom}:{place.start + 1}-{place.end}",
                "ends": [_rounded(own[0]) if one_region else None for own in found],
                "hits": sum(hits.get(name, 0) for name in place.regions) if hits else None,
            }
        )
    return rows


def _rounded(pair: tuple[float, float] | None) -> list[int] | None:
    """Return observed and predicted 5' ends from ln(1 + 5' ends)."""
    return None if pair is None else [round(float(np.expm1(value))) for value in pair]


def _numeric(results: TfResults, signals: ShownValues) -> list[dict[str, Any]]:
    """Return the tracks of values: observed and predicted by task, contributions by head."""
    tracks: list[dict[str, Any]] = []
    several = len(results.tasks) > 1
    for place, task in enumerate(results.tasks):
        of_task = f", {task}" if several else ""
        for words, found, colours in (
            ("Observed", signals.observed, OBSERVED),
            ("Predicted", signals.predicted, PREDICTED),
        ):
            if (task, 0) in found:
                tracks.append(
                    {
                        "kind": "ends",
                        "name": f"{words}{of_task}",
                        "key": f"{words.lower()}/{task}",
                        "group": f"task {place}",
                        "colours": colours,
                        "strands": [[_encoded(one) for one in found[task, strand]] for strand in (0, MINUS)],
                    }
                )
    for head, stretches in signals.contributions.items():
        tracks.append(
            {
                "kind": "letters",
                "name": f"Contributions: {HEAD_TITLES[head].lower()}",
                "key": f"contributions/{head}",
                "stretches": [_encoded(one) for one in stretches],
            }
        )
    return tracks


def _encoded(stretch: Stretch) -> dict[str, Any]:
    """Return a stretch with its values in base64: whole numbers as uint16, others as float32, little-endian."""
    values: NDArray[Any] = stretch.values
    whole = bool(((values >= 0) & (values <= LARGEST_COUNT) & (values == np.floor(values))).all())
    packed = values.astype("<u2" if whole else "<f4").tobytes()
    kind = "u2" if whole else "f4"
    return {
        "chr": stretch.chrom,
        "start": stretch.start,
        "type": kind,
        "data": base64.b64encode(packed).decode(),
    }


def _intervals(results: TfResults, spans: Mapping[str, Sequence[tuple[int, int]]]) -> list[dict[str, Any]]:
    """Return the tracks of peaks and hits."""
    tracks = []
    for task in results.tasks:
        name = f"Peaks, {task}" if len(results.tasks) > 1 else "Peaks"
        tracks.append(_track(name, within(peaks_of(results.regions, task), spans), PEAK_FIELDS))
    colours = colours_of_motifs(results)
    for head in results.heads.values():
        if head.hits is not None:
            near = within(hits_of(head.hits, colours[head.name]), spans)
            matches = {motif.motif_id: motif.match for motif in head.motifs or () if motif.match is not None}
            tracks.append(_track(f"Hits: {HEAD_TITLES[head.name].lower()}", near, HIT_FIELDS, matches))
    return tracks


def _track(
    name: str, features: Sequence[Feature], fields: Sequence[tuple[str, str, str]], matches: Mapping[str, str] = NONE
) -> dict[str, Any]:
    """Return a track of peaks or hits; igv.js shows all fields of what is clicked, with the best match of a motif."""
    rows = [
        {
            "chr": one.chrom,
            "start": one.start,
            "end": one.end,
            "name": one.name,
            "score": one.score,
            "strand": one.strand,
            "color": one.colour,
            **dict(zip((field for _, field, _ in fields), one.further, strict=True)),
            **({"match": matches[one.name]} if one.name in matches else {}),
            # igv.js draws the direction of what has no blocks
            **({} if one.thick == (one.start, one.end) else {"exons": _blocks([(one.start, one.end)], one.thick)}),
        }
        for one in features
    ]
    return {"kind": "features", "name": name, "features": rows}


def _genes(transcripts: Iterable[Transcript], spans: Mapping[str, Sequence[tuple[int, int]]]) -> list[dict[str, Any]]:
    """Return the track of genes; none without an annotation."""
    given = list(transcripts)
    rows = [
        {
            "chr": one.chrom,
            "start": one.start,
            "end": one.end,
            "name": one.name,
            "strand": one.strand,
            "color": GENE_COLOUR,
            "exons": _blocks(one.exons, one.coding),
        }
        for one in transcripts_within(given, spans)
    ]
    return [{"kind": "genes", "name": "Genes", "features": rows}] if given else []


def _blocks(exons: Iterable[tuple[int, int]], thick: tuple[int, int]) -> list[dict[str, Any]]:
    """Return blocks as igv.js draws them: thick from `cdStart` to `cdEnd`, thin where they are `utr`."""
    blocks = []
    for start, end in exons:
        first, last = max(start, thick[0]), min(end, thick[1])
        within: dict[str, Any] = {"utr": True} if first >= last else {"cdStart": first, "cdEnd": last}
        blocks.append({"start": start, "end": end, **within})
    return blocks


def _missing(results: TfResults, signals: ShownValues) -> list[str]:
    """Say which tracks are not there, and for want of which file."""
    lacking = {
        "observed 5' ends and the sequence": ("dataset.h5", signals.observed),
        "predicted 5' ends": ("predictions.h5", signals.predicted),
        "contributions": ("attributions.h5", signals.contributions),
        "hits": ("hits.bed", [head for head in results.heads.values() if head.hits is not None]),
    }
    return [f"No {what}: {file} was not given." for what, (file, found) in lacking.items() if not found]
