"""Reading the tables of a TF one after the other, so that all that is wrong with any is reported together."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from cistill.errors import InputError
from cistill.formats.tables import table_named


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
            return table_named(file.name).read(file, columns)
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
