"""A finished run as an object: its TFs by name, each with its results, and the tables of the whole run."""

import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from cistill.api.factor_results import FactorResults
from cistill.api.result_tables import ResultTables, published_files
from cistill.errors import InputError
from cistill.files import require_file
from cistill.texts import text_lines

SHEETS = ("datasets", "models", "interpretations", "affinities")


class Run(ResultTables):
    """A finished run: its TFs by name, and the tables of the whole run.

    Attributes
    ----------
    folder : Path
        What `--outdir` named.
    tfs : tuple of str
        Names of the TFs; `run["REB1"]` is the results of one.
    tables : DataFrame
        Tables of the whole run, such as `readsets`; each TF has its own.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        of_tf: dict[str, dict[str, Path]] = {tf: {} for tf in _tfs_of_sheets(folder)}
        shared = {}
        for file in published_files(folder):
            owner = "" if file.parent.name in ("check", "coverage") else file.name.split(".")[0]
            if owner:
                of_tf.setdefault(owner, {})[file.name] = file
            else:
                shared[file.name] = file
        super().__init__("", shared)
        self._factors = {tf: FactorResults(tf, of_tf[tf]) for tf in sorted(of_tf)}
        self.tfs = tuple(self._factors)

    def __repr__(self) -> str:
        return f"<run {self.folder}: {', '.join(self.tfs)}>"

    def __getitem__(self, tf: str) -> FactorResults:
        if tf not in self._factors:
            raise InputError(f"{self.folder} has no results of {tf!r}; its TFs are {', '.join(self.tfs)}")
        return self._factors[tf]

    def __contains__(self, tf: object) -> bool:
        return tf in self._factors

    def __iter__(self) -> Iterator[str]:
        return iter(self.tfs)

    def __len__(self) -> int:
        return len(self.tfs)

    def sheet(self, name: str) -> pd.DataFrame:
        """Return a sheet of `sheets/`: the files of each TF, from which a later run starts.

        Parameters
        ----------
        name : {"datasets", "models", "interpretations", "affinities"}

        Raises
        ------
        InputError
            If the run wrote no such sheet.
        """
        rows = _sheet_rows(require_file(self.folder / "sheets" / f"{name}.csv", "sheet"))
        return pd.DataFrame(rows[1:], columns=rows[0], dtype=str)


def open_run(folder: str | os.PathLike[str]) -> Run:
    """Open the results of a run.

    Parameters
    ----------
    folder : path
        What `--outdir` named: the folder with `report/`, `dataset/`, `sheets/` and the like. A run of a few steps has
        what these steps made.

    Returns
    -------
    Run
        `run["REB1"].table("counts.motifs")` is a table of one TF. Nothing is read before it is asked for.

    Raises
    ------
    InputError
        If the folder is missing or holds no results.
    """
    path = Path(folder)
    if not path.is_dir():
        raise InputError(f"{path}: no such folder; give the folder that --outdir named")
    run = Run(path)
    if not run.tfs:
        inner = sorted(one.name for one in path.iterdir() if one.is_dir() and any(published_files(one)))
        near = [path / name for name in inner] or ([path.parent] if any(published_files(path.parent)) else [])
        hint = f"; did you mean {', '.join(map(str, near))}?" if near else ""
        raise InputError(f"{path}: no results of cistill; give the folder that --outdir named{hint}")
    return run


def _tfs_of_sheets(folder: Path) -> list[str]:
    """Return the TFs that the sheets of a run name."""
    files = [file for name in SHEETS if (file := folder / "sheets" / f"{name}.csv").is_file()]
    return list(dict.fromkeys(row[0] for file in files for row in _sheet_rows(file)[1:] if row[0]))


def _sheet_rows(file: Path) -> list[list[str]]:
    """Return the cells of a sheet, header first; names of files have no comma."""
    return [line.split(",") for _, line in text_lines(file, "sheet")]
