"""Patterns of two TF-MoDISco files and their seqlets. Usage: same_patterns.py OURS.h5 THEIRS.h5"""

import sys

import h5py


def sizes(path):
    """Return the numbers of seqlets of the patterns, largest first."""
    with h5py.File(path) as file:
        groups = [file[sign] for sign in ("pos_patterns", "neg_patterns") if sign in file]
        return sorted((len(one["seqlets/start"]) for group in groups for one in group.values()), reverse=True)


ours, theirs = map(sizes, sys.argv[1:])
print(
    f"{len(ours)} patterns of {sum(ours):,} seqlets (largest {ours[0]:,}), "
    f"theirs {len(theirs)} of {sum(theirs):,} (largest {theirs[0]:,})"
)
