"""How every stage was run: time, device, settings, versions, input files."""

from collections.abc import Mapping, Sequence
from typing import Any

from cistill.report.drawing.blocks import Fold, Note, Section, Table
from cistill.report.drawing.wording import MISSING, count, duration, span
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.stages import by_stage, stage_seconds, values_of
from cistill.report.reading.tf_results import TfResults


def run_section(page: PageContext, summary: Mapping[str, Any]) -> Section:
    """Return what each stage read, with which settings, on which device, and how long it took."""
    results = page.results
    title, intro = (
        "How it was run",
        "Files that each stage read, the time it took, its settings, and the versions of programs.",
    )
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


def _stages(results: TfResults) -> Table:
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


def _input_files(results: TfResults) -> Table:
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


def _settings(results: TfResults) -> Table:
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
