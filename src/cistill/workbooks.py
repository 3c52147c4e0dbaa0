"""Reading the cells of an Excel workbook (.xlsx) as text, as if its sheet had been saved as a table of text."""

import datetime
import logging
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cistill.errors import InputError
from cistill.files import require_file
from cistill.texts import reading

LOG = logging.getLogger(__name__)
ZIP = b"PK\x03\x04"
COMPOUND = b"\xd0\xcf\x11\xe0"
LARGEST_WORKBOOK = 1 << 29  # bytes of all its parts, unpacked
LAST_ROW = 1 << 20  # of a sheet of Excel
LAST_COLUMN = 1 << 14
START = 1 << 16  # bytes of a part in which a declaration of entities is sought


def is_workbook(path: str | os.PathLike[str]) -> bool:
    """Say whether a file is a workbook, of any program and age, by its first bytes."""
    with Path(path).open("rb") as handle:
        start = handle.read(4)
    return start in (ZIP, COMPOUND)


def workbook_rows(path: str | os.PathLike[str], what: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a workbook's first visible sheet that has any, in the manner of lines of text.

    Numbers are written in full with a decimal point, whatever the cell's format shows: whole ones without a point, a
    percentage as the fraction that it is. Dates are written as ISO 8601, truth values as TRUE and FALSE, errors as
    Excel shows them (`#N/A`). Text is taken as it is.

    Parameters
    ----------
    path : path
        The workbook.
    what : str
        Its role, for messages.

    Yields
    ------
    row : int
        As Excel counts, from 1.
    cells : list of str
        Up to the last one that holds something; empty for an empty row.

    Raises
    ------
    InputError
        If it is encrypted, of another format or broken, if no sheet holds anything, or a formula has no value.
    """
    file = require_file(path, what)
    where = f"{what} {file}"
    with reading(file, what):
        formulas = _inspected(file, where)
        import openpyxl  # half a second

        try:
            with file.open("rb") as handle, file.open("rb") as again:
                book = openpyxl.load_workbook(handle, read_only=True, data_only=True)
                sheet, others = _first_filled(book)
                if sheet is None:
                    raise InputError(f"{where}: no sheet of the workbook holds anything")
                if others:
                    LOG.info("%s: sheet %r is read; others are not: %s", where, sheet.title, ", ".join(others))
                text = openpyxl.load_workbook(again, read_only=True)[sheet.title] if formulas else None
                yield from _rows(sheet, text, where)
        except (InputError, OSError, MemoryError):
            raise
        except Exception as error:  # openpyxl raises whatever a broken part makes of it
            raise InputError(
                f"{where}: not a workbook that can be read ({type(error).__name__}: {error}); save it as CSV UTF-8"
            ) from error


def _inspected(file: Path, where: str) -> bool:
    """Refuse what is no .xlsx or would unpack to too much; say whether a sheet has formulas."""
    with file.open("rb") as handle:
        start = handle.read(1 << 20)
    if start.startswith(COMPOUND):
        if "EncryptedPackage".encode("utf-16-le") in start:
            raise InputError(f"{where}: the workbook is protected by a password; save it without one, or as CSV UTF-8")
        raise InputError(f"{where}: this is an old Excel workbook (.xls); save it as .xlsx or CSV UTF-8")
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            if "xl/workbook.xml" not in names:
                raise InputError(f"{where}: {_other_archive(names)}; save the sheet as .xlsx or CSV UTF-8")
            if sum(part.file_size for part in archive.infolist()) > LARGEST_WORKBOOK:
                raise InputError(f"{where}: the workbook is larger than {LARGEST_WORKBOOK >> 20} MiB; save it as CSV")
            formulas = False
            for name in names:
                if name.endswith((".xml", ".rels")):
                    with archive.open(name) as part:
                        if re.search(rb"<!(DOCTYPE|ENTITY)", part.read(START)):
                            raise InputError(f"{where}: {name} declares entities, which no workbook of Excel does")
                if name.startswith("xl/worksheets/") and not formulas:
                    with archive.open(name) as part:
                        formulas = any(re.search(rb"<f[ >/]", piece) for piece in iter(lambda: part.read(START), b""))
            return formulas
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError) as error:
        raise InputError(f"{where}: the workbook is broken or cut short ({error}); save it again") from error


def _other_archive(names: list[str]) -> str:
    if "xl/workbook.bin" in names:
        return "this is a binary Excel workbook (.xlsb)"
    if "mimetype" in names and "content.xml" in names:
        return "this is an OpenDocument file (.ods?)"
    if "word/document.xml" in names:
        return "this is a document of Word"
    return "this is a zip archive, not an Excel workbook"


def _first_filled(book: Any) -> tuple[Any, list[str]]:
    """Return the first visible sheet that holds anything, and the names of the other sheets."""
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    for sheet in sheets:
        sheet.reset_dimensions()
        if any(cell.value is not None for row in sheet.iter_rows() for cell in row):
            return sheet, [other.title for other in book.worksheets if other is not sheet]
    return None, []


def _rows(sheet: Any, formulas: Any, where: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a sheet; `formulas` is the same sheet with the text of formulas, None without any."""
    if formulas is not None:
        formulas.reset_dimensions()
    texts = iter(formulas.iter_rows()) if formulas is not None else None
    for number, row in enumerate(sheet.iter_rows(), 1):
        if number > LAST_ROW or len(row) > LAST_COLUMN:
            raise InputError(f"{where}: more rows or columns than a sheet of Excel has; save it as CSV UTF-8")
        written = next(texts, ()) if texts is not None else ()
        for at, cell in enumerate(written):
            if cell.data_type == "f" and (at >= len(row) or row[at].value is None):
                raise InputError(
                    f"{where}: row {number}, column {at + 1}: the formula has no value; open the workbook in Excel and "
                    "save it, or paste values in place of formulas"
                )
        cells = [_text(cell.value) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        yield number, cells


def _text(value: Any) -> str:
    """Return a cell's value as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)
