#!/usr/bin/env python3
"""How time and memory of every stage grow with the number of regions and of tasks.

Usage: benchmarks/growth.py run FOLDER [--regions 1000,10000] [--tasks 1,8]   simulate and run; goes on where it stopped
       benchmarks/growth.py table FOLDER                                     tables, exponents, a whole study

A run is the pipeline from the reads to the page on a simulated experiment of the given number of regions, a quarter of
them peaks, with `profile-546` of 8 filters, one epoch and one restart; several tasks share reads and peaks, which are
counted once for each. Figures are those of the trace: processor seconds (time times use of the processor), memory.

The exponent is the slope of log seconds on log regions between the smallest and the largest run, for stages that take
over 5 s in the largest; start-up, the same at any size, makes it smaller. The last table holds seconds a region of the
largest run times the regions of a study: 92 tasks of 50,000 regions, 10 folds with 3 restarts each.
"""

import argparse
import csv
import math
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[1]
DEMO_PEAKS, DEMO_SITES, DEMO_ALONE, DEMO_GENOME = 800, 500, 110, 3_600_000
STUDY = {"tasks": 92, "regions": 50_000, "folds": 10, "restarts": 3}
TRAININGS = ("TRAIN", "FINETUNE")
UNITS = {"B": 1, "KB": 2**10, "MB": 2**20, "GB": 2**30}
SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1, "ms": 1e-3}


class Cost(NamedTuple):
    """What a process took in one run: processor seconds of all its tasks, bytes of its largest, number of tasks."""

    seconds: float
    memory: float
    tasks: int


def seconds_of(text: str) -> float:
    """Return a time of Nextflow, `1m 3s`, in seconds."""
    return sum(float(number) * SECONDS[unit] for number, unit in re.findall(r"([\d.]+)(ms|[dhms])", text))


def bytes_of(text: str) -> float:
    """Return a size of Nextflow, `671.2 MB`, in bytes."""
    number, _, unit = text.partition(" ")
    return float(number) * UNITS[unit] if unit else 0.0


def costs(trace: Path) -> dict[str, Cost]:
    """Return the cost of every process of a run, by its name without workflows."""
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    with trace.open() as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            name = row["name"].split(" ")[0].rpartition(":")[2]
            use = float(row["%cpu"].rstrip("%") or 0) / 100 if row["%cpu"] != "-" else 1.0
            found[name].append((seconds_of(row["realtime"]) * use, bytes_of(row["peak_rss"])))
    return {name: Cost(sum(s for s, _ in rows), max(m for _, m in rows), len(rows)) for name, rows in found.items()}


def simulate(folder: Path, regions: int) -> None:
    """Simulate an experiment of about so many regions, a quarter of them peaks."""
    scale = regions / 4 / DEMO_PEAKS
    command = [PROJECT / "bin" / "cistill", "simulate", "--preset", "demo", "--outdir", folder, "--chromosomes", 8]
    command += ["--genome_size", round(DEMO_GENOME * scale), "--sites", round(DEMO_SITES * scale)]
    command += ["--partner_alone", round(DEMO_ALONE * scale)]
    subprocess.run([str(part) for part in command], check=True)


def sheet(file: Path, simulation: Path, tasks: int) -> None:
    """Write a samplesheet of one TF whose tasks are copies of each other, so that each file has one name a task."""
    lines = ["tf,task,bam,control_bam,peaks"]
    for number in range(1, tasks + 1):
        own = file.parent / f"task{number}"
        own.mkdir(exist_ok=True)
        for name in ("reads.rep1.bam", "control.bam", "peaks.narrowPeak"):
            link = own / name
            link.unlink(missing_ok=True)
            link.hardlink_to((simulation / name).resolve())
        lines.append(f"GROW,task{number},{own}/reads.rep1.bam,{own}/control.bam,{own}/peaks.narrowPeak")
    file.write_text("\n".join(lines) + "\n")


