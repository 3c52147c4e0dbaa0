"""The files of tracks that other browsers are pointed to: those that the run published, and those made for them."""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cistill.data.annotation import Transcript
from cistill.formats.bigbed import BedRecord, write_bigbed
from cistill.formats.bigwig_writing import bigwig_output
from cistill.formats.hits import read_hits
from cistill.report.browser.contents import GENE_COLOUR, OBSERVED, PREDICTED, sizes_of
from cistill.report.browser.stretches import observed_everywhere
from cistill.report.browser.track_features import (
    HIT_FIELDS,
    PEAK_COLOUR,
    PEAK_FIELDS,
    Feature,
    colours_of_motifs,
    hits_of,
    peaks_of,
)
from cistill.report.drawing.wording import HEAD_TITLES
from cistill.report.reading.tf_results import TfResults

HIT_COLOUR = "#5b6776"
CONTRIBUTION_COLOUR = "#6a4c93"
BED9 = (
    ("string", "chrom", "Chromosome"),
    ("uint", "chromStart", "First base, 0-based"),
    ("uint", "chromEnd", "Behind the last base"),
    ("string", "name", "Name"),
    ("uint", "score", "0 to 1000"),
    ("char[1]", "strand", "Strand"),
    ("uint", "thickStart", "First base drawn thick"),
    ("uint", "thickEnd", "Behind the last base drawn thick"),
    ("uint", "reserved", "Colour"),
)
BED12 = (
    ("int", "blockCount", "Number of exons"),
    ("int[blockCount]", "blockSizes", "Their lengths"),
    ("int[blockCount]", "chromStarts", "Their starts from chromStart"),
)


@dataclass(frozen=True)
class TrackFile:
    """A file of a track, as other browsers name it.

    Attributes
    ----------
    key : str
        Letters, digits and underscores, different for every file of a factor.
    path : str
        From the folder of the hub and the session.
    name, words : str
        Short and long name.
    kind : {"bigWig", "bigBed"}
    colour : str
        `#rrggbb`.
    group : str
        Tracks of one group are strands of one signal; empty for others.
    negative : bool
        Drawn downwards.
    fields : int
        Of a bigBed: how many of its fields are those of BED.
    """

    key: str
    path: str
    name: str
    words: str
    kind: str
    colour: str
    group: str = ""
    negative: bool = False
    fields: int = 0


def published_tracks(
    results: TfResults, bigwigs: Collection[str], roots: Mapping[str, str], outdir: str | os.PathLike[str]
) -> list[TrackFile]:
    """Return the bigWigs of a factor: counts, predictions and contributions that the run published.

    Counts of a task that the run did not make, because bigWigs were given for it, are written to `outdir` from the
    dataset, for the windows that it holds.

    Parameters
    ----------
    results : TfResults
    bigwigs : collection of str
        Names of the bigWigs among the result files: predictions and contributions are optional.
    roots : mapping
        Folder of the results (`coverage`, `predict`, `shap`) to its path from the folder of hub and session.
    outdir : path
    """
    tracks: list[TrackFile] = []
    several = len(results.tasks) > 1
    for number, task in enumerate(results.tasks, 1):
        of_task = f", {task}" if several else ""
        counted = _counted(results, task)
        for place, readset in enumerate(counted, 1):
            tracks += _strands(
                f"observed_{number}_{place}",
                f"{roots['coverage']}/{readset}",
                f"Observed{of_task}" + (f" {place}" if len(counted) > 1 else ""),
                f"Observed 5' ends of {readset}",
                OBSERVED,
            )
        if not counted and (found := _write_observed(results, task, Path(outdir))) is not None:
            words = f"Observed 5' ends around peaks and background, task {task}"
            tracks += _strands(f"observed_{number}", found, f"Observed{of_task}", words, OBSERVED)
    for number, task in enumerate(results.tasks, 1):
        if {f"{results.tf}.{task}.predicted.{strand}.bw" for strand in ("plus", "minus")} <= set(bigwigs):
            name = f"Predicted, {task}" if several else "Predicted"
            words = f"Expected 5' ends per base, task {task}"
            path = f"{roots['predict']}/{results.tf}.{task}.predicted"
            tracks += _strands(f"predicted_{number}", path, name, words, PREDICTED)
    for head, title in HEAD_TITLES.items():
        file = f"{results.tf}.{head}.contributions.bw"
        if file in bigwigs:
            words = f"DeepSHAP contributions to the {title.lower()}"
            path = f"{roots['shap']}/{file}"
            tracks.append(
                TrackFile(
                    f"contributions_{head}", path, f"Contributions, {head}", words, "bigWig", CONTRIBUTION_COLOUR
                )
            )  # fmt: skip
    return tracks


def _strands(key: str, path: str, name: str, words: str, colours: tuple[str, str]) -> list[TrackFile]:
    """Return the two strands of a signal."""
    return [
        TrackFile(
            f"{key}_{strand}", f"{path}.{strand}.bw", f"{name} {sign}", f"{words}, {strand} strand", "bigWig", colour,
            key, strand == "minus",
        )
        for strand, sign, colour in zip(("plus", "minus"), "+-", colours, strict=True)
    ]  # fmt: skip


