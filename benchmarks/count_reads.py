#!/usr/bin/env python3
"""Reads per second of `coverage` on one core, beside samtools and bedtools, on one BAM file.

Usage: benchmarks/count_reads.py READS.bam [COPIES]

The reads are repeated COPIES times (default 8), so that start-up does not count. Both sides leave out the same reads
and count 5' ends on both strands; the counts are compared base by base. Times are those of the processor, summed
over all processes of a side; ours includes writing the bigWigs.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import pyBigWig
import pysam

from cistill.data.coverage import write_coverage
from cistill.data.read_filter import ReadFilter

FLAGS = ["-F", "2956", "-q", "30"]


def repeat(source: Path, target: Path, copies: int) -> None:
    """Write every read several times in a row, which keeps the order."""
    with pysam.AlignmentFile(str(source)) as reads, pysam.AlignmentFile(str(target), "wb", template=reads) as out:
        for read in reads.fetch(until_eof=True):
            for _ in range(copies):
                out.write(read)


def by_bedtools(bam: Path) -> tuple[float, dict[str, list[str]]]:
    """Return processor seconds and the lines of each strand."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    lines = {}
    for strand in "+-":
        view = subprocess.Popen(["samtools", "view", "-u", *FLAGS, str(bam)], stdout=subprocess.PIPE)
        call = ["bedtools", "genomecov", "-5", "-dz", "-strand", strand, "-ibam", "-"]
        lines[strand] = subprocess.run(call, stdin=view.stdout, capture_output=True, text=True, check=True).stdout
        view.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, {strand: text.splitlines() for strand, text in lines.items()}


def same(path: Path, lines: list[str]) -> bool:
    """Compare a bigWig with the lines of bedtools (which may order chromosomes differently)."""
    with pyBigWig.open(str(path)) as file:
        ours = sorted(f"{c}\t{s}\t{v:.0f}" for c in file.chroms() for s, _, v in file.intervals(c) or ())
    return ours == sorted(lines)


def main() -> None:
    """Run both sides once and print what was measured."""
    source, copies = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 8
    with tempfile.TemporaryDirectory() as folder:
        bam, plus, minus = (Path(folder) / name for name in ("reads.bam", "plus.bw", "minus.bw"))
        repeat(source, bam, copies)
        start = time.process_time()
        counts = write_coverage(bam, plus, minus, ReadFilter())
        seconds = time.process_time() - start
        theirs, lines = by_bedtools(bam)
        equal = same(plus, lines["+"]) and same(minus, lines["-"])
    print(f"reads                 {counts.reads:,}")
    print(f"cistill coverage      {counts.reads / seconds / 1e6:.2f} M reads/s of one core ({seconds:.2f} s)")
    print(f"samtools | bedtools   {counts.reads / theirs / 1e6:.2f} M reads/s of one core ({theirs:.2f} s)")
    print(f"ratio                 {theirs / seconds:.2f}")
    print(f"equal base for base   {equal}")
    if not equal:
        sys.exit(1)


if __name__ == "__main__":
    main()
