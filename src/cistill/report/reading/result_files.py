"""Finding the result files of one TF by the names that docs/formats.md gives them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cistill.console import LOG
from cistill.errors import InputError
from cistill.files import sha256
from cistill.network_heads import HEADS
from cistill.report.reading.roles import (
    COVERAGE,
    HEAD_STAGES,
    LIBRARY_FILE,
    PER_HEAD,
    PER_LIBRARY,
    PER_RUN,
    PER_TF,
    RUN_FILE,
    TABLES_OF_ONE,
    TF_STAGES,
    TRIAL_RECORD,
)


@dataclass(frozen=True)
class ResultFiles:
    """The files of one TF. What was not given is absent from the mappings.

    Attributes
    ----------
    tf : str
        Name of the TF.
    files : mapping
        Role (a key of `PER_TF`) to file.
    heads : mapping
        Head to role (a key of `PER_HEAD`) to file.
    runs : mapping
        Name of a training run to role (a key of `PER_RUN`) to file.
    libraries : mapping
        Name of a library of sequences to role (a key of `PER_LIBRARY`) to file.
    provenance : mapping
        File name to file: the JSON that each command wrote, those of runs too.
    """

    tf: str
    files: Mapping[str, Path]
    heads: Mapping[str, Mapping[str, Path]]
    provenance: Mapping[str, Path]
    runs: Mapping[str, Mapping[str, Path]] = field(default_factory=dict)
    libraries: Mapping[str, Mapping[str, Path]] = field(default_factory=dict)
    motif_db: Path | None = None
    truth: Path | None = None
    named: Mapping[str, Path] = field(default_factory=dict)

    def head_file(self, head: str, role: str) -> Path | None:
        """Return a head's file, or None."""
        return self.heads.get(head, {}).get(role)

    def all_files(self) -> dict[str, Path]:
        """Return role to file for every input, for the record of provenance."""
        found = dict(self.named)
        for role, file in (("motif_db", self.motif_db), ("truth", self.truth)):
            if file is not None:
                found[role] = file
        return found


