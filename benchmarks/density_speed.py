#!/usr/bin/env python3
"""Speed and memory of the density-adapted caller, on contributions and a modisco.h5 that are made here.

Usage: benchmarks/density_speed.py [--regions 20000,60000] [--patterns 10] [--seqlets 1000] [--leiden_seeds 50]
                                   [--threads 2] [--profile]

Windows of 400 bases with two planted instances each, on average; a pattern is made of at most `--seqlets` of them. Each
number of regions is called in a process of its own, after a small call that compiles the kernels. Building the scorer
depends on the seqlets alone, the calling (from the first look at the regions to the table of hits) on the regions; both
are timed, by the clock and in processor time of all cores together.
"""

import argparse
import cProfile
import json
import logging
import pstats
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:1] = [str(PROJECT / "src"), str(PROJECT / "tests/hits")]

WIDTH = 9
LENGTH = 400
DIFFERENT = 4000  # regions planted; files of more repeat them with other noise


def main() -> None:
    """Print the times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--regions", default="20000,60000")
    parser.add_argument("--patterns", type=int, default=10)
    parser.add_argument("--seqlets", type=int, default=1000)
    parser.add_argument("--leiden_seeds", type=int, default=50)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--profile", action="store_true", help="show where the calling spends its time")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.folder:
        _measure(given.folder, given)
        return
    sizes = [int(text) for text in given.regions.split(",")]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder, max(sizes), given)
        for regions in sizes:
            options = [f"--{key}={getattr(given, key)}" for key in ("patterns", "leiden_seeds", "threads")]
            options += ["--profile"] if given.profile else []
            command = [sys.executable, str(Path(__file__).resolve()), *options]
            subprocess.run([*command, f"--regions={regions}", f"--folder={folder}"], check=True)


def _write(folder: Path, regions: int, given: argparse.Namespace) -> None:
    """Write motifs' seqlets and the contributions of as many regions, a block at a time."""
    import h5py
    import numpy as np
    from planted_patterns import plant, write_modisco

    planted = plant(DIFFERENT, LENGTH, [1] * given.patterns, width=WIDTH)
    write_modisco(folder / "counts.modisco.h5", planted, seqlets=given.seqlets)
    rng = np.random.default_rng(1)
    text = h5py.string_dtype()
    with h5py.File(folder / "counts.attributions.h5", "w") as file:
        file.attrs["tf"], file.attrs["head"] = "TF", "counts"
        start = np.arange(regions, dtype=np.int64) * 2000
        file.create_dataset("region_id", data=[f"chr1:{s + LENGTH // 2}" for s in start], dtype=text)
        file.create_dataset("coords_chrom", data=["chr1"] * regions, dtype=text)
        file.create_dataset("coords_start", data=start)
        file.create_dataset("coords_end", data=start + LENGTH)
        scores = file.create_dataset("hyp_scores", (regions, LENGTH, 4), "f2", chunks=(64, LENGTH, 4))
        bases = file.create_dataset("input_seqs", (regions, LENGTH, 4), "i1", chunks=(64, LENGTH, 4))
        for first in range(0, regions, DIFFERENT):
            rows = slice(0, min(DIFFERENT, regions - first))
            noise = rng.laplace(0, 0.01, planted.scores[rows].shape)
            scores[first : first + rows.stop] = planted.scores[rows] + noise
            bases[first : first + rows.stop] = planted.bases[rows]


def _measure(folder: Path, given: argparse.Namespace) -> None:
    """Call hits in the first regions of the file; print what it took."""
    import dataclasses

    from planted_patterns import read_motifs_of

    from cistill.formats.attributions import AttributionWindows, open_windows
    from cistill.hits.density import calling
    from cistill.hits.density.settings import DensitySettings

    logging.disable(logging.WARNING)
    modisco = folder / "counts.modisco.h5"
    motifs = read_motifs_of(modisco, WIDTH)
    whole = open_windows(folder / "counts.attributions.h5", LENGTH)

    def first(regions: int) -> AttributionWindows:
        names = ("region_id", "chrom", "start")
        return dataclasses.replace(whole, **{name: getattr(whole, name)[:regions] for name in names})

    settings = DensitySettings(modisco=modisco, leiden_seeds=given.leiden_seeds, threads=given.threads)
    built: dict[str, Any] = {}
    original = calling.build_scorer

    def timed(patterns: Any, own: Any) -> Any:
        """Build the scorer once; the second call of the benchmark finds it."""
        if "scorer" not in built:
            clock, used = time.perf_counter(), _processor()
            built["scorer"] = original(patterns, own)
            built["seconds"], built["processor"] = time.perf_counter() - clock, _processor() - used
            built["memory"] = _memory()
        return built["scorer"]

    calling.build_scorer = timed
    calling.call_by_density(first(60), motifs, settings)
    profile = cProfile.Profile() if given.profile else None
    clock, used = time.perf_counter(), _processor()
    if profile:
        profile.enable()
    calls = calling.call_by_density(first(int(given.regions)), motifs, settings)
    if profile:
        profile.disable()
    seconds, processor = time.perf_counter() - clock, _processor() - used
    regions, facts = int(given.regions), calls.calibration.values()
    figures = {
        "regions": regions,
        "patterns": given.patterns,
        "threads": settings.workers,
        "leiden_runs": given.leiden_seeds,
        "graph_seqlets": sum(one["graph_seqlets"] for one in facts),
        "candidates": sum(one["candidates"] for one in facts),
        "hits": len(calls.hits),
        "build_seconds": round(built["seconds"], 1),
        "build_processor_seconds": round(built["processor"], 1),
        "call_seconds": round(seconds, 1),
        "call_processor_seconds": round(processor, 1),
        "regions_per_minute": round(regions / seconds * 60),
        "regions_per_minute_of_two_free_cores": round(regions / (processor / 2) * 60),
        "peak_MiB_after_building": round(built["memory"]),
        "peak_MiB": round(_memory()),
    }
    print(json.dumps(figures, indent=2))
    if profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(15)


def _processor() -> float:
    """Return the processor time of this process and of the children that it waited for, in seconds."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
