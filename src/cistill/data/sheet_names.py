"""Names in sheets, of TFs, tasks and libraries, which names of files are made of."""

import re
from collections.abc import Sequence

from cistill.data.sheet import SheetRow

NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]*$")
LONGEST_NAME = 60
DATE = re.compile(
    r"[0-9]{1,2}[-. ](Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mrz|Mai|Okt|Dez)\.?|[0-9]{4}-[0-9]{2}-[0-9]{2}.*",
    re.IGNORECASE,
)
"""What spreadsheets make of names such as OCT4 and MAR1."""


def name_problems(row: SheetRow, columns: Sequence[str]) -> list[str]:
    """Say which of a row's names cannot be part of a file's name, or were a spreadsheet's victims."""
    return [row.problem(column, problem) for column in columns if (problem := name_problem(row[column]))]


def name_problem(name: str) -> str:
    """Say why a name cannot be part of a file's name; empty if it can, or there is none."""
    if not name:
        return ""
    if DATE.fullmatch(name):
        return f"{name!r} is what spreadsheets make of names such as OCT4; write the name as text"
    if len(name) > LONGEST_NAME:
        return f"has {len(name)} letters; use {LONGEST_NAME} at most, names of files are made of it"
    if not NAME.match(name):
        return f"{name!r} is unfit for file names; use letters, digits, '-' and '_', the first a letter or digit"
    return ""
