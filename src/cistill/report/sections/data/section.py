"""Which regions were used, why others were left out, and which reads were counted."""

from collections.abc import Mapping, Sequence
from typing import Any

from cistill.data.chromosome_split import Span
from cistill.formats.dataset import open_dataset
from cistill.report.drawing.blocks import Block, Fold, Note, Section, SideBySide, Table, Text
from cistill.report.drawing.wording import MISSING, SPLIT_WORDS, count, percent, plural
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.region_table import NO_SPLIT
from cistill.report.reading.roles import COVERAGE
from cistill.report.reading.tf_results import TfResults

READ_WORDS = {"qc_fail": "QC-fail", "low_mapq": "of low mapping quality", "other_mate": "of the other mate"}
USE_WORDS = {**SPLIT_WORDS, "test": "test (held out)", NO_SPLIT: "none (explained only)"}
"""What regions of a split are used for."""
NAMES_SHOWN = 30


def data_section(page: PageContext, summary: Mapping[str, Any]) -> Section:
    """Return the regions that were used, and why others were left out."""
    results = page.results
    blocks: list[Block] = [SideBySide((_regions_table(summary), _dropped(summary)))]
    if len(summary["folds"]) > 1:
        folds = summary["folds"]
        blocks.append(
            Fold(f"The {plural(len(folds), 'fold')}: which chromosomes train, validate and test", (_folds(folds),))
        )
    contigs = _contigs(results)
    if contigs is not None:
        blocks.append(contigs)
    reads = _read_sets(results)
    if reads is not None:
        blocks.append(reads)
    control = _control_words(results)
    if control:
        blocks.append(Text(control))
    return Section(
        "data",
        "Data",
        "The regions that the model was trained and tested on, and why others were left out.",
        tuple(blocks),
    )


def _contigs(results: TfResults) -> Table | None:
    """Return which contigs of the genome are in no part of the split; None where all are, or nothing says so."""
    found = results.provenance.get(f"{results.tf}.dataset.json", {}).get("results", {})
    left_out: Mapping[str, Mapping[str, int]] = found.get("contigs_left_out") or {}
    if not left_out:
        return None
    rows = [(reason, count(number["contigs"]), count(number["bp"])) for reason, number in left_out.items()]
    return Table(
        f"Contigs of the genome that neither train, validate nor test, of {count(found['contigs'])}; the reason of "
        "every peak on them is in regions.tsv. From dataset.json.",
        ("contigs left out", "contigs", "bp"),
        tuple(rows),
        frozenset({1, 2}),
        "Contigs left out",
    )


def _read_sets(results: TfResults) -> Table | None:
    """Return how many reads of each BAM were counted; None where coverage was not counted by the pipeline."""
    rows = []
    for name, record in results.provenance.items():
        found = record.get("results", {})
        if not name.endswith(COVERAGE) or "plus" not in found:
            continue
        counted = int(found["plus"]) + int(found["minus"])
        left_out = ", ".join(
            f"{count(number)} {READ_WORDS.get(reason, reason.replace('_', ' '))}"
            for reason, number in found.get("left_out", {}).items()
            if number
        )
        rows.append(
            (name.removesuffix(COVERAGE), count(found.get("reads", counted)), count(counted), left_out or "none")
        )
    if not rows:
        return None
    return Table(
        "Reads of each BAM file, those whose 5' ends were counted, and why others were not. From coverage.json.",
        ("read set", "reads", "5' ends", "left out"),
        tuple(rows),
        frozenset({1, 2}),
        "Reads",
    )


def _control_words(results: TfResults) -> str:
    """Say which tasks have a control, empty if the dataset was not given or does not tell."""
    file = results.file("dataset")
    if file is None:
        return ""
    with open_dataset(file) as dataset:
        has_control = dataset.has_control.tolist()
    tasks = [task for task, has in zip(results.tasks, has_control, strict=False) if has]
    if not tasks:
        return "No control experiment was given: the model explains all reads from sequence alone."
    names = "" if len(tasks) == len(results.tasks) == 1 else f" of {', '.join(tasks)}"
    return f"The model saw the reads of a control experiment{names} beside the sequence."


def _regions_table(summary: Mapping[str, Any]) -> Table:
    regions = summary["regions"]
    rows = [
        (USE_WORDS.get(split, split), count(numbers["peaks"]), count(numbers["backgrounds"]))
        for split, numbers in regions["by_split"].items()
    ]
    peaks = sum(numbers["peaks"] for numbers in regions["by_split"].values())
    rows.append(("all", count(peaks), count(regions["backgrounds"])))
    entries = [
        name
        for fold in summary["folds"].values()
        for part in fold.values()
        if isinstance(part, list | tuple)
        for name in part
    ]
    by = "stretch of a chromosome" if any(Span.read(str(name)) for name in entries) else "chromosome"
    words = f"The split goes by {by}, so no test region was seen in training. "
    if len(summary["folds"]) > 1:
        words = (
            f"The split goes by {by} and differs between the {len(summary['folds'])} folds: test regions are "
            "those that some fold holds out; other folds train on them. A region is judged by networks of the folds "
            "that hold it out. "
        )
    return Table(
        f"Regions in the dataset by their use. {words}Backgrounds match the peaks' GC content. From regions.tsv.",
        ("split", "peaks", "backgrounds"),
        tuple(rows),
        frozenset({1, 2}),
        "Regions used",
    )


def _folds(folds: Mapping[str, Mapping[str, Any]]) -> Table:
    rows = tuple(
        (name, *(_names(fold[part]) for part in ("valid", "test")), count(fold["test_peaks"]))
        for name, fold in folds.items()
    )
    return Table(
        "Chromosomes that each fold validates on (epochs and networks are chosen by them) and tests; it trains on all "
        "others that are in its split. From dataset.h5 or dataset.json, and regions.tsv.",
        ("fold", "validates on", "tests", "peaks tested"),
        rows,
        frozenset({3}),
    )


def _names(chromosomes: Sequence[str]) -> str:
    """Join names; of many the first ones, with the number of all."""
    shown = ", ".join(chromosomes[:NAMES_SHOWN])
    return f"{shown}, ... ({count(len(chromosomes))})" if len(chromosomes) > NAMES_SHOWN else shown or MISSING


def _dropped(summary: Mapping[str, Any]) -> Block:
    regions = summary["regions"]
    explained, dropped = regions["peaks_explained_only"], regions["peaks_dropped"]
    given = regions["peaks_given"]
    if not dropped and not explained:
        return Note(f"All {count(given)} peaks given were used.")
    rows = [(reason, "yes", count(n), percent(n, given)) for reason, n in explained.items()]
    rows += [(reason, "no", count(n), percent(n, given)) for reason, n in dropped.items()]
    left_out = sum(explained.values()) + sum(dropped.values())
    rows.append(("all left out", "", count(left_out), percent(left_out, given)))
    return Table(
        f"Why peaks were left out of training and scores, of {count(given)} given; those whose sequence is usable are "
        "still explained (motifs, hits). Every peak stands with its reason in regions.tsv.",
        ("reason", "explained", "peaks", "share"),
        tuple(rows),
        frozenset({2, 3}),
        "Peaks left out",
    )
