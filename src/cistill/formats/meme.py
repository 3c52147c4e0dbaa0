"""Motif files in MEME's text format (versions 4 and 5): https://meme-suite.org/meme/doc/meme-format.html"""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from cistill.dna.codes import BASES
from cistill.dna.matrices import Matrix
from cistill.errors import InputError
from cistill.files import atomic_output
from cistill.texts import read_text

VERSION = re.compile(r"\s*(?:MEME|STREME|DREME) version")


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
    """Read the motifs of a MEME file; `motif_files.reader` reads this and other formats.

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
    what = "motif database"
    found = meme_motifs(read_text(path, what).split("\n"), f"{what} {path}")
    first: dict[str, int] = {}
    for motif, line in found:
        if first.setdefault(motif.name, line) != line:
            raise InputError(f"{what} {path}, line {line}: motif(s) given more than once: {motif.name}")
    return [motif for motif, _ in found]


def meme_motifs(lines: Sequence[str], where: str) -> list[tuple[NamedMatrix, int]]:
    """Return the motifs in lines of MEME's text, minimal or full, each with the line that names it.

    Parameters
    ----------
    lines : sequence of str
    where : str
        Role and path of the file, for messages.

    Raises
    ------
    InputError
        As `read_meme`, but for names that are given twice.
    """
    if not any(VERSION.match(line) for line in lines):
        raise InputError(f"{where}: not in MEME's format: there is no line 'MEME version 4'")
    motifs: list[tuple[NamedMatrix, int]] = []
    name = alternative = ""
    named = number = 0
    while number < len(lines):
        line = lines[number].strip()
        number += 1
        if line.startswith("ALPHABET"):
            number = _check_alphabet(lines, number, where)
        elif re.match(r"MOTIF(\s|$)", line):
            if name:
                raise InputError(f"{where}, line {named}: motif {name} has no letter-probability matrix")
            words = line.split()
            if len(words) < 2:
                raise InputError(f"{where}, line {number}: a MOTIF line without a name")
            # the full output goes on with "width = 9 sites = 20 ..."
            words = words[: words.index("width")] if "width" in words[2:] else words
            name, alternative, named = words[1], " ".join(words[2:]), number
        elif line.startswith("letter-probability matrix"):
            if not name:
                raise InputError(f"{where}, line {number}: a matrix before any MOTIF line")
            matrix, after = _read_matrix(lines, number, where)
            _check_size(line, matrix, f"{where}, line {number}: motif {name}")
            motifs.append((NamedMatrix(name, alternative, matrix, _header_value(line, "nsites=")), named))
            name, number = "", after
    if name:
        raise InputError(
            f"{where}, line {named}: motif {name} has no letter-probability matrix; is the file cut short?"
        )
    if not motifs:
        raise InputError(f"{where}: no motif in the file")
    return motifs


def _check_alphabet(lines: Sequence[str], number: int, where: str) -> int:
    """Check the alphabet that starts at a line (from 1); return the number of its last line.

    It is `ALPHABET= ACGT`, a name as `ALPHABET DNA`, or a block `ALPHABET "DNA" ... END ALPHABET` with a line for each
    letter, `A "Adenine" CC0000 ~ T "Thymine" 0000CC`, whose ambiguous letters have an equals sign.
    """
    line = lines[number - 1].strip()
    letters = line.removeprefix("ALPHABET").strip()
    if letters.startswith("="):
        letters = letters[1:].replace(" ", "").upper()
    elif letters.upper().split() in (["DNA"], ["DNA-LIKE"]):
        letters = BASES
    elif letters:
        end = next((at for at in range(number, len(lines)) if lines[at].split() == ["END", "ALPHABET"]), None)
        if end is not None:
            core = [part.split()[0] for text in lines[number:end] for part in _core_letters(text)]
            letters, number = "".join(sorted({letter.upper() for letter in core})), end + 1
    if letters not in (BASES, ""):
        raise InputError(
            f"{where}, line {number}: the alphabet must be {BASES}, found: {line}{_alphabet_advice(letters)}"
        )
    return number


def _core_letters(text: str) -> list[str]:
    """Return the parts of a line of an alphabet that define core letters; none of comments and ambiguous letters."""
    plain = text.split("#")[0]
    if not plain.strip() or re.search(r"[^\s\"]\s*=\s*", re.sub(r'"[^"]*"', "", plain)):
        return []
    return [part for part in re.sub(r'"[^"]*"', "", plain).split("~") if part.strip()]


def _alphabet_advice(letters: str) -> str:
    """Say what to do about another alphabet."""
    if letters.upper() in ("ACGU", "RNA", "RNA-LIKE"):
        return "; these are motifs of RNA: give motifs of DNA"
    return (
        "; these are motifs of proteins: give motifs of DNA" if len(letters) >= 20 or "PROT" in letters.upper() else ""
    )


def _header_value(line: str, key: str) -> int:
    """Return the number after a key such as `nsites=`, with or without a blank between them; 0 without."""
    found = re.search(rf"{key}\s*([0-9.eE+]+)", line)
    try:
        return int(float(found[1])) if found else 0
    except (ValueError, OverflowError):
        return 0


def _check_size(line: str, matrix: Matrix, of: str) -> None:
    """Compare a matrix with the width that its header gives."""
    width = _header_value(line, " w=")
    if width and width != len(matrix):
        raise InputError(f"{of}: {width} positions are announced (w= {width}), but {len(matrix)} found")


def _read_matrix(lines: Sequence[str], number: int, where: str) -> tuple[Matrix, int]:
    """Return the rows of a matrix that follow a line (from 1), and the number of the last of them."""
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
        if len(row) != 4 or not min(row) >= 0 or not 0.9 < total < 1.1:
            raise InputError(
                f"{where}, line {number + 1}: a row of a matrix must be four probabilities that sum to one, "
                f"found: {' '.join(words[:8])}{' ...' if len(words) > 8 else ''}"
            )
        rows.append([value / total for value in row])
        number += 1
    if not rows:
        commas = number < len(lines) and re.match(r"\s*[0-9]+,[0-9]", lines[number])
        hint = "; its numbers have decimal commas: write points" if commas else ""
        raise InputError(f"{where}, line {number}: a matrix without rows{hint}")
    return np.array(rows), number


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
