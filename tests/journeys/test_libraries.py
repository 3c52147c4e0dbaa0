"""A measured library of every reader that comes with the program, added to a finished run, to the page."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from journeys import summary_of
from measured_tables import tables, write_sheet
from pipeline_runs import PROJECT, Run

pytestmark = [pytest.mark.nextflow, pytest.mark.long]
UNMEASURED = {"fasta", "sequences"}


def test_there_is_a_table_for_every_reader() -> None:
    readers = {file.stem for file in (PROJECT / "assets" / "readers").glob("*.yml")}
    assert {name.split(":")[0] for name in tables()} == readers


def test_every_library_comes_to_the_page(run_pipeline: Callable[..., Run], finished: Run, tmp_path: Path) -> None:
    run = run_pipeline(
        tmp_path,
        *("--step", "affinity,report", "--from", finished.outdir, "--affinity", write_sheet(tmp_path, "SIM1")),
        *("--n_backgrounds", 3, "--sample_share", 0.3),
        timeout=3000,
    )
    summary = summary_of(run, "SIM1")
    names = {name.split(":")[0] for name in tables()}
    assert set(summary["affinity"]) == names
    for name in names - UNMEASURED:
        assert summary["affinity"][name]["held_out"] > 0, name
        assert summary["affinity"][name]["calibrators"], name
    page = (run.outdir / "report/SIM1.report.html").read_text()
    for name in names:
        facts = json.loads((run.outdir / f"library/SIM1.{name}.library.json").read_text())["results"]
        assert summary["affinity"][name]["sequences"] == facts["sequences"]
        assert name in page
