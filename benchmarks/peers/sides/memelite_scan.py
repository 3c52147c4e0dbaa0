"""memelite's scan with its rows written. Usage: memelite_scan.py MOTIFS.meme GENOME.fa OUT.bed"""

import sys
from pathlib import Path

from memelite import fimo

with Path(sys.argv[3]).open("w") as out:
    for table in fimo(sys.argv[1], sys.argv[2], threshold=1e-4):
        columns = ["sequence_name", "start", "end", "motif_name", "score", "strand", "p-value"]
        table[columns].to_csv(out, sep="\t", header=False, index=False)
