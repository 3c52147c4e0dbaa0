"""Hits of ours (BED) and of Fi-NeMo (a folder). Usage: number_of_hits.py OURS.bed FOLDER"""

import sys
from pathlib import Path


def rows(path):
    """Return the number of rows without headers."""
    with Path(path).open() as file:
        return sum(not line.startswith(("#", "chr\t")) for line in file)


print(f"{rows(sys.argv[1]):,} hits, theirs {rows(Path(sys.argv[2]) / 'hits_unique.tsv'):,}")
