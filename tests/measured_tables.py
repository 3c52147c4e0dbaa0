"""A small table in the layout of each reader that comes with the program, and the sheet that names them."""

import csv
import io
from pathlib import Path

import numpy as np

PRIMER = "GTCTTGATTCGCTTGACGCTGCTG"
SEQUENCES = 48


def sequences(length: int, number: int = SEQUENCES) -> list[str]:
    """Return different random sequences."""
    rng = np.random.default_rng(length)
    return ["".join(rng.choice(list("ACGT"), length)) for _ in range(number)]


def variants() -> list[tuple[str, int]]:
    """Return a site, all its single substitutions and some double ones, with their number of mismatches."""
    site = "TTACCCGGTA"
    singles = [site[:n] + base + site[n + 1 :] for n in range(len(site)) for base in "ACGT" if base != site[n]]
    doubles = [f"{single[:-1]}C" for single in singles if single[-1] == site[-1]]
    found = [(site, 0), *((single, 1) for single in singles), *((double, 2) for double in doubles)]
    return found[:SEQUENCES]


def energies() -> list[float]:
    """Return a label for each sequence, kcal/mol."""
    return np.random.default_rng(1).normal(1.5, 0.8, SEQUENCES).round(3).tolist()


def text(header: list[str], rows: list[list[object]], delimiter: str = "\t") -> str:
    """Return a table as text; no header line where `header` is empty."""
    handle = io.StringIO()
    writer = csv.writer(handle, delimiter=delimiter, lineterminator="\n")
    writer.writerows([header, *rows] if header else rows)
    return handle.getvalue()


def pairs(length: int) -> list[list[object]]:
    """Return rows of a sequence and its label."""
    return [[sequence, label] for sequence, label in zip(sequences(length), energies(), strict=True)]


def tables() -> dict[str, str]:
    """Text of a table for each reader; the key is the cell `reader` of the affinity sheet."""
    intensities = [round(float(np.exp(5 + label)), 2) for label in energies()]
    probes = [f"{sequence}{PRIMER}" for sequence in sequences(36)]
    spots = [
        [1, n, "p", "id", probe, 0, value] for n, (probe, value) in enumerate(zip(probes, intensities, strict=True))
    ]
    oligos = [f"CGC{sequence}GTCCGGCGGTATGAC" for sequence in sequences(36)]
    sites = [f"CGCAATTGCGA{sequence}ACCTTCCTCTCCGGCGGTATGAC" for sequence in sequences(22)]
    octamers = [
        [s, s[::-1], round(label / 10, 3), value, label]
        for s, label, value in zip(sequences(8), energies(), intensities, strict=True)
    ]
    psam = [[base, *np.random.default_rng(n).uniform(0.01, 0.9, 8).round(3)] for n, base in enumerate("ACGT")]
    for position, best in enumerate((0, 1, 2, 3, 0, 1, 2, 3)):
        psam[best][position + 1] = 1.0
    flanks = [[flank, label, label / 2] for flank, label in pairs(10)]
    return {
        "betseq:protein=Pho4": text(["flank", "protein", "scaled_ddG"], [[f, "Pho4", d] for f, d in pairs(10)]),
        "betseq_flanks:protein=Pho4": text(["flank", "Pho4_ddG", "Cbf1_ddG"], flanks, ","),
        "csv": text(["sequence", "label"], pairs(12), ","),
        "energies": text(["sequence", "ddG"], pairs(12)),
        "fasta": "".join(f">s{n}\n{sequence}\n" for n, sequence in enumerate(sequences(20))),
        "gcpbm_human:protein=Max": text(["Sequence", "Max"], pairs(36)),
        "gcpbm_human_pairs": text([], pairs(36)),
        "gcpbm_yeast": text(["Column", "Row", "Name", "ID", "Sequence", "Flag", "Intensity"], spots),
        "gcpbm_yeast_median": text(
            ["Sequence", "count", "median"], [[p, 3, v] for p, v in zip(probes, intensities, strict=True)], ","
        ),
        "mitomi_ddg:protein=Pho4": text(
            ["New_title", "Sequence", "Category", "Pho4_ddG_mean", "Pho4_ddG_sd"],
            [[f"o{n}", s, "ab"[n % 2], d, 0.1] for n, (s, d) in enumerate(zip(oligos, energies(), strict=True))],
            ",",
        ),
        "mitomi_gr": text(
            ["Sequence", "Motif", "ddG"],
            [[s, "ab"[n % 2], d] for n, (s, d) in enumerate(zip(sites, energies(), strict=True))],
            ",",
        ),
        "psam": text(["", *range(1, 9)], psam, ","),
        "sequences": text(["sequence"], [[sequence] for sequence in sequences(14)]),
        "simulated_energies": text(
            ["variant", "mismatches", "ddg_kcal"],
            [[site, mismatches, label] for (site, mismatches), label in zip(variants(), energies(), strict=True)],
        ),
        "tsv": text(["sequence", "label"], pairs(12)),
        "upbm_8mers": text(["8-mer", "8-mer", "E-score", "Median", "Z-score"], octamers),
        "upbm_8mers_median": text(["8-mer", "8-mer", "E-score", "Median", "Z-score"], octamers),
    }


def write_sheet(folder: Path, tf: str) -> Path:
    """Write every table and the affinity sheet that names them; return the sheet."""
    rows = []
    for reader, content in tables().items():
        name = reader.split(":")[0]
        (folder / f"{name}.txt").write_text(content)
        rows.append(f"{tf},{name},{name}.txt,{reader}\n")
    sheet = folder / "affinity.csv"
    sheet.write_text("tf,library,file,reader\n" + "".join(rows))
    return sheet
