"""What the journeys share: arguments of a small run, and what its page must hold."""

import json
from pathlib import Path
from typing import Any

from pipeline_runs import Run

# The smallest run of every step (as the profile `test` has it) on data that are given.
SMALL = (
    *("--model", "profile-546", "--filters", 8, "--epochs", 2, "--restarts", 1, "--finetune_epochs", 1),
    *("--finetune_restarts", 1, "--n_shuffles", 2, "--min_seqlets", 10),
)


def summary_of(run: Run, tf: str) -> dict[str, Any]:
    """Return a TF's summary.json of a run that must have ended well, with its page there."""
    assert run.returncode == 0, run.output
    page = run.outdir / f"report/{tf}.report.html"
    assert page.stat().st_size > 50_000, f"no page of {tf}"
    assert "</html>" in page.read_text()
    assert "Traceback" not in run.output
    summary: dict[str, Any] = json.loads((run.outdir / f"report/{tf}.summary.json").read_text())
    return summary


def tables_of(folder: Path) -> dict[str, bytes]:
    """Return the tables of a results folder by their paths below it."""
    kinds = {".tsv", ".bed", ".meme"}
    skipped = ("pipeline_info/", "sheets/")
    files = (file for file in folder.rglob("*") if file.is_file() and file.suffix in kinds)
    names = {file.relative_to(folder).as_posix(): file for file in files}
    return {name: file.read_bytes() for name, file in names.items() if not name.startswith(skipped)}
