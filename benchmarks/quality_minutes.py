#!/usr/bin/env python3
"""Quality against processor minutes: how many restarts, when they are compared, how many filters.

Usage: benchmarks/quality_minutes.py [reb1 gcn4 demo] [--filters 64,32] [--trainings 5] [--outdir build/quality_minutes]

Trains the given number of restarts of one fold, a thread each, and scores each on the test regions; what is there is
not trained again. A choice (the best of three, compared after a quarter of the schedule, ...) is then made for every
set of so many of these trainings, as `train` and `select` make it: by the criterion on validation regions, whose every
epoch the histories hold. Rows are means over the sets with the standard deviation over single trainings; minutes are
of one thread, those that ended early counted as far as they went.
"""

import argparse
import itertools
import json
import math
import os
import resource
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from datasets import NAMES, PROJECT, build, command, need_data

SHOWN = {
    ("auroc", "peaks+background"): "AUROC",
    ("count_pearson", "peaks+background"): "r, with background",
    ("count_pearson", "peaks"): "r, within peaks",
    ("profile_jsd", "peaks"): "JS distance",
}
SHARES = (0.125, 0.25, 0.375, 0.5)


class Training(NamedTuple):
    """One training: criterion of validation by epoch, epochs of its schedule, figures on test regions, minutes."""

    criteria: list[float]
    schedule: int
    figures: dict[str, float]
    minutes: float

    def best(self, epochs: int | None = None) -> float:
        """Return the best criterion of the first epochs."""
        return min((value for value in self.criteria[:epochs] if not math.isnan(value)), default=math.inf)

    def minutes_until(self, share: float) -> float:
        """Return the minutes until this share of the schedule, or until it ended."""
        return self.minutes * min(1.0, share * self.schedule / len(self.criteria))


def trained(data: Path, own: Path, filters: int, restart: int) -> Training:
    """Train one restart, or read it where it is there."""
    folder = own / f"train_{restart}"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    fresh = not folder.exists()
    preset = PROJECT / "assets/models/profile-546.json"
    command("train", "--dataset", data, "--preset", preset, "--filters", filters, "--restart", restart, out=folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if fresh:
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        (folder / "minutes").write_text(str(seconds / 60))
    model = next(folder.glob("*.model.safetensors"))
    made = command("predict", "--dataset", data, "--model", model, "--regions", "held_out", out=own / f"test_{restart}")
    table = pd.read_csv(next(made.glob("*.metrics.tsv")), sep="\t")
    table = table[table["split"] == "test"].set_index(["metric", "regions"])["value"]
    history = pd.read_csv(next(folder.glob("*.history.tsv")), sep="\t")
    settings = json.loads(next(folder.glob("*.train.json")).read_text())["settings"]
    return Training(
        history["criterion"].tolist(),
        schedule_of(settings),
        {label: float(table[key]) for key, label in SHOWN.items()},
        float((folder / "minutes").read_text()),
    )


def schedule_of(settings: dict[str, object]) -> int:
    """Return the epochs of a training's schedule."""
    found = settings.get("training", settings)
    return int(found["epochs"])  # type: ignore[index]


def chosen(runs: Sequence[Training], share: float) -> tuple[Training, float]:
    """Return the training that is kept, compared after this share of the schedule (1: at the end), and the minutes."""
    if share == 1:
        return min(runs, key=Training.best), sum(run.minutes for run in runs)
    kept = min(runs, key=lambda run: run.best(math.ceil(share * run.schedule)))
    return kept, kept.minutes + sum(run.minutes_until(share) for run in runs if run is not kept)


def rows(runs: Sequence[Training]) -> dict[str, tuple[dict[str, float], float]]:
    """Return figures and minutes of every choice, means over all sets of trainings."""
    choices: dict[str, tuple[int, float]] = {"one training": (1, 1)}
    for number in (2, 3):
        choices |= {f"best of {number}, compared after {share:.1%}": (number, share) for share in SHARES}
        choices[f"best of {number}"] = (number, 1)
    found = {}
    for name, (number, share) in choices.items():
        if number > len(runs):
            continue
        made = [chosen(subset, share) for subset in itertools.combinations(runs, number)]
        figures = {label: float(np.mean([run.figures[label] for run, _ in made])) for label in SHOWN.values()}
        found[name] = (figures, float(np.mean([minutes for _, minutes in made])))
    return found


def report(name: str, filters: int, runs: Sequence[Training], show: Callable[[str], None]) -> None:
    """Print the table of a dataset and a network."""
    spread = {label: float(np.std([run.figures[label] for run in runs], ddof=1)) for label in SHOWN.values()}
    epochs = ", ".join(f"{len(run.criteria)}/{run.schedule}" for run in runs)
    show(f"\n{name}, {filters} filters, {len(runs)} trainings (epochs run/of the schedule: {epochs})\n")
    show(f"| choice | minutes of a thread | {' | '.join(SHOWN.values())} |\n|---|---|{'---|' * len(SHOWN)}")
    for choice, (figures, minutes) in rows(runs).items():
        show(f"| {choice} | {minutes:.1f} | {' | '.join(f'{figures[label]:.4f}' for label in SHOWN.values())} |")
    show(f"| SD of one training | | {' | '.join(f'{spread[label]:.4f}' for label in SHOWN.values())} |")


def main() -> None:
    """Train, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=[])
    parser.add_argument("--filters", default="64,32")
    parser.add_argument("--trainings", type=int, default=5)
    parser.add_argument("--outdir", type=Path, default=PROJECT / "build/quality_minutes")
    given = parser.parse_args()
    need_data()
    os.environ["OMP_NUM_THREADS"] = "1"
    for name in given.names or NAMES:
        data = build(name, given.outdir)
        for filters in map(int, given.filters.split(",")):
            own = given.outdir / f"{name}_{filters}"
            runs = [trained(data, own, filters, restart) for restart in range(1, given.trainings + 1)]
            report(name, filters, runs, lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
