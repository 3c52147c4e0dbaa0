"""Which chromosomes train, validate and test a model."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cistill.data.contig_names import is_mitochondrial
from cistill.errors import InputError
from cistill.files import require_file

PARTS = ("train", "valid", "test")
NONE = "none"
ALL = "all"


@dataclass(frozen=True)
class Split:
    """Chromosomes by their use; those in no list are not used.

    Attributes
    ----------
    train, valid, test : tuple of str
        Disjoint lists of chromosome names.
    """

    train: tuple[str, ...]
    valid: tuple[str, ...]
    test: tuple[str, ...]

    def part_of(self, chrom: str) -> str:
        """Return `train`, `valid`, `test`, or `none` for a chromosome in no list."""
        for part in PARTS:
            if chrom in getattr(self, part):
                return part
        return NONE

    def problems(self, chromosomes: Iterable[str]) -> list[str]:
        """Say what makes the split unusable with a genome of these chromosomes."""
        known = set(chromosomes)
        found = []
        for part in PARTS:
            names = getattr(self, part)
            if not names:
                found.append(f"the split has no {part} chromosome; name at least one")
            absent = [name for name in names if name not in known]
            if absent:
                some = ", ".join(sorted(known)[:5])
                found.append(
                    f"{part} chromosome(s) {', '.join(absent)} are not in the genome, which has {some}, ...; "
                    "give splits that were made for this genome"
                )
        for i, part in enumerate(PARTS):
            for other in PARTS[i + 1 :]:
                shared = sorted(set(getattr(self, part)) & set(getattr(self, other)))
                if shared:
                    found.append(f"chromosome(s) {', '.join(shared)} are in both {part} and {other}")
        return found


def read_splits(path: str | os.PathLike[str]) -> dict[str, Split]:
    """Read folds from a JSON file: `{name: {"train": [...], "valid": [...], "test": [...]}, ...}`.

    Raises
    ------
    InputError
        If the file is not such a JSON.
    """
    file = require_file(path, "chromosome splits")
    try:
        content = json.loads(file.read_text())
    except ValueError as error:
        raise InputError(f"chromosome splits {file}: not a JSON file: {error}") from error
    if not isinstance(content, dict) or not content:
        raise InputError(f"chromosome splits {file}: expected an object of folds, each with train, valid and test")
    return {str(name): _fold(value, f"chromosome splits {file}: fold {name!r}") for name, value in content.items()}


def _fold(value: Any, where: str) -> Split:
    """Return one fold of a splits file."""
    good = isinstance(value, dict) and set(value) == set(PARTS)
    if not good or not all(
        isinstance(names, list) and all(isinstance(n, str) for n in names) for names in value.values()
    ):
        raise InputError(f"{where}: expected exactly the lists train, valid and test of chromosome names")
    return Split(**{part: tuple(value[part]) for part in PARTS})


def choose_folds(folds: Mapping[str, Split], names: Sequence[str] = ()) -> dict[str, Split]:
    """Return the folds of these names, in this order; the first fold where none is given, every one for `all`."""
    if not names:
        return dict([next(iter(folds.items()))])
    if tuple(names) == (ALL,) and ALL not in folds:
        return dict(folds)
    unknown = [name for name in names if name not in folds]
    if unknown:
        raise InputError(
            f"there is no fold {', '.join(map(repr, unknown))}; the folds are {', '.join(folds)}, or {ALL!r} of them"
        )
    return {name: folds[name] for name in names}


def part_over_folds(folds: Mapping[str, Split], chrom: str) -> str:
    """Return what a chromosome is for: `test` if any fold tests it, else `valid`, else `train`, else `none`."""
    parts = {split.part_of(chrom) for split in folds.values()}
    return next((part for part in reversed(PARTS) if part in parts), NONE)


def folds_that_test(folds: Mapping[str, Split], chrom: str) -> list[str]:
    """Return the names of the folds that test a chromosome."""
    return [name for name, split in folds.items() if chrom in split.test]


def split_by_lists(chromosomes: Iterable[str], valid: Sequence[str], test: Sequence[str]) -> Split:
    """Make a split from the held-out chromosomes: all others train, the mitochondrial one is not used."""
    held_out = {*valid, *test}
    train = tuple(name for name in chromosomes if name not in held_out and not is_mitochondrial(name))
    return Split(train, tuple(valid), tuple(test))


def balanced_folds(sizes: Mapping[str, int], n_folds: int = 5) -> dict[str, Split]:
    """Make folds from chromosome sizes, so that every chromosome is tested once.

    Chromosomes go, longest first, to the group that is shortest so far. Fold k tests group k, validates on group
    k + 1 (cyclic) and trains on the rest; the mitochondrial chromosome is not used.

    Parameters
    ----------
    sizes : mapping
        Chromosome lengths in bp.
    n_folds : int
        Number of folds; fewer are made if there are fewer chromosomes.

    Raises
    ------
    InputError
        If there are fewer than three chromosomes.
    """
    names = sorted((n for n in sizes if not is_mitochondrial(n)), key=lambda n: (-sizes[n], n))
    n_folds = min(n_folds, len(names))
    if n_folds < 3:
        raise InputError(
            f"the genome has {len(names)} chromosome(s) to split; at least three are needed to train, validate and test"
        )
    groups: list[list[str]] = [[] for _ in range(n_folds)]
    for name in names:
        min(groups, key=lambda group: sum(sizes[n] for n in group)).append(name)
    in_order = [[name for name in sizes if name in group] for group in groups]
    folds = {}
    for k in range(n_folds):
        valid, test = in_order[(k + 1) % n_folds], in_order[k]
        train = tuple(n for n in sizes if n in names and n not in valid and n not in test)
        folds[str(k)] = Split(train, tuple(valid), tuple(test))
    return folds


@dataclass(frozen=True)
class SplitChoice:
    """How the user wants chromosomes to be split.

    Attributes
    ----------
    file : path, optional
        JSON file of folds.
    folds : tuple of str
        Names of the folds, or `all`; the first one where none is given.
    valid, test : tuple of str
        Held-out chromosomes, in place of a file; all others train.
    """

    file: str | os.PathLike[str] | None = None
    folds: tuple[str, ...] = ()
    valid: tuple[str, ...] = ()
    test: tuple[str, ...] = ()

    @classmethod
    def from_texts(
        cls, file: str | os.PathLike[str] | None, folds: str | None, valid: str | None, test: str | None
    ) -> "SplitChoice":
        """Make a choice from a command's options; all but the file are comma-separated."""
        lists = (
            tuple(dict.fromkeys(name.strip() for name in (text or "").split(",") if name.strip()))
            for text in (folds, valid, test)
        )
        return cls(file, *lists)

    def resolve(self, sizes: Mapping[str, int]) -> dict[str, Split]:
        """Return the folds for a genome, by name; balanced folds are made where nothing was chosen."""
        if self.file is not None and (self.valid or self.test):
            raise InputError("give either a file of splits or lists of chromosomes, not both")
        if self.file is not None:
            folds = choose_folds(read_splits(self.file), self.folds)
        elif self.valid or self.test:
            folds = choose_folds({"lists": split_by_lists(sizes, self.valid, self.test)}, self.folds)
        else:
            folds = choose_folds(balanced_folds(sizes), self.folds)
        problems = [
            f"chromosome splits, fold {name!r}: {problem}"
            for name, split in folds.items()
            for problem in split.problems(sizes)
        ]
        if problems:
            raise InputError("\n".join(problems))
        return folds
