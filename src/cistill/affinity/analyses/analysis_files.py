"""How every analysis ends: its tables and their provenance."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cistill.console import LOG
from cistill.files import named
from cistill.formats.tables import table_of
from cistill.provenance import write_provenance


def write_analysis(
    stem: Path,
    name: str,
    tables: Mapping[str, pd.DataFrame],
    settings: Mapping[str, Any],
    inputs: Mapping[str, Path],
    results: Mapping[str, Any],
    seed: int | None = None,
) -> None:
    """Write the tables `{stem}.{key}.tsv` and the provenance `{stem}.{name}.json`."""
    for key, table in tables.items():
        table_of("affinity", key).write(named(stem, f"{key}.tsv"), table)
        LOG.info("%s.tsv: %d rows", key, len(table))
    write_provenance(named(stem, f"{name}.json"), settings, inputs, results, seed)
