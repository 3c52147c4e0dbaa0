#!/usr/bin/env python3
"""Speed of marginalization: the fast path beside full passes and beside tangermeme, in one run, by turns.

Usage: benchmarks/marginalization_speed.py [--family distill] [--input_length 1346] [--lengths 16,22,36] [--threads 1]
           [--rounds 3] [--device cuda]
       benchmarks/marginalization_speed.py --betseq [--part 256 | --whole] [--backgrounds 20] [--device cuda]

All sides score the same inserts in the same backgrounds with the same network (64 filters, 6 dilated layers), so many
sequences at once as the fast path takes inserts. `full passes` predict log counts alone; `both heads` the profile too,
as a network is called. tangermeme predicts every background anew for every insert. Times are of the wall
clock and of all cores together; the latter depend less on what else the machine does. Ratios are medians over rounds.

`--betseq` runs the command `marginalize` on the 1,048,576 sequences NNNNNCACGTGNNNNN with a 546-bp network: it scores
the first of 256 chunks of the library, or all of it with `--whole`, which can be stopped and goes on, and says what the
whole takes at this rate.
"""

import argparse
import json
import logging
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:1] = [str(PROJECT / "src")]

from cistill.affinity.marginalization.changes import Changes, one_hot  # noqa: E402
from cistill.affinity.marginalization.full_passes import FullPasses  # noqa: E402
from cistill.data.splits import Split  # noqa: E402
from cistill.dna.codes import decode_texts  # noqa: E402
from cistill.model.ensemble import Ensemble, save_ensemble  # noqa: E402
from cistill.model.member import Member  # noqa: E402
from cistill.model.network import Network, NetworkConfig, NetworkOutput, build_network  # noqa: E402

TRIMMED = 346  # bases that an output of these networks is shorter than its input
ON_GPU = 256  # inserts at once
LIBRARY = 4**10


class CountsAlone(torch.nn.Module):
    """The log counts of a network without controls, its profile head left out."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, sequence: torch.Tensor, control: None = None) -> NetworkOutput:
        counts = self.network.pooled_counts(self.network.trunk(sequence))
        return NetworkOutput(counts[..., None], counts[:, None])


class MeanCounts(CountsAlone):
    """The mean of the two strands' log counts, (batch, 1): an output that tangermeme takes."""

    def forward(self, sequence: torch.Tensor, control: None = None) -> torch.Tensor:  # type: ignore[override]
        return super().forward(sequence).log_counts.mean(-1)


def network_of(family: str, input_length: int, filters: int = 64) -> Network:
    """Return an untrained network of the published size, or with fewer filters."""
    lengths = {"input_length": input_length, "output_length": input_length - TRIMMED}
    return build_network(NetworkConfig(family=family, **lengths, layers=6, filters=filters)).eval()


def by_turns(
    sides: dict[str, Callable[[], np.ndarray]], rounds: int, device: str
) -> dict[str, list[tuple[float, float]]]:
    """Return wall-clock and processor seconds of every side in every round; one round beforehand warms up."""
    seconds: dict[str, list[tuple[float, float]]] = {side: [] for side in sides}
    for turn in range(rounds + 1):
        for side, score in sides.items():
            start, used = time.perf_counter(), time.process_time()
            score()
            if device == "cuda":
                torch.cuda.synchronize()
            if turn:
                seconds[side].append((time.perf_counter() - start, time.process_time() - used))
    return seconds


def compare(given: argparse.Namespace, length: int) -> None:
    """Print a row for inserts of one length."""
    from tangermeme.marginalize import marginalize

    random = np.random.default_rng(1)
    network = network_of(given.family, given.input_length).to(given.device)
    backgrounds, inserts = (
        random.integers(0, 4, shape, dtype=np.uint8)
        for shape in ((given.backgrounds, given.input_length), (given.inserts, length))
    )
    fast = Changes(network, backgrounds, length)
    fast.log_counts(inserts[:1])
    batch = given.batch or (fast.inserts_at_once() if given.device == "cpu" else ON_GPU)
    alone = FullPasses(CountsAlone(network), backgrounds, None, batch)
    whole = FullPasses(network, backgrounds, None, batch)
    few = inserts[: given.few]
    model, x = MeanCounts(network), one_hot(backgrounds, torch.zeros(1))
    texts = [text.decode() for text in decode_texts(few)]

    def with_tangermeme() -> np.ndarray:
        kinds = {"batch_size": batch, "device": given.device, "verbose": False}
        pairs = [marginalize(model, x, text, **kinds) for text in texts]
        return np.stack([(after - before).cpu().numpy() for before, after in pairs])

    changes = fast.log_counts(few)
    differences = [np.abs(alone.log_counts(few) - changes).max()]
    differences.append(np.abs(with_tangermeme()[:, :, 0] - changes[:, 0]).max())
    sides = {
        "fast path": lambda: fast.log_counts(inserts),
        "full passes": lambda: alone.log_counts(few),
        "both heads": lambda: whole.log_counts(few),
        "tangermeme": with_tangermeme,
    }
    scored = {side: (given.inserts if side == "fast path" else given.few) for side in sides}
    seconds = by_turns(sides, given.rounds, given.device)
    rate = scored["fast path"] * given.backgrounds / statistics.median(wall for wall, _ in seconds["fast path"])
    cells = [f"{rate:,.0f}"]
    for side in list(sides)[1:]:
        share = scored["fast path"] / scored[side]
        ratios = [
            statistics.median(
                share * other[i] / own[i] for own, other in zip(seconds["fast path"], seconds[side], strict=True)
            )
            for i in range(2)
        ]
        cells.append(f"{ratios[0]:.1f} ({ratios[1]:.1f})")
    print(
        f"| {length} | {batch} |", " | ".join(cells), "|", " / ".join(f"{d:.1e}" for d in differences), "|", flush=True
    )


