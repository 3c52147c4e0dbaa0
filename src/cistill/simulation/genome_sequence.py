"""A random genome: blocks of differing GC content, unknown stretches and soft-masked ones."""

import gzip
import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cistill.dna.codes import Codes, decode_bytes
from cistill.files import atomic_output

BLOCK = (5_000, 40_000)  # length of an isochore-like block, bp
GC = (0.35, 0.50)
N_RUN = (100, 1_500)
N_RUNS_PER_MB = 4.0
MASKED = (100, 800)
MASKED_SHARE = 0.04
CHROMOSOME_END = 200  # unknown bases at either end, as telomeres have
LINE = 60


@dataclass
class Chromosome:
    """One chromosome.

    Attributes
    ----------
    name : str
        `chr1`, ...
    codes : array of uint8, (length,)
        A, C, G, T = 0..3; 4 = unknown.
    gc : array of float32, (length,)
        The GC fraction that each base was drawn with.
    masked : array of bool, (length,)
        Written in lower case.
    """

    name: str
    codes: Codes
    gc: NDArray[np.float32]
    masked: NDArray[np.bool_]


def draw_bases(gc: NDArray[np.float32], rng: np.random.Generator) -> Codes:
    """Return one base for each GC fraction: codes 0..3, same shape; A = T and C = G."""
    strong = rng.random(gc.shape) < gc
    second = rng.random(gc.shape) < 0.5
    return np.where(strong, np.where(second, 2, 1), np.where(second, 3, 0)).astype(np.uint8)


def chromosome_lengths(total: int, number: int) -> list[int]:
    """Return lengths that sum to about `total`; the last chromosome is a third of the first."""
    weights = np.linspace(1.0, 1 / 3, number) if number > 1 else np.ones(1)
    return [round(total * weight / weights.sum()) for weight in weights]


def draw_chromosome(name: str, length: int, rng: np.random.Generator) -> Chromosome:
    """Draw a chromosome of `length` bp."""
    gc = np.empty(length, dtype=np.float32)
    start = 0
    while start < length:
        end = start + int(rng.integers(*BLOCK))
        gc[start:end] = rng.uniform(*GC)
        start = end
    codes = draw_bases(gc, rng)
    for run_start, run_end in _stretches(length, round(N_RUNS_PER_MB * length / 1e6), N_RUN, rng):
        codes[run_start:run_end] = 4
    codes[:CHROMOSOME_END] = codes[-CHROMOSOME_END:] = 4
    masked = np.zeros(length, dtype=np.bool_)
    number = round(MASKED_SHARE * length / np.mean(MASKED))
    for run_start, run_end in _stretches(length, number, MASKED, rng):
        masked[run_start:run_end] = True
    return Chromosome(name, codes, gc, masked)


def _stretches(length: int, number: int, size: tuple[int, int], rng: np.random.Generator) -> list[tuple[int, int]]:
    starts = rng.integers(0, length, number)
    sizes = rng.integers(size[0], size[1] + 1, number)
    return [(int(start), int(start + width)) for start, width in zip(starts, sizes, strict=True)]


def write_fasta(path: str | os.PathLike[str], chromosomes: list[Chromosome]) -> None:
    """Write a plain-gzip FASTA, soft-masked stretches in lower case; same genome, same bytes."""
    with (
        atomic_output(path) as temporary,
        temporary.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6) as handle,
    ):
        for chromosome in chromosomes:
            handle.write(f">{chromosome.name}\n".encode())
            letters = decode_bytes(chromosome.codes) | (chromosome.masked * 32).astype(np.uint8)
            whole = len(letters) // LINE * LINE
            lines = np.full((whole // LINE, LINE + 1), ord("\n"), dtype=np.uint8)
            lines[:, :LINE] = letters[:whole].reshape(-1, LINE)
            handle.write(lines.tobytes())
            if whole < len(letters):
                handle.write(letters[whole:].tobytes() + b"\n")
