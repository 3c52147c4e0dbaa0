"""The samplesheet: one row per read set, grouped into tasks and TFs."""

import os
from collections.abc import Callable, Sequence

import pandas as pd

from cistill.data.contigs import Remark
from cistill.data.sheet import SheetRow, read_rows
from cistill.data.sheet_names import name_problems
from cistill.formats.tables.regions import READSETS

SIGNAL_COLUMNS = ("bam", "bigwig_plus", "bigwig_minus")
CONTROL_COLUMNS = ("control_bam", "control_bigwig_plus", "control_bigwig_minus")
FILE_COLUMNS = (*SIGNAL_COLUMNS, *CONTROL_COLUMNS, "peaks", "known_sites", "truth")
COLUMNS = ("tf", "task", *FILE_COLUMNS)
NEEDED_COLUMNS = ("tf", "peaks")


def read_samplesheet(path: str | os.PathLike[str]) -> tuple[list[SheetRow], list[str]]:
    """Read a samplesheet and list what is wrong with its layout and with single rows.

    Parameters
    ----------
    path : path
        CSV file with a header.

    Returns
    -------
    rows : list of SheetRow
        `task` is filled in.
    problems : list of str
        Each names row and column and says what to do.
    """
    sheet = read_rows(path, "samplesheet", COLUMNS, NEEDED_COLUMNS)
    problems = list(sheet.problems)
    if len(sheet.header) > 1 and "bam" not in sheet.header and not {"bigwig_plus", "bigwig_minus"} <= set(sheet.header):
        problems.append("row 1: the column 'bam', or the columns 'bigwig_plus' and 'bigwig_minus', are missing")
    rows = [SheetRow(row.number, row.cells | {"task": row["task"] or row["tf"]}) for row in sheet.rows]
    for row in rows:
        problems += _row_problems(row, sheet.header)
    return rows, problems


def _row_problems(row: SheetRow, header: Sequence[str]) -> list[str]:
    """Say what is wrong with a row by itself."""
    problems = []
    if "tf" in header and not row["tf"]:
        problems.append(row.problem("tf", "is empty; name the TF"))
    problems += name_problems(row, ("tf",) if row["tf"] == row["task"] else ("tf", "task"))
    problems += _source_problems(row, SIGNAL_COLUMNS, needed=True)
    problems += _source_problems(row, CONTROL_COLUMNS, needed=False)
    return problems


def _source_problems(row: SheetRow, columns: tuple[str, str, str], needed: bool) -> list[str]:
    """Check that reads are given either as a BAM file or as two bigWigs."""
    bam, plus, minus = columns
    if row[bam] and (row[plus] or row[minus]):
        return [row.problem(bam, f"both {bam} and {plus}/{minus} are given; keep one of the two")]
    if bool(row[plus]) != bool(row[minus]):
        missing = minus if row[plus] else plus
        return [row.problem(missing, "is empty though the other strand is given; give both strands")]
    if row[plus] and row[plus] == row[minus]:
        return [row.problem(minus, f"is the same file as {plus}; give one bigWig for each strand")]
    if needed and not row[bam] and not row[plus]:
        return [row.problem(bam, f"no reads; give {bam}, or {plus} and {minus}")]
    return []


def spelled_alike(rows: Sequence[SheetRow], identity: Callable[[str], str]) -> list[SheetRow]:
    """Return rows in which every file is written as it is where the sheet first names it (`./reads.bam`, `reads.bam`).

    Parameters
    ----------
    rows : sequence of SheetRow
    identity : callable
        Gives the same text for two cells that are the same file.
    """
    first: dict[str, str] = {}
    return [
        SheetRow(
            row.number,
            row.cells | {name: first.setdefault(identity(row[name]), row[name]) for name in FILE_COLUMNS if row[name]},
        )
        for row in rows
    ]


def grouping_problems(rows: Sequence[SheetRow], identity: Callable[[str], str]) -> list[str]:
    """Say what is wrong between rows: names, peaks, files that are given twice.

    Parameters
    ----------
    rows : sequence of SheetRow
    identity : callable
        Gives the same text for two cells that are the same file.
    """
    problems = _names_that_differ_in_case(rows)
    for columns, level in ((("peaks",), "task"), (("known_sites", "truth"), "tf")):
        for column in columns:
            problems += _different_files(rows, column, level)
    for keys in {(row["tf"], row["task"]): None for row in rows}:
        of_task = [row for row in rows if (row["tf"], row["task"]) == keys]
        if keys[0] and not any(row["peaks"] for row in of_task):
            problems.append(of_task[0].problem("peaks", f"is empty; task {keys[1]!r} has no peaks: give a file"))
    return problems + _reads_given_twice(rows, identity)


