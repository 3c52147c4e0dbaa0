#!/usr/bin/env python3
"""Marginalization of real models: Reb1 beside the JASPAR matrix, and whether Gcn4 puts its site first.

Usage: benchmarks/marginalization_reb1.py [reb1] [gcn4] [--model FILE --dataset FILE] [--backgrounds 100]
           [--restarts 1] [--background_ratio 3] [--use_gpu] [--outdir build/marginalization]

Reb1: the scores of the 435 one- and two-mismatch variants of ATTACCCGGA, and the ln affinities distilled from them,
against the best log-odds of MA0363.3 over both strands: of 300 drawn with a seed, of all, and the spread over draws of
300. Gcn4: the rank of ATGACTCAT among its one-mismatch variants, and by how much it is ahead of the best of them; with
several restarts in every network and in all together, which tells what of a rank is chance.

`--model` and `--dataset` are those of the one TF named. Without them networks are trained with the defaults of the
command `train` on one fold, but for `--restarts` and `--background_ratio`. The data lie in the folder that
CISTILL_TEST_DATA names, by default ../shared/data beside the project.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import pearsonr, spearmanr

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "src"))

from datasets import DATA, build, command, need_data  # noqa: E402

from cistill.affinity.calibration.distilled import distil_energies  # noqa: E402
from cistill.dna.matrices import UNIFORM, log_odds  # noqa: E402
from cistill.formats.meme import read_meme  # noqa: E402

LIBRARIES = {"reb1": "substitutions:ATTACCCGGA:2", "gcn4": "substitutions:ATGACTCAT:1"}
MATRIX, VARIANTS = "MA0363.3", 300
FOLD = {"reb1": ["--preset", PROJECT / "assets/models/profile-546.json"], "gcn4": []}


def trained(name: str, given: argparse.Namespace) -> tuple[list[Path], Path]:
    """Return the networks, the model of all of them if there are several last, and their dataset."""
    dataset = build(name, given.outdir)
    made = given.outdir / f"{name}_train_{given.restarts}_{given.background_ratio:g}"
    how = ["--restarts", given.restarts, "--background_ratio", given.background_ratio]
    networks = sorted(command("train", "--dataset", dataset, *FOLD[name], *how, out=made).glob("*.model.safetensors"))
    if len(networks) == 1:
        return networks, dataset
    together = command("select", "--keep", "all", *networks, out=made.with_name(f"{made.name}_together"))
    return [*networks, next(together.glob("*.model.safetensors"))], dataset


def scores(name: str, model: Path, dataset: Path, given: argparse.Namespace) -> pd.DataFrame:
    """Return the scores of a TF's variants, with the kind of each."""
    more = ["--use_gpu"] if given.use_gpu else []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "scores"
        words = ["--model", model, "--dataset", dataset, "--generate", LIBRARIES[name], "--n_backgrounds"]
        command(
            "marginalize",
            *words,
            given.backgrounds,
            "--orientations",
            given.orientations,
            "--prefix",
            name,
            *more,
            out=out,
        )
        library = pd.read_csv(out / f"{name}.library.tsv", sep="\t")[["sequence", "class", "name"]]
        return pd.read_csv(out / f"{name}.scores.tsv", sep="\t").merge(library, on="sequence", validate="m:1")


def best_log_odds(sequences: list[str], matrix: np.ndarray) -> np.ndarray:
    """Return the largest sum of log-odds (bits) over all places of a matrix in each sequence, on both strands."""
    both = [matrix, matrix[::-1, ::-1]]
    found = []
    for sequence in sequences:
        codes = np.array(["ACGT".index(base) for base in sequence])
        starts = range(len(codes) - len(matrix) + 1)
        places = [own[np.arange(len(own)), codes[i : i + len(own)]].sum() for own in both for i in starts]
        found.append(max(places))
    return np.array(found)


