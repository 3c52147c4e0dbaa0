"""The inserts to score: read from a table or FASTA or generated, each sequence once, in the order of the input."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.affinity.tables.cells import cell_rows
from cistill.affinity.tables.constructs import bare_sequences
from cistill.affinity.tables.generate import Insert, library_pieces
from cistill.affinity.tables.source import column_place
from cistill.console import LOG
from cistill.dna.codes import BASES, Texts, reverse_complement_texts
from cistill.errors import InputError
from cistill.files import require_file
from cistill.texts import text_lines
from cistill.workbooks import is_workbook

ROWS_AT_ONCE = 200_000
SHOWN = 3


@dataclass(frozen=True)
class Inserts:
    """Sequences to insert.

    Attributes
    ----------
    sequences : bytes array, shape=(inserts,)
        Different from each other, A, C, G, T in upper case, in the order of the input.
    rows : int
        Rows of the input.
    treated : dict
        What was done to rows that could not be taken as they are: text to number of rows.
    """

    sequences: Texts
    rows: int
    treated: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.sequences)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Length of every sequence in bp."""
        return np.char.str_len(self.sequences)


@dataclass(frozen=True)
class ToCompute:
    """What is computed for inserts.

    Attributes
    ----------
    sequences : bytes array, shape=(computed,)
    of_row : int array, shape=(inserts,)
        Which of them each insert is.
    """

    sequences: Texts
    of_row: NDArray[np.int64]


def sequences_to_compute(sequences: Texts, both_orientations: bool) -> ToCompute:
    """Return what to compute: with both orientations an insert and its reverse complement have one score.

    Parameters
    ----------
    sequences : bytes array, shape=(inserts,)
        Different from each other.
    both_orientations : bool
    """
    if not both_orientations:
        return ToCompute(sequences, np.arange(len(sequences)))
    turned = reverse_complement_texts(sequences)
    canonical = np.where(sequences <= turned, sequences, turned)
    _, first, inverse = np.unique(canonical, return_index=True, return_inverse=True)
    by_appearance = np.argsort(first)
    rank = np.empty_like(by_appearance)
    rank[by_appearance] = np.arange(len(first))
    return ToCompute(canonical[first[by_appearance]], rank[inverse])


def given_inserts(sequences: Sequence[str]) -> tuple[Inserts, NDArray[np.int64]]:
    """Return inserts and, for every sequence given, its row among them.

    Parameters
    ----------
    sequences : sequence of str
        Lower case is read as upper case.

    Raises
    ------
    InputError
        If there is none, or one has other letters than A, C, G, T.
    """
    texts = [str(sequence).upper() for sequence in sequences]
    wrong = [row for row, text in enumerate(texts) if not text or set(text) - set(BASES)]
    if wrong or not texts:
        example = f", for example {sequences[wrong[0]]!r:.40} (number {wrong[0]})" if wrong else ""
        raise InputError(f"{len(wrong)} of {len(texts)} sequences are not of A, C, G and T{example}")
    row_of = {text: row for row, text in enumerate(dict.fromkeys(texts))}
    inserts = Inserts(np.array(list(row_of), dtype=bytes), len(texts))
    return inserts, np.array([row_of[text] for text in texts], dtype=np.int64)


def read_inserts(path: str | os.PathLike[str], column: str = "sequence") -> Inserts:
    """Read inserts from a table with a header (TSV, CSV, `.xlsx`; `library.tsv` is one) or FASTA, plain or gzipped.

    Lower case is read as upper case, U as T, spaces and 5'-...-3' are left out. Rows with other letters than A, C, G, T
    (N, ...) cannot be inserted: they are left out and counted. A sequence that comes again is taken once.

    Parameters
    ----------
    path : path
        FASTA if its first character is `>`; else a table, comma-separated if its name ends in `.csv` or `.csv.gz`.
    column : str
        The table's column with the sequences.

    Raises
    ------
    InputError
        If the file is missing or no such table, has no such column, has empty cells, or nothing is left.
    """
    file = require_file(path, "library")
    fasta = not is_workbook(file) and _first_line(file).startswith(">")
    inserts = _collected(_fasta_pieces(file) if fasta else _table_pieces(file, column), f"library {file}")
    for text, number in inserts.treated.items():
        LOG.warning("library %s: %s: %d of %d rows", file.name, text, number, inserts.rows)
    return inserts


