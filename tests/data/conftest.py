"""Small genomes, reads, bigWigs and peaks, made in code, and the commands as a user runs them."""

import gzip
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyBigWig
import pysam
import pytest

ROOT = Path(__file__).resolve().parents[2]
Read = tuple[str, int, int, str, int]  # chrom, start, flag, cigar, mapq


@pytest.fixture(scope="session")
def command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command of bin/ with the Python of these tests."""

    def run(name: str, *arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            [str(ROOT / "bin" / name), *map(str, arguments)],
            env={**os.environ, "PATH": path},
            cwd=cwd,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def random_genome(sizes: Mapping[str, int], seed: int = 0) -> dict[str, str]:
    """Return random chromosomes whose GC content wanders along them."""
    rng = np.random.default_rng(seed)
    genome = {}
    for name, size in sizes.items():
        gc = 0.4 + 0.2 * np.sin(np.arange(size) / 700)
        letters = np.where(rng.random(size) < gc, rng.choice(list("GC"), size), rng.choice(list("AT"), size))
        genome[name] = "".join(letters)
    return genome


def write_fasta(path: Path, genome: Mapping[str, str], width: int = 60) -> Path:
    """Write a FASTA file, gzipped if its name says so."""
    text = "".join(
        f">{name}\n" + "".join(f"{seq[i : i + width]}\n" for i in range(0, len(seq), width))
        for name, seq in genome.items()
    )
    path.write_bytes(gzip.compress(text.encode(), mtime=0) if path.suffix == ".gz" else text.encode())
    return path


def write_bam(path: Path, sizes: Mapping[str, int], reads: Sequence[Read], order: str = "coordinate") -> Path:
    """Write reads in the order given."""
    header = {
        "HD": {"VN": "1.6", "SO": order},
        "SQ": [{"SN": name, "LN": size} for name, size in sizes.items()],
    }
    with pysam.AlignmentFile(str(path), "wb", header=header) as file:
        for number, (chrom, start, flag, cigar, mapq) in enumerate(reads):
            read = pysam.AlignedSegment(file.header)
            read.query_name, read.flag, read.mapping_quality = f"read{number}", flag, mapq
            read.reference_id = file.get_tid(chrom) if chrom != "*" else -1
            read.reference_start = start
            if cigar != "*":
                read.cigarstring = cigar
                length = read.infer_query_length()
                read.query_sequence = "A" * length
            else:
                read.query_sequence = "ACGTACGTAC"
            file.write(read)
    return path


def write_bigwig(path: Path, sizes: Mapping[str, int], values: Mapping[str, np.ndarray]) -> Path:
    """Write the values that are not zero, as single bases."""
    with pyBigWig.open(str(path), "w") as file:
        file.addHeader(list(sizes.items()))
        for chrom in sizes:
            at = np.flatnonzero(values.get(chrom, np.zeros(0)))
            if len(at):
                file.addEntries(chrom, at.astype(np.int64), values=values[chrom][at].astype(np.float64), span=1)
    return path


def random_reads(sizes: Mapping[str, int], n: int, seed: int = 0) -> list[Read]:
    """Return sorted reads with many kinds of flags and CIGARs."""
    rng = np.random.default_rng(seed)
    cigars = ["20M", "5S15M", "10M3D10M", "4S8M2I8M100N6M3S", "10=1X9M", "3H12M8H"]
    flags = [0, 16, 0, 16, 4, 256, 272, 512, 1024, 1040, 2048, 73, 89, 99, 147, 83, 163]
    reads = []
    names = list(sizes)
    for _ in range(n):
        chrom = names[rng.integers(len(names))]
        start = int(rng.integers(sizes[chrom] - 200))
        flag = flags[rng.integers(len(flags))]
        reads.append((chrom, start, flag, cigars[rng.integers(len(cigars))], int(rng.choice([0, 10, 30, 60]))))
    return sorted(reads, key=lambda read: (names.index(read[0]), read[1]))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data, or skip."""
    folder = Path(os.environ.get("CISTILL_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "reb1_chipexo").is_dir():
        pytest.skip(f"no real data in {folder} (set CISTILL_TEST_DATA)")
    return folder


@pytest.fixture(scope="session")
def make() -> "type[Make]":
    """Give the functions that make input files."""
    return Make


class Make:
    """What makes input files."""

    genome = staticmethod(random_genome)
    fasta = staticmethod(write_fasta)
    bam = staticmethod(write_bam)
    bigwig = staticmethod(write_bigwig)
    reads = staticmethod(random_reads)