def _names_that_differ_in_case(rows: Sequence[SheetRow]) -> list[str]:
    """Refuse names that would be one file on file systems that ignore case."""
    problems = []
    first: dict[tuple[str, ...], tuple[tuple[str, ...], int]] = {}
    for row in rows:
        for column, names in (("tf", (row["tf"],)), ("task", (row["tf"], row["task"]))):
            key = tuple(name.lower() for name in names)
            before, number = first.setdefault(key, (names, row.number))
            if before[:-1] == names[:-1] and before[-1] != names[-1]:
                problems.append(
                    row.problem(
                        column, f"{names[-1]!r} and {before[-1]!r} (row {number}) differ only in case; spell them alike"
                    )
                )
    return problems


def _different_files(rows: Sequence[SheetRow], column: str, level: str) -> list[str]:
    """Refuse rows of one task or TF that give different files in a column."""
    problems = []
    first: dict[tuple[str, str], SheetRow] = {}
    for row in rows:
        if not row[column]:
            continue
        key = (row["tf"], row["task"] if level == "task" else "")
        before = first.setdefault(key, row)
        if before[column] != row[column]:
            problems.append(
                row.problem(
                    column,
                    f"{row[column]} differs from {before[column]} in row {before.number} of the same {level} "
                    f"{row[level]!r}; rows of one {level} share one file",
                )
            )
    return problems


def _reads_given_twice(rows: Sequence[SheetRow], identity: Callable[[str], str]) -> list[str]:
    """Refuse a file of reads that stands twice in rows of one TF, or as signal and control; remark it for two TFs.

    Two TFs may be models of one experiment, with peaks of their own, and one TF's reads may be another's control.
    """
    problems = []
    first: dict[str, list[tuple[str, SheetRow]]] = {}
    for columns in (SIGNAL_COLUMNS, CONTROL_COLUMNS):
        for row in rows:
            for column in columns:
                if row[column]:
                    named = first.setdefault(identity(row[column]), [])
                    problems += _second_use(column, row, columns, named)
                    named.append((column, row))
    return problems


def _second_use(column: str, row: SheetRow, columns: Sequence[str], named: Sequence[tuple[str, SheetRow]]) -> list[str]:
    """Say what is wrong, or odd, about a cell of reads that stand in cells before."""
    others = [
        (before, other)
        for before, other in named
        if not (columns is CONTROL_COLUMNS and before == column)  # controls are shared
        and not (other.number == row.number and {before, column} <= set(columns))  # told of the row by itself
    ]
    for before, other in others:
        if other["tf"] == row["tf"]:
            text = f"{row[column]} is also in row {other.number}, column {before}; reads must be counted once"
            return [row.problem(column, text)]
    if others and column in ("bam", "bigwig_plus", "control_bam", "control_bigwig_plus"):
        before, other = others[0]
        where = f"row {other.number}, column {before}, of TF {other['tf']!r}"
        text = f"{row[column]} is also in {where}; the same reads serve both: check that this is meant"
        return [Remark(row.problem(column, text))]
    return []


def readset_table(rows: Sequence[SheetRow], resolve: Callable[[str], str]) -> pd.DataFrame:
    """Turn a samplesheet without problems into one row per read set.

    Parameters
    ----------
    rows : sequence of SheetRow
    resolve : callable
        Turns a cell into the path that is written.

    Returns
    -------
    pandas.DataFrame
        Columns of `READSETS`. A control that several rows of a task share is there once.
    """
    shared = {
        column: {(row["tf"], row["task"] if column == "peaks" else ""): row[column] for row in rows if row[column]}
        for column in ("peaks", "known_sites", "truth")
    }
    table = []
    tasks = {(row["tf"], row["task"]): None for row in rows}
    for tf, task in tasks:
        for role, letter, columns in (("signal", "r", SIGNAL_COLUMNS), ("control", "c", CONTROL_COLUMNS)):
            sources = {
                tuple(row[column] for column in columns): None
                for row in rows
                if (row["tf"], row["task"]) == (tf, task) and any(row[column] for column in columns)
            }
            for replicate, files in enumerate(sources, 1):
                common = [shared["peaks"].get((tf, task), "")]
                common += [shared[column].get((tf, ""), "") for column in ("known_sites", "truth")]
                paths = [resolve(cell) if cell else None for cell in (*files, *common)]
                name = f"{tf}.{task}.{letter}{replicate}"
                source = "bam" if files[0] else "bigwig"
                table.append([name, tf, task, role, replicate, source, *paths])
    return READSETS.frame(table)


def named_files(rows: Sequence[SheetRow]) -> list[str]:
    """Return the cells that name files, each once, in the order of the sheet."""
    return list(dict.fromkeys(row[column] for row in rows for column in FILE_COLUMNS if row[column]))


def named_tasks(rows: Sequence[SheetRow]) -> list[str]:
    """Return the tasks as TF/task, each once, in the order of the sheet."""
    return list(dict.fromkeys(f"{row['tf']}/{row['task']}" for row in rows if row["tf"]))
