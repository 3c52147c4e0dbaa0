"""Files that the cells of a user's sheet name: where they lie, and what is wrong with a name that no file has."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from cistill.errors import InputError
from cistill.files import file_problem
from cistill.texts import text_lines

UNSTAGED = re.compile(r"[$\t\r\n]")
"""Characters in paths that Nextflow does not escape in the scripts that bring files to a task."""
ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")
LOCAL_ADDRESS = re.compile(r"file://(localhost)?(?=/)")
NAMES_THAT_HINT = (
    (re.compile(r"\$(\w+|\{\w+\})"), "variables such as {0} are not expanded in a sheet; write the path out"),
    (re.compile(r"\\"), "folders are separated by / here, not by \\"),
    (re.compile(r"[*?]"), "patterns are not expanded in a sheet; give each file a row of its own"),
    (re.compile(r"[\r\n]"), "the cell holds a line break; remove it"),
    (re.compile(r"\.\w+\s*[;,|]\s*\S+\.\w+$"), "a cell names one file; give each replicate a row of its own"),
)
"""What names hold that no file has, and what to do about it."""


@dataclass(frozen=True)
class FileFinder:
    """Where the files of the sheet's cells lie.

    Attributes
    ----------
    folder : Path
        The sheet's folder, which relative paths start from.
    staged : dict of str to str, optional
        Cell to where that file was put. If given, cells that are not in it are missing.
    """

    folder: Path
    staged: dict[str, str] | None = None

    @classmethod
    def make(cls, sheet: str | os.PathLike[str], staged: str | os.PathLike[str] | None = None) -> "FileFinder":
        """Read the optional table of staged files: two tab-separated columns without a header."""
        folder = Path(sheet).absolute().parent
        if staged is None:
            return cls(folder)
        pairs = {}
        for number, line in text_lines(staged, "staged files"):
            fields = line.split("\t")
            if len(fields) != 2:
                raise InputError(f"staged files {staged}: row {number}: expected two tab-separated columns")
            pairs[fields[0]] = fields[1]
        return cls(folder, pairs)

    def locate(self, cell: str) -> Path | None:
        """Return the file of a cell, whether it exists or not; None if it was not staged."""
        if self.staged is not None:
            return Path(self.staged[cell]) if cell in self.staged else None
        return self.folder / _local(cell)

    def problem(self, cell: str) -> str:
        """Say why the file of a cell cannot be used whatever is in it; empty if it is there and can be read."""
        path = self.locate(cell)
        found = file_problem(path) if path is not None else "the file was not found"
        if path is not None and not found.startswith("no such file"):
            return found
        if path is not None and ADDRESS.match(cell) and not LOCAL_ADDRESS.match(cell):
            return "this command reads no addresses; download the file, or use the pipeline, which does"
        if path is None and (odd := UNSTAGED.search(cell)):
            return (
                f"the path holds {odd[0]!r}, and Nextflow cannot hand such a file to a task; rename it, or make a link "
                f"to it that has another name{'; variables are not expanded in a sheet' if odd[0] == '$' else ''}"
            )
        for known, hint in NAMES_THAT_HINT:
            if held := known.search(cell):
                return f"{found}; {hint.format(held[0])}"
        return found

    def identity(self, cell: str) -> str:
        """Return a text that is the same for two cells that name one file."""
        found = self.locate(cell)
        return os.path.realpath(found) if found is not None else cell

    def written(self, cell: str) -> str:
        """Return what downstream tables hold: the absolute path, or the cell itself where files were staged."""
        return cell if self.staged is not None else str(self.folder / _local(cell))


def _local(cell: str) -> Path:
    """Return the path that a cell stands for: `~` is the user's home, `file://` is left out."""
    if LOCAL_ADDRESS.match(cell):
        cell = unquote(LOCAL_ADDRESS.sub("", cell))
    path = Path(cell)
    return path.expanduser() if path.parts[:1] == ("~",) else path
