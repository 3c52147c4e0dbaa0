#!/usr/bin/env python3
"""Peers in one run: the same work on the same files by another program and by ours, in turn; one table.

Usage: benchmarks/peers/compare.py [--only coverage,scan] [--environments FOLDER] [--data FOLDER] [--rounds 5]

Every peer is installed in an environment of its own in FOLDER (by default .peers of this project) the first time.
Every side runs in a process of its own, with one thread, from files to files, start-up included; a first run of both
sides, in which loops are compiled and kept, is not counted. Processor time (user and system) and peak memory are
medians over the rounds, the ratio is the median of the rounds' ratios.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
sys.path.insert(0, str(HERE))
# ruff: noqa: E402 (the sides are put on sys.path before they are imported)

from sides.processes import Usage, measured, median

PACKAGES = {
    "figwig": ["figwig[bam2bw]==0.2.0"],
    "memelite": ["memelite==0.5.0"],
    "lightmotif": ["lightmotif==0.10.1"],
}
READS = 3_000_000
Command = list[str]


@dataclass(frozen=True)
class Work:
    """The same work by a peer and by this project.

    Attributes
    ----------
    name, peer : str
        What is done, and the peer's package.
    theirs, ours : list of str
        The commands.
    compare : callable
        Says after the runs whether the results are the same.
    """

    name: str
    peer: str
    theirs: Command
    ours: Command
    compare: Callable[[], str]


def python_of(peer: str, environments: Path) -> Path:
    """Return the Python of a peer's environment, which is made if it is missing."""
    folder = environments / peer
    python, done = folder / "bin" / "python", folder / "installed"
    wanted = "\n".join(PACKAGES[peer])
    if not done.is_file() or done.read_text() != wanted:
        uv = str(PROJECT / ".venv" / "bin" / "uv")
        subprocess.run([uv, "venv", "-q", "--clear", "--python", sys.executable, str(folder)], check=True)
        subprocess.run([uv, "pip", "install", "-q", "--python", str(python), *PACKAGES[peer]], check=True)
        done.write_text(wanted)
    return python


def side(name: str, *arguments: object, python: Path | str = sys.executable) -> Command:
    """Return the call of a script of the folder `sides`."""
    return [str(python), str(HERE / "sides" / name), *map(str, arguments)]


def output_of(command: Command) -> str:
    """Return what a command prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def coverage(environments: Path, data: Path, folder: Path) -> Iterator[Work]:
    """Reads to two bigWigs of 5' ends: simulated reads, and those of the Reb1 experiment."""
    simulated = folder / "simulated.bam"
    subprocess.run(side("simulate_reads.py", simulated, READS), check=True)
    figwig = python_of("figwig", environments).with_name("figwig")
    for name, bam in (("simulated", simulated), ("Reb1", next((data / "reb1_chipexo").glob("*.bam")))):
        here = folder / name
        here.mkdir()
        sizes = here / "sizes"
        sizes.write_text(output_of(side("reference_sizes.py", bam)) + "\n")
        theirs = [str(figwig), "bam2bw", str(bam), "-s", str(sizes), "-n", str(here / "theirs"), "-p", "1"]
        ours = [str(PROJECT / "bin" / "cistill"), "coverage", "--bam", str(bam), "--readset", "ours", "--min_mapq", "0"]
        pairs = [here / "theirs.+.bw", here / "ours.plus.bw", here / "theirs.-.bw", here / "ours.minus.bw"]
        yield Work(
            f"reads to counts, {name}, {bam.stat().st_size / 1e6:.0f} MB",
            "figwig",
            theirs,
            [*ours, "--outdir", str(here)],
            lambda pairs=pairs: output_of(side("same_counts.py", *pairs)),
        )


def scan(environments: Path, data: Path, folder: Path) -> Iterator[Work]:
    """Matrices of fungi on the yeast genome, both strands, p <= 1e-4, rows written."""
    motifs = data / "motifs" / "JASPAR2024_CORE_fungi.meme"
    fasta = folder / "genome.fa"
    packed = (data / "sacCer3" / "sacCer3.fa.gz").open("rb")
    with packed, fasta.open("wb") as plain:
        subprocess.run(["gzip", "-dc"], stdin=packed, stdout=plain, check=True)
    matrices = motifs.read_text().count("\nMOTIF ")
    ours = [str(PROJECT / "bin" / "cistill"), "scan", "--motifs", str(motifs), "--fasta", str(fasta)]
    ours += ["--prefix", "ours", "--outdir", str(folder)]
    for peer in ("memelite", "lightmotif"):
        rows = folder / f"{peer}.bed"
        theirs = side(f"{peer}_scan.py", motifs, fasta, rows, python=python_of(peer, environments))
        yield Work(
            f"scan, {matrices} matrices, genome of {fasta.stat().st_size / 1e6:.1f} MB",
            peer,
            theirs,
            ours,
            lambda rows=rows: output_of(side("same_hits.py", folder / "ours.hits.bed", rows)),
        )


WORKS = {"coverage": coverage, "scan": scan}


def row(work: Work, pairs: Sequence[tuple[Usage, Usage]]) -> str:
    """Return a row of the table."""
    theirs, ours = (median([pair[at] for pair in pairs]) for at in (0, 1))
    ratios = sorted(ours.seconds / theirs.seconds for theirs, ours in pairs)
    ratio = (ratios[len(ratios) // 2] + ratios[(len(ratios) - 1) // 2]) / 2
    cells = (
        work.name,
        f"{work.peer}: {theirs.seconds:.2f} s, {theirs.megabytes:.0f} MB",
        f"{ours.seconds:.2f} s, {ours.megabytes:.0f} MB",
        f"{ratio:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})",
        work.compare(),
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Run the chosen works and print their rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(WORKS))
    parser.add_argument("--environments", type=Path, default=PROJECT / ".peers")
    parser.add_argument("--data", type=Path, default=PROJECT.parent / "shared" / "data")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    print("| work | peer | cistill | ratio of processor time (all rounds) | results |\n|---|---|---|---|---|")
    for name in given.only.split(","):
        with tempfile.TemporaryDirectory() as folder:
            for work in WORKS[name](given.environments.resolve(), given.data, Path(folder)):
                pairs = [(measured(work.theirs), measured(work.ours)) for _ in range(given.rounds + 1)][1:]
                print(row(work, pairs), flush=True)


if __name__ == "__main__":
    main()
