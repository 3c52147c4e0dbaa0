"""Which chromosomes train, validate and test a model: as the user says, or in folds of one size."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cistill.console import LOG
from cistill.data.balanced_folds import balanced_folds
from cistill.data.chromosome_split import (
    NONE,
    PARTS,
    Span,
    Split,
    fold_uses,
    folds_that_test,
    part_over_folds,
)
from cistill.data.contig_names import copies, unused_contigs
from cistill.data.contigs import some
from cistill.data.fold_files import REST, fit_name, fold_files, read_folds, read_splits
from cistill.errors import InputError

__all__ = [
    "ALL",
    "NONE",
    "PARTS",
    "Span",
    "Split",
    "SplitChoice",
    "balanced_folds",
    "choose_folds",
    "contigs_left_out",
    "fold_uses",
    "folds_that_test",
    "part_over_folds",
    "read_splits",
    "split_by_lists",
]
ALL = "all"
NOT_NAMED = "chromosome in no split"


def choose_folds(folds: Mapping[str, Split], names: Sequence[str] = ()) -> dict[str, Split]:
    """Return the folds of these names, in this order; the first fold where none is given, every one for `all`."""
    if not names:
        return dict([next(iter(folds.items()))])
    if tuple(names) == (ALL,) and ALL not in folds:
        return dict(folds)
    names = [name if name in folds else fit_name(name) for name in names]
    unknown = [name for name in names if name not in folds]
    if unknown:
        raise InputError(
            f"there is no fold {', '.join(map(repr, unknown))}; the folds are {', '.join(folds)}, or {ALL!r} of them"
        )
    return {name: folds[name] for name in names}


def split_by_lists(chromosomes: Mapping[str, int] | Iterable[str], valid: Sequence[str], test: Sequence[str]) -> Split:
    """Make a split from the held-out chromosomes, or spans of them: all others train.

    Contigs of `unused_contigs` do not train, nor do other copies of a held-out chromosome.

    Parameters
    ----------
    chromosomes : mapping or iterable of str
        Those of the genome, with lengths in bp where spans are held out.
    valid, test : sequence of str
        Names, or spans as `chr1:1-2000000`.
    """
    sizes = chromosomes if isinstance(chromosomes, Mapping) else dict.fromkeys(chromosomes, 0)
    entries = {*valid, *test}
    spans: dict[str, list[Span]] = {}
    for entry in entries - set(sizes):
        if (span := Span.read(entry)) is not None and span.chrom in sizes:
            spans.setdefault(span.chrom, []).append(span)
    unused, copy_of = unused_contigs(sizes), copies(sizes)
    held_out = {copy_of[name] for name in (*entries, *spans) if name in sizes}
    train: list[str] = []
    for name in sizes:
        if name in spans:
            train += [str(span) for span in _rest(name, sizes[name], spans[name])]
        elif name not in entries and name not in unused and copy_of[name] not in held_out:
            train.append(name)
    return Split(tuple(train), tuple(valid), tuple(test))


def _rest(chrom: str, size: int, spans: Iterable[Span]) -> list[Span]:
    """Return what spans leave of a chromosome."""
    found, at = [], 0
    for span in sorted(spans, key=lambda span: span.start):
        if span.start > at:
            found.append(Span(chrom, at, span.start))
        at = max(at, span.end)
    return [*found, Span(chrom, at, size)] if at < size else found


@dataclass(frozen=True)
class SplitChoice:
    """How the user wants chromosomes to be split.

    Attributes
    ----------
    files : tuple of path
        JSON files of folds, folders of them, or names, as `fold_files` takes them.
    folds : tuple of str
        Names of the folds, or `all`; the first one where none is given.
    valid, test : tuple of str
        Held-out chromosomes, or spans of them, in place of files; all others train.
    """

    files: tuple[str | os.PathLike[str], ...] = ()
    folds: tuple[str, ...] = ()
    valid: tuple[str, ...] = ()
    test: tuple[str, ...] = ()

    @classmethod
    def from_texts(
        cls,
        files: Sequence[str | os.PathLike[str]] | None,
        folds: str | None,
        valid: str | None,
        test: str | None,
    ) -> "SplitChoice":
        """Make a choice from a command's options; all but the files are separated by commas."""
        lists = (
            tuple(dict.fromkeys(name for name in re.split(r"[,;\s]+", text or "") if name))
            for text in (folds, valid, test)
        )
        return cls(tuple(files or ()), *lists)

    def resolve(self, sizes: Mapping[str, int]) -> dict[str, Split]:
        """Return the folds for a genome, by name; balanced folds are made where nothing was chosen.

        Of the files' chromosomes, those that the genome lacks are left out as long as every part keeps one; so are
        copies of a chromosome that a fold uses for something else.
        """
        if self.files and (self.valid or self.test):
            raise InputError("give either a file of splits or lists of chromosomes, not both")
        if self.files:
            chosen = choose_folds(read_folds(fold_files(self.files)), self.folds)
            folds = {name: _for_genome(name, split, sizes) for name, split in chosen.items()}
        elif self.valid or self.test:
            valid, test = (tuple(_as_in_genome("lists", part, sizes)) for part in (self.valid, self.test))
            split = split_by_lists(sizes, valid, test)
            folds = choose_folds({"lists": _together("lists", split, sizes)}, self.folds)
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


