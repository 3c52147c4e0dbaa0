#!/usr/bin/env python3
"""Time and memory of `calibrate`, on libraries, scores and matrices that are made here.

Usage: benchmarks/calibrate_speed.py [--layout million|table|variants] [--sequences N] [--matrices N] [--repeats N]
                                     [--threads 2] [--keep FOLDER] [--src FOLDER] [--profile]

Layouts: `million`, every sequence of ten bases around CACGTG (16 bp, energies); `table`, random 36-mers (ln intensity);
`variants`, a consensus of 10 bp and all its variants of one and two substitutions (energies), as the demo has them.
Each matrix gives three methods; besides there are the scores themselves, the additive model and the k-mers. `--src` is
the source folder that is measured, such as another version's; with `--keep` its tables stay in FOLDER, to be compared.
"""

import argparse
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

PROJECT = Path(__file__).resolve().parents[1]
RT = 0.5925
LAYOUTS = {"million": (1_048_576, 7, 3), "table": (800, 22, 100), "variants": (436, 22, 100)}


def main() -> None:
    """Make the files, run the command once, print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layout", choices=LAYOUTS, default="table")
    parser.add_argument("--sequences", type=int, help="the first so many of the layout's")
    parser.add_argument("--matrices", type=int)
    parser.add_argument("--repeats", type=int)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--src", type=Path, default=PROJECT / "src")
    parser.add_argument("--profile", action="store_true", help="write profile.out into --keep")
    given = parser.parse_args()
    number, matrices, repeats = LAYOUTS[given.layout]
    number, repeats = given.sequences or number, given.repeats or repeats
    matrices = matrices if given.matrices is None else given.matrices
    with tempfile.TemporaryDirectory() as name:
        folder = given.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder, given.layout, number, matrices)
        code = "from cistill.cli import app_of; from cistill.console import run; run(app_of('calibrate'))"
        profile = ["-m", "cProfile", "-o", str(folder / "profile.out")] if given.profile else []
        program = folder / "calibrate.py"
        program.write_text(code)
        command = [sys.executable, *profile, str(program), "--scores", str(folder / "made.scores.tsv")]
        command += ["--library", str(folder / "made.library.tsv"), f"--repeats={repeats}", f"--outdir={folder}"]
        command += ["--matrices", str(folder / "made.meme")] if matrices else []
        command += [f"--motifs={matrices}"] if matrices else []
        environment = os.environ | {"PYTHONPATH": str(given.src), "OMP_NUM_THREADS": str(given.threads)}
        start = time.perf_counter()
        subprocess.run(command, check=True, env=environment, stderr=subprocess.DEVNULL)
        seconds = time.perf_counter() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        record = json.loads((folder / "affinity.calibrate.json").read_text())["results"]
    processor, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20
    print(
        f"{record['sequences']:,} sequences, {record['methods']} methods, {repeats} repeats, {given.threads} thread(s):"
    )
    print(f"  {seconds:.1f} s, processor {processor:.1f} s, peak {peak:.2f} GiB")


def _sequences(layout: str, number: int, rng: np.random.Generator) -> list[str]:
    if layout == "million":
        flanks = itertools.product("ACGT", repeat=10)
        made = (f"{''.join(f[:5])}CACGTG{''.join(f[5:])}" for f in flanks)
        return list(itertools.islice(made, number))
    if layout == "table":
        return ["".join(row) for row in rng.choice(list("ACGT"), (number, 36)).tolist()]
    consensus = "ATTACCCGGA"
    found = {consensus: None}
    for (i, j), (a, b) in itertools.product(itertools.combinations(range(10), 2), itertools.product("ACGT", repeat=2)):
        found[consensus[:i] + a + consensus[i + 1 : j] + b + consensus[j + 1 :]] = None
    return list(found)[:number]


def _write(folder: Path, layout: str, number: int, matrices: int) -> None:
    """Write library, scores and matrices: a random affinity matrix with noise on what it gives."""
    rng = np.random.default_rng(1)
    sequences = _sequences(layout, number, rng)
    codes = np.array([list(sequence.encode()) for sequence in sequences], dtype=np.uint8)
    codes = np.searchsorted(np.frombuffer(b"ACGT", dtype=np.uint8), codes)  # (sequences, length)
    weights = rng.uniform(0.0, 1.2, (codes.shape[1], 4))
    weights[np.arange(codes.shape[1]), codes[0] if layout == "variants" else weights.argmin(axis=1)] = 0.0
    energy = weights[np.arange(codes.shape[1]), codes].sum(axis=1)
    energy *= 4.0 / energy.max()
    scores = np.log1p(30 * np.exp(-energy / RT)) + rng.normal(0, 0.05, number)
    labels = energy + rng.normal(0, 0.1, number)
    unit = {"unit": "kcal/mol", "higher_is_tighter": False, "temperature_K": 298.15}
    if layout == "table":
        labels, unit = 8 - labels, {"unit": "ln intensity", "higher_is_tighter": True, "temperature_K": None}
    classes = ["NA"] * number
    if layout == "variants":
        changes = (codes != codes[0]).sum(axis=1)
        classes = [f"substitution_{n}" if n else "consensus" for n in changes]
    with (folder / "made.library.tsv").open("w") as file:
        file.write("sequence\tlabel\tlabel_sd\tn_replicates\tclass\tname\n")
        rows = zip(sequences, labels.tolist(), classes, strict=True)
        file.writelines(f"{sequence}\t{label:.6g}\tNA\t1\t{kind}\tNA\n" for sequence, label, kind in rows)
    (folder / "made.library.json").write_text(json.dumps({"results": {**unit, "assay": "made"}}))
    with (folder / "made.scores.tsv").open("w") as file:
        file.write("sequence\ttask\tscore\tstandard_error\tsd_backgrounds\tsd_networks\tn_backgrounds\n")
        rows = zip(sequences, scores.tolist(), strict=True)
        file.writelines(f"{sequence}\tTF\t{score:.6g}\t0.02\t0.2\tNA\t100\n" for sequence, score in rows)
    with (folder / "made.meme").open("w") as file:
        file.write("MEME version 4\n\nALPHABET= ACGT\n\n")
        for motif in range(matrices):
            width = min(8 + motif % 5, codes.shape[1])
            start = motif % (codes.shape[1] - width + 1)
            odds = np.exp(-weights[start : start + width] * rng.uniform(0.5, 2) + rng.normal(0, 0.3, (width, 4)))
            file.write(f"MOTIF m{motif}\nletter-probability matrix: alength= 4 w= {width} nsites= 100\n")
            for row in (odds / odds.sum(axis=1, keepdims=True)).tolist():
                file.write(" ".join(f"{value:.6f}" for value in row) + "\n")


if __name__ == "__main__":
    main()
