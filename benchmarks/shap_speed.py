#!/usr/bin/env python3
"""Speed of DeepSHAP: this project's, tangermeme's on the same network, bpnet-lite's class with tangermeme; memory.

Usage: benchmarks/shap_speed.py [--peer_python PYTHON] [--preset profile-2114] [--sequences 4] [--rounds 3]
       benchmarks/shap_speed.py --device cuda
       benchmarks/shap_speed.py --memory

The first form times all sides in turn, several rounds, float32, the same sequences and 20 references each, and prints
medians and ratios, by the clock and by processor time. PYTHON is the interpreter of an environment with torch,
tangermeme 1.6.0 and bpnet-lite 1.1.0 (the last installed with --no-deps, beside h5py, pandas and tqdm); without it that
side is left out. `--device cuda` gives sequences a second of both heads on a GPU, shuffles included. `--memory` gives
the peak memory of the command `shap` for more and more regions.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:1] = [str(PROJECT / "src")]
# ruff: noqa: E402 (the library is put on sys.path before it is imported)

import numpy as np
import torch

from cistill.ahead import ahead
from cistill.dna.codes import ONE_HOT
from cistill.interpret.attribution_arrays import Output
from cistill.interpret.deepshap import explain_outputs
from cistill.interpret.engines import HookedNetwork
from cistill.interpret.shuffle import dinucleotide_shuffles
from cistill.model.network import Network, NetworkConfig, build_network
from cistill.model.network.presets import read_preset
from cistill.network_heads import HEADS

Times = tuple[float, float]  # by the clock and by processor time, seconds a sequence


def main() -> None:
    """Do one of the three."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer_python")
    parser.add_argument("--preset", default="profile-2114")
    parser.add_argument("--sequences", type=int, default=4)
    parser.add_argument("--references", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--peer_batch", type=int, default=64, help="pairs at once in tangermeme, as bpnet-lite sets it")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--memory", action="store_true")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(given.threads)
    if given.memory:
        show_memory(given.preset)
    elif given.device == "cuda":
        show_gpu(given)
    else:
        compare(given)


def preset_file(name: str) -> Path:
    """Return the file of a preset."""
    return PROJECT / f"assets/models/{name}.json"


def made_network(preset: str) -> Network:
    """Return a network of random weights whose ReLUs are active in part."""
    torch.manual_seed(0)
    return build_network(NetworkConfig(**read_preset(preset_file(preset)), tasks=1)).eval()


def made_sequences(network: Network, n: int, references: int) -> tuple[np.ndarray, np.ndarray]:
    """Return random sequences (n, length) and shuffles of them (n, references, length)."""
    codes = np.random.default_rng(0).integers(0, 4, (n, network.config.input_length), dtype=np.uint8)
    return codes, dinucleotide_shuffles(codes, references, [str(i) for i in range(n)], 0)


def compare(given: argparse.Namespace) -> None:
    """Print the table of all sides."""
    network = made_network(given.preset)
    codes, references = made_sequences(network, given.sequences, given.references)
    outputs = {head: Output(head, (0,)) for head in HEADS}
    sides: dict[str, Callable[[], Any]] = {
        "ours, counts": lambda: explain_outputs(network, codes, references, [outputs["counts"]]),
        "ours, both": lambda: explain_outputs(network, codes, references, list(outputs.values())),
        "tangermeme, counts": lambda: by_tangermeme(network, codes, references, outputs["counts"], given.peer_batch),
        "tangermeme, profile": lambda: by_tangermeme(network, codes, references, outputs["profile"], given.peer_batch),
    }
    own = explain_outputs(network, codes, references, list(outputs.values())).hypothetical
    for index, head in enumerate(HEADS):
        theirs = sides[f"tangermeme, {head}"]().transpose(1, 2).numpy()
        print(
            f"{head}: largest difference to tangermeme {np.abs(own[index] - theirs).max() / np.abs(theirs).max():.1e}"
        )
    peer = given.peer_python and usable(given.peer_python)
    if not peer:
        print("bpnet-lite: no interpreter that has it was given (--peer_python): that side was left out")
    rounds = []
    for _ in range(given.rounds):
        times = {name: timed(run, given.sequences) for name, run in sides.items()}
        if peer:
            times |= of_bpnet_lite(given, network.config)
        rounds.append(times)
    print(f"{given.preset}, {given.references} references, {given.threads} thread(s), {given.rounds} rounds; medians")
    print("| side | s a sequence, clock | s a sequence, processor |\n|---|---|---|")
    for name in rounds[0]:
        print(f"| {name} | {' | '.join(f'{median([times[name][i] for times in rounds]):.3f}' for i in (0, 1))} |")
    print("| ratio (theirs / ours) | clock | processor |\n|---|---|---|")
    for label, their, our in RATIOS:
        if all(name in rounds[0] for name in their):
            by = [[sum(times[n][i] for n in their) / times[our][i] for times in rounds] for i in (0, 1)]
            print(f"| {label} | {' | '.join(f'{median(x):.2f} ({min(x):.2f} to {max(x):.2f})' for x in by)} |")


RATIOS = (
    ("tangermeme, counts head", ["tangermeme, counts"], "ours, counts"),
    ("tangermeme, both heads", ["tangermeme, counts", "tangermeme, profile"], "ours, both"),
    ("bpnet-lite, counts head", ["bpnet-lite, counts"], "ours, counts"),
    ("bpnet-lite, both heads", ["bpnet-lite, counts", "bpnet-lite, profile"], "ours, both"),
    (
        "bpnet-lite, both heads, its profile in float64 as its program does",
        ["bpnet-lite, counts", "bpnet-lite, profile in float64"],
        "ours, both",
    ),
)


