"""Every file that a command writes, by stage: to add a table, add one constant to a module of this folder."""

from cistill.formats.published import ResultFile, ResultTable
from cistill.formats.tables import (
    analyses,
    browser,
    calibration,
    comparison,
    contributions,
    hits,
    libraries,
    motifs,
    pages,
    prediction,
    regions,
    training,
)

MODULES = (
    regions, training, prediction, contributions, motifs, hits, comparison, libraries, calibration, analyses, pages,
    browser,
)  # fmt: skip
FILES: tuple[ResultFile, ...] = tuple(
    dict.fromkeys(value for module in MODULES for value in vars(module).values() if isinstance(value, ResultFile))
)
TABLES: tuple[ResultTable, ...] = tuple(file for file in FILES if isinstance(file, ResultTable))


def table_named(name: str) -> ResultTable:
    """Return the declaration of a table that the report reads, by the name of its file.

    Raises
    ------
    KeyError
        If none is declared.
    """
    found = [table for table in TABLES if table.role and name.endswith(f".{table.name}")]
    if not found:
        raise KeyError(f"no table of the report is called {name}")
    return max(found, key=lambda table: len(table.name))


def table_of(command: str, key: str) -> ResultTable:
    """Return the table that a command, or a sub-command of it, writes under a name without `.tsv`.

    Raises
    ------
    KeyError
        If it is not declared.
    """
    for table in TABLES:
        if table.command.split(" ")[0] == command and table.key == key:
            return table
    raise KeyError(f"{command} writes no table {key} that is declared in cistill.formats.tables")
