"""From a column of a table to inserted sequences, and from sequences to classes."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.errors import InputError

SHOWN = 3
MOST_MISFITS = 0.01  # share of rows; published tables have a few mistyped probes, a wrong reader fits none
FLANK = re.compile(r"\{flank(?:\[(-?\d*):(-?\d*)\])?\}")
PLAIN = re.compile(r"[ACGT]+")
ENDS = re.compile(r"^\s*5\s*['′’`´]?\s*[-–]?\s*([A-Za-z\s]+?)\s*[-–]?\s*3\s*['′’`´]?\s*$")


def constructed(column: "pd.Series[str]", rules: dict[str, Any], path: Path) -> tuple["pd.Series[str]", dict[str, int]]:
    """Return the sequences that are inserted, in upper case, and how often each treatment was needed.

    Rows that hold no sequence (`skip`, empty), rows with other letters than A, C, G, T, and up to 1 % of rows that lack
    the constants which the reader names are left out.

    Parameters
    ----------
    column : Series of str
        The table's sequences; its index is the line of the file.
    rules : dict
        The reader's part `sequence`.
    path : Path
        For messages.

    Raises
    ------
    InputError
        If length, constant prefix or constant suffix are not as the reader says in more than 1 % of the rows, or
        nothing is left.
    """
    counts: dict[str, int] = {}

    def note(reason: str, number: int) -> None:
        if number:
            counts[reason] = int(number)

    absent = (column == "") | column.isin(rules.get("skip", []))
    note("rows without a sequence", absent.sum())
    kept = column[~absent]
    bare = bare_sequences(kept)
    note("rows with spaces or 5'-...-3', read without them", (bare != kept).sum())
    upper = bare.str.upper().str.replace("U", "T", regex=False)
    note("rows in lower case or with U, read as upper-case DNA", (upper != bare).sum())
    plain = upper.str.fullmatch(PLAIN)
    note("rows with letters other than A, C, G, T", (~plain).sum())
    upper = upper[plain]
    if upper.empty:
        raise InputError(
            f"table {path}: no row of the sequence column holds a sequence of A, C, G, T alone{_shown(kept)}"
        )
    upper = _fitting(upper, rules, path, counts)
    start, end = rules.get("slice", [None, None])
    inserted = upper.str.slice(start, end)
    if "template" in rules:
        inserted = _from_template(inserted, str(rules["template"]), path)
    if (inserted == "").any():
        raise InputError(
            f"table {path}: the reader's slice leaves nothing of {int((inserted == '').sum())} sequence(s)"
        )
    return inserted, counts


def bare_sequences(cells: "pd.Series[str]") -> "pd.Series[str]":
    """Return sequences without white space and without the marks of their ends (`5'-ACG TTT-3'`)."""
    return cells.str.replace(ENDS, r"\1", regex=True).str.replace(r"\s+", "", regex=True)


def _shown(values: "pd.Series[str]") -> str:
    return ": " + ", ".join(f"{value[:40]!r}" for value in values.head(SHOWN)) if len(values) else ""


def _fitting(upper: "pd.Series[str]", rules: dict[str, Any], path: Path, counts: dict[str, int]) -> "pd.Series[str]":
    """Leave out sequences without the length or constants that the reader names; refuse the table if they are many."""
    checks = []
    if "length" in rules:
        checks.append((upper.str.len() == int(rules["length"]), f"are not {rules['length']} bases long"))
    if "prefix" in rules:
        checks.append((upper.str.startswith(str(rules["prefix"])), f"do not start with {rules['prefix']}"))
    if "suffix" in rules:
        checks.append((upper.str.endswith(str(rules["suffix"])), f"do not end with {rules['suffix']}"))
    keep = pd.Series(True, index=upper.index)
    problems = []
    for fits, text in checks:
        if not fits.all():
            counts[f"rows left out since they {text}"] = int((keep & ~fits).sum())
            wrong = upper[~fits]
            rows = ", ".join(f"row {row}: {sequence}" for row, sequence in wrong.head(SHOWN).items())
            problems.append(f"{len(wrong)} of {len(upper)} sequences {text} ({rows})")
            keep &= fits
    if (~keep).sum() > MOST_MISFITS * len(upper):
        raise InputError(
            f"table {path}: "
            + "; ".join(problems)
            + ". Is this the reader for this file? The parts length, prefix and suffix of a reader can be changed"
        )
    return upper[keep]


def _from_template(flank: "pd.Series[str]", template: str, path: Path) -> "pd.Series[str]":
    """Build sequences such as `{flank[:5]}CACGTG{flank[5:]}`."""
    parts = FLANK.split(template)  # text, start, end, text, start, end, ..., text
    built = pd.Series(parts[0], index=flank.index, dtype=object)
    for i in range(1, len(parts), 3):
        start, end = (int(part) if part else None for part in parts[i : i + 2])
        built = built + flank.str.slice(start, end) + parts[i + 2]
    wrong = ~built.str.fullmatch(PLAIN)
    if wrong.any():
        raise InputError(f"table {path}: the reader's template makes {built[wrong].iloc[0]!r}, which is no sequence")
    return built


def classes_of(column: "pd.Series[str] | None", sequences: Sequence[str], rules: dict[str, Any]) -> NDArray[np.object_]:
    """Return the kind of variation of each sequence, None where there is none.

    A rule whose pattern is found in the sequence comes first, then the column (through `map`), then the default.

    Parameters
    ----------
    column : Series of str or None
        The table's classes, one for each sequence.
    sequences : sequence of str
    rules : dict
        The reader's part `class`.
    """
    default = rules.get("default")
    found = np.full(len(sequences), default, dtype=object)
    if column is not None:
        names = {str(key): value for key, value in dict(rules.get("map", {})).items()}
        found[:] = [names.get(cell, cell) if cell not in ("", "NA") else default for cell in column]
    for rule in reversed(rules.get("rules", [])):
        pattern = re.compile(str(rule["pattern"]))
        found[[bool(pattern.search(sequence)) for sequence in sequences]] = rule["class"]
    return found
