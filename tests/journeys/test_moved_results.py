"""Every step by itself, from a results folder that was moved, gives what the whole run gave."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from journeys import SMALL, summary_of, tables_of
from pipeline_runs import Run

pytestmark = pytest.mark.nextflow
# What a step of its own writes, and the parameters that its results depend on.
FOLDERS = {
    "train": ("train", "finetune", "select", "predict"),
    "interpret": ("shap", "modisco", "motifs", "callhits", "collapse", "summarizehits", "comparehits"),
    "affinity": ("library", "marginalize", "calibrate", "analyse"),
    "report": ("report",),
}


def without_times(summary: dict[str, Any]) -> dict[str, Any]:
    """Return a summary without what tells how long tasks took: the page's network is made by the step itself."""
    results = {section: result for section, result in summary["results"].items() if section != "run"}
    return {**{name: part for name, part in summary.items() if name != "timings"}, "results": results}


@pytest.mark.parametrize(
    "step",
    [pytest.param(step, marks=pytest.mark.long if step in ("train", "interpret") else ()) for step in FOLDERS],
)
def test_a_step_gives_what_the_whole_run_gave(
    run_pipeline: Callable[..., Run], finished: Run, tmp_path: Path, step: str
) -> None:
    moved, simulation = tmp_path / "moved results", finished.outdir / "simulation"
    shutil.copytree(finished.outdir, moved, ignore=shutil.ignore_patterns("simulation", "report"))
    given = {"affinity": ("--affinity", simulation / "affinity.csv")}.get(step, ())
    database = ("--motif_db", simulation / "motifs.meme") if step in ("interpret", "affinity", "report") else ()
    # the planted motifs of a simulation are for its motifs and its page, never what scores are compared with
    database = () if step == "affinity" else database
    run = run_pipeline(tmp_path, "--step", step, "--from", moved, *given, *database, *SMALL, "--restarts", 2)
    assert run.returncode == 0, run.output
    whole, own = tables_of(finished.outdir), tables_of(run.outdir)
    expected = {name for name in whole if name.split("/")[0] in FOLDERS[step]}
    assert set(own) == expected
    assert [name for name in sorted(expected) if own[name] != whole[name]] == []
    if step == "report":
        assert without_times(summary_of(run, "SIM1")) == without_times(summary_of(finished, "SIM1"))
