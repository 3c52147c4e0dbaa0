"""The reference sequences of a BAM file and their lengths. Usage: reference_sizes.py READS.bam"""

import sys

import pysam

with pysam.AlignmentFile(sys.argv[1]) as bam:
    for name, size in zip(bam.references, bam.lengths, strict=True):
        print(name, size, sep="\t")
