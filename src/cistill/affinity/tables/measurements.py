"""A table of measurements, or a generator, to a library: sequences with what was measured of them, one row each."""

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.affinity.tables.constructs import classes_of, constructed
from cistill.affinity.tables.generate import generated, library_pieces
from cistill.affinity.tables.numbers import NO_VALUE, numbers_of
from cistill.affinity.tables.reader import Reader
from cistill.affinity.tables.source import column_of, read_source
from cistill.affinity.tables.units import check_values
from cistill.errors import InputError
from cistill.formats.library import FEWEST, Library
from cistill.formats.tables.libraries import SEQUENCES

UNIT_IN_NAME = re.compile(r"(?i)[(\[]\s*(kcal/mol|kj/mol|cal/mol|j/mol|rt|kt)\s*[)\]]$")
TO_LN = {"none": 1.0, "ln": 1.0, "log2_to_ln": float(np.log(2)), "log10_to_ln": float(np.log(10))}


def make_library(path: str | os.PathLike[str], reader: Reader) -> Library:
    """Read a table of measurements into a library.

    Replicates of a sequence are averaged after the label's transform; their spread is kept. Rows without a value or
    with letters other than A, C, G, T are left out and counted.

    Raises
    ------
    InputError
        If a column is missing, a label is no number, values cannot be in the reader's unit, all labels are equal,
        fewer than five sequences are left, or the reader forbids replicates and there are some.
    """
    file = Path(path)
    source = read_source(file, reader)
    label, class_, name = (reader.part(part) for part in ("label", "class", "name"))
    sequence_column = reader.part("sequence").get("column")
    if sequence_column is None:
        raise InputError(f"reader {reader.file}: sequence.column is missing")
    notes: dict[str, Any] = {"rows of the table": len(source)}
    source = _filtered(source, reader, file, notes)
    sequences, treated = constructed(
        column_of(source, sequence_column, file, "sequence"), reader.part("sequence"), file
    )
    notes.update(treated)
    source = source.loc[sequences.index]
    rows = pd.DataFrame({"sequence": sequences.to_numpy(dtype=object)}, index=source.index)
    rows["class"] = classes_of(_optional(source, class_, file, "class"), rows["sequence"].tolist(), class_)
    names = _optional(source, name, file, "name")
    rows["name"] = None if names is None else names.replace("", None).to_numpy(dtype=object)
    if "column" in label:
        rows["label"] = _labels(source, label, file, notes)
        rows["label_sd"] = _numbers(source, label, "sd_column", file, notes) * TO_LN[label.get("transform", "none")]
        rows["spots"] = _numbers(source, label, "replicates_column", file, notes)
        if label.get("transform") == "ln":
            rows["label_sd"] = np.nan  # the spread of logarithms does not follow from that of intensities
        dropped = rows["label"].isna()
        if dropped.any():
            notes["rows without a value"] = int(dropped.sum())
        rows = rows[~dropped]
        _check_labels(
            rows["label"].to_numpy(dtype=np.float64), str(label["unit"]), f"table {file}, column {label['column']}"
        )
    else:
        rows = rows.assign(label=np.nan, label_sd=np.nan, spots=np.nan)
    table = _merged(rows, label.get("replicates", "mean"), file, notes)
    _check_number(table, file, bool(label.get("column")), notes)
    return Library(
        table,
        reader.unit,
        label.get("higher_is_tighter"),
        label.get("temperature_K"),
        str(reader.content["assay"]),
        reader.name,
        notes,
    )


def generated_library(text: str) -> Library:
    """Return a generated library without labels (`cistill.affinity.tables.generate.FORMS`), every sequence once."""
    pieces = list(library_pieces(generated(text)))
    rows = pd.concat(pieces, ignore_index=True)
    table = rows.drop_duplicates("sequence").reset_index(drop=True)
    notes = {"rows of the table": len(rows)}
    if len(rows) > len(table):
        notes["rows merged with others of the same sequence"] = len(rows) - len(table)
    return Library(table[list(SEQUENCES.names)], None, None, None, "generated", text, notes)


def _filtered(source: pd.DataFrame, reader: Reader, file: Path, notes: dict[str, Any]) -> pd.DataFrame:
    for rule in reader.content.get("filters", []):
        cells = column_of(source, rule["column"], file, "filter")
        keep = pd.Series(True, index=source.index)
        for key, wanted in (("in", True), ("not_in", False)):
            if key in rule:
                keep &= cells.isin([str(value) for value in rule[key]]) == wanted
        if "min" in rule or "max" in rule:
            values = numbers_of(
                cells.where(cells.str.contains("[0-9]"), ""), f"table {file}, column {rule['column']} (filter)"
            ).values
            keep &= (values >= rule.get("min", -np.inf)) & (values <= rule.get("max", np.inf))
        notes[f"rows filtered out by column {rule['column']}"] = int((~keep).sum())
        if not keep.any():
            found = ", ".join(sorted(set(cells))[:10])
            raise InputError(
                f"table {file}: the reader's filter of column {rule['column']!r} keeps no row; it holds {found}"
            )
        source = source[keep]
    return source


