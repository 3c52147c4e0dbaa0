"""Which regions were used, and how every stage was run."""

from collections.abc import Mapping, Sequence
from typing import Any

from cistill.formats.dataset import open_dataset
from cistill.report.drawing.blocks import Block, Fold, Note, Row, Section, Table, Text
from cistill.report.drawing.wording import MISSING, count, duration, percent, plural, span
from cistill.report.reading.results import Results
from cistill.report.reading.roles import COVERAGE
from cistill.report.reading.stages import by_stage, stage_seconds, values_of

READ_WORDS = {"qc_fail": "QC-fail", "low_mapq": "of low mapping quality", "other_mate": "of the other mate"}
SPLIT_WORDS = {
    "train": "training",
    "valid": "validation",
    "test": "test (held out)",
    "none": "none (explained only)",
}


def data_section(results: Results, summary: Mapping[str, Any]) -> Section:
    """Return the regions that were used, and why others were left out."""
    blocks: list[Block] = [Row((_regions_table(summary), _dropped(summary)))]
    if len(summary["folds"]) > 1:
        folds = summary["folds"]
        blocks.append(
            Fold(f"The {plural(len(folds), 'fold')}: which chromosomes train, validate and test", (_folds(folds),))
        )
    reads = _read_sets(results)
    if reads is not None:
        blocks.append(reads)
    control = _control_words(results)
    if control:
        blocks.append(Text(control))
    return Section(
        "data",
        "Data",
        "The regions that the model was trained and judged on, and why others were left out.",
        tuple(blocks),
    )


def _read_sets(results: Results) -> Table | None:
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


def _control_words(results: Results) -> str:
    """Say which tasks have a control, empty if the dataset was not given or does not tell."""
    file = results.file("dataset")
    if file is None:
        return ""
    with open_dataset(file) as reader:
        has_control = reader.has_control.tolist()
    tasks = [task for task, has in zip(results.tasks, has_control, strict=False) if has]
    if not tasks:
        return "No control experiment was given: the model explains all reads from sequence alone."
    names = "" if len(tasks) == len(results.tasks) == 1 else f" of {', '.join(tasks)}"
    return f"The model saw the reads of a control experiment{names} beside the sequence."


def run_section(results: Results, summary: Mapping[str, Any]) -> Section:
    """Return what each stage read, with which settings, on which device, and how long it took."""
    title, intro = "How it was run", "What each stage read and took, with which settings and versions."
    if not results.provenance:
        note = Note("No provenance files were given, so settings, versions and times are not known here.")
        return Section("run", title, intro, (note,))
    return Section(
        "run",
        title,
        intro,
        (
            _stages(results),
            Fold("Input files and their digests", (_input_files(results),)),
            Fold("Settings of every stage", (_settings(results),)),
            Fold("Versions", (_versions(summary),)),
        ),
    )


def _regions_table(summary: Mapping[str, Any]) -> Table:
    regions = summary["regions"]
    rows = [
        (SPLIT_WORDS.get(split, split), count(numbers["peaks"]), count(numbers["backgrounds"]))
        for split, numbers in regions["by_split"].items()
    ]
    peaks = sum(numbers["peaks"] for numbers in regions["by_split"].values())
    rows.append(("all", count(peaks), count(regions["backgrounds"])))
    words = "The split goes by chromosome, so no test region was seen in training. "
    if len(summary["folds"]) > 1:
        words = (
            f"The split goes by chromosome and differs between the {len(summary['folds'])} folds: test regions are "
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
        (name, *(", ".join(fold[part]) or MISSING for part in ("valid", "test")), count(fold["test_peaks"]))
        for name, fold in folds.items()
    )
    return Table(
        "Chromosomes that each fold validates on (epochs and networks are chosen by them) and tests; it trains on all "
        "others that are in its split. From dataset.h5 or dataset.json, and regions.tsv.",
        ("fold", "validates on", "tests", "peaks tested"),
        rows,
        frozenset({3}),
    )


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


def _stages(results: Results) -> Table:
    rows, total = [], 0.0
    for name, records in by_stage(results).items():
        seconds = stage_seconds(records)
        total += seconds or 0.0
        found = list(records.values())
        rows.append(
            (
                name if len(found) < 2 else f"{name} ({len(found)} records)",
                duration(seconds),
                ", ".join(str(value) for value in values_of(found, "device")) or MISSING,
                span([float(value) for value in values_of(found, "seed")], lambda value: f"{value:.0f}"),
                ", ".join(str(value)[:12] for value in values_of(found, "library")) or MISSING,
            )
        )
    rows.append(("all", duration(total), "", "", ""))
    return Table(
        "Time of each command as it measured it (all commands of a stage together, whether they ran side by side or "
        "not), the device it computed on, the seed of its random choices, and the digest of the library's source. From "
        "the JSON beside each result.",
        ("stage", "time", "device", "seed", "library"),
        tuple(rows),
        frozenset({1, 3}),
        "Stages",
    )


def _input_files(results: Results) -> Table:
    rows: dict[tuple[str, ...], None] = {}
    for stage, records in by_stage(results).items():
        for record in records.values():
            for role, file in record.get("inputs", {}).items():
                size, digest = count(float(file.get("bytes", 0))), str(file.get("sha256", ""))[:16]
                rows[stage, role, str(file.get("name", "")), size, digest] = None
    return Table(
        "Files that each stage read, once each; the digest is the start of the SHA-256 of their content.",
        ("stage", "role", "file", "bytes", "SHA-256"),
        tuple(rows),
        frozenset({3}),
    )


def _settings(results: Results) -> Table:
    rows: list[tuple[str, str, str]] = []
    for stage, records in by_stage(results).items():
        found = [record.get("settings", {}) for record in records.values()]
        for key in dict.fromkeys(key for settings in found for key in settings):
            values = [settings[key] for settings in found if key in settings]
            rows.append((stage, str(key), _values(values)))
    return Table(
        "Every setting that a stage ran with, defaults included; where the trainings or trials of a stage differ, the "
        "number of different values.",
        ("stage", "setting", "value"),
        tuple(rows),
    )


def _values(values: Sequence[Any]) -> str:
    """Return the value of a setting over all records of a stage, part by part where it has parts."""
    if all(isinstance(value, Mapping) for value in values):
        keys = dict.fromkeys(key for value in values for key in value)
        return ", ".join(f"{key} = {_values([value[key] for value in values if key in value])}" for key in keys)
    different = list(dict.fromkeys(_value(value) for value in values))
    return different[0] if len(different) == 1 else f"{len(different)} values"


def _value(value: object) -> str:
    if value is None:
        return MISSING
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {_value(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_value(item) for item in value)
    return str(value)


def _versions(summary: Mapping[str, Any]) -> Table:
    return Table("Versions that the stages recorded.", ("package", "version"), tuple(summary["versions"].items()))
