"""Tables of a finished run by name: which declared table a file of a results folder is, and what its columns mean."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import pandas as pd

from cistill.errors import InputError
from cistill.formats.published import ResultFile, ResultTable
from cistill.formats.tables import FILES, TABLES
from cistill.formats.typed_tables import dtype_of, read_typed

FOLDERS = tuple(dict.fromkeys([*(file.folder for file in FILES if file.folder), "filterhits", "coverage"]))
"""Folders that the pipeline publishes result files in."""
ENDINGS = (".tsv", ".bed")


def published_files(folder: Path) -> Iterator[Path]:
    """Yield the result files in the published folders of a run, by folder and name."""
    for name in FOLDERS:
        if (folder / name).is_dir():
            yield from sorted(file for file in (folder / name).iterdir() if file.is_file() and _is_result(file.name))


def _is_result(name: str) -> bool:
    """Return whether a file is named like one that a command writes, its record included."""
    return name[:1] != "." and (name.endswith(".json") or any(_fits(file, name) for file in FILES))


def short_name(tf: str, file: str) -> str:
    """Return the name of a table: that of its file without the TF's name and the ending."""
    name = file.removeprefix(f"{tf}.") if tf else file
    return next((name.removesuffix(end) for end in ENDINGS if name.endswith(end)), name)


def table_of_file(file: Path) -> ResultTable | None:
    """Return what a file of a results folder is declared as; None for a file that is no declared table.

    A table of its own folder goes before the same of another one (`filterhits/` holds hits as `callhits/` does), and
    the longer name before the shorter.
    """
    if not file.name.endswith(ENDINGS):
        return None
    fitting = [table for table in TABLES if _fits(table, file.name)]
    return max(fitting, key=lambda table: (table.folder == file.parent.name, len(table.name)), default=None)


def _fits(file: ResultFile, name: str) -> bool:
    return name.endswith(f".{file.name}") if file.prefix else name == file.name


def described_columns(table: ResultTable, names: list[str]) -> pd.DataFrame:
    """Return a row for each column of a file: its name, type in pandas and meaning."""
    rows = []
    for name in names:
        column = table.column(name)
        rows.append((name, dtype_of(column) if column else "", column.words if column else ""))
    return pd.DataFrame(rows, columns=["column", "dtype", "meaning"])


class ResultTables:
    """Tables among some files, each read when it is asked for.

    Parameters
    ----------
    owner : str
        Whose they are, in messages; the name of a TF, or empty for those of the whole run.
    files : mapping
        Name of a file to the file.
    """

    def __init__(self, owner: str, files: Mapping[str, Path]) -> None:
        self._owner, self._files = owner, files

    @cached_property
    def _tables(self) -> dict[str, tuple[Path, ResultTable]]:
        """Name of a table to its file and declaration."""
        declared = ((file, table_of_file(file)) for file in self._files.values())
        return {short_name(self._owner, file.name): (file, table) for file, table in declared if table is not None}

    @property
    def tables(self) -> pd.DataFrame:
        """All tables: `name`, `folder`, `file` and `what` each holds."""
        rows = [(name, file.parent.name, file.name, table.words) for name, (file, table) in self._tables.items()]
        return pd.DataFrame(rows, columns=["name", "folder", "file", "what"])

    def table(self, name: str) -> pd.DataFrame:
        """Read a table.

        Parameters
        ----------
        name : str
            As in `tables`, e.g. `regions` or `counts.motifs`: the name of the file without the TF's name and ending.
            The whole name of the file is taken too.

        Returns
        -------
        DataFrame
            Every column of the type that docs/formats.md says: text `str`, whole numbers `int64`, numbers `float64`,
            truth values `bool` (`boolean` where some are missing).

        Raises
        ------
        InputError
            If there is no such table, or it is not as declared.
        """
        file, table = self._named(name)
        return read_typed(table, file)

    def columns(self, name: str) -> pd.DataFrame:
        """Return a row for each column of a table: `column`, `dtype` and `meaning`.

        Raises
        ------
        InputError
            As for `table`.
        """
        file, table = self._named(name)
        return described_columns(table, table.read(file).columns.tolist())

    def _named(self, name: str) -> tuple[Path, ResultTable]:
        short = short_name(self._owner, name)
        if short not in self._tables:
            known = ", ".join(self._tables) or "none"
            raise InputError(f"{self._owner or 'the run'} has no table {name!r}; its tables are {known}")
        return self._tables[short]

    def file(self, name: str) -> Path:
        """Return the path of any result file, e.g. `counts.attributions.h5` or `report.html`.

        Raises
        ------
        InputError
            If there is no such file.
        """
        found = self._files.get(name) or self._files.get(f"{self._owner}.{name}")
        if found is None:
            raise InputError(f"{self._owner or 'the run'} has no file {name!r}; see the column `file` of `tables`")
        return found

    def _path(self, name: str) -> Path | None:
        return self._files.get(f"{self._owner}.{name}")