def _drop_other_read_sets(found: dict[str, Path], dataset_record: str) -> None:
    """Leave out the coverage records of read sets that the TF's dataset was not made from, if that is known."""
    if dataset_record not in found:
        return
    try:
        record = json.loads(found[dataset_record].read_text())
        used = {str(file["name"]) for file in record["inputs"].values()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return  # what is wrong with it is said where it is read
    for name in [name for name in found if name.endswith(COVERAGE)]:
        if f"{name.removesuffix(COVERAGE)}.plus.bw" not in used:
            del found[name]


def contract_names(tf: str) -> dict[str, tuple[str, str, str]]:
    """Return file name to (group, head, role) for every file of a TF that the report knows."""
    names = {f"{tf}.{suffix}": ("files", "", role) for role, suffix in PER_TF.items()}
    names |= {f"{tf}.{stage}.json": ("provenance", "", stage) for stage in TF_STAGES}
    for head in HEADS:
        names |= {f"{tf}.{head}.{suffix}": ("heads", head, role) for role, suffix in PER_HEAD.items()}
        names |= {f"{tf}.{head}.{stage}.json": ("provenance", head, stage) for stage in HEAD_STAGES}
    return names


def run_file(tf: str, name: str) -> tuple[str, str] | None:
    """Return the training run and the role (a key of `PER_RUN`) that a file name stands for, None for any other."""
    parts = RUN_FILE.fullmatch(name.removeprefix(f"{tf}.")) if name.startswith(f"{tf}.") else None
    role = None if parts is None else next((role for role, end in PER_RUN.items() if end == parts["suffix"]), None)
    return None if parts is None or role is None else (parts["run"], role)


def library_file(tf: str, name: str) -> tuple[str, str] | None:
    """Return the library and the role (a key of `PER_LIBRARY`) that a file name stands for, None for any other."""
    parts = LIBRARY_FILE.fullmatch(name.removeprefix(f"{tf}.")) if name.startswith(f"{tf}.") else None
    role = None if parts is None else next((role for role, end in PER_LIBRARY.items() if end == parts["suffix"]), None)
    return None if parts is None or role is None else (parts["library"], role)


def _is_known(tf: str, name: str, names: Mapping[str, tuple[str, str, str]]) -> bool:
    """Return whether the report has a use for a file of this name."""
    trial = name.startswith(f"{tf}.") and TRIAL_RECORD.fullmatch(name.removeprefix(f"{tf}.")) is not None
    of_one = run_file(tf, name) is not None or library_file(tf, name) is not None
    return name.endswith(COVERAGE) or name in names or trial or of_one


def _files_given(paths: Iterable[Path]) -> Iterator[tuple[Path, bool]]:
    """Yield every file given, or found in the folders given, and whether it was named itself."""
    for path in paths:
        if path.is_dir():
            yield from ((file, False) for file in sorted(path.rglob("*")) if file.is_file())
        elif path.is_file():
            yield path, True
        else:
            raise InputError(f"no such file or folder: {path}")


def bigwigs_in(paths: Iterable[Path]) -> frozenset[str]:
    """Return the names of the bigWigs among files and in folders."""
    return frozenset(file.name for file, _ in _files_given(paths) if file.suffix == ".bw")


def find_inputs(tf: str, paths: Iterable[Path], motif_db: Path | None = None, truth: Path | None = None) -> ResultFiles:
    """Sort files into their roles by their names.

    Parameters
    ----------
    tf : str
        Name of the TF; its files start with it and a dot.
    paths : iterable of Path
        Files, and folders that are searched with all their sub-folders.
    motif_db : Path, optional
        Motif database in MEME format, for the logos of the matches.
    truth : Path, optional
        The simulator's truth.

    Raises
    ------
    InputError
        If a path does not exist, two different files claim one role, or there is no table of regions.
    """
    names = contract_names(tf)
    found: dict[str, Path] = {}
    problems: list[str] = []
    for file, given_by_name in _files_given(paths):
        name = file.name
        if _is_known(tf, name, names):
            known = True
        elif name == "truth.json" and given_by_name and truth is None:
            truth, known = file, True
        else:
            known = False
        if not known or file == truth:
            if given_by_name and not known:
                LOG.warning("%s is none of the files of %s that the report knows; it is left out", name, tf)
            continue
        if name not in found:
            found[name] = file
        elif found[name].resolve() != file.resolve() and sha256(found[name]) != sha256(file):
            problems.append(f"two different files called {name}: {found[name]} and {file}; give one of them")
    if f"{tf}.regions.tsv" not in found:
        problems.append(
            f"no {tf}.regions.tsv among the files given; the report needs at least the table of regions. "
            "Is --tf the name that the files start with?"
        )
    if problems:
        raise InputError("\n".join(problems))
    _drop_other_read_sets(found, f"{tf}.dataset.json")
    groups = _by_role(tf, found, names)
    return ResultFiles(
        tf=tf,
        files={role: file for (_, role), file in groups["files"].items()},
        heads=_by_first(groups["heads"]),
        provenance={name: file for (_, name), file in groups["provenance"].items()},
        runs=_by_first(groups["runs"]),
        libraries=_by_first(groups["libraries"]),
        motif_db=motif_db,
        truth=truth,
        named={name: found[name] for name in sorted(found)},
    )


def _by_role(
    tf: str, found: Mapping[str, Path], names: Mapping[str, tuple[str, str, str]]
) -> dict[str, dict[tuple[str, str], Path]]:
    """Return the files of each group by owner (head, run, library or none) and role; `provenance` by file name."""
    groups: dict[str, dict[tuple[str, str], Path]] = {
        group: {} for group in ("files", "heads", "runs", "libraries", "provenance")
    }
    for name, file in sorted(found.items()):
        of_run, of_library = run_file(tf, name), library_file(tf, name)
        group, owner, role = names.get(name, ("provenance", "", ""))
        if of_run is not None:
            groups["runs"][of_run] = file
        elif of_library is not None:
            groups["libraries"][of_library] = file
        elif group != "provenance":
            groups[group][owner, role] = file
        is_table = group != "provenance" or (of_run or of_library or ("", ""))[1] in TABLES_OF_ONE
        if not is_table:
            groups["provenance"]["", name] = file
    return groups


def _by_first(files: Mapping[tuple[str, str], Path]) -> dict[str, dict[str, Path]]:
    """Return owner to role to file."""
    nested: dict[str, dict[str, Path]] = {}
    for (owner, role), file in files.items():
        nested.setdefault(owner, {})[role] = file
    return nested
