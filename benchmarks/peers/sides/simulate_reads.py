"""A sorted BAM file of 50-bp reads whose records are as various as those of a sequencer.

Usage: simulate_reads.py OUT.bam READS

Names of tiles and coordinates, random bases, qualities of four levels, some duplicates and mapping qualities, tags;
two fifths of the reads around 2,000 places of a genome of yeast's size.
"""

import struct
import sys

import numpy as np
import pysam

SIZES = {
    f"chr{number}": size for number, size in enumerate(np.linspace(230_000, 1_280_000, 16).astype(int).tolist(), 1)
}
LENGTH, NAME = 50, 39
QUALITIES = np.array([37] * 205 + [25] * 29 + [11] * 15 + [2] * 7, dtype=np.uint8)
PAIRS = (np.array([1, 2, 4, 8])[:, None] * 16 + np.array([1, 2, 4, 8])).ravel().astype(np.uint8)
TAGS = b"NMC\x00ASC\x32XSC"
RECORD = np.dtype(
    [
        ("size", "<i4"),
        ("reference", "<i4"),
        ("position", "<i4"),
        ("name_length", "u1"),
        ("mapq", "u1"),
        ("bin", "<u2"),
        ("n_cigar", "<u2"),
        ("flag", "<u2"),
        ("length", "<i4"),
        ("mate", "<i4", 2),
        ("template", "<i4"),
        ("name", f"S{NAME}"),
        ("cigar", "<u4"),
        ("bases", "u1", LENGTH // 2),
        ("quality", "u1", LENGTH),
        ("tags", f"S{len(TAGS)}"),
        ("second_best", "u1"),
    ]
)


def places(rng: np.random.Generator, reads: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of chromosomes and the starts of reads, both `(reads,)`, sorted."""
    lengths = np.array(list(SIZES.values()))
    ends = np.cumsum(lengths)
    centres = rng.integers(0, ends[-1], 2000)
    near = centres[rng.integers(0, len(centres), reads)] + rng.normal(0, 60, reads).astype(np.int64)
    place = np.where(rng.random(reads) < 0.4, near, rng.integers(0, ends[-1], reads)).clip(0, ends[-1] - 1)
    place.sort()
    chrom = np.searchsorted(ends, place, side="right")
    return chrom, np.minimum(place - (ends - lengths)[chrom], lengths[chrom] - LENGTH)


def records(rng: np.random.Generator, chrom: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Return the records of some reads."""
    number = len(chrom)
    made = np.zeros(number, RECORD)
    for name, value in (("size", RECORD.itemsize - 4), ("name_length", NAME), ("bin", 4681), ("n_cigar", 1)):
        made[name] = value
    made["reference"], made["position"], made["length"], made["mate"] = chrom, position, LENGTH, -1
    made["mapq"] = rng.choice([0, 10, 30, 42], number, p=[0.05, 0.05, 0.1, 0.8])
    made["flag"] = 16 * rng.integers(0, 2, number) + 1024 * (rng.random(number) < 0.1)
    limits = ((1101, 1679), (1000, 33000), (1000, 37000))
    spot = zip(*(rng.integers(low, high, number).tolist() for low, high in limits), strict=True)
    made["name"] = [f"A00123:245:HXXYZDRX2:1:{tile}:{x:05d}:{y:05d}" for tile, x, y in spot]
    made["cigar"] = LENGTH << 4
    made["bases"] = PAIRS[rng.integers(0, len(PAIRS), made["bases"].shape)]
    made["quality"] = QUALITIES[rng.integers(0, len(QUALITIES), made["quality"].shape)]
    made["tags"], made["second_best"] = TAGS, rng.integers(0, 50, number)
    return made


def main() -> None:
    """Write the file."""
    rng = np.random.default_rng(0)
    chrom, position = places(rng, int(sys.argv[2]))
    text = "@HD\tVN:1.6\tSO:coordinate\n" + "".join(f"@SQ\tSN:{name}\tLN:{size}\n" for name, size in SIZES.items())
    with pysam.BGZFile(sys.argv[1], "wb") as file:
        file.write(b"BAM\x01" + struct.pack("<i", len(text)) + text.encode() + struct.pack("<i", len(SIZES)))
        for name, size in SIZES.items():
            file.write(struct.pack("<i", len(name) + 1) + name.encode() + b"\0" + struct.pack("<i", size))
        for first in range(0, len(chrom), 100_000):
            part = slice(first, first + 100_000)
            file.write(records(rng, chrom[part], position[part]).tobytes())


if __name__ == "__main__":
    main()
