"""Known binding sites: a BED file whose names hold the class of each site."""

import os
import re
from collections.abc import Sequence

import pandas as pd

from cistill.data.bed import RowProblems, bed_rows
from cistill.errors import InputError
from cistill.hits.comparison.settings import class_pattern

MOST_CLASSES = 10
SEPARATORS = re.compile(r"[|;,:\s]+")


def read_known_sites(path: str | os.PathLike[str], class_regex: str = "") -> pd.DataFrame:
    """Read sites from BED, as `cistill.data.bed` reads it.

    Parameters
    ----------
    path : path
        BED of at least three columns; the fourth, if there is one, gives the class.
    class_regex : str
        How to read the class from the name; see `site_classes`.

    Returns
    -------
    pandas.DataFrame
        Columns `chrom`, `start`, `end`, `site_class`, in the order of the file.

    Raises
    ------
    InputError
        If the file is missing, holds no site, or has lines that are not BED (the first of them are listed).
    """
    problems = RowProblems()
    rows = list(bed_rows(path, "known sites", problems))
    if problems.number:
        raise InputError("\n".join(f"known sites {path}: {text}" for text in problems.lines()))
    if not rows:
        raise InputError(f"known sites {path}: no site in the file")
    names = [row.fields[3] if len(row.fields) > 3 else "" for row in rows]
    table = pd.DataFrame([row[1:4] for row in rows], columns=["chrom", "start", "end"])
    return table.assign(site_class=site_classes(names, class_regex))


def site_classes(names: Sequence[str], class_regex: str = "") -> list[str]:
    """Return the class of each site from its name.

    With a regular expression, its first group (or its whole match) is the class, and `other` what does not match.
    Without one: the whole name if there are at most ten different names; otherwise the last part of the name, parts
    being separated by `|`, `;`, `,`, `:` or white space (`TTACCCG|primary` is of class `primary`); and if that still
    makes more than ten classes, the names are labels of single sites and all are of class `site`.
    """
    if class_regex:
        pattern = class_pattern(class_regex)
        found = [pattern.search(name) for name in names]
        return [(match.group(1 if pattern.groups else 0) or "other") if match else "other" for match in found]
    for classes in (list(names), [SEPARATORS.split(name.strip())[-1] for name in names]):
        if len(set(classes)) <= MOST_CLASSES:
            return [name if name not in ("", ".") else "site" for name in classes]
    return ["site"] * len(names)
