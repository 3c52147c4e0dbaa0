"""The hit sets of a comparison: labels, files and rankings."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from cistill.errors import InputError
from cistill.hits.hit_tables import default_label, read_hit_table

RANKED_BY = "confidence"


class HitSet(NamedTuple):
    """One of the hit sets that are compared.

    Attributes
    ----------
    label : str
    hits : pandas.DataFrame
        The table as it is, and the column `rank_value` that its ranking goes by, higher is better.
    ranked_by : str
        Name of the column that this is.
    """

    label: str
    hits: pd.DataFrame
    ranked_by: str

    def called(self, min_confidence: float) -> pd.DataFrame:
        """Return the hits at or above a confidence; all of them if the table has none."""
        if RANKED_BY not in self.hits:
            return self.hits
        return self.hits[self.hits[RANKED_BY] >= min_confidence]


def labelled_files(values: Sequence[str], option: str = "--hits") -> dict[str, Path]:
    """Split LABEL=FILE values, each a comma-separated list of one or more; a bare FILE is labelled by its name.

    Raises
    ------
    InputError
        If a label is used twice or a part is empty.
    """
    files: dict[str, Path] = {}
    for value in values:
        for part in [value] if Path(value).is_file() else value.split(","):
            label, separator, name = part.partition("=")
            if not separator or Path(part).is_file():
                label, name = default_label(part), part
            if not label or not name:
                raise InputError(f"{option} {value}: expected LABEL=FILE, or several with commas between them")
            if label in files:
                raise InputError(f"{option}: the label {label} is used twice; give each set its own with LABEL=FILE")
            files[label] = Path(name)
    return files


def per_label(values: Sequence[str], labels: Sequence[str], option: str, default: str) -> dict[str, str]:
    """Read VALUE or LABEL=VALUE options, each a comma-separated list; a bare value is for all labels.

    Raises
    ------
    InputError
        If a label is not among those of the hit sets.
    """
    found = dict.fromkeys(labels, default)
    for part in [part for value in values for part in value.split(",") if part]:
        label, separator, value = part.partition("=")
        if not separator:
            found = dict.fromkeys(labels, part)
        elif label in found:
            found[label] = value
        else:
            raise InputError(f"{option} {part}: there is no hit set {label}; there are {', '.join(labels)}")
    return found


def read_hit_sets(files: dict[str, Path], ranked_by: dict[str, str], motifs: Sequence[str] = ()) -> list[HitSet]:
    """Read the hit sets that are to be compared.

    Parameters
    ----------
    files : dict
        Label to file.
    ranked_by : dict
        Label to the column that ranks the set's hits, highest first.
    motifs : sequence of str
        Only hits of these; all by default.

    Raises
    ------
    InputError
        As `read_hit_table`; also if a ranking holds a missing value.
    """
    sets = []
    for label, file in files.items():
        column = ranked_by[label]
        needed = ["chrom", "start", "end", "motif_id", "strand", "region_id"]
        hits = read_hit_table(file, [*needed, *([column] if column not in needed else [])])
        value = hits[column].to_numpy(dtype=np.float64)
        if np.isnan(value).any():
            raise InputError(
                f"{file}: {int(np.isnan(value).sum())} hits have no {column}: rank this set by another column "
                f"(--rank_by {label}=importance_total)"
            )
        hits = hits.assign(rank_value=value)
        if motifs:
            hits = hits[hits["motif_id"].isin(list(motifs))].reset_index(drop=True)
        sets.append(HitSet(label, hits, column))
    return sets
