"""The one reader of motif files: any common format, recognised by its content.

MEME's text (MEME, STREME, DREME, JASPAR), JASPAR's counts with or without brackets, HOMER, TRANSFAC, Weeder2,
Cluster-Buster and HOCOMOCO, CIS-BP, UniPROBE, relative affinities (PSAM), plain tables, and our own `motifs.h5`.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import h5py

from cistill.dna.matrices import probabilities
from cistill.errors import InputError
from cistill.files import require_file
from cistill.formats.meme import NamedMatrix, meme_motifs
from cistill.formats.motif_files.numbers import frequencies, shortened
from cistill.formats.motif_files.records import record_motifs, records_format
from cistill.formats.motif_files.tables import is_psam, is_table, table_motifs, tables_format
from cistill.formats.motif_files.transfac import MATRIX_LINE, transfac_motifs
from cistill.formats.motifs import read_motifs
from cistill.formats.psam import psam_of_lines
from cistill.texts import read_text

MEME_LINE = re.compile(r"^\s*(?:MEME|STREME|DREME) version|^\s*letter-probability matrix", re.MULTILINE)
MARKUP = re.compile(r"\s*<(?:\?xml|!doctype|html)", re.IGNORECASE)
KNOWN = (
    "MEME text, JASPAR, HOMER, TRANSFAC, Weeder2 .matrix.w2, CIS-BP, UniPROBE, PSAM, a table of 4 rows or columns, "
    "motifs.h5"
)
SUFFIXES = (".gz", ".bgz")


@dataclass(frozen=True)
class MotifFile:
    """What a motif file holds.

    Attributes
    ----------
    format : str
        `meme`, `streme`, `jaspar`, `homer`, `transfac`, `weeder`, `cisbp`, `uniprobe`, `psam`, `matrix` or `motifs.h5`.
    motifs : list of NamedMatrix
        In the order of the file, each with a name of its own.
    """

    format: str
    motifs: list[NamedMatrix]


def read_database(path: str | os.PathLike[str], what: str = "motif database") -> list[NamedMatrix]:
    """Return the motifs of a file as `read_motif_file` reads it."""
    return read_motif_file(path, what).motifs


def motif_file_problems(path: str | os.PathLike[str], what: str = "motif database") -> list[str]:
    """Say what is wrong with a motif file, by reading it; nothing if it can be used."""
    try:
        read_motif_file(path, what)
    except InputError as error:
        return str(error).split("\n")
    return []


def read_motif_file(path: str | os.PathLike[str], what: str = "motif database") -> MotifFile:
    """Read the motifs of a file, plain or gzipped.

    Counts are divided by their sum without a pseudocount; relative affinities likewise, which makes them the base
    probabilities of sites that are drawn by their affinity. Of a `motifs.h5` the cores are taken.

    Parameters
    ----------
    path : path
    what : str
        Role of the file, for messages.

    Raises
    ------
    InputError
        If the file is missing or of no known format, holds no motif or two of one name, or a matrix that is none over
        A, C, G, T; with its line.
    """
    file = require_file(path, what)
    if h5py.is_hdf5(file):
        motifs = [
            NamedMatrix(motif.motif_id, "", probabilities(motif.pfm[slice(*motif.core)]), motif.n_seqlets)
            for motif in read_motifs(file)
        ]
        if not motifs:
            raise InputError(f"{what} {file}: no motif in the file")
        return MotifFile("motifs.h5", motifs)
    where = f"{what} {file}"
    lines = read_text(file, what).split("\n")
    kind, read = _recognised(lines, where)
    if kind == "psam":
        values = psam_of_lines(lines, where)
        return MotifFile(kind, [NamedMatrix(stem_of_name(file), "", frequencies(values, where))])
    found = read(lines, where, stem_of_name(file))
    if not found:
        raise InputError(f"{where}: no motif in the file")
    return MotifFile(kind, _with_own_names(found, where))


def stem_of_name(file: Path) -> str:
    """Return the name of a file without its folder, `.gz` and its last suffix, without blanks."""
    plain = file.with_suffix("") if file.suffix in SUFFIXES else file
    return "_".join(plain.stem.split())


Found = list[tuple[NamedMatrix, int]]


def _recognised(lines: Sequence[str], where: str) -> tuple[str, Callable[[Sequence[str], str, str], Found]]:
    """Return the format of a text, and what reads its lines."""
    text = "\n".join(lines)
    if MARKUP.match(text):
        raise InputError(f"{where}: this is XML or HTML; give the program's text output (meme.txt, streme.txt)")
    if MEME_LINE.search(text):
        kind = "streme" if "STREME" in text else "meme"
        return kind, lambda lines, where, _: meme_motifs(lines, where)
    if any(line.startswith(">") for line in lines):
        return records_format(lines), lambda lines, where, _: record_motifs(lines, where)
    if any(MATRIX_LINE.match(line.strip()) for line in lines):
        return "transfac", lambda lines, where, _: transfac_motifs(lines, where)
    if is_psam(lines):
        return "psam", lambda _lines, _where, _stem: []
    if is_table(lines):
        return tables_format(lines), table_motifs
    first = next((line for line in lines if line.strip()), "")
    raise InputError(f"{where}: none of the known formats ({KNOWN}); its first line is: {shortened(first)}")


def _with_own_names(found: Found, where: str) -> list[NamedMatrix]:
    """Return motifs that all have another name: that of the file, or where these are shared with the second one.

    Headers such as "Motif 1 ..." share their first word.
    """
    motifs = [motif for motif, _ in found]
    if len({motif.name for motif in motifs}) < len(motifs):
        motifs = [replace(motif, name="_".join(motif.label.split()), alternative="") for motif in motifs]
    number = Counter(motif.name for motif in motifs)
    twice = [(motif.name, line) for motif, (_, line) in zip(motifs, found, strict=True) if number[motif.name] > 1]
    if twice:
        lines = [str(line) for name, line in twice if name == twice[0][0]]
        names = sorted({name for name, _ in twice})
        shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        raise InputError(
            f"{where}, line {lines[1]}: motif(s) given more than once: {shown} "
            f"({twice[0][0]} in lines {', '.join(lines[:5])}); give each its own name"
        )
    return motifs
