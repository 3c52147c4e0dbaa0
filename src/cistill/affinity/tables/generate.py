"""Generated libraries: every sequence of a pattern, variants of a consensus, spacer series, flanks of repeats.

All generators stream, in an order that depends on nothing but their arguments. A generator may give the same sequence
twice (a spacer series with palindromic half sites does): who scores them scores it once.
"""

import itertools
import math
import os
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import pandas as pd

from cistill.dna.codes import BASES, IUPAC, reverse_complement_text
from cistill.errors import InputError
from cistill.formats.tables.libraries import SEQUENCES

ROWS_AT_ONCE = 65_536
MOST = 2**28  # sequences of one generator: more would take months to score
LONGEST_KMER = 14  # all k-mers of which are MOST
LONGEST = 100_000  # bp between half sites and beside a site: longer than any input


class Insert(NamedTuple):
    """A sequence of a library.

    Attributes
    ----------
    sequence : str
        Upper case A, C, G, T.
    kind : str
        The kind of variation: `consensus`, `substitution_1`, `spacer_3`, ...
    name : str
        What tells it from others of its kind; empty where the sequence says it all.
    """

    sequence: str
    kind: str
    name: str


def iupac_letters(pattern: str) -> str:
    """Return a pattern in upper case.

    Raises
    ------
    InputError
        If it is empty or holds letters that are no IUPAC codes of bases.
    """
    upper = pattern.strip().upper()
    wrong = sorted(set(upper) - set(IUPAC))
    if not upper or wrong:
        raise InputError(
            f"pattern {pattern!r}: give IUPAC letters ({''.join(IUPAC)}), not {''.join(wrong) or 'nothing'}"
        )
    return upper


def _plain(text: str, what: str) -> str:
    """Return a sequence in upper case, or refuse what is not A, C, G, T."""
    upper = text.strip().upper()
    if not upper or set(upper) - set(BASES):
        raise InputError(f"{what} {text!r}: give a sequence of A, C, G and T")
    return upper


def _check_number(number: int, what: str) -> None:
    """Refuse more sequences than can be scored."""
    if number > MOST:
        raise InputError(f"{what}: these are {number:,} sequences; at most {MOST:,} can be scored")


def pattern_inserts(pattern: str, kind: str = "pattern") -> Iterator[Insert]:
    """Yield every sequence that an IUPAC pattern stands for, in alphabetical order.

    `NNNNNCACGTGNNNNN` gives the 1,048,576 sequences of a BET-seq library.

    Raises
    ------
    InputError
        If the pattern is none, or stands for more than 2**28 sequences.
    """
    upper = iupac_letters(pattern)
    choices = [IUPAC[letter] for letter in upper]
    number = 1
    for bases in choices:
        number *= len(bases)
    _check_number(number, f"pattern {pattern!r:.60}")
    return (Insert("".join(bases), kind, "") for bases in itertools.product(*choices))


def kmer_inserts(k: int, left: str = "", right: str = "") -> Iterator[Insert]:
    """Yield all 4**k sequences of length k between two constant flanks."""
    if not 1 <= k <= LONGEST_KMER:
        raise InputError(f"k must be between 1 and {LONGEST_KMER}, not {k}")
    flanks = [_plain(flank, "flank") if flank else "" for flank in (left, right)]
    return pattern_inserts(flanks[0] + "N" * k + flanks[1], f"{k}mer")


def substitution_inserts(consensus: str, most: int = 2, left: str = "", right: str = "") -> Iterator[Insert]:
    """Yield a consensus and all its variants with up to `most` substitutions, between constant flanks.

    Parameters
    ----------
    consensus : str
        A, C, G, T.
    most : int
        Largest number of substituted positions: 1 gives 3k variants, 2 another 9 k (k - 1) / 2.
    left, right : str
        Constant flanks, not varied.

    Yields
    ------
    Insert
        Kinds `consensus`, `substitution_1`, ...; names such as `A3T,C5G`, positions from 1 within the consensus.
    """
    core = _plain(consensus, "consensus")
    left, right = (_plain(flank, "flank") if flank else "" for flank in (left, right))
    if not 0 <= most <= len(core):
        raise InputError(f"substitutions must be between 0 and the length of {core}, not {most}")
    _check_number(sum(math.comb(len(core), n) * 3**n for n in range(most + 1)), "substitutions")
    return _substituted(core, most, left, right)


