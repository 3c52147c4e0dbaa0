"""lightmotif's scan with its rows written. Usage: lightmotif_scan.py MOTIFS.meme GENOME.fa OUT.bed

Its hits have scores; the p-value of each follows from the score's own distribution.
"""

import re
import sys
from pathlib import Path

import lightmotif


def sequences(path):
    """Yield the names and letters of a FASTA file."""
    with Path(path).open() as file:
        for text in file.read().split(">")[1:]:
            head, _, letters = text.partition("\n")
            yield head.split()[0], letters.replace("\n", "").upper()


def matrices(path):
    """Yield the names of a MEME file's motifs and their counts, by letter."""
    with Path(path).open() as file:
        for text in file.read().split("MOTIF ")[1:]:
            head, *lines = text.splitlines()
            sites = next(float(re.search(r"nsites= *(\S+)", line)[1]) for line in lines if "nsites=" in line)
            rows = [line.split() for line in lines if re.fullmatch(r"\s*[0-9.]+(\s+[0-9.]+){3}\s*", line)]
            columns = zip(*rows, strict=True)
            yield (
                head.split()[0],
                {k: [round(float(v) * sites) for v in c] for k, c in zip("ACGT", columns, strict=True)},
            )


striped = [(name, lightmotif.stripe(letters)) for name, letters in sequences(sys.argv[2])]
with Path(sys.argv[3]).open("w") as out:
    for motif, counts in matrices(sys.argv[1]):
        forward = lightmotif.CountMatrix(counts).normalize(0.01).log_odds()
        least, width = forward.score(1e-4), len(forward)
        for strand, matrix in (("+", forward), ("-", forward.reverse_complement())):
            for name, sequence in striped:
                for hit in lightmotif.scan(matrix, sequence, threshold=least):
                    place = (name, hit.position, hit.position + width, motif, f"{hit.score:.4f}", strand)
                    print(*place, f"{forward.pvalue(hit.score):.3g}", sep="\t", file=out)
