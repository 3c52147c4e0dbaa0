"""Reading motif matrices of any common format; the format is seen in the content.

MEME's text (STREME, MEME, JASPAR), Weeder2's `.matrix.w2`, JASPAR's counts, PSAM tables, and our own `motifs.h5`.
"""

import os
import re
from pathlib import Path

import numpy as np

from cistill.affinity.comparators.psam import read_psam
from cistill.affinity.comparators.scoring_matrices import (
    ScoringMatrix,
    cwm_matrices,
    ln_affinity_matrix,
    log_odds_matrix,
    probability_matrix,
)
from cistill.dna.codes import BASES
from cistill.dna.matrices import Matrix
from cistill.errors import InputError
from cistill.files import require_file
from cistill.formats.meme import read_meme
from cistill.formats.motifs import read_motifs

HDF5 = b"\x89HDF\r\n\x1a\n"
FIRST = 10  # motifs of a file that are compared, as published
JASPAR_ROW = re.compile(r"^\s*([ACGT])\s*\[(.*)\]\s*$")


def read_matrices(spec: str, most: int = FIRST) -> list[ScoringMatrix]:
    """Read the matrices of a file that sequences are scored with.

    Parameters
    ----------
    spec : str
        `[FAMILY=]PATH[#NAME,NAME...]`: the family that the results are named by (by default the format), the file, and
        which of its motifs to take (identifiers or second names; by default the first ten).
    most : int
        Number of motifs taken.

    Returns
    -------
    list of ScoringMatrix
        In the file's order, each with its rank; of one file there may be two families: `cwm` and `pwm` of motifs.h5,
        `weeder` (probabilities as published) and `weeder_log_odds`.

    Raises
    ------
    InputError
        If the file is missing or of no known format, or has no motif of a name that is asked for.
    """
    family, path, names = split_spec(spec)
    file = require_file(path, "motif matrices")
    with file.open("rb") as handle:
        start = handle.read(8)
    if start == HDF5:
        return cwm_matrices(read_motifs(file), family, most, names, file)
    text = _text(file)
    kind, named = _named_matrices(file, text)
    family = family or kind
    if names:
        known = {part for label, _ in named for part in label.split()}
        missing = [name for name in names if name not in known]
        if missing:
            raise InputError(f"motif matrices {file}: no motif named {', '.join(missing)}")
        named = [(label, matrix) for label, matrix in named if set(label.split()) & set(names)]
    firsts = [label.split()[0] for label, _ in named]
    short = len(set(firsts)) == len(firsts)  # headers such as "Motif 1 ..." share their first word
    names = firsts if short else ["_".join(label.split()) for label, _ in named]
    chosen = [(names[rank], rank, matrix) for rank, (_, matrix) in enumerate(named[:most])]
    if kind == "psam":
        return [ln_affinity_matrix(family, name, rank, matrix) for name, rank, matrix in chosen]
    odds = f"{family}_log_odds" if kind == "weeder" else family
    scored = [log_odds_matrix(odds, name, rank, matrix) for name, rank, matrix in chosen]
    if kind == "weeder":
        return [probability_matrix(family, name, rank, matrix) for name, rank, matrix in chosen] + scored
    return scored


def split_spec(spec: str) -> tuple[str, str, list[str]]:
    """Split `[FAMILY=]PATH[#NAME,...]` into its three parts; the family is empty if it is not given."""
    family, equals, rest = spec.partition("=")
    if not equals or not re.fullmatch(r"\w+", family):
        family, rest = "", spec
    path, _, names = rest.partition("#")
    return family, path, [name.strip() for name in names.split(",") if name.strip()]


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"motif matrices {file}: neither an HDF5 file of motifs nor text") from error


def _named_matrices(file: Path, text: str) -> tuple[str, list[tuple[str, Matrix]]]:
    """Return the format and the matrices (name and second name, base probabilities or relative affinities)."""
    if re.search(r"^\s*(MEME|STREME) version|^MEME version|letter-probability matrix", text, re.MULTILINE):
        kind = "streme" if "STREME" in text else "meme"
        return kind, [(motif.label, motif.matrix) for motif in read_meme(file)]
    lines = text.splitlines()
    if any(line.startswith(">") for line in lines):
        weeder = any(re.match(r"^[ACGT]\t", line) for line in lines)
        return ("weeder" if weeder else "jaspar"), _blocks(file, lines)
    if re.search(r"^\s*[ACGTU][,\t]", text, re.MULTILINE):
        return "psam", [(file.stem, read_psam(file))]
    raise InputError(
        f"motif matrices {file}: none of the known formats (MEME text, Weeder2 .matrix.w2, JASPAR, PSAM, motifs.h5)"
    )


def _blocks(file: Path, lines: list[str]) -> list[tuple[str, Matrix]]:
    """Read blocks of a '>' line and one row for each of A, C, G, T (Weeder2, JASPAR with or without brackets)."""
    found: list[tuple[str, Matrix]] = []
    name = ""
    rows: dict[str, list[float]] = {}
    for number, line in enumerate([*lines, ">"], 1):  # the last block ends as any other
        if line.startswith(">"):
            if name:
                found.append((name, _from_rows(file, name, rows)))
            name, rows = line[1:].strip() or f"line_{number}", {}
            continue
        if not line.strip():
            continue
        bracketed = JASPAR_ROW.match(line)
        words = line.split()
        base, values = (bracketed[1], bracketed[2].split()) if bracketed else (words[0], words[1:])
        if len(rows) < 4 and base not in BASES:
            base, values = BASES[len(rows)], words  # JASPAR's raw form: four rows of numbers
        try:
            rows[base] = [float(value) for value in values]
        except ValueError as error:
            raise InputError(f"motif matrices {file}, line {number}: not a row of numbers: {line.strip()}") from error
    return found


def _from_rows(file: Path, name: str, rows: dict[str, list[float]]) -> Matrix:
    lengths = {len(row) for row in rows.values()}
    if set(rows) != set(BASES) or len(lengths) != 1 or 0 in lengths:
        raise InputError(f"motif matrices {file}: motif {name} needs one row of equal length for each of A, C, G, T")
    matrix = np.array([rows[base] for base in BASES]).T
    total = matrix.sum(axis=1, keepdims=True)
    if matrix.min() < 0 or total.min() <= 0:
        raise InputError(f"motif matrices {file}: motif {name} holds negative numbers or a position without any")
    return np.asarray(matrix / total)


def matrix_file(spec: str) -> str | os.PathLike[str]:
    """Return the path within a specification, for records of inputs."""
    return split_spec(spec)[1]
