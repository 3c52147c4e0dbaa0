"""Figures that a facility collects, as custom content of MultiQC: general statistics of a TF, and a table of its tasks.

https://docs.seqera.io/multiqc/custom_content. MultiQC finds files by the end of their names, `_mqc.json`. Each file is
one section; those of several TFs that have one `id` are put together.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cistill.files import atomic_output

GENERAL, TASKS = "statistics_mqc.json", "tasks_mqc.json"
VERDICTS = {"pass": "enough", "warn": "doubtful", "fail": "not enough"}
WHOLE, SHARE, SCORE = {"format": "{:,.0f}", "min": 0}, {"suffix": "%", "min": 0, "max": 100}, {"min": 0, "max": 1}
COLUMNS: Mapping[str, dict[str, Any]] = {
    "verdict": {
        "title": "Data",
        "description": "Whether reads and peaks are enough to train on",
        "cond_formatting_rules": {rule: [{"s_eq": verdict}] for rule, verdict in VERDICTS.items()},
    },
    "reads": WHOLE | {"title": "Reads", "description": "5' ends of all files of the signal", "scale": "Blues"},
    "frip": SHARE | {"title": "In peaks", "description": "Share of reads in peaks (FRiP)", "scale": "Greens"},
    "peaks": WHOLE | {"title": "Peaks", "description": "Peaks given", "scale": "Blues"},
    "auroc": SCORE | {
        "title": "AUROC", "format": "{:.3f}", "scale": "RdYlGn",
        "description": "Predicted counts, held-out peaks against background of the same GC content; 0.5 is chance",
    },
    "pearson": SCORE | {
        "title": "r", "format": "{:.3f}", "min": -1, "scale": "RdYlGn",
        "description": "Pearson's r of predicted and observed log counts of held-out peaks",
    },
    "motifs": WHOLE | {"title": "Motifs", "description": "Motifs of either head that are not weak", "scale": "Purples"},
    "hits": WHOLE | {"title": "Hits", "description": "Motif instances of both heads, pooled", "scale": "Purples"},
    "held_out": WHOLE | {"title": "Held-out peaks", "description": "Peaks that scores are of", "scale": "Blues"},
}  # fmt: skip
"""How MultiQC shows each figure."""
OF_TF = ("verdict", "reads", "frip", "peaks", "auroc", "pearson", "motifs", "hits")
OF_TASK = ("verdict", "reads", "frip", "held_out", "auroc", "pearson")


def write_multiqc(outdir: str | os.PathLike[str], summary: Mapping[str, Any]) -> None:
    """Write `{tf}.statistics_mqc.json` and `{tf}.tasks_mqc.json`.

    Parameters
    ----------
    outdir : path
        Where to write; must exist.
    summary : mapping
        What summary.json holds.
    """
    tf = str(summary["tf"])
    for name, content in ((GENERAL, general_statistics(summary)), (TASKS, task_table(summary))):
        with atomic_output(Path(outdir) / f"{tf}.{name}") as temporary:
            temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def general_statistics(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of a TF in MultiQC's table of general statistics; what is not known is left out."""
    tasks = [figures for name in summary["tasks"] if (figures := _sufficiency(summary, name))]
    reads = [_figure(figures, "frip") for figures in tasks]
    scores = summary["metrics"]["test"] if summary.get("metrics") else {}
    values = {
        "verdict": (summary.get("sufficiency") or {}).get("verdict"),
        "reads": sum(one["n"] for one in reads if one) or None,
        "frip": _percent(_mean_share(reads)),
        "peaks": summary["regions"]["peaks_given"],
        "auroc": scores.get("auroc"),
        "pearson": scores.get("count_pearson_peaks"),
        "motifs": _motifs(summary),
        "hits": _hits(summary),
    }
    return {
        "id": "cistill_statistics",
        "plot_type": "generalstats",
        "headers": {name: COLUMNS[name] | {"namespace": "cistill"} for name in OF_TF},
        "data": {str(summary["tf"]): _known(values)},
    }


def task_table(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rows of a TF's tasks in MultiQC's section of cistill."""
    tf, rows = str(summary["tf"]), {}
    certainty = (summary.get("metrics") or {}).get("certainty") or {}
    for task in summary["tasks"]:
        figures, scored = _sufficiency(summary, task), certainty.get("tasks", {}).get(task, {})
        frip = _figure(figures, "frip")
        intervals = scored.get("intervals", {})
        rows[f"{tf} | {task}"] = _known(
            {
                "verdict": figures.get("verdict"),
                "reads": frip["n"] if frip else None,
                "frip": _percent(frip["value"] if frip else None),
                "held_out": scored.get("peaks"),
                "auroc": intervals.get("auroc", {}).get("value"),
                "pearson": intervals.get("count_pearson_peaks", {}).get("value"),
            }
        )
    return {
        "id": "cistill_tasks",
        "section_name": "cistill: experiments",
        "description": "Data and model of every experiment (task). Scores are of held-out chromosomes.",
        "plot_type": "table",
        "pconfig": {"id": "cistill_tasks_table", "title": "cistill: experiments", "namespace": "cistill"},
        "headers": {name: COLUMNS[name] for name in OF_TASK},
        "data": rows,
    }


def _sufficiency(summary: Mapping[str, Any], task: str) -> Mapping[str, Any]:
    """Return the verdict on a task's data and its figures; empty where there is none."""
    found: Mapping[str, Any] = ((summary.get("sufficiency") or {}).get("tasks") or {}).get(task) or {}
    return found


def _figure(task: Mapping[str, Any], measure: str) -> Mapping[str, Any] | None:
    """Return a figure of a task's data."""
    return next((one for one in task.get("figures", ()) if one["measure"] == measure), None)


def _mean_share(figures: list[Mapping[str, Any] | None]) -> float | None:
    """Return the share of all tasks together, each with its number."""
    known = [one for one in figures if one and one["value"] is not None and one["n"]]
    number = sum(one["n"] for one in known)
    return sum(one["value"] * one["n"] for one in known) / number if number else None


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 4)


def _motifs(summary: Mapping[str, Any]) -> int | None:
    """Return the number of motifs that are not weak: of both heads merged, else of each."""
    motifs = summary.get("merged_motifs") or summary.get("motifs")
    return None if motifs is None else sum(not motif["weak"] for motif in motifs)


def _hits(summary: Mapping[str, Any]) -> int | None:
    """Return the number of pooled hits, else that of the first head that has any."""
    if summary.get("syntax"):
        return int(summary["syntax"]["hits"])
    return next((int(head["n"]) for head in (summary.get("hits") or {}).values() if head), None)


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