def _substituted(core: str, most: int, left: str, right: str) -> Iterator[Insert]:
    yield Insert(left + core + right, "consensus", "consensus")
    for number in range(1, most + 1):
        for places in itertools.combinations(range(len(core)), number):
            for bases in itertools.product(*(BASES.replace(core[place], "") for place in places)):
                varied = list(core)
                for place, base in zip(places, bases, strict=True):
                    varied[place] = base
                changes = zip(places, bases, strict=True)
                name = ",".join(f"{core[place]}{place + 1}{base}" for place, base in changes)
                yield Insert(left + "".join(varied) + right, f"substitution_{number}", name)


def spacer_inserts(
    first: str, second: str, shortest: int = 0, longest: int = 10, filler: str = "AC"
) -> Iterator[Insert]:
    """Yield two half sites at a series of distances, in all four orientations, and each half site alone.

    The spacer of length n is the first n bases of the repeated filler. Half sites alone stand where they stand in the
    longest pair, the other replaced by filler.

    Yields
    ------
    Insert
        Kinds `spacer_{n}`, names `++`, `+-`, `-+`, `--` (`-`: the half site's reverse complement); kind `half_site`,
        names `first`, `second`.
    """
    first, second = _plain(first, "half site"), _plain(second, "half site")
    filler = _plain(filler, "filler")
    if not 0 <= shortest <= longest <= LONGEST:
        raise InputError(
            f"spacers from {shortest} to {longest} bp: give two numbers of bp, the smaller first, at most {LONGEST:,}"
        )
    return _spaced(first, second, shortest, longest, filler)