def _first_line(file: Path) -> str:
    """Return the first line that holds anything."""
    return next((text for _, line in text_lines(file, "library") if (text := line.strip())), "")


def generated_inserts(inserts: Iterable[Insert]) -> Inserts:
    """Collect generated inserts."""
    pieces = (piece["sequence"].to_numpy(dtype=object) for piece in library_pieces(inserts))
    return _collected(pieces, "generated library")


def _table_pieces(file: Path, column: str) -> Iterator[NDArray[np.object_]]:
    """Yield the sequences of a table, piece by piece."""
    comma = file.name.lower().removesuffix(".gz").endswith(".csv")
    (_, names), rows = cell_rows(file, {"separator": "comma" if comma else "tab"}, [column])
    names = [name.removeprefix("#") for name in names]
    try:
        at = column_place(names, column, file, "sequences")
    except InputError as error:
        raise InputError(f"{error} Name the column of the sequences with --column") from error
    piece: list[str] = []
    for number, cells in rows:
        if len(cells) > len(names) and any(cells[len(names) :]):
            raise InputError(
                f"library {file}: row {number} has {len(cells)} cells where the header has {len(names)}; is the "
                "separator right?"
            )
        piece.append(cells[at] if len(cells) > at else "")
        if len(piece) >= ROWS_AT_ONCE:
            yield np.array(piece, dtype=object)
            piece = []
    if piece:
        yield np.array(piece, dtype=object)


def _fasta_pieces(file: Path) -> Iterator[NDArray[np.object_]]:
    """Yield the sequences of a FASTA file, piece by piece."""
    piece: list[str] = []
    lines: list[str] | None = None
    for _, text in text_lines(file, "library"):
        line = text.strip()
        if line.startswith(">"):
            if lines is not None:
                piece.append("".join(lines))
            lines = []
        elif lines is not None:
            lines.append(line)
        if len(piece) >= ROWS_AT_ONCE:
            yield np.array(piece, dtype=object)
            piece = []
    yield np.array([*piece, "".join(lines or [])], dtype=object)


def _collected(pieces: Iterable[NDArray[np.object_]], what: str) -> Inserts:
    """Join pieces, leave out what cannot be inserted, keep every sequence once."""
    kept: list[Texts] = []
    rows, lower, empty, unknown, bare = 0, 0, 0, 0, 0
    shown: list[str] = []
    for piece in pieces:
        stripped = pd.Series(piece).str.strip()
        text = stripped.str.upper()
        lower += int((text != stripped).sum())
        empty += int((text == "").sum())
        plain = text.str.fullmatch("[ACGT]+").to_numpy(dtype=bool, copy=True)
        if not plain.all():
            others = bare_sequences(text[~plain]).str.replace("U", "T", regex=False)
            readable = others[others.str.fullmatch("[ACGT]+")]
            bare += len(readable)
            text.loc[readable.index] = readable
            plain[readable.index] = True
        odd = np.flatnonzero(~plain & (text != "").to_numpy())
        unknown += len(odd)
        shown += [f"row {rows + 1 + int(i)}: {str(text[i])[:40]!r}" for i in odd[: SHOWN - len(shown)]]
        rows += len(text)
        kept.append(np.array(text[plain].tolist(), dtype=bytes))
    if empty:
        raise InputError(f"{what}: {empty} of {rows} rows hold no sequence: fill the column or remove the rows")
    joined = np.concatenate(kept) if kept else np.empty(0, dtype="S1")
    if not len(joined):
        examples = f" ({', '.join(shown)})" if shown else ""
        raise InputError(f"{what}: none of {rows} rows is a sequence of A, C, G and T{examples}")
    _, first = np.unique(joined, return_index=True)
    sequences = joined[np.sort(first)]
    treated = {
        "lower case read as upper case": lower,
        "spaces, 5'-...-3' or U, read as plain DNA": bare,
        "left out, letters other than A, C, G, T": unknown,
        "same sequence as an earlier row, scored once": len(joined) - len(sequences),
    }
    return Inserts(sequences, rows, {text: number for text, number in treated.items() if number})
