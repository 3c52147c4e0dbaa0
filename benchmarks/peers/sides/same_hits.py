"""How many hits two BED files share, by place, strand and matrix. Usage: same_hits.py OURS.bed THEIRS.bed"""

import sys
from pathlib import Path


def hits(path):
    """Return the hits of a file."""
    with Path(path).open() as file:
        rows = (line.rstrip("\n").split("\t") for line in file if not line.startswith("#"))
        return {(row[0], row[1], row[3].split()[0], row[5]) for row in rows}  # memelite adds the name of the factor


ours, theirs = map(hits, sys.argv[1:])
print(f"{len(ours):,} hits, theirs {len(theirs):,}, shared {len(ours & theirs):,}")
