"""The stages of a TF and their provenance; the many records of trials and training runs go under one name each."""

from collections.abc import Iterable, Mapping
from typing import Any

from cistill.report.reading.provenance_files import Record
from cistill.report.reading.result_files import run_file
from cistill.report.reading.roles import HEAD_STAGES, TRIAL_RECORD
from cistill.report.reading.tf_results import TfResults

ORDER = (
    "coverage", "dataset", "convert", "tune", "train", "finetune", "select", "predict", "shap", *HEAD_STAGES,
    "merge", "collapse", "summarizehits", "library", "marginalize", "calibrate", "pagemodel",
)  # fmt: skip


def stage_of(tf: str, name: str) -> str:
    """Return the stage that a provenance file is of: its name without the TF's, `train` for every training run."""
    run = run_file(tf, name)
    if run is not None:
        return run[1]
    short = name.removeprefix(f"{tf}.")
    return "tune" if TRIAL_RECORD.fullmatch(short) else short.removesuffix(".json")


def by_stage(results: TfResults) -> dict[str, dict[str, Record]]:
    """Return stage to file name to record, in the order in which the pipeline runs the stages."""
    found: dict[str, dict[str, Record]] = {}
    for name, record in results.provenance.items():
        found.setdefault(stage_of(results.tf, name), {})[name] = record
    return dict(sorted(found.items(), key=lambda item: (_place(item[0]), item[0])))


def _place(stage: str) -> int:
    command = stage.split(".")[-1]
    return ORDER.index(command) if command in ORDER else len(ORDER)


def stage_seconds(records: Mapping[str, Record]) -> float | None:
    """Return how long the commands of a stage took together; None if none of them says.

    A command that trains several runs one after another writes its time so far beside each: the last one counts.
    """
    by_command: dict[str, float] = {}
    for name, record in records.items():
        if record.get("seconds") is not None:
            command = repr(record["arguments"]) if record.get("arguments") else name
            by_command[command] = max(by_command.get(command, 0.0), float(record["seconds"]))
    return sum(by_command.values()) if by_command else None


def values_of(records: Iterable[Record], name: str) -> list[Any]:
    """Return the different values of a fact, as a record says it, as a result or as a setting, in their order."""
    found = []
    for record in records:
        groups = (record, record.get("results", {}), record.get("settings", {}))
        value = next((group[name] for group in groups if group.get(name) is not None), None)
        if value is not None and value not in found:
            found.append(value)
    return found
