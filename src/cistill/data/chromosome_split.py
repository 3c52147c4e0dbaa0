"""A split: which chromosomes, or which spans of them, train, validate and test a model."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

PARTS = ("train", "valid", "test")
NONE = "none"
NAMES_SHOWN = 5
_SPAN = re.compile(r"(?P<chrom>.+):(?P<first>[0-9,]+)-(?P<last>[0-9,]+)$")


@dataclass(frozen=True)
class Span:
    """A stretch of a chromosome, written `chr1:1-2000000` (both ends included, counted from 1).

    Attributes
    ----------
    chrom : str
    start, end : int
        Half-open, 0-based.
    """

    chrom: str
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.chrom}:{self.start + 1}-{self.end}"

    @classmethod
    def read(cls, entry: str) -> "Span | None":
        """Read an entry of a split; None if it names a whole chromosome."""
        found = _SPAN.match(entry)
        if found is None:
            return None
        first, last = (int(found[name].replace(",", "") or 0) for name in ("first", "last"))
        return cls(found["chrom"], first - 1, last) if 0 < first <= last else None


@dataclass(frozen=True)
class Split:
    """Chromosomes, or spans of them, by their use; those in no list are not used.

    Attributes
    ----------
    train, valid, test : tuple of str
        Disjoint lists of names, or of spans `name:first-last`, see `Span`.
    """

    train: tuple[str, ...]
    valid: tuple[str, ...]
    test: tuple[str, ...]

    @cached_property
    def whole(self) -> dict[str, int]:
        """Part of each entry, as a number; the first where an entry is in several."""
        return {entry: number for number in (2, 1, 0) for entry in getattr(self, PARTS[number])}

    @cached_property
    def spans(self) -> dict[str, list[tuple[int, int, int]]]:
        """(start, end, part) of each chromosome's spans, ascending; neighbours of one part are one."""
        found: dict[str, list[tuple[int, int, int]]] = {}
        for number, part in enumerate(PARTS):
            for entry in getattr(self, part):
                if ":" in entry and (span := Span.read(entry)) is not None:
                    found.setdefault(span.chrom, []).append((span.start, span.end, number))
        return {chrom: _joined(sorted(spans)) for chrom, spans in found.items()}

    def part_of(self, chrom: str, window: tuple[int, int] | None = None) -> str:
        """Return `train`, `valid`, `test`, or `none`.

        Parameters
        ----------
        chrom : str
        window : (start, end), optional
            What a model reads. On a chromosome that is split within, the window must be within one span; without a
            window, such a chromosome is in no part.
        """
        starts, ends = (np.array([value], dtype=np.int64) for value in window or (-1, 0))
        return (*PARTS, NONE)[int(self.parts_of(chrom, starts, ends)[0])]

    def parts_of(self, chrom: str, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number in `PARTS` of windows [start, end) of a chromosome, `(windows,)`; 3: in no part."""
        if chrom in self.whole:
            return np.full(len(starts), self.whole[chrom], dtype=np.int64)
        spans = self.spans.get(chrom)
        if spans is None:
            return np.full(len(starts), len(PARTS), dtype=np.int64)
        first, last, part = (np.array(values, dtype=np.int64) for values in zip(*spans, strict=True))
        at = (np.searchsorted(first, starts, side="right") - 1).clip(min=0)
        inside = (first[at] <= starts) & (ends <= last[at])
        return np.where(inside, part[at], len(PARTS))

    def at_border(self, chrom: str, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say which windows [start, end) of a chromosome reach across the end of a span, `(windows,)`."""
        spans = [] if chrom in self.whole else self.spans.get(chrom, [])
        borders = np.unique(np.array([end for span in spans for end in span[:2]], dtype=np.int64))
        return np.asarray(np.searchsorted(borders, starts, side="right") != np.searchsorted(borders, ends, side="left"))

    def uses(self, chrom: str) -> set[str]:
        """Return the parts that a chromosome, or a span of it, is in."""
        if chrom in self.whole:
            return {PARTS[self.whole[chrom]]}
        return {PARTS[part] for _, _, part in self.spans.get(chrom, ())}

    @staticmethod
    def is_within(entry: str, sizes: Mapping[str, int | None]) -> bool:
        """Say whether a genome has a chromosome or a span of it."""
        if entry in sizes:
            return True
        span = Span.read(entry)
        size = 0 if span is None else sizes.get(span.chrom, 0)
        return span is not None and (size is None or span.end <= size)

    def problems(self, sizes: Mapping[str, int] | Iterable[str]) -> list[str]:
        """Say what makes the split unusable with a genome of these chromosomes (and sizes in bp, for its spans)."""
        lengths: Mapping[str, int | None] = sizes if isinstance(sizes, Mapping) else dict.fromkeys(sizes)
        found = []
        for part in PARTS:
            entries = getattr(self, part)
            if not entries:
                found.append(f"the split has no {part} chromosome; name at least one")
            absent = [entry for entry in entries if not self.is_within(entry, lengths)]
            beyond = [entry for entry in absent if (span := Span.read(entry)) and span.chrom in lengths]
            if beyond:
                found.append(f"{part} span(s) {_some(beyond)} reach past the end of their chromosome")
                absent = [entry for entry in absent if entry not in beyond]
            if absent:
                found.append(
                    f"{part} chromosome(s) {_some(absent, len(absent))} are not in the genome, which has "
                    f"{_some(sorted(lengths))}; give splits that were made for this genome"
                )
        for i, part in enumerate(PARTS):
            for other in PARTS[i + 1 :]:
                shared = sorted(set(getattr(self, part)) & set(getattr(self, other)))
                if shared:
                    found.append(f"chromosome(s) {', '.join(shared)} are in both {part} and {other}")
        return found + self._overlaps()

    def _overlaps(self) -> list[str]:
        """Say which spans overlap each other, or a chromosome that is listed whole."""
        found = []
        for chrom, spans in self.spans.items():
            for (_, end, part), (start, _, other) in pairwise(spans):
                if start < end and part != other:
                    found.append(f"spans of {chrom} in {PARTS[part]} and {PARTS[other]} overlap at {start + 1:,}")
        both = [chrom for chrom in self.spans if chrom in self.whole]
        if both:
            found.append(f"chromosome(s) {', '.join(both)} are listed both whole and in spans")
        return found


def fold_uses(
    folds: Mapping[str, Split],
    names: Sequence[str],
    codes: NDArray[np.integer],
    starts: NDArray[np.int64],
    length: int,
) -> NDArray[np.int8]:
    """Return what windows are for in every fold.

    Parameters
    ----------
    folds : mapping
        Name to Split.
    names : sequence of str
        Chromosomes.
    codes : int array, (windows,)
        Chromosome of each window, an index of `names`.
    starts : int64 array, (windows,)
    length : int
        Of every window in bp.

    Returns
    -------
    int8 array, (windows, folds)
        Number in `PARTS`; 3 for those in no part.
    """
    none = len(PARTS)
    table = np.array([[split.whole.get(name, none) for split in folds.values()] for name in names], dtype=np.int8)
    uses = table.reshape(len(names), len(folds))[codes]
    within = {name for split in folds.values() for name in split.spans}
    for code in [code for code, name in enumerate(names) if name in within]:
        rows = np.flatnonzero(codes == code)
        for column, split in enumerate(folds.values()):
            uses[rows, column] = split.parts_of(names[code], starts[rows], starts[rows] + length)
    return uses


def part_over_folds(uses: NDArray[np.integer]) -> NDArray[np.object_]:
    """Return what windows are for: `test` if any fold tests them, else `valid`, else `train`, else `none`.

    Parameters
    ----------
    uses : int array, (windows, folds)
        As `fold_uses` returns it.

    Returns
    -------
    object array of str, (windows,)
    """
    part = np.full(len(uses), NONE, dtype=object)
    for number, name in enumerate(PARTS):
        part[(uses == number).any(axis=1)] = name
    return part


def folds_that_test(folds: Mapping[str, Split], uses: NDArray[np.integer]) -> list[str | None]:
    """Return the comma-separated names of the folds that test each window, None for one that none tests."""
    rows, codes = np.unique(uses == PARTS.index("test"), axis=0, return_inverse=True)
    names = [",".join(name for name, tests in zip(folds, row, strict=True) if tests) or None for row in rows.tolist()]
    return [names[code] for code in codes.ravel().tolist()]


def _joined(spans: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Join ascending (start, end, part) of one part that touch or overlap."""
    joined: list[tuple[int, int, int]] = []
    for start, end, part in spans:
        if joined and joined[-1][2] == part and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]), part)
        else:
            joined.append((start, end, part))
    return joined


def _some(names: Sequence[str], most: int = NAMES_SHOWN) -> str:
    """Join the first few names."""
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")
