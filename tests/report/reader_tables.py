"""A small table of measurements in the layout of every reader that comes with the program."""

import math
from collections.abc import Callable

import numpy as np

PRIMER = "GTCTTGATTCGCTTGACGCTGCTG"
ROWS = 40


def sequences(length: int) -> list[str]:
    """Return `ROWS` different sequences, the same in every call."""
    rng = np.random.default_rng(length)
    found = dict.fromkeys("".join(rng.choice(list("ACGT"), length)) for _ in range(2 * ROWS))
    return list(found)[:ROWS]


def values() -> list[float]:
    """Return `ROWS` labels from 0 to 3."""
    return [round(3 * number / (ROWS - 1), 4) for number in range(ROWS)]


def _table(head: str, length: int, row: Callable[[str, float], str]) -> str:
    lines = [row(sequence, value) for sequence, value in zip(sequences(length), values(), strict=True)]
    return "\n".join([head, *lines] if head else lines) + "\n"


def _planted() -> str:
    """Return the table of planted energies: a consensus and variants of it."""
    lines = ["variant\tmismatches\tddg_kcal\tadditive_kcal", "TTACCC\t0\t0\t0"]
    for place in range(6):
        for base in "ACGT":
            if base != "TTACCC"[place]:
                changed = "TTACCC"[:place] + base + "TTACCC"[place + 1 :]
                lines.append(f"{changed}\t1\t{0.5 + 0.2 * place}\t0")
                if place < 5:
                    second = "A" if "TTACCC"[place + 1] != "A" else "G"
                    lines.append(f"{changed[: place + 1]}{second}{changed[place + 2 :]}\t2\t{1.2 + 0.2 * place}\t0")
    return "\n".join(lines) + "\n"


def _matrix() -> str:
    """Return a position-specific affinity matrix."""
    best = [0, 2, 1, 3, 0]
    rows = ["," + ",".join(str(place + 1) for place in range(len(best)))]
    for code, base in enumerate("ACGT"):
        cells = [1.0 if code == own else round(0.1 * (code + 1) + 0.05 * place, 2) for place, own in enumerate(best)]
        rows.append(f"{base}," + ",".join(map(str, cells)))
    return "\n".join(rows) + "\n"


TABLES: dict[str, tuple[str, str]] = {
    "betseq": ("protein=Pho4", _table("flank\tprotein\tscaled_ddG", 10, lambda s, v: f"{s}\tPho4\t{v}")),
    "betseq_flanks": ("protein=Pho4", _table("flank,Cbf1_ddG,Pho4_ddG", 10, lambda s, v: f"{s},{-v},{v}")),
    "csv": ("", _table("sequence,label", 12, lambda s, v: f"{s},{v}")),
    "energies": ("", _table("sequence\tddG", 12, lambda s, v: f"{s}\t{v}")),
    "fasta": ("", _table("", 12, lambda s, v: f">{v}\n{s}")),
    "gcpbm_human": ("protein=Max", _table("ID\tSequence\tMax\tMyc", 36, lambda s, v: f"x\t{s}\t{v}\t{-v}")),
    "gcpbm_human_pairs": ("", _table("", 36, lambda s, v: f"{s}\t{v}")),
    "gcpbm_yeast": (
        "",
        _table(
            "Column\tRow\tName\tID\tSequence\tFlag\tIntensity",
            36,
            lambda s, v: f"1\t1\tp\tid\t{s}{PRIMER}\t0\t{math.exp(v)}",
        ),
    ),
    "gcpbm_yeast_median": ("", _table("Sequence,count,median", 36, lambda s, v: f"{s}{PRIMER},3,{math.exp(v)}")),
    "mitomi_ddg": (
        "protein=Pho4",
        _table(
            "New_title,Category,Sequence,Pho4_ddG_mean,Pho4_ddG_sd",
            36,
            lambda s, v: f"o{v},repeat,CGC{s}GTCCGGCGGTATGAC,{v},0.1",
        ),
    ),
    "mitomi_gr": (
        "",
        _table(
            "Oligo,Kd_mean,Kd_sdev,ddG,Motif,Sequence",
            22,
            lambda s, v: f"o,1,1,{v},GR_{s[0]},CGCAATTGCGA{s}ACCTTCCTCTCCGGCGGTATGAC",
        ),
    ),
    "psam": ("", _matrix()),
    "sequences": ("", _table("sequence", 12, lambda s, v: s)),
    "simulated_energies": ("", _planted()),
    "tsv": ("", _table("sequence\tlabel\tclass", 12, lambda s, v: f"{s}\t{v}\t{'low' if v < 1 else 'high'}")),
    "upbm_8mers": ("", _table("8-mer\t8-mer\tE-score\tMedian\tZ-score", 8, lambda s, v: f"{s}\tN\t{v / 6}\t{v}\t{v}")),
    "upbm_8mers_median": (
        "",
        _table("8-mer\t8-mer\tE-score\tMedian\tZ-score", 8, lambda s, v: f"{s}\tN\t0\t{math.exp(v)}\t{v}"),
    ),
}
"""Reader to the parameters that it needs and its table."""
