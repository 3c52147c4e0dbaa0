"""Known binding sites: a BED file whose names hold the class of each site."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from cistill.errors import InputError
from cistill.files import require_file

MOST_CLASSES = 10
SEPARATORS = re.compile(r"[|;,:\s]+")
HEADERS = ("#", "track", "browser")


def read_known_sites(path: str | os.PathLike[str], class_regex: str = "") -> pd.DataFrame:
    """Read sites from BED; lines that start with `#`, `track` or `browser` are skipped.

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
    file = require_file(path, "known sites")
    rows: list[tuple[str, int, int]] = []
    names: list[str] = []
    problems: list[str] = []
    for number, line in enumerate(_lines(file), start=1):
        if not line.strip() or line.startswith(HEADERS):
            continue
        fields = line.rstrip("\r\n").split("\t") if "\t" in line else line.split()
        try:
            chrom, start, end = fields[0], int(fields[1]), int(fields[2])
        except (IndexError, ValueError):
            problems.append(f"line {number}: not chromosome, start, end: {line.strip()[:60]}")
            continue
        if not 0 <= start < end:
            problems.append(f"line {number}: start {start} and end {end} are no interval")
            continue
        rows.append((chrom, start, end))
        names.append(fields[3] if len(fields) > 3 else "")
    if problems:
        more = f"\n... and {len(problems) - 5} more" if len(problems) > 5 else ""
        raise InputError(f"{file}: not a BED file of sites\n" + "\n".join(problems[:5]) + more)
    if not rows:
        raise InputError(f"{file}: no site in the file")
    table = pd.DataFrame(rows, columns=["chrom", "start", "end"])
    return table.assign(site_class=site_classes(names, class_regex))


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: not a text file; known sites must be plain BED") from error


def site_classes(names: Sequence[str], class_regex: str = "") -> list[str]:
    """Return the class of each site from its name.

    With a regular expression, its first group (or its whole match) is the class, and `other` what does not match.
    Without one: the whole name if there are at most ten different names; otherwise the last part of the name, parts
    being separated by `|`, `;`, `,`, `:` or white space (`TTACCCG|primary` is of class `primary`); and if that still
    makes more than ten classes, the names are labels of single sites and all are of class `site`.
    """
    if class_regex:
        try:
            pattern = re.compile(class_regex)
        except re.error as error:
            raise InputError(f"--class_regex {class_regex}: not a regular expression: {error}") from error
        found = [pattern.search(name) for name in names]
        return [(match.group(1 if pattern.groups else 0) or "other") if match else "other" for match in found]
    for classes in (list(names), [SEPARATORS.split(name.strip())[-1] for name in names]):
        if len(set(classes)) <= MOST_CLASSES:
            return [name if name not in ("", ".") else "site" for name in classes]
    return ["site"] * len(names)
