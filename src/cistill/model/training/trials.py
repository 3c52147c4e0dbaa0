"""The choice among the trials of a search; no network is loaded for it."""

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from cistill.console import LOG
from cistill.errors import InputError
from cistill.files import atomic_output
from cistill.formats.tables.training import TRIAL, TUNING

TUNED_KEYS = ("learning_rate", "count_weight_factor")


def gather_trials(tables: Sequence[Path], tf: str, outdir: Path) -> None:
    """Join the rows of trials, choose the best, write `{tf}.tuning.tsv` and `{tf}.tuning.json`.

    The criterion of the choice is the unexplained share of both heads on the fixed validation set (`Validation`): it
    contains neither setting. Of equals the trial with the lowest number is chosen.

    Raises
    ------
    InputError
        If a table is not a trial's, two are of the same trial, or none has a criterion.
    """
    rows = pd.concat([TRIAL.read(path)[list(TRIAL.names)] for path in tables], ignore_index=True)
    rows = rows.sort_values("trial", kind="stable", ignore_index=True)
    twice = rows["trial"][rows["trial"].duplicated()]
    if len(twice):
        raise InputError(f"trial {twice.iloc[0]} is given twice")
    if rows["criterion"].isna().all():
        raise InputError("no trial ended with a usable network: look at the data, or lower --learning_rate")
    best = int(rows["criterion"].argmin(skipna=True))
    rows["chosen"] = rows.index == best
    outdir.mkdir(parents=True, exist_ok=True)
    TUNING.write(outdir / f"{tf}.tuning.tsv", rows)
    chosen = {key: float(rows[key].iloc[best]) for key in (*TUNED_KEYS, "criterion")}
    trial = int(rows["trial"].iloc[best])
    with atomic_output(outdir / f"{tf}.tuning.json") as temporary:
        temporary.write_text(json.dumps({"tf": tf, "trial": trial, **chosen}, indent=2) + "\n")
    LOG.info("trial %d of %d chosen: %s", trial, len(rows), chosen)
