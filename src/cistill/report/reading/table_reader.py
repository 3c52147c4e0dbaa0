"""Reading the tables of a TF one after the other, so that all that is wrong with any is reported together."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from cistill.errors import InputError
from cistill.tables import read_table

TEXT = dict.fromkeys(
    (
        *("region_id", "chrom", "task", "tasks", "tested_in", "candidate", "fold", "kind", "stage", "motif_id"),
        *("consensus", "match_1", "match_2", "match_3", "member", "motif_a", "motif_b", "hit_set", "other_set"),
        *("site_class", "method", "family", "statistic", "motif", "best_motif", "source", "class", "sequence"),
        *("group", "model", "set", "unit"),
    ),
    str,
)
"""Columns that are text even where they look like numbers."""


class TableReader:
    """Reads tables, and collects the messages of those that cannot be read.

    Attributes
    ----------
    problems : list of str
    """

    def __init__(self) -> None:
        self.problems: list[str] = []

    def __call__(self, file: Path | None, columns: tuple[str, ...]) -> pd.DataFrame | None:
        """Return a table that must have some columns; None without a file, or with one that is not such a table."""
        if file is None:
            return None
        with self.collecting():
            return read_table(file, columns=columns, dtype=TEXT)
        return None

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Collect the message of an `InputError` that ends the block, and go on behind it."""
        try:
            yield
        except InputError as error:
            self.problems.append(str(error))

    def raise_problems(self) -> None:
        """Raise one `InputError` with all messages, if there are any."""
        if self.problems:
            raise InputError("\n".join(self.problems))


def is_true(column: pd.Series) -> pd.Series:
    """Return a column of True and False as booleans: a table without rows does not tell what it would hold."""
    return column.astype(str) == "True"
