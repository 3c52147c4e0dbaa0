"""The JSON that every command writes next to its results: settings, results, inputs, time."""

import json
from collections.abc import Mapping
from typing import Any

from cistill.errors import InputError
from cistill.files import require_file
from cistill.report.reading.result_files import ResultFiles
from cistill.report.reading.table_reader import TableReader

Record = Mapping[str, Any]


def read_provenance(inputs: ResultFiles, table: TableReader) -> dict[str, Record]:
    """Return file name to record; `table` collects which cannot be read."""
    found: dict[str, Record] = {}
    for name, file in inputs.provenance.items():
        with table.collecting():
            try:
                found[name] = json.loads(require_file(file, "provenance").read_text())
            except (ValueError, UnicodeDecodeError) as error:
                raise InputError(f"{file}: not readable as JSON: {error}") from error
    return found


def find_setting(record: Record, *names: str) -> Any:
    """Return the first of the named values in a provenance's results or settings, None without one."""
    for name in names:
        for group in ("results", "settings"):
            value = record.get(group, {}).get(name)
            if value is not None:
                return value
    return None
