"""What a result file is called, where it is published and what it holds; tables with their columns and types."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from cistill.errors import InputError
from cistill.formats.foreign import expecting
from cistill.formats.hdf5 import Layout
from cistill.tables import read_table, table_writer, write_table

TF, HEAD, RUN, LIBRARY, RUN_OF_COMMAND = "{tf}", "{tf}.{head}", "{tf}.{run}", "{tf}.{library}", "{prefix}"
KINDS = ("text", "int", "float", "bool")
TRUTH = {"true": True, "1": True, "false": False, "0": False}
LINE = re.compile(r"(?P<optional>\+?)(?P<name>\S+) (?P<kind>text|int|float|bool)(?P<missing>\??)(: (?P<words>.+))?")


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    name : str
        With `{...}` for a part that differs, e.g. `recall_{class}`: there may be any number of such columns.
    kind : {"text", "int", "float", "bool"}
        Type of its values.
    words : str
        What they mean, and their unit; empty where the name says it.
    missing : bool
        Whether `NA` may stand in it.
    optional : bool
        Whether the table may lack it.
    """

    name: str
    kind: str
    words: str = ""
    missing: bool = False
    optional: bool = False

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """What the names look like, if they differ."""
        if "{" not in self.name:
            return None
        return re.compile("".join(".+" if part[:1] == "{" else re.escape(part) for part in _parts(self.name)))

    @property
    def fixed_length(self) -> int:
        """Number of characters of the name that do not differ."""
        return sum(len(part) for part in _parts(self.name) if part[:1] != "{")

    def fits(self, name: str) -> bool:
        """Return whether a column of a file is this one."""
        return self.name == name if self.pattern is None else self.pattern.fullmatch(name) is not None


def _parts(name: str) -> list[str]:
    return [part for part in re.split(r"(\{[^}]*\})", name) if part]


def columns_of(text: str) -> tuple[Column, ...]:
    """Read columns from a text of one line each: `name kind: meaning`.

    `?` behind the kind: may be `NA`; `+` before the name: the table may lack the column.
    """
    found = []
    for line in filter(None, (" ".join(line.split()) for line in text.splitlines())):
        match = LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"not a column: {line!r}")
        name, optional = match["name"], bool(match["optional"]) or "{" in match["name"]
        found.append(Column(name, match["kind"], match["words"] or "", bool(match["missing"]), optional))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class ResultFile:
    """A file that a command writes.

    Attributes
    ----------
    name : str
        Behind the prefix, e.g. `regions.tsv`.
    folder : str
        Folder of the results that the pipeline publishes it in; empty if only a command by itself writes it.
    words : str
        What it holds, in one line.
    command : str
        Who writes it.
    prefix : str
        Before the name, e.g. `{tf}.{head}`; empty for none.
    role : str
        What the report knows it by; empty if it does not read it.
    layout : Layout, optional
        Of an HDF5 file.
    """

    name: str
    folder: str
    words: str
    command: str = ""
    prefix: str = TF
    role: str = ""
    layout: Layout | None = None

    @property
    def pattern(self) -> str:
        """The whole name, e.g. `{tf}.regions.tsv`."""
        return f"{self.prefix}.{self.name}" if self.prefix else self.name

    @property
    def key(self) -> str:
        """The name without `.tsv`."""
        return self.name.rsplit(".", 1)[0]


