"""Files that parameters name, read whole before anything runs by the readers that will use them."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cistill.errors import InputError
from cistill.files import file_problem
from cistill.formats.motif_files.reader import motif_file_problems
from cistill.texts import text_lines

RESULTS = "from"
"""Parameter whose files are results of an earlier run."""


@dataclass(frozen=True)
class GivenFile:
    """A file that a parameter names.

    Attributes
    ----------
    parameter : str
    written : str
        As the user wrote it; of `affinity_matrices` one `[FAMILY=]PATH[#NAME;NAME]`.
    path : Path
        Where it is, perhaps under another name.
    """

    parameter: str
    written: str
    path: Path


def read_given_files(path: str | os.PathLike[str]) -> list[GivenFile]:
    """Read a table of given files: parameter, file as the user wrote it, file; tab-separated, without a header.

    Raises
    ------
    InputError
        If a line has another number of fields.
    """
    found = []
    for number, line in text_lines(path, "given files"):
        fields = line.split("\t")
        if len(fields) != 3:
            raise InputError(f"given files {path}, line {number}: expected three tab-separated columns")
        found.append(GivenFile(fields[0], fields[1], Path(fields[2])))
    return found


def given_file_problems(files: Iterable[GivenFile]) -> list[str]:
    """Read every file by the reader that will use it; say what is wrong, a line for each problem."""
    problems = []
    for file in files:
        found = [problem] if (problem := file_problem(file.path)) else CHECKS[file.parameter](file)
        plain = file.written.partition("#")[0]
        worded = [problem.replace(str(file.path), plain) for problem in found]
        problems += [f"parameter --{file.parameter}: {problem}" for problem in dict.fromkeys(worded)]
    return problems


def _motifs(file: GivenFile) -> list[str]:
    return motif_file_problems(file.path)


def _matrices(file: GivenFile) -> list[str]:
    from cistill.affinity.comparators.matrix_files import matrices_problems

    _, _, names = file.written.partition("#")
    return matrices_problems(f"{file.path}#{names.replace(';', ',')}" if names else str(file.path))


def _annotation(file: GivenFile) -> list[str]:
    from cistill.data.annotation import read_annotation

    return _raised(lambda: read_annotation(file.path))


def _genome(file: GivenFile) -> list[str]:
    from cistill.data.genome import chromosome_sizes

    return _raised(lambda: chromosome_sizes(file.path))


def _browser_regions(file: GivenFile) -> list[str]:
    from cistill.report.browser.shown_places import regions_problems

    return regions_problems(file.path)


def _choice(file: GivenFile) -> list[str]:
    from cistill.model.training.select import read_choice

    return _raised(lambda: read_choice(file.path))


def _model(file: GivenFile) -> list[str]:
    from cistill.model.network.presets import read_preset

    return _raised(lambda: read_preset(file.path))


def _results(file: GivenFile) -> list[str]:
    from cistill.parameters.earlier_results import result_problems

    return result_problems(file.path, file.written)


def _raised(read: Callable[[], object]) -> list[str]:
    """Return the lines of what a reader raises."""
    try:
        read()
    except InputError as error:
        return str(error).split("\n")
    return []


CHECKS: Mapping[str, Callable[[GivenFile], list[str]]] = {
    "motif_db": _motifs,
    "affinity_matrices": _matrices,
    "annotation": _annotation,
    "browser_regions": _browser_regions,
    "fasta": _genome,
    "choice": _choice,
    "model": _model,
    RESULTS: _results,
}
"""Parameter to what reads its file."""
ELSEWHERE: Mapping[str, str] = {
    "input": "check",
    "fasta": "check",
    "exclude": "check",
    "splits": "check",
    "affinity": "checklibraries",
    "options": "configure",
}
"""Parameters whose files other commands read before anything runs."""