def run(folder: Path, regions: list[int], tasks: list[int]) -> None:
    """Make the runs that are not there yet."""
    for size in regions:
        simulation = folder / f"simulation_{size}"
        if not (simulation / "peaks.narrowPeak").exists():
            simulate(simulation, size)
        for number in tasks:
            own = folder / f"run_{size}_{number}"
            if (own / "done").exists():
                continue
            own.mkdir(parents=True, exist_ok=True)
            sheet(own / "sheet.csv", simulation, number)
            command = ["nextflow", "run", PROJECT, "-ansi-log", "false", "-resume", "--outdir", "results"]
            command += ["--input", "sheet.csv", "--fasta", (simulation / "genome.fa.gz").resolve()]
            command += ["--motif_db", (simulation / "motifs.meme").resolve(), "--model", "profile-546"]
            command += ["--filters", 8, "--epochs", 1, "--restarts", 1]
            subprocess.run([str(part) for part in command], cwd=own, check=True)
            (own / "done").touch()


def kept_regions(own: Path) -> int:
    """Return the number of regions of a run's dataset."""
    with (own / "results/dataset/GROW.regions.tsv").open() as handle:
        return sum(1 for _ in handle) - 1


def tables(folder: Path) -> str:
    """Return the tables in Markdown."""
    runs = {}
    for own in folder.glob("run_*"):
        if (own / "done").exists():
            asked, number = map(int, own.name.split("_")[1:])
            runs[number, asked] = (kept_regions(own), costs(own / "results/pipeline_info/trace.tsv"))
    parts = []
    for tasks in sorted({number for number, _ in runs}):
        mine = [runs[key] for key in sorted(runs) if key[0] == tasks]
        parts.append(growth_table(tasks, mine))
    if runs:
        parts.append(study_table(*runs[min(number for number, _ in runs), max(asked for _, asked in runs)]))
    return "\n\n".join(parts)


def growth_table(tasks: int, runs: list[tuple[int, dict[str, Cost]]]) -> str:
    """Return the costs of each stage at each size, and the exponent."""
    lines = [f"{tasks} task(s); processor seconds (memory of the largest task, MB)", ""]
    lines.append("| stage | " + " | ".join(f"{regions:,} regions" for regions, _ in runs) + " | exponent |")
    lines.append("|---" * (len(runs) + 2) + "|")
    first, last = runs[0], runs[-1]
    for name in sorted(last[1], key=lambda name: -last[1][name].seconds):
        cells = [
            f"{found[name].seconds:,.1f} ({found[name].memory / 2**20:,.0f})" if name in found else ""
            for _, found in runs
        ]
        exponent = ""
        if len(runs) > 1 and name in first[1] and last[1][name].seconds > 5:
            grown = math.log(last[1][name].seconds / max(first[1][name].seconds, 0.01))
            exponent = f"{grown / math.log(last[0] / first[0]):.2f}"
        lines.append(f"| {name} | {' | '.join(cells)} | {exponent} |")
    return "\n".join(lines)


def study_table(regions: int, found: dict[str, Cost]) -> str:
    """Return the processor hours of a whole study, from the seconds a region of one run with one task."""
    share = STUDY["regions"] / regions * STUDY["tasks"]
    trainings = STUDY["folds"] * STUDY["restarts"]
    title = "{tasks} tasks of {regions:,} regions, {folds} folds x {restarts} restarts".format(**STUDY)
    lines = [f"| stage | processor hours: {title} |", "|---|---|"]
    for name, cost in sorted(found.items(), key=lambda item: -item[1].seconds):
        hours = cost.seconds * share / 3600 * (trainings / cost.tasks if name in TRAININGS else 1)
        if hours >= 1:
            lines.append(f"| {name} | {hours:,.0f} |")
    return "\n".join(lines)


def main() -> None:
    """Run, or print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["run", "table"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--regions", default="1000,10000")
    parser.add_argument("--tasks", default="1,8")
    given = parser.parse_args()
    folder = given.folder.resolve()
    if given.what == "run":
        run(folder, [int(part) for part in given.regions.split(",")], [int(part) for part in given.tasks.split(",")])
    print(tables(folder))


if __name__ == "__main__":
    sys.exit(main())
