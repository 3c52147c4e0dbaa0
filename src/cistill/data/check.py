"""Checking everything that the user gave, so that all problems come in one message before anything runs."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from cistill.console import LOG
from cistill.data.contigs import LEAVE_OUT, Sizes, UnknownContigs, problems_of, remarks_of, some
from cistill.data.cram import reference_problems
from cistill.data.genome import chromosome_sizes, write_sizes
from cistill.data.input_checks import (
    CHECK_OF_COLUMN,
    bigwig_problems,
    excluded_problems,
    file_problems,
    peaks_problems,
)
from cistill.data.named_files import FileFinder
from cistill.data.parameters import parameter_problems
from cistill.data.samplesheet import (
    FILE_COLUMNS,
    grouping_problems,
    read_samplesheet,
    readset_table,
    spelled_alike,
)
from cistill.data.sheet import SheetRow
from cistill.data.splits import PARTS, Split, SplitChoice, fold_uses
from cistill.errors import InputError
from cistill.formats.tables.regions import READSETS

PROBLEMS_SHOWN = 60
T = TypeVar("T")


@dataclass(frozen=True)
class PipelineInputs:
    """What the user gave.

    Attributes
    ----------
    samplesheet, fasta : path
    finder : FileFinder
        Where the sheet's files lie.
    splits : SplitChoice
    exclude : path, optional
        BED file of intervals without usable data.
    allow_fractional_counts : bool
        Accept bigWigs of values that are not whole numbers.
    unknown_contigs : {'leave_out', 'refuse'}
        What becomes of contigs of peaks, reads and intervals that the genome does not have.
    parameters, schema : mapping, optional
        The pipeline's parameters and their schema.
    problems : sequence of str
        Problems that are known already, reported together with those found here.
    """

    samplesheet: str | os.PathLike[str]
    fasta: str | os.PathLike[str]
    finder: FileFinder
    splits: SplitChoice
    exclude: str | os.PathLike[str] | None = None
    allow_fractional_counts: bool = False
    unknown_contigs: UnknownContigs = LEAVE_OUT
    parameters: Mapping[str, Any] | None = None
    schema: Mapping[str, Any] | None = None
    problems: Sequence[str] = ()


def check_inputs(inputs: PipelineInputs, outdir: str | os.PathLike[str]) -> pd.DataFrame:
    """Check everything; write `readsets.tsv` and `genome.sizes` if nothing is wrong.

    Returns
    -------
    pandas.DataFrame
        One row per read set, see `READSETS`.

    Raises
    ------
    InputError
        One line for each problem. Nothing is written then.
    """
    problems = list(inputs.problems)
    if inputs.parameters is not None and inputs.schema is not None:
        problems += parameter_problems(inputs.parameters, inputs.schema)
    sizes = _collect(problems, lambda: chromosome_sizes(inputs.fasta))
    folds = (_collect(problems, lambda: inputs.splits.resolve(sizes)) if sizes is not None else None) or {}
    if inputs.exclude is not None:
        file = Path(inputs.exclude)
        found = file_problems(file) or excluded_problems(file, sizes)
        problems += [f"excluded intervals {file}: {problem}" for problem in found]
    sheet = _collect(problems, lambda: read_samplesheet(inputs.samplesheet))
    rows, of_sheet = sheet if sheet is not None else ([], [])
    rows = spelled_alike(rows, inputs.finder.identity)
    found = of_sheet + grouping_problems(rows, inputs.finder.identity)
    found += _content_problems(rows, inputs, sizes, folds)
    name = Path(inputs.samplesheet).name
    for remark in remarks_of(found):
        LOG.warning("%s, %s", name, remark)
    problems += [f"{name}, {problem}" for problem in problems_of(found)]
    if problems or sizes is None:
        raise InputError(_one_message(problems))
    table = readset_table(rows, inputs.finder.written)
    READSETS.write(Path(outdir) / "readsets.tsv", table)
    write_sizes(Path(outdir) / "genome.sizes", sizes)
    return table


def _collect(problems: list[str], step: Callable[[], T]) -> T | None:
    """Return what a step returns; None if it raised an InputError, whose lines join the problems."""
    try:
        return step()
    except InputError as error:
        problems += str(error).split("\n")
        return None


def _content_problems(
    rows: Sequence[SheetRow], inputs: PipelineInputs, sizes: Sizes, folds: Mapping[str, Split]
) -> list[str]:
    """Look into every file of the sheet once, however many rows name it; return problems, with remarks."""
    problems = []
    for column in FILE_COLUMNS:
        of_file: dict[str, list[SheetRow]] = {}
        for row in rows:
            if row[column]:
                of_file.setdefault(row[column], []).append(row)
        for cell, where in of_file.items():
            path = inputs.finder.locate(cell)
            problem = inputs.finder.problem(cell)
            found = [problem] if problem or path is None else _problems_of(column, path, inputs, sizes, folds)
            also = f" (and rows {', '.join(str(row.number) for row in where[1:])})" if where[1:] else ""
            problems += [type(text)(where[0].problem(f"{column}{also}", f"{cell}: {text}")) for text in found]
    return problems


def _problems_of(
    column: str, path: Path, inputs: PipelineInputs, sizes: Sizes, folds: Mapping[str, Split]
) -> list[str]:
    """Check one file as what its column says it is."""
    if "bigwig" in column:
        minus = column.endswith("minus")
        return bigwig_problems(path, sizes, inputs.allow_fractional_counts, minus, inputs.unknown_contigs)
    if column == "peaks":
        found, peaks = peaks_problems(path, sizes, inputs.unknown_contigs)
        return found if problems_of(found) else found + _empty_parts(peaks, folds)
    found = CHECK_OF_COLUMN[column](path, sizes, inputs.unknown_contigs)
    if column.endswith("bam") and sizes is not None and not problems_of(found):
        found += reference_problems(path, Path(inputs.fasta))
    return found


def _empty_parts(peaks: pd.DataFrame, folds: Mapping[str, Split]) -> list[str]:
    """Say which parts of the folds no peak is in."""
    codes, names = pd.factorize(peaks["chrom"])
    uses = fold_uses(folds, [str(name) for name in names], codes, peaks["summit"].to_numpy(dtype=np.int64), 1)
    return [
        f"no peak lies on the {part} chromosomes ({some(getattr(split, part))})"
        f"{f' of fold {name!r}' if len(folds) > 1 else ''}; choose other splits"
        for column, (name, split) in enumerate(folds.items())
        for number, part in enumerate(PARTS)
        if not (uses[:, column] == number).any()
    ]


def _one_message(problems: Sequence[str]) -> str:
    """Put all problems in one text."""
    shown = [f"  {problem}" for problem in problems[:PROBLEMS_SHOWN]]
    if len(problems) > PROBLEMS_SHOWN:
        shown.append(f"  ... and {len(problems) - PROBLEMS_SHOWN} more")
    plural = "problem" if len(problems) == 1 else "problems"
    return "\n".join([f"{len(problems)} {plural} in the input; nothing was run", *shown])