def betseq(given: argparse.Namespace) -> None:
    """Run the command on a part of the library, or all of it; print rate, memory and what follows."""
    outdir = given.outdir / f"betseq_{given.family}_{given.filters}_{given.backgrounds}"
    outdir.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    network = network_of(given.family, 546, given.filters)
    member = Member(network, ["BET"], "0", Split(("chr1",), (), ("chr2",)), {"run": "fold_0"})
    save_ensemble(outdir / "BET.model.safetensors", Ensemble("BET", ["BET"], [member]))
    codes = np.random.default_rng(1).integers(0, 4, (given.backgrounds, 546), dtype=np.uint8)
    fasta = "".join(f">random_{i}\n{text.decode()}\n" for i, text in enumerate(decode_texts(codes)))
    (outdir / "backgrounds.fa").write_text(fasta)
    words = [sys.executable, PROJECT / "bin/marginalize", "--model", outdir / "BET.model.safetensors"]
    words += ["--generate", "pattern:NNNNNCACGTGNNNNN", "--backgrounds", outdir / "backgrounds.fa"]
    words += ["--n_backgrounds", given.backgrounds, "--precision", given.precision, "--outdir", outdir]
    words += ["--use_gpu"] if given.device == "cuda" else []
    words += ["--checkpoint_dir", outdir / "state"] if given.whole else ["--chunk", f"1/{given.part}"]
    start = time.perf_counter()
    subprocess.run([str(word) for word in words], check=True)
    wall = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    results = json.loads((outdir / f"BET{'' if given.whole else '.chunk_1'}.marginalize.json").read_text())["results"]
    rate = results["scored"] * given.backgrounds / results["scoring_seconds"]
    pairs = f"{results['scored']:,} inserts x {given.backgrounds} backgrounds"
    print(f"{pairs}, {given.family}, {results['device']}: {wall:.0f} s")
    print(f"of these {results['scoring_seconds']:.0f} s scoring: {rate:,.0f} pairs/s")
    print(f"time of all cores together: {used.ru_utime + used.ru_stime:.0f} s")
    print(f"peak memory: {used.ru_maxrss / 2**20:.2f} GiB")
    share = (used.ru_utime + used.ru_stime) / results["scored"] / given.backgrounds
    for number in (20, 100):
        pairs = LIBRARY * number
        print(f"all {LIBRARY:,} x {number} backgrounds at this rate: {pairs / rate / 3600:.2f} h")
        if given.device == "cpu":
            print(f"  by the time of the cores, two of them and nothing else: {pairs * share / 2 / 3600:.2f} h")


def main() -> None:
    """Print a table, or the figures of the BET-seq library."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--family", choices=["distill", "profile"], default="distill")
    parser.add_argument("--input_length", type=int, default=1346)
    parser.add_argument("--lengths", default="16,22,36")
    parser.add_argument("--inserts", type=int, default=100)
    parser.add_argument("--few", type=int, default=20, help="inserts that the slower sides score")
    parser.add_argument("--backgrounds", type=int, default=None, help="4; 20 with --betseq")
    parser.add_argument(
        "--batch", type=int, default=0, help="sequences at once in full passes; as the fast path by default"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--betseq", action="store_true")
    parser.add_argument("--part", type=int, default=256, help="score one of so many chunks of the BET-seq library")
    parser.add_argument("--whole", action="store_true", help="all of the library; goes on where it was stopped")
    parser.add_argument("--filters", type=int, default=64, help="with --betseq: a smaller network tries out the rest")
    parser.add_argument("--precision", choices=["fp32", "tf32", "bf16"], default="fp32", help="with --betseq")
    parser.add_argument("--outdir", type=Path, default=PROJECT / "build/marginalization")
    given = parser.parse_args()
    if given.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("no GPU is visible: nothing measured")
    given.backgrounds = given.backgrounds or (20 if given.betseq or given.whole else 4)
    if given.betseq or given.whole:
        betseq(given)
        return
    logging.disable(logging.INFO)
    if given.threads:
        torch.set_num_threads(given.threads)
    torch.manual_seed(1)
    print(f"{given.family}, {given.input_length} bp, {given.device}, {torch.get_num_threads()} threads")
    print("ratios to the fast path: wall clock (time of all cores together)\n")
    print("| insert, bp | at once | fast path, pairs/s | full passes | both heads | tangermeme | largest difference |")
    print("|---|---|---|---|---|---|---|")
    for length in map(int, given.lengths.split(",")):
        compare(given, length)


if __name__ == "__main__":
    main()
