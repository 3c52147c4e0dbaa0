"""Motif files in MEME's minimal text format (version 4): https://meme-suite.org/meme/doc/meme-format.html"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cistill.dna.codes import BASES
from cistill.dna.matrices import Matrix
from cistill.errors import InputError
from cistill.files import atomic_output, require_file


@dataclass(frozen=True)
class NamedMatrix:
    """A motif of a database.

    Attributes
    ----------
    name : str
        Identifier, e.g. `MA0363.3`.
    alternative : str
        Second name, e.g. `REB1`; empty if the file has none.
    matrix : (length, 4)
        Base probabilities; every row sums to one.
    n_sites : int
        Number of sites that the matrix was made from; 0 if the file does not say.
    """

    name: str
    alternative: str
    matrix: Matrix
    n_sites: int = 0

    @property
    def label(self) -> str:
        """Name and alternative name, as tables show them."""
        return f"{self.name} {self.alternative}".strip()


def read_meme(path: str | os.PathLike[str]) -> list[NamedMatrix]:
    """Read the motifs of a MEME file.

    Parameters
    ----------
    path : path
        Text in MEME's format with `MOTIF` lines and letter-probability matrices over A, C, G, T.

    Returns
    -------
    list of NamedMatrix
        In the order of the file.

    Raises
    ------
    InputError
        If the file is missing, is no MEME file, is not over DNA, holds no motif, names one twice or has a malformed
        matrix (the line is given).
    """
    file = require_file(path, "motif database")
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: not a text file in MEME's format") from error
    if not any(line.startswith("MEME version") for line in lines):
        raise InputError(f"{file}: not in MEME's format: there is no line 'MEME version 4'")
    motifs: list[NamedMatrix] = []
    name = alternative = ""
    number = 0
    while number < len(lines):
        line = lines[number].strip()
        number += 1
        if line.startswith("ALPHABET") and line.replace(" ", "").removeprefix("ALPHABET=") not in (BASES, ""):
            raise InputError(f"{file}, line {number}: the alphabet must be {BASES}, found: {line}")
        if line.startswith("MOTIF"):
            words = line.split()
            if len(words) < 2:
                raise InputError(f"{file}, line {number}: a MOTIF line without a name")
            name, alternative = words[1], " ".join(words[2:])
        elif line.startswith("letter-probability matrix"):
            if not name:
                raise InputError(f"{file}, line {number}: a matrix before any MOTIF line")
            matrix, number = _read_matrix(file, lines, number)
            motifs.append(NamedMatrix(name, alternative, matrix, _header_value(line, "nsites=")))
            name = ""
    _check_names(file, motifs)
    return motifs


def _header_value(line: str, key: str) -> int:
    words = line.split()
    try:
        return int(float(words[words.index(key) + 1]))
    except (ValueError, IndexError):
        return 0


def _read_matrix(file: Path, lines: list[str], number: int) -> tuple[Matrix, int]:
    rows: list[list[float]] = []
    while number < len(lines):
        words = lines[number].split()
        if not words:
            if rows:
                break
            number += 1
            continue
        try:
            row = [float(word) for word in words]
        except ValueError:
            break
        total = sum(row)
        if len(row) != 4 or min(row) < 0 or not 0.9 < total < 1.1:
            raise InputError(
                f"{file}, line {number + 1}: a row of a matrix must be four probabilities that sum to one, "
                f"found: {lines[number].strip()}"
            )
        rows.append([value / total for value in row])
        number += 1
    if not rows:
        raise InputError(f"{file}, line {number}: a matrix without rows")
    return np.array(rows), number


def _check_names(file: Path, motifs: list[NamedMatrix]) -> None:
    if not motifs:
        raise InputError(f"{file}: no motif in the file")
    seen: set[str] = set()
    double = {motif.name for motif in motifs if motif.name in seen or seen.add(motif.name)}  # type: ignore[func-returns-value]
    if double:
        raise InputError(f"{file}: motif(s) given more than once: {', '.join(sorted(double))}")


def write_meme(path: str | os.PathLike[str], motifs: Iterable[NamedMatrix], background: Matrix | None = None) -> None:
    """Write motifs in MEME's minimal format.

    Parameters
    ----------
    path : path
        The file to write; it appears whole or not at all. Without motifs it holds the header alone.
    motifs : iterable of NamedMatrix
        Rows of the matrices must sum to one.
    background : (4,), optional
        Base composition; uniform by default.
    """
    composition = np.full(4, 0.25) if background is None else background
    parts = [
        f"MEME version 4\n\nALPHABET= {BASES}\n\nstrands: + -\n\nBackground letter frequencies\n",
        " ".join(f"{base} {value:.4f}" for base, value in zip(BASES, composition, strict=True)),
        "\n",
    ]
    for motif in motifs:
        parts.append(f"\nMOTIF {motif.label}\n")
        sites = f" nsites= {motif.n_sites}" if motif.n_sites else ""
        parts.append(f"letter-probability matrix: alength= 4 w= {len(motif.matrix)}{sites}\n")
        parts.extend(" ".join(f"{value:.6f}" for value in row) + "\n" for row in motif.matrix)
    with atomic_output(path) as temporary:
        temporary.write_text("".join(parts), encoding="utf-8")