def _as_in_genome(name: str, entries: Sequence[str], sizes: Mapping[str, int]) -> list[str]:
    """Return entries of a split with the genome's names, where these differ by `chr` or letter case alone."""
    unknown = [entry for entry in entries if entry not in sizes]
    plain = {known.lower().removeprefix("chr"): known for known in sizes} if unknown else {}
    present = set(entries)
    changed: dict[str, str] = {}
    for entry in unknown:
        span = Span.read(entry)
        chrom = entry if span is None else span.chrom
        known = plain.get(chrom.lower().removeprefix("chr")) if chrom not in sizes else None
        if known is not None and known not in present:
            changed[entry] = known if span is None else str(Span(known, span.start, span.end))
    if changed:
        first, known = next(iter(changed.items()))
        text = "chromosome splits, fold %r: %d name(s) are taken for the genome's: %s is %s"
        LOG.warning(text, name, len(changed), first, known)
    return [changed.get(entry, entry) for entry in entries]


def _for_genome(name: str, split: Split, sizes: Mapping[str, int]) -> Split:
    """Return a fold of a file without the chromosomes that the genome lacks, if every part keeps one."""
    split = Split(*(tuple(_as_in_genome(name, getattr(split, part), sizes)) for part in PARTS))
    if split.train == (REST,):
        split = split_by_lists(sizes, split.valid, split.test)
    present = {part: tuple(e for e in getattr(split, part) if split.is_within(e, sizes)) for part in PARTS}
    absent = [entry for part in PARTS for entry in getattr(split, part) if entry not in set(present[part])]
    if absent and all(present.values()):
        LOG.warning(
            "chromosome splits, fold %r: the genome lacks %d chromosome(s): %s", name, len(absent), some(absent)
        )
        split = Split(**present)
    return _together(name, split, sizes)


def _together(name: str, split: Split, sizes: Mapping[str, int]) -> Split:
    """Return a fold without copies of a chromosome that is in another part of it."""
    copy_of = copies(sizes)
    apart = [
        entry
        for part in PARTS
        for entry in getattr(split, part)
        if entry in copy_of and copy_of[entry] != entry and split.uses(copy_of[entry]) - {part}
    ]
    if not apart:
        return split
    LOG.warning(
        "chromosome splits, fold %r: %d alternate(s) of chromosomes of another part are left out: %s",
        name,
        len(apart),
        some(apart),
    )
    left_out = set(apart)
    return Split(**{part: tuple(e for e in getattr(split, part) if e not in left_out) for part in PARTS})


def contigs_left_out(folds: Mapping[str, Split], sizes: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Count the contigs that no fold uses, by what they are.

    Returns
    -------
    dict
        Reason to `{"contigs": number, "bp": length}`.
    """
    used = {
        span.chrom if (span := Span.read(entry)) and entry not in sizes else entry
        for split in folds.values()
        for part in PARTS
        for entry in getattr(split, part)
    }
    unused = unused_contigs(sizes)
    found: dict[str, dict[str, int]] = {}
    for name, size in sizes.items():
        if name not in used:
            counted = found.setdefault(unused.get(name, NOT_NAMED), {"contigs": 0, "bp": 0})
            counted["contigs"] += 1
            counted["bp"] += size
    return found