def median(values: list[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def timed(run: Callable[[], Any], n: int) -> Times:
    """Return what a run took per sequence."""
    start, processor = time.perf_counter(), time.process_time()
    run()
    return (time.perf_counter() - start) / n, (time.process_time() - processor) / n


def by_tangermeme(
    network: Network, codes: np.ndarray, references: np.ndarray, output: Output, batch: int
) -> torch.Tensor:
    """Return hypothetical contributions, (n, 4, length)."""
    from tangermeme.deep_lift_shap import deep_lift_shap

    one_hot = torch.from_numpy(ONE_HOT[codes]).transpose(1, 2).contiguous()
    control = torch.zeros(len(codes), 1, 2, network.config.output_length)
    with torch.no_grad():
        weights = torch.softmax(network(one_hot, control).profile, -1)
    return deep_lift_shap(
        HookedNetwork(network, output).eval(),
        one_hot,
        args=(weights, control),
        references=torch.from_numpy(ONE_HOT[references]).transpose(2, 3).contiguous(),
        hypothetical=True,
        batch_size=batch,
        device="cpu",
    )


def usable(python: str) -> bool:
    """Tell whether an interpreter has what the other side needs."""
    try:
        done = subprocess.run([python, "-c", "import bpnetlite, tangermeme"], capture_output=True)
    except OSError:
        return False
    return done.returncode == 0


def of_bpnet_lite(given: argparse.Namespace, config: NetworkConfig) -> dict[str, Times]:
    """Time the other side, in a process of its own."""
    options = {
        "sequences": given.sequences,
        "references": given.references,
        "threads": given.threads,
        "batch": given.peer_batch,
        "windows": f"{config.input_length},{config.output_length}",
        "filters": config.filters,
        "layers": config.layers,
    }
    script = Path(__file__).with_name("shap_speed_bpnetlite.py")
    command = [given.peer_python, str(script), *(f"--{name}={value}" for name, value in options.items())]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    times = {}
    for line in done.stdout.splitlines():
        name, wall, processor = line.split("\t")
        times[f"bpnet-lite, {name}"] = float(wall), float(processor)
    return times


def show_gpu(given: argparse.Namespace) -> None:
    """Print sequences a second on a GPU for several sizes of batch."""
    if not torch.cuda.is_available():
        print("no GPU is visible to torch: the GPU part of this benchmark was not run")
        return
    from cistill.model.precision import use_precision

    use_precision("fp32")
    network = made_network(given.preset).cuda()
    outputs = [Output(head, (0,)) for head in HEADS]
    print(f"{torch.cuda.get_device_name()}, {given.preset}, both heads, {given.references} references, float32")
    for regions in (8, 16, 32, 64):
        blocks = [made_sequences(network, regions, 1)[0] for _ in range(max(4, 1024 // regions))]
        names = [str(i) for i in range(regions)]

        def shuffled(codes: np.ndarray, names: list[str] = names) -> tuple[np.ndarray, np.ndarray]:
            return codes, dinucleotide_shuffles(codes, given.references, names, 0)

        explain_outputs(network, *shuffled(blocks[0]), outputs)
        start = time.perf_counter()
        for codes, references in ahead(shuffled, blocks, 1):  # as the command does
            explain_outputs(network, codes, references, outputs)
        seconds = time.perf_counter() - start
        peak = torch.cuda.max_memory_allocated() / 2**30
        print(f"{regions} sequences at once: {len(blocks) * regions / seconds:.0f} sequences/s, peak {peak:.1f} GiB")


def show_memory(preset: str) -> None:
    """Print the peak memory of the command for more and more regions of a genome."""
    from cistill.data.splits import Split
    from cistill.model.ensemble import Ensemble, save_ensemble
    from cistill.model.member import Member

    # a network so small that many regions take little time; the windows are of full length
    config = NetworkConfig(**read_preset(preset_file(preset)) | {"filters": 2}, tasks=1)
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        member = Member(build_network(config).eval(), ["t"], "0", Split((), (), ()))
        save_ensemble(folder / "m.safetensors", Ensemble("TOY", ["t"], [member]))
        letters = np.array(list("ACGT"))[random.integers(0, 4, 2_000_000)]
        (folder / "genome.fa").write_text(f">chr1\n{''.join(letters)}\n")
        print(f"{preset} with 2 filters, 2 shuffles\n| regions | peak memory, MiB | s |\n|---|---|---|")
        for regions in (1000, 4000, 16000):
            places = random.integers(5000, 1_990_000, regions)
            lines = (f"chr1\t{place}\t{place + 1}\tr{i}\n" for i, place in enumerate(np.sort(places)))
            (folder / "regions.bed").write_text("".join(lines))
            start = time.perf_counter()
            peak = peak_memory(
                [
                    *(sys.executable, str(PROJECT / "bin/shap"), "--model", str(folder / "m.safetensors")),
                    *("--bed", str(folder / "regions.bed"), "--fasta", str(folder / "genome.fa")),
                    *("--n_shuffles", "2", "--outdir", str(folder / "out")),
                ]
            )
            print(f"| {regions} | {peak:.0f} | {time.perf_counter() - start:.0f} |", flush=True)


def peak_memory(command: list[str]) -> float:
    """Return the largest resident set of a command, MiB."""
    child = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    if status:
        raise RuntimeError(f"{command[1]} failed")
    return usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
