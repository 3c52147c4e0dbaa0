#!/usr/bin/env python3
"""Peers in one run: the same work on the same files by another program and by ours, in turn; one table.

Usage: benchmarks/peers/compare.py [--only coverage,scan,training] [--environments FOLDER] [--data FOLDER] [--rounds 5]
       benchmarks/peers/compare.py --only modisco,finemo --results RESULTS     of a finished run of one TF

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
    "modisco-lite": ["modisco-lite==3.0.0"],
    "finemo": ["finemo==0.41"],
    "bpnet-lite": ["torch", "tangermeme==1.6.0", "h5py", "pandas", "tqdm"],
}
WITHOUT_DEPENDENCIES = {"bpnet-lite": ["bpnet-lite==1.1.0"]}
"""What asks for packages that its model does not need, and that are compiled for minutes."""
READS = 3_000_000
STEPS = 8
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
        for packages in (PACKAGES[peer], WITHOUT_DEPENDENCIES.get(peer, [])):
            alone = ["--no-deps"] if packages is not PACKAGES[peer] else []
            if packages:
                subprocess.run([uv, "pip", "install", "-q", "--python", str(python), *alone, *packages], check=True)
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


def training(environments: Path, data: Path, folder: Path) -> Iterator[Work]:
    """Steps of training, 64 regions of 2,114 bp, 64 filters and 8 dilated layers, float32."""
    folders = HERE.parent / "training_speed"
    options = ["--steps", str(STEPS), "--batch", "64", "--threads", "1"]
    theirs = [str(python_of("bpnet-lite", environments)), str(folders / "bpnetlite_side.py"), *options]
    yield Work(
        f"{STEPS + 3} steps of training, 2,114 bp",
        "bpnet-lite",
        theirs,
        [sys.executable, str(folders / "ours.py"), *options],
        lambda: "made-up data",
    )


def run_files(results: Path, folder: Path) -> tuple[Path, Path, list[Path]]:
    """Return contributions and motifs of the profile head of a run, and the arrays that peers read."""
    contributions = next((results / "shap").glob("*.profile.attributions.h5"))
    motifs = next((results / "modisco").glob("*.profile.motifs.h5"))
    subprocess.run(side("contribution_arrays.py", contributions, folder), check=True)
    return contributions, motifs, [folder / "sequences.npz", folder / "contributions.npz"]


def modisco(environments: Path, results: Path, folder: Path) -> Iterator[Work]:
    """TF-MoDISco of one head of a run: central 400 bp, 20,000 seqlets."""
    contributions, _, (sequences, arrays) = run_files(results, folder)
    theirs = [str(python_of("modisco-lite", environments).with_name("modisco")), "motifs", "-n", "20000", "-w", "400"]
    theirs += ["-s", str(sequences), "-a", str(arrays), "-o", str(folder / "theirs.h5")]
    ours = [str(PROJECT / "bin" / "cistill"), "modisco", "--attributions", str(contributions), "--window", "400"]
    yield Work(
        f"TF-MoDISco, profile head of {contributions.name.split('.')[0]}",
        "modisco-lite",
        theirs,
        [*ours, "--prefix", "ours", "--outdir", str(folder)],
        lambda: output_of(side("same_patterns.py", folder / "ours.modisco.h5", folder / "theirs.h5")),
    )


def finemo(environments: Path, results: Path, folder: Path) -> Iterator[Work]:
    """Hits of Fi-NeMo in the central 400 bp, by its program and by the caller of the same method."""
    contributions, motifs, (sequences, arrays) = run_files(results, folder)
    program, regions = str(python_of("finemo", environments).with_name("finemo")), str(folder / "regions.npz")
    prepare = [program, "extract-regions-modisco-fmt", "-s", str(sequences), "-a", str(arrays), "-w", "400"]
    subprocess.run([*prepare, "-o", regions], check=True, capture_output=True)
    patterns = next((results / "modisco").glob("*.profile.modisco.h5"))
    theirs = [program, "call-hits", "-r", regions, "-m", str(patterns), "-o", str(folder / "theirs"), "-d", "cpu"]
    ours = [str(PROJECT / "bin" / "cistill"), "callhits", "--attributions", str(contributions), "--motifs", str(motifs)]
    for method in ("finemo", "cwm_scan"):
        yield Work(
            f"hits, {contributions.name.split('.')[0]}, profile head, our caller {method}",
            "finemo",
            theirs,
            [*ours, "--method", method, "--window", "400", "--prefix", "ours", "--outdir", str(folder)],
            lambda: output_of(side("number_of_hits.py", folder / "ours.hits.bed", folder / "theirs")),
        )


WORKS = {"coverage": coverage, "scan": scan, "training": training, "modisco": modisco, "finemo": finemo}
OF_A_RUN = ("modisco", "finemo")


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
    parser.add_argument("--only", default=",".join(name for name in WORKS if name not in OF_A_RUN))
    parser.add_argument("--environments", type=Path, default=PROJECT / ".peers")
    parser.add_argument("--data", type=Path, default=PROJECT.parent / "shared" / "data")
    parser.add_argument("--results", type=Path, help="results of a finished run of one TF")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    if given.results is None and set(given.only.split(",")) & set(OF_A_RUN):
        parser.error("--results names the run whose contributions are looked at")
    print("| work | peer | cistill | ratio of processor time (all rounds) | results |\n|---|---|---|---|---|")
    for name in given.only.split(","):
        with tempfile.TemporaryDirectory() as folder:
            where = given.results if name in OF_A_RUN else given.data
            for work in WORKS[name](given.environments.resolve(), where.resolve(), Path(folder)):
                pairs = [(measured(work.theirs), measured(work.ours)) for _ in range(given.rounds + 1)][1:]
                print(row(work, pairs), flush=True)


if __name__ == "__main__":
    main()
