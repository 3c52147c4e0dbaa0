"""The datasets that benchmarks train on: Reb1 and Gcn4 ChIP-exo of yeast, and the simulated demo."""

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("CISTILL_TEST_DATA", PROJECT.parent / "shared" / "data")).absolute()
REB1, GCN4 = DATA / "reb1_chipexo", DATA / "gcn4_chipexo"
NAMES = ("reb1", "gcn4", "demo")


def command(name: str, *arguments: object, out: Path) -> Path:
    """Run a command of bin/ into a folder, unless the folder is there already; return the folder."""
    if not out.exists():
        partial = out.with_name(f"{out.name}.partial")
        partial.mkdir(parents=True, exist_ok=True)
        words = [sys.executable, PROJECT / "bin" / name, *arguments, "--outdir", partial]
        done = subprocess.run([str(word) for word in words], stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr)
        partial.rename(out)
    return out


def need_data() -> None:
    """Stop with a line where the real data are not there."""
    if not REB1.is_dir():
        raise SystemExit(f"no real data in {DATA}: CISTILL_TEST_DATA names their folder")


def reb1(outdir: Path, folds: str = "0") -> Path:
    """Build the Reb1 dataset: 546 -> 200 bp, folds of sacCer3.json."""
    strands = [REB1 / f"reb1_chipexo_rep2.sacCer3.5p.{strand}.bw" for strand in ("plus", "minus")]
    made = command(
        "dataset",
        *("--tf", "REB1", "--fasta", DATA / "sacCer3/sacCer3.fa.gz", "--exclude", REB1 / "lift_gaps.sacCer3.bed"),
        *("--signal", f"REB1,{strands[0]},{strands[1]}", "--peaks", f"REB1,{REB1 / 'reb1_peaks.sacCer3.narrowPeak'}"),
        *("--input_length", 546, "--output_length", 200),
        *("--splits", PROJECT / "assets/chrom_splits/sacCer3.json", "--folds", folds),
        out=outdir / f"reb1_{folds.replace(',', '_')}",
    )
    return made / "REB1.dataset.h5"


def gcn4(outdir: Path) -> Path:
    """Build the Gcn4 dataset: 447 -> 101 bp without shifts, fractional counts, balanced folds."""
    strands = [GCN4 / f"Gcn4_Glu.CENPK.{strand}.bw" for strand in ("plus", "minus")]
    made = command(
        "dataset",
        *("--tf", "GCN4", "--fasta", GCN4 / "CENPK113-7D.fa.gz", "--allow_fractional_counts", "--max_jitter", 0),
        *("--signal", f"GCN4,{strands[0]},{strands[1]}", "--peaks", f"GCN4,{GCN4 / 'Gcn4_Glu.CENPK.narrowPeak'}"),
        *("--input_length", 447, "--output_length", 101),
        out=outdir / "gcn4",
    )
    return made / "GCN4.dataset.h5"


def demo(outdir: Path) -> Path:
    """Simulate the demo and build its dataset: 546 -> 200 bp."""
    simulated = command("simulate", "--preset", "demo", out=outdir / "demo_simulation")
    reads = sorted(simulated.glob("**/reads.*.bam"))
    signals = []
    for bam in [*reads, *simulated.glob("**/control.bam")]:
        counted = command("coverage", "--bam", bam, "--readset", bam.stem, out=outdir / f"demo_{bam.stem}")
        role = "--control" if bam.stem == "control" else "--signal"
        signals += [role, f"SIM1,{counted / bam.stem}.plus.bw,{counted / bam.stem}.minus.bw"]
    genome, peaks = next(simulated.glob("**/genome.fa.gz")), next(simulated.glob("**/peaks.narrowPeak"))
    made = command(
        "dataset",
        *("--tf", "SIM1", "--fasta", genome, *signals, "--peaks", f"SIM1,{peaks}"),
        *("--input_length", 546, "--output_length", 200),
        out=outdir / "demo",
    )
    return made / "SIM1.dataset.h5"


def build(name: str, outdir: Path) -> Path:
    """Build a dataset by its name."""
    return {"reb1": reb1, "gcn4": gcn4, "demo": demo}[name](outdir)
