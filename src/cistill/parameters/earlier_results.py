"""Results of an earlier run that a later step starts from: whether this version can open them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cistill.errors import InputError
from cistill.formats import attributions, dataset, modisco, motifs, predictions
from cistill.formats.hdf5 import Layout, opened
from cistill.formats.published import ResultTable
from cistill.formats.tables import TABLES
from cistill.texts import read_object, text_lines

LAYOUTS: Mapping[str, Layout] = {
    ".dataset.h5": dataset.LAYOUT,
    ".predictions.h5": predictions.LAYOUT,
    ".attributions.h5": attributions.LAYOUT,
    ".modisco.h5": modisco.LAYOUT,
    ".motifs.h5": motifs.LAYOUT,
    ".footprints.h5": motifs.FOOTPRINT_LAYOUT,
}
"""End of a file's name to what the file holds."""


def result_problems(path: Path, name: str = "") -> list[str]:
    """Say why a result of an earlier run cannot be opened; nothing for kinds of files that are not known.

    HDF5 files are opened (format and version), models, JSON files and tables are read.

    Parameters
    ----------
    path : Path
    name : str
        Folder and name that it was published under, if it is staged under another one.
    """
    name = name or f"{path.parent.name}/{path.name}"
    folder = name.rpartition("/")[0]
    layout = next((layout for end, layout in LAYOUTS.items() if name.endswith(end)), None)
    tables = [one for one in TABLES if one.folder == folder and name.endswith(f".{one.name}")]
    table = max(tables, key=lambda one: len(one.name), default=None)
    try:
        if layout is not None:
            with opened(path, layout):
                pass
        elif name.endswith(".model.safetensors"):
            _model_opened(path)
        elif name.endswith(".json"):
            read_object(path, "result")
        elif table is not None:
            _check_table(path, table)
    except InputError as error:
        return str(error).split("\n")
    return []


def _model_opened(path: Path) -> Any:
    from cistill.model.ensemble import load_ensemble

    return load_ensemble(path)


def _check_table(path: Path, table: ResultTable) -> None:
    """Refuse a table that lacks a column which is always there, or has a row of another length than its header."""
    lines = text_lines(path, "result")
    header = next((line for _, line in lines), "")
    columns = header.removeprefix("#").split("\t")
    missing = [name for name in table.names if name not in columns]
    if missing:
        raise InputError(
            f"result {path}: the table lacks the column(s) {', '.join(missing)}; make it again with this version of "
            f"`cistill {table.command}`"
        )
    for number, line in lines:
        cells = line.count("\t") + 1
        if cells != len(columns) and '"' not in line:
            raise InputError(
                f"result {path}: row {number} has {cells} cells under a header of {len(columns)} columns; is the table "
                f"cut short? Make it again with `cistill {table.command}`"
            )
