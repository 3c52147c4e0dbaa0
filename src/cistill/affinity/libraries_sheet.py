"""The affinity sheet: one row per library of sequences, joined to the models by TF."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cistill.affinity.tables.generate import generated
from cistill.affinity.tables.measurements import make_library
from cistill.affinity.tables.reader import load_reader, reader_parts
from cistill.data.named_files import FileFinder
from cistill.data.sheet import SheetRow, read_rows
from cistill.data.sheet_names import name_problems
from cistill.errors import InputError
from cistill.formats.tables.libraries import LIBRARIES
from cistill.network_heads import HEADS

COLUMNS = ("tf", "task", "library", "file", "reader")
NEEDED_COLUMNS = ("tf", "library", "reader")
FILE_COLUMNS = ("file", "reader")
GENERATE = "generate:"
PROBLEMS_SHOWN = 60


@dataclass(frozen=True)
class Models:
    """The TFs that libraries can belong to.

    Attributes
    ----------
    tasks : dict of str to set of str
        TF to its tasks; an empty set where they are not known yet.
    """

    tasks: dict[str, set[str]]

    @classmethod
    def from_text(cls, text: str) -> "Models":
        """Read `TF/task,TF/task,TF`, separated by commas; a TF without a task stands for any."""
        tasks: dict[str, set[str]] = {}
        for entry in filter(None, (part.strip() for part in text.split(","))):
            tf, _, task = entry.partition("/")
            tasks.setdefault(tf, set()).update({task} if task else set())
        return cls(tasks)


def check_libraries(
    path: str | os.PathLike[str], models: Models | None, finder: FileFinder, readers: Path, outdir: Path
) -> pd.DataFrame:
    """Check the sheet, its readers and every table; write `libraries.tsv` if nothing is wrong.

    Parameters
    ----------
    path : path
        CSV file: `tf`, `task` (a single task's model output; all tasks where it is empty), `library` (name of the
        results), `file` (table of measurements; empty for generated sequences) and `reader` (a name of
        `assets/readers` or a YAML file, parameters after colons; or `generate:` and what to generate).
    models : Models or None
        The TFs that there are; None accepts any.
    finder : FileFinder
        Where the files of the sheet's cells lie.
    readers : Path
        Folder of the readers that come with the program.
    outdir : Path

    Returns
    -------
    pandas.DataFrame
        Columns of `LIBRARIES`, a row per library.

    Raises
    ------
    InputError
        One line for each problem. Nothing is written then.
    """
    sheet = read_rows(path, "affinity sheet", COLUMNS, NEEDED_COLUMNS)
    problems = list(sheet.problems)
    for row in sheet.rows:
        problems += _row_problems(row, models, sheet.header)
    problems += _names_given_twice(sheet.rows)
    if not problems:
        for row in sheet.rows:
            problems += _content_problems(row, finder, readers)
    if problems:
        plural = "problem" if len(problems) == 1 else "problems"
        lines = [f"  {Path(path).name}, {problem}" for problem in problems[:PROBLEMS_SHOWN]]
        if len(problems) > PROBLEMS_SHOWN:
            lines.append(f"  ... and {len(problems) - PROBLEMS_SHOWN} more")
        raise InputError("\n".join([f"{len(problems)} {plural} in the affinity sheet; nothing was run", *lines]))
    table = pd.DataFrame([_library(row, finder) for row in sheet.rows], columns=list(LIBRARIES.names))
    LIBRARIES.write(outdir / "libraries.tsv", table)
    return table


def named_files(path: str | os.PathLike[str]) -> list[str]:
    """Return the tables and readers that an affinity sheet names, each once, in its order."""
    rows = read_rows(path, "affinity sheet", COLUMNS, NEEDED_COLUMNS).rows
    cells = [own_reader(row[column]) if column == "reader" else row[column] for row in rows for column in FILE_COLUMNS]
    return list(dict.fromkeys(filter(None, cells)))


def own_reader(cell: str) -> str:
    """Return the user's own file in a cell that names a reader; empty for a reader of the program."""
    name, _ = reader_parts(cell)
    return name if name.endswith((".yml", ".yaml")) and not cell.startswith(GENERATE) else ""


def _row_problems(row: SheetRow, models: Models | None, header: Sequence[str]) -> list[str]:
    problems = [
        row.problem(column, f"is empty; {what}")
        for column, what in (
            ("tf", "name the TF"),
            ("library", "name the library, for its results"),
            ("reader", "name a reader of assets/readers, a YAML file, or what to generate"),
        )
        if column in header and not row[column]
    ]
    problems += name_problems(row, ("tf", "task", "library"))
    if row["library"].lower() in HEADS:
        text = f"{row['library']!r} is the name of a head, whose results it would be mixed up with; choose another"
        problems.append(row.problem("library", text))
    generated = row["reader"].startswith(GENERATE)
    if generated and row["file"]:
        problems.append(row.problem("file", "is given though the sequences are generated; keep one of the two"))
    if row["reader"] and not generated and not row["file"]:
        problems.append(row.problem("file", "is empty; give the table that the reader reads"))
    if models is not None and row["tf"] and row["tf"] not in models.tasks:
        known = ", ".join(models.tasks) or "none"
        problems.append(row.problem("tf", f"there is no model of {row['tf']!r}; the TFs are {known}"))
    elif models is not None and row["task"]:
        tasks = models.tasks.get(row["tf"], set())
        if tasks and row["task"] not in tasks:
            problems.append(
                row.problem(
                    "task", f"{row['tf']} has no task {row['task']!r}; its tasks are {', '.join(sorted(tasks))}"
                )
            )
    return problems


def _names_given_twice(rows: Iterable[SheetRow]) -> list[str]:
    first: dict[tuple[str, str], int] = {}
    problems = []
    for row in rows:
        key = (row["tf"].lower(), row["library"].lower())
        before = first.setdefault(key, row.number)
        if before != row.number:
            problems.append(
                row.problem("library", f"{row['library']!r} of {row['tf']} is also in row {before}; name them apart")
            )
    return problems


def _content_problems(row: SheetRow, finder: FileFinder, readers: Path) -> list[str]:
    """Read the table, or make the sequences, and say what is wrong with them."""
    try:
        if row["reader"].startswith(GENERATE):
            next(generated(row["reader"].removeprefix(GENERATE)), None)  # some are too many to hold
            return []
        name, parameters = reader_parts(row["reader"])
        if own_reader(row["reader"]):
            if problem := finder.problem(name):
                return [row.problem("reader", f"{name}: {problem}")]
            name = str(finder.locate(name))
        reader = load_reader(name + parameters, readers)
        if problem := finder.problem(row["file"]):
            return [row.problem("file", f"{row['file']}: {problem}")]
        make_library(str(finder.locate(row["file"])), reader)
    except InputError as error:
        return [f"row {row.number}: {line}" for line in str(error).split("\n")]
    return []


def _library(row: SheetRow, finder: FileFinder) -> Mapping[str, str | None]:
    name, parameters = reader_parts(row["reader"])
    generated = row["reader"].startswith(GENERATE)
    own = bool(own_reader(row["reader"]))
    return {
        "tf": row["tf"],
        "task": row["task"] or None,
        "library": row["library"],
        "table": finder.written(row["file"]) if row["file"] else None,
        "reader": None if generated else (parameters.removeprefix(":") or None) if own else row["reader"],
        "reader_file": finder.written(name) if own else None,
        "generate": row["reader"].removeprefix(GENERATE) if generated else None,
    }