def _optional(source: pd.DataFrame, part: dict[str, Any], file: Path, role: str) -> "pd.Series[str] | None":
    if "column" not in part or (part.get("optional") and part["column"] not in source.columns):
        return None
    return column_of(source, part["column"], file, role)


def _numbers(
    source: pd.DataFrame, label: dict[str, Any], key: str, file: Path, notes: dict[str, Any]
) -> NDArray[np.float64]:
    """Return a column of numbers; NaN where it has no value, or the reader names no such column."""
    if key not in label:
        return np.full(len(source), np.nan)
    cells = column_of(source, label[key], file, "label" if key == "column" else f"label ({key})")
    unit = UNIT_IN_NAME.search(str(cells.name))
    if unit and cells.name != label[key] and unit[1].lower() != str(label["unit"]).lower():
        raise InputError(
            f"table {file}: the column {cells.name!r} is in {unit[1]}, the reader says {label['unit']}; set the "
            "reader's unit"
        )
    missing = NO_VALUE | {text.lower() for text in label.get("missing", [])}
    values, bounds = numbers_of(cells, f"table {file}, column {label[key]}", missing)
    if bounds:
        notes[f"cells of column {label[key]} with a bound (as <0.1) in place of a value"] = bounds
    return values


def _labels(source: pd.DataFrame, label: dict[str, Any], file: Path, notes: dict[str, Any]) -> NDArray[np.float64]:
    values = _numbers(source, label, "column", file, notes)
    transform = label.get("transform", "none")
    if transform == "ln":
        below = values <= 0
        if below.any():
            notes["rows with a value of zero or less, which has no logarithm"] = int(below.sum())
        values = np.log(np.where(below, np.nan, values))
    return np.asarray(values * TO_LN[transform])


def _check_labels(values: NDArray[np.float64], unit: str, where: str) -> None:
    if not len(values):
        raise InputError(f"{where}: no row has a value")
    check_values(values, unit, where)
    if len(values) > 1 and np.ptp(values) == 0:
        raise InputError(
            f"{where}: all {len(values)} labels are {values[0]:.6g}: nothing can be compared with a constant"
        )


def _check_number(table: pd.DataFrame, file: Path, labelled: bool, notes: dict[str, Any]) -> None:
    if labelled and len(table) < FEWEST:
        reasons = "; ".join(f"{reason}: {number}" for reason, number in notes.items())
        raise InputError(
            f"table {file}: {len(table)} sequence(s) with a label are left, at least {FEWEST} are needed ({reasons})"
        )


def _merged(rows: pd.DataFrame, replicates: str, file: Path, notes: dict[str, Any]) -> pd.DataFrame:
    """Return one row per sequence, in the order of first appearance; labels of the same sequence are averaged."""
    codes, unique = pd.factorize(rows["sequence"])
    number = np.bincount(codes, minlength=len(unique))
    repeated = number > 1
    label = rows["label"].to_numpy(dtype=np.float64)
    mean = np.bincount(codes, label, len(unique)) / number
    square = np.bincount(codes, (label - mean[codes]) ** 2, len(unique))
    spread = np.sqrt(square / np.maximum(number - 1, 1))
    if repeated.any():
        if replicates == "error":
            example = unique[int(np.flatnonzero(repeated)[0])]
            raise InputError(
                f"table {file}: {int(repeated.sum())} sequence(s) are there more than once, such as {example}, and the "
                "reader forbids replicates; set label.replicates to mean to average them"
            )
        notes["sequences with replicates, averaged"] = int(repeated.sum())
        notes["rows merged with others of the same sequence"] = int(number.sum() - len(unique))
        if np.isfinite(label).all():
            notes["median SD of replicates"] = float(f"{np.median(spread[repeated]):.6g}")
            notes["largest SD of replicates"] = float(f"{spread[repeated].max():.6g}")
            notes["sequence of the largest SD"] = str(unique[int(np.where(repeated, spread, -1).argmax())])
    first = rows.iloc[np.unique(codes, return_index=True)[1]].reset_index(drop=True)
    given_sd = first["label_sd"].to_numpy(dtype=np.float64)
    spots = np.bincount(codes, rows["spots"].to_numpy(dtype=np.float64), len(unique))
    measured = np.where(np.isnan(mean), 0, number)
    return pd.DataFrame(
        {
            "sequence": first["sequence"],
            "label": mean,
            "label_sd": np.where(repeated, spread, given_sd),
            "n_replicates": np.where(np.isnan(spots), measured, spots).astype(np.int64),
            "class": first["class"],
            "name": first["name"],
        }
    )