@dataclass(frozen=True, eq=False)
class ResultTable(ResultFile):
    """A table that a command writes: tab-separated with a header, `NA` for missing values.

    Attributes
    ----------
    columns : tuple of Column
        In their order.
    bed : bool
        Whether the header line starts with `#`.
    """

    columns: tuple[Column, ...] = ()
    bed: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns that are always there."""
        return tuple(column.name for column in self.columns if not column.optional)

    @property
    def all_names(self) -> tuple[str, ...]:
        """Names of all columns of a fixed name."""
        return tuple(column.name for column in self.columns if column.pattern is None)

    def column(self, name: str) -> Column | None:
        """Return the declaration of a column of a file; None if there is none.

        Of several that fit, e.g. `match_{rank}` and `match_{rank}_p`, the one with most text of its own.
        """
        fitting = [column for column in self.columns if column.fits(name)]
        return max(fitting, key=lambda column: (column.pattern is None, column.fixed_length), default=None)

    def frame(self, rows: Any) -> pd.DataFrame:
        """Return rows as a table of the columns that are always there, also where there is no row."""
        return pd.DataFrame(rows, columns=list(self.names))

    def write(self, path: str | os.PathLike[str], frame: pd.DataFrame) -> None:
        """Write a table; the file appears whole or not at all.

        Raises
        ------
        ValueError
            If the columns are not those that are declared.
        """
        if len(frame.columns):
            self.check(frame.columns.tolist())
        write_table(path, frame, bed=self.bed)

    @contextmanager
    def writer(self, path: str | os.PathLike[str]) -> Iterator[Callable[[pd.DataFrame], None]]:
        """Write a table piece by piece; yields what takes the next rows.

        Raises
        ------
        ValueError
            If the columns of a piece with rows are not those that are declared.
        """
        with table_writer(path, bed=self.bed) as write:

            def checked(frame: pd.DataFrame) -> None:
                if len(frame.columns):
                    self.check(frame.columns.tolist())
                write(frame)

            yield checked

    def check(self, names: Sequence[str]) -> None:
        """Refuse names of columns that differ from the declaration: a mistake of the program.

        Raises
        ------
        ValueError
            If a column is missing, not declared, or out of order.
        """
        known = [self.column(name) for name in names]
        strange = [name for name, column in zip(names, known, strict=True) if column is None]
        missing = [name for name in self.names if name not in set(names)]
        if strange or missing:
            raise ValueError(f"{self.pattern}: columns not declared: {strange}; declared but missing: {missing}")
        places = [self.columns.index(column) for column in known if column is not None and column.pattern is None]
        if places != sorted(places):
            raise ValueError(f"{self.pattern}: columns {list(names)} are not in the order that is declared")

    def read(
        self, path: str | os.PathLike[str], needed: Sequence[str] | None = None, what: str = "table"
    ) -> pd.DataFrame:
        """Read a table: text as text, truth values as bool, numbers checked to be numbers.

        Parameters
        ----------
        path : path
        needed : sequence of str, optional
            Columns that must be there, of those that are declared; all that are always there by default.
        what : str
            Role of the file in messages.

        Raises
        ------
        InputError
            If the file is missing, empty or no such table, lacks a column, or a value is not of its column's type.
        """
        with expecting(f"a table {self.pattern}", path):
            return self._read(path, needed, what)

    def _read(self, path: str | os.PathLike[str], needed: Sequence[str] | None, what: str) -> pd.DataFrame:
        """Read a table without taking care of what pandas raises."""
        declared = {name: self.column(name) for name in _header(path)}
        texts = {name: str for name, column in declared.items() if column and column.kind in ("text", "bool")}
        frame = read_table(path, self.names if needed is None else needed, dtype=texts, what=what)
        for name in frame.columns:
            column = self.column(name)
            if column is None or column.kind == "text":
                continue
            if column.kind == "bool":
                frame[name] = parsed(path, name, frame[name])
            elif len(frame) and not (pd.api.types.is_numeric_dtype(frame[name]) or frame[name].isna().all()):
                wrong = pd.to_numeric(frame[name], errors="coerce").isna() & frame[name].notna()
                row = int(wrong.to_numpy().argmax())
                raise InputError(
                    f"{path}: row {row + 1}: the column {name} holds {frame[name].iloc[row]!r}, which is no number"
                )
        return frame


def _header(path: str | os.PathLike[str]) -> list[str]:
    """Return the names of a file's columns; none where it cannot be read."""
    try:
        with Path(path).open(encoding="utf-8") as handle:
            return handle.readline().rstrip("\r\n").removeprefix("#").split("\t")
    except (OSError, UnicodeDecodeError):
        return []


def parsed(path: str | os.PathLike[str], name: str, values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return a column of truth values as bool; as object with None where values are missing.

    Raises
    ------
    InputError
        If a value is neither `True` nor `False`.
    """
    found = values.astype(object).map(lambda value: TRUTH.get(str(value).lower()) if pd.notna(value) else None)
    wrong = found.isna() & values.notna()
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise InputError(f"{path}: row {row + 1}: the column {name} holds {values.iloc[row]!r}, neither True nor False")
    return found.astype(bool) if not found.isna().any() else found