def _counted(results: TfResults, task: str) -> list[str]:
    """Return the read sets of a task whose counts the run made, in their order."""
    inputs: Mapping[str, Any] = results.stage("dataset").get("inputs", {})
    names = [str(about["name"]) for key, about in inputs.items() if key.startswith(f"signal {task} ")]
    readsets = [name.removesuffix(".plus.bw") for name in names if name.endswith(".plus.bw")]
    return [name for name in readsets if f"{name}.coverage.json" in results.inputs.provenance]


def _write_observed(results: TfResults, task: str, outdir: Path) -> str | None:
    """Write the counts of the dataset's windows; return the path without the strand, None without a dataset."""
    file = results.file("dataset")
    if file is None:
        return None
    name = f"{results.tf}.{task}.observed"
    sizes = sizes_of(results)
    for strand, of_chroms in zip(("plus", "minus"), observed_everywhere(file, task), strict=True):
        with bigwig_output(outdir / f"{name}.{strand}.bw", sizes) as track:
            for chrom in [chrom for chrom in sizes if chrom in of_chroms]:
                positions, counts = of_chroms[chrom]
                inside = (positions >= 0) & (positions < sizes[chrom])
                track.counts(chrom, positions[inside], counts[inside])
    return name


def written_tracks(
    results: TfResults, transcripts: Sequence[Transcript], outdir: str | os.PathLike[str]
) -> list[TrackFile]:
    """Write peaks, hits and genes as bigBed to `outdir`, and return them; a kind without any row is left out."""
    sizes, tf = sizes_of(results), results.tf
    colours = colours_of_motifs(results)
    pooled = results.file("pooled_hits")
    sets: list[tuple[str, str, str, str, list[Feature]]] = []
    for number, task in enumerate(results.tasks, 1):
        name = f"Peaks, {task}" if len(results.tasks) > 1 else "Peaks"
        words = f"Peaks of task {task}, summits thick"
        sets.append((f"peaks_{number}", f"{tf}.{task}.peaks.bb", name, words, peaks_of(results.regions, task)))
    if pooled is not None:
        found = hits_of(read_hits(pooled), {})
        sets.append(("hits", f"{tf}.hits.bb", "Hits", "Motif instances of both heads", found))
    for head in results.heads.values():
        if head.hits is not None:
            words = f"Motif instances of the {HEAD_TITLES[head.name].lower()}"
            found = hits_of(head.hits, colours[head.name])
            sets.append((f"hits_{head.name}", f"{tf}.{head.name}.hits.bb", f"Hits, {head.name}", words, found))
    tracks = []
    for key, name, short, words, features in sets:
        further = PEAK_FIELDS if key.startswith("peaks") else HIT_FIELDS
        if _write(Path(outdir) / name, sizes, [_row(one) for one in features], (*BED9, *further), words, 9):
            colour = PEAK_COLOUR if key.startswith("peaks") else HIT_COLOUR
            tracks.append(TrackFile(key, name, short, words, "bigBed", colour, fields=9))
    genes = [_gene(one) for one in transcripts]
    words = "Genes of the annotation given"
    if _write(Path(outdir) / f"{tf}.genes.bb", sizes, genes, (*BED9, *BED12), words, 12):
        tracks.append(TrackFile("genes", f"{tf}.genes.bb", "Genes", words, "bigBed", GENE_COLOUR, fields=12))
    return tracks


def _write(
    path: Path,
    sizes: Mapping[str, int],
    rows: Iterable[BedRecord],
    fields: Sequence[tuple[str, str, str]],
    words: str,
    defined: int,
) -> bool:
    """Write the rows that are on known chromosomes; return whether there were any."""
    known = [row for row in rows if row.end <= sizes.get(row.chrom, 0)]
    if known:
        write_bigbed(path, sizes, known, auto_sql(words, fields), defined)
    return bool(known)


def auto_sql(words: str, fields: Sequence[tuple[str, str, str]]) -> str:
    """Return the declaration of a bigBed's fields in autoSql."""
    lines = [f'    {kind} {name}; "{meaning}"' for kind, name, meaning in fields]
    return "\n".join(["table cistill", f'"{words}"', "    (", *lines, "    )", ""])


def _row(one: Feature) -> BedRecord:
    """Return a peak or hit as BED9 with its further fields."""
    rest = (one.name, str(one.score), one.strand, *map(str, one.thick), _rgb(one.colour), *one.further)
    return BedRecord(one.chrom, one.start, one.end, rest)


def _gene(one: Transcript) -> BedRecord:
    """Return a transcript as BED12."""
    sizes = ",".join(str(end - start) for start, end in one.exons)
    starts = ",".join(str(start - one.start) for start, _ in one.exons)
    blocks = (str(len(one.exons)), sizes, starts)
    rest = (one.name, "0", one.strand, *map(str, one.coding), _rgb(GENE_COLOUR), *blocks)
    return BedRecord(one.chrom, one.start, one.end, rest)


def _rgb(colour: str) -> str:
    """Return `r,g,b` of `#rrggbb`."""
    return ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
