"""Are the counts of bigWigs equal, base by base? Usage: same_counts.py A.bw B.bw [A2.bw B2.bw ...]"""

import sys

import numpy as np
import pyBigWig

total, different = 0.0, 0
for one, other in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
    with pyBigWig.open(one) as a, pyBigWig.open(other) as b:
        if a.chroms() != b.chroms():
            sys.exit(f"{one} and {other} have other chromosomes")
        for chrom, size in a.chroms().items():
            values = [np.nan_to_num(np.array(file.values(chrom, 0, size, numpy=True))) for file in (a, b)]
            total += float(values[0].sum())
            different += int((values[0] != values[1]).sum())
print(f"counts equal ({total:,.0f})" if not different else f"{different:,} bases differ")