def reb1(table: pd.DataFrame) -> None:
    """Print correlations with the matrix, of the drawn variants and of all."""
    database = {motif.name.split()[0]: motif for motif in read_meme(DATA / "motifs/JASPAR2024_CORE_fungi.meme")}
    matrix = log_odds(database[MATRIX].matrix, UNIFORM)
    energies = distil_energies(table["sequence"].tolist(), table["score"].to_numpy())
    if isinstance(energies, str):
        raise SystemExit(f"no energies: {energies}")
    table = table.assign(ln_affinity=energies.log_affinities(table["sequence"].tolist(), table["score"].to_numpy())[0])
    variants = table[table["class"] != "consensus"].reset_index(drop=True)
    drawn = np.sort(np.random.default_rng(1).choice(len(variants), VARIANTS, replace=False))
    bits = best_log_odds(variants["sequence"].tolist(), matrix)
    random = np.random.default_rng(2)
    draws = [random.choice(len(variants), VARIANTS, replace=False) for _ in range(1000)]
    for of in ("score", "ln_affinity"):
        values = variants[of].to_numpy()
        for what, rows in (("drawn", drawn), ("all", np.arange(len(variants)))):
            x, y = bits[rows], values[rows]
            figures = f"Pearson {pearsonr(x, y)[0]:.3f}, Spearman {spearmanr(x, y)[0]:.3f}"
            print(f"Reb1, {of} of {len(rows)} {what} variants against {MATRIX}: {figures}")
        low, middle, high = np.quantile([pearsonr(bits[rows], values[rows])[0] for rows in draws], [0.025, 0.5, 0.975])
        print(f"Pearson over 1,000 draws of {VARIANTS}: median {middle:.3f}, 95 % of them {low:.3f} to {high:.3f}")
    error = variants["standard_error"].median()
    print(f"SD of the variants' scores {variants['score'].std():.3f}, median standard error {error:.3f} (ln counts)")


SAME = 1e-4  # ln counts


def gcn4(table: pd.DataFrame) -> None:
    """Print the rank of the consensus and the closest variants."""
    ordered = table.sort_values("score", ascending=False, kind="stable").reset_index(drop=True)
    # ATGAGTCAT, one of the variants, is ATGACTCAT read on the other strand: with both orientations they are one
    consensus = float(ordered.loc[ordered["class"] == "consensus", "score"].iloc[0])
    rank = 1 + int((ordered["score"] > consensus + SAME).sum())
    itself = (ordered["class"] == "consensus") | ((ordered["score"] - consensus).abs() <= SAME)
    ahead = consensus - float(ordered.loc[~itself, "score"].max())
    print(f"Gcn4, rank of ATGACTCAT among itself and its {len(ordered) - 1} one-mismatch variants: {rank}")
    print(f"  ahead of the best other variant by {ahead:+.3f} ln counts")
    for row in ordered.head(4).itertuples():
        print(f"  {row.sequence} {row.score:+.3f} ± {row.standard_error:.3f}")


def main() -> None:
    """Print the figures of the TFs named, both by default."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[*LIBRARIES, []], help="reb1, gcn4; both by default")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--dataset", type=Path)
    parser.add_argument("--backgrounds", type=int, default=100)
    parser.add_argument("--orientations", default="both", choices=["forward", "both"])
    parser.add_argument("--restarts", type=int, default=1)
    parser.add_argument("--background_ratio", type=float, default=3.0)
    parser.add_argument("--use_gpu", action="store_true")
    parser.add_argument("--outdir", type=Path, default=PROJECT / "build/marginalization")
    given = parser.parse_args()
    names = given.names or list(LIBRARIES)
    if (given.model is None) != (given.dataset is None) or (given.model and len(names) != 1):
        raise SystemExit("give --model and --dataset together, and the one TF that they are of")
    need_data()
    for name in names:
        models, dataset = ([given.model], given.dataset) if given.model else trained(name, given)
        for model in models:
            print(f"\n{model.name}", flush=True)
            {"reb1": reb1, "gcn4": gcn4}[name](scores(name, model, dataset, given))


if __name__ == "__main__":
    main()