def _spaced(first: str, second: str, shortest: int, longest: int, filler: str) -> Iterator[Insert]:
    def fill(length: int) -> str:
        return (filler * (length // len(filler) + 1))[:length]

    turned = {"+": lambda site: site, "-": reverse_complement_text}
    for gap in range(shortest, longest + 1):
        for one, two in itertools.product("+-", repeat=2):
            yield Insert(turned[one](first) + fill(gap) + turned[two](second), f"spacer_{gap}", one + two)
    yield Insert(first + fill(longest + len(second)), "half_site", "first")
    yield Insert(fill(longest + len(first)) + second, "half_site", "second")


def repeat_inserts(core: str, longest_unit: int = 3, flank: int = 12) -> Iterator[Insert]:
    """Yield a site between flanks of short tandem repeats, and the repeats without the site.

    Parameters
    ----------
    core : str
        The site.
    longest_unit : int
        Units of 1 to this many bp, each once: a unit that repeats a shorter one, or is a rotation of an earlier one,
        gives the same repeat.
    flank : int
        Length in bp of the repeat on either side; the site interrupts it, the repeat goes on in phase.

    Yields
    ------
    Insert
        Kinds `repeat` (with the site) and `repeat_alone` (the same length, the repeat running through); names are the
        units.
    """
    core = _plain(core, "site")
    if longest_unit < 1 or flank < 1:
        raise InputError(f"repeats: units of {longest_unit} bp and flanks of {flank} bp must be at least 1 bp")
    if flank > LONGEST:
        raise InputError(f"repeats: flanks of {flank} bp are longer than {LONGEST:,} bp")
    _check_number(4 ** min(longest_unit, LONGEST_KMER + 1), "repeats")
    return _repeats(core, longest_unit, flank)


def repeat_units(longest: int) -> Iterator[str]:
    """Yield the units of tandem repeats up to a length, one of each cycle of rotations, none a repeat itself."""
    for length in range(1, longest + 1):
        for bases in itertools.product(BASES, repeat=length):
            unit = "".join(bases)
            rotations = [unit[i:] + unit[:i] for i in range(1, length)]
            if all(unit < rotation for rotation in rotations):
                yield unit


def _repeats(core: str, longest_unit: int, flank: int) -> Iterator[Insert]:
    length = len(core) + 2 * flank
    for unit in repeat_units(longest_unit):
        run = unit * (length // len(unit) + 1)
        yield Insert(run[:flank] + core + run[flank + len(core) : length], "repeat", unit)
        yield Insert(run[:length], "repeat_alone", unit)


FORMS = {
    "pattern": "pattern:IUPAC (all sequences, as in pattern:NNNNNCACGTGNNNNN)",
    "kmers": "kmers:K[:LEFT[:RIGHT]]",
    "substitutions": "substitutions:CONSENSUS[:MOST[:LEFT[:RIGHT]]]",
    "spacers": "spacers:HALF:HALF[:SHORTEST-LONGEST[:FILLER]]",
    "repeats": "repeats:SITE[:LONGEST_UNIT[:FLANK]]",
}


def generated(text: str) -> Iterator[Insert]:
    """Return the inserts that a short text asks for, one of `FORMS`.

    Raises
    ------
    InputError
        If the text is of no such form.
    """
    name, *parts = text.strip().split(":")
    makers: dict[str, tuple[Callable[[list[str]], Iterator[Insert]], int, int]] = {
        "pattern": (lambda p: pattern_inserts(p[0]), 1, 1),
        "kmers": (lambda p: kmer_inserts(int(p[0]), *p[1:]), 1, 3),
        "substitutions": (_substitutions, 1, 4),
        "spacers": (_spacers, 2, 4),
        "repeats": (lambda p: repeat_inserts(p[0], *_numbers(p[1:])), 1, 3),
    }
    forms = "; ".join(FORMS.values())
    if name not in makers:
        raise InputError(f"cannot generate {text!r}: give one of {forms}")
    make, fewest, most = makers[name]
    if not fewest <= len(parts) <= most or not all(parts[:fewest]):
        raise InputError(f"cannot generate {text!r}: the form is {FORMS[name]}")
    try:
        return make(parts)
    except InputError:
        raise
    except ValueError as error:
        raise InputError(f"cannot generate {text!r} ({error}): the form is {FORMS[name]}") from error


def _numbers(parts: list[str]) -> list[int]:
    return [int(part) for part in parts]


def _substitutions(parts: list[str]) -> Iterator[Insert]:
    if len(parts) == 1:
        return substitution_inserts(parts[0])
    return substitution_inserts(parts[0], int(parts[1]), *parts[2:])


def _spacers(parts: list[str]) -> Iterator[Insert]:
    """Make a spacer series of `HALF, HALF, 0-10, FILLER`."""
    if len(parts) == 2:
        return spacer_inserts(parts[0], parts[1])
    shortest, longest = (int(number) for number in parts[2].split("-"))
    return spacer_inserts(parts[0], parts[1], shortest, longest, *parts[3:])


def library_pieces(inserts: Iterable[Insert], rows: int = ROWS_AT_ONCE) -> Iterator[pd.DataFrame]:
    """Yield inserts as tables of a library (columns of `library.tsv`), so many rows at a time; labels are missing."""
    source = iter(inserts)
    while piece := list(itertools.islice(source, rows)):
        yield _library_table(piece)


def _library_table(inserts: list[Insert]) -> pd.DataFrame:
    table = pd.DataFrame(inserts, columns=["sequence", "class", "name"])
    table["name"] = table["name"].where(table["name"] != "", None)
    table["label"] = table["label_sd"] = float("nan")
    table["n_replicates"] = 0
    return table[list(SEQUENCES.names)]


def write_inserts(path: str | os.PathLike[str], inserts: Iterable[Insert]) -> None:
    """Write inserts as `library.tsv`, whole or not at all, whatever their number."""
    with SEQUENCES.writer(path) as write:
        write(_library_table([]))
        for piece in library_pieces(inserts):
            write(piece)
