"""How files hold intervals: BED, the formats whose rows can be read as BED, and those that are something else."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cistill.errors import InputError

Cells = Sequence[str]
WHOLE = re.compile(r"[0-9]{1,13}")
THOUSANDS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+")
POINT_ZERO = re.compile(r"([0-9]{1,13})\.0+")
SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,2}")
STRANDS = ("+", "-", ".")
START_NAME = re.compile(r"(?i)\W*\w*(start|begin|from)\w*\W*")
END_NAME = re.compile(r"(?i)\W*\w*(end|stop|to)\W*")
REGION_NAME = re.compile(r"(\S+):([0-9,]+)-([0-9,]+)")


@dataclass(frozen=True)
class IntervalLayout:
    """Where a row of a file has its interval.

    Attributes
    ----------
    name : str
        Of the format, for a line in the log.
    first_base : int
        What the first base of a chromosome is counted as, 0 or 1; with 1 the end belongs to the interval.
    columns : tuple of int, optional
        Columns from 0 of chromosome, start, end, name, score and strand; -1 for one that the format lacks. None where
        rows are as in BED.
    summit : int
        Column from 0 of the summit's place on the chromosome, counted as `first_base` says; -1 for none.
    """

    name: str
    first_base: int = 0
    columns: tuple[int, ...] | None = None
    summit: int = -1

    def as_bed(self, cells: Cells) -> list[str]:
        """Return a row's cells as BED has them.

        Raises
        ------
        ValueError
            If the row is too short, or a coordinate is no whole number.
        """
        if self == BED:
            return list(cells)
        if self.columns is None:
            fields = list(cells)
        else:
            if len(cells) <= max(self.columns):
                raise ValueError(f"{len(cells)} column(s), fewer than {self.name} has")
            fields = [cells[at] if at >= 0 else "." for at in self.columns]
        if self.first_base and len(fields) > 1:
            column = 2 if self.columns is None else self.columns[1] + 1
            start = whole_number(fields[1], column)
            if start < 1:
                raise ValueError(f"column {column} is {fields[1]!r}, but {self.name} counts bases from 1")
            fields[1] = str(start - 1)
        if self.summit >= 0 and len(cells) > self.summit:
            offset = whole_number(cells[self.summit], self.summit + 1) - self.first_base - whole_number(fields[1], 2)
            fields = [*fields[:3], ".", "0", ".", "0", "-1", "-1", str(offset)]  # as narrowPeak
        return fields


BED = IntervalLayout("BED")
GFF = IntervalLayout("GFF", 1, (0, 3, 4, 2, 5, 6))
NAME_FIRST = IntervalLayout("a table of name, chromosome, start, end, strand (HOMER, SAF)", 1, (1, 2, 3, 0, -1, 4))
INTERVAL_LIST = IntervalLayout("a Picard interval list", 1, (0, 1, 2, 4, -1, 3))
FIMO_NAMES = ("sequence_name", "start", "stop", "motif_id", "score", "strand")
FROM_ONE = IntervalLayout("a table with a width, counted from 1 (GRanges)", 1)


def whole_number(text: str, column: int) -> int:
    """Return a coordinate; `1e+05` (R), `1000.0` (pandas) and `1,000,000` (spreadsheets) are whole numbers, too.

    Raises
    ------
    ValueError
        If it is none, or a spreadsheet has rounded it.
    """
    if len(text) <= 13 and text.isascii() and text.isdecimal():
        return int(text)
    if found := POINT_ZERO.fullmatch(text):
        return int(found[1])
    if THOUSANDS.fullmatch(text) and len(text) <= 16:
        return int(text.replace(",", ""))
    if SCIENTIFIC.fullmatch(text):
        value = float(text)
        if "E" in text and "." in text:
            raise ValueError(
                f"column {column} is {text!r}, which a spreadsheet has rounded; format the column as a number without "
                "decimals and save the file again"
            )
        # programs that round no digit write a number like this only where it is shorter
        if value.is_integer() and value < 1e13 and len(text) < len(str(int(value))) + ("+" not in text):
            return int(value)
    if text.startswith("-") and WHOLE.fullmatch(text[1:]):
        raise ValueError(f"column {column} is {text!r}, not a whole number from 0; cut intervals at chromosomes' ends")
    raise ValueError(f"column {column} is {text[:40]!r}, not a whole number")


def _is_whole(text: str) -> bool:
    try:
        whole_number(text, 0)
    except ValueError:
        return False
    return True


def is_header(cells: Cells) -> bool:
    """Say whether a row names columns: a start and an end, and nothing in it is a number."""
    return (
        any(START_NAME.fullmatch(cell) for cell in cells)
        and any(END_NAME.fullmatch(cell) for cell in cells)
        and not any(_is_whole(cell) for cell in cells)
    )


def layout_of(cells: Cells, header: Cells | None, comments: Cells, pairs: bool = False) -> IntervalLayout:
    """Find how a file holds its intervals.

    Parameters
    ----------
    cells : sequence of str
        The first row of data, without a row name in front.
    header : sequence of str, optional
        The names of columns, if the file has them.
    comments : sequence of str
        Lines that start with `@`, as SAM and interval lists have in front.
    pairs : bool
        Take BEDPE.

    Raises
    ------
    ValueError
        If the file is in a format that is no list of intervals; the message names it and the way out.
    """
    names = [name.strip("#").lower() for name in header or ()]
    if set(FIMO_NAMES) <= set(names[: len(cells)]):
        return IntervalLayout("FIMO's table", 1, tuple(names.index(name) for name in FIMO_NAMES))
    first, last = (_is_whole(cells[at]) if len(cells) > at else False for at in (1, 2))
    if first and last:
        if comments and len(cells) == 5 and cells[3] in STRANDS:
            return INTERVAL_LIST
        if is_bedpe(cells):
            if pairs:
                return BED
            raise ValueError(BEDPE)
        summit = names.index("abs_summit") if "abs_summit" in names[: len(cells)] else -1
        for width in ("width", "length"):
            at = names.index(width) if width in names[: len(cells)] else -1
            if at > 2 and _is_whole(cells[at]):
                span = whole_number(cells[2], 3) - whole_number(cells[1], 2)
                if whole_number(cells[at], at + 1) == span + 1:
                    return replace(FROM_ONE, summit=summit)
        return replace(BED, summit=summit) if summit >= 0 else BED
    if len(cells) in (8, 9) and _is_whole(cells[3]) and _is_whole(cells[4]) and cells[6] in (*STRANDS, "?"):
        return GFF
    if len(cells) >= 5 and last and _is_whole(cells[3]) and cells[4] in ("+", "-", ".", "0", "1"):
        return NAME_FIRST
    for known, problem in OTHER_ROWS:
        if known(cells):
            raise ValueError(problem)
    return BED


def _is_sam(cells: Cells) -> bool:
    return len(cells) >= 11 and cells[1].isdecimal() and cells[3].isdecimal() and cells[4].isdecimal()


def _is_vcf(cells: Cells) -> bool:
    return len(cells) >= 8 and cells[1].isdecimal() and bool(re.fullmatch("[ACGTNacgtn,*]+", cells[3]))


def is_bedpe(cells: Cells) -> bool:
    """Say whether a row is a pair of intervals: two chromosomes of the same form, each with a start and an end."""
    return len(cells) >= 6 and cells[3] == cells[0] and _is_whole(cells[4]) and _is_whole(cells[5])


BEDPE = (
    "these are pairs of intervals (BEDPE), which are taken for reads alone; give one interval a row in three "
    "tab-separated columns: chromosome, start, end"
)
OTHER_ROWS: tuple[tuple[Callable[[Cells], bool], str], ...] = (
    (
        lambda cells: bool(REGION_NAME.fullmatch(cells[0])),
        "this is a list of regions such as chr1:100-200; write chromosome, start and end in three tab-separated "
        "columns, the start counted from 0 (samtools, IGV and UCSC write it counted from 1: subtract 1)",
    ),
    (_is_sam, "these are reads (SAM), not intervals; give what a peak caller makes of them"),
    (_is_vcf, "these are variants (VCF); make BED of them: bcftools query -f '%CHROM\\t%POS0\\t%END\\t%ID\\n'"),
)
OTHER_STARTS = (
    (
        re.compile("# This file is generated by MACS|# Command line: callpeak"),
        "this is the table _peaks.xls of MACS, which counts from 1; give {narrow} of the same MACS run",
    ),
    (
        re.compile("Position\tIP\t"),
        "this is a list of positions (GEM); give the narrowPeak file of the same run (--outNP), or BED",
    ),
    (re.compile("##fileformat=VCF"), OTHER_ROWS[2][1]),
    (re.compile("(fixed|variable)Step|track .*type=.?wiggle"), "this is a signal (wiggle), not a list of intervals"),
    (re.compile(">"), "this is a FASTA file, not a list of intervals"),
    (re.compile("(?i)<(!doctype|html|head|xml)|<[?]xml"), "this is a web page or XML, not the file; download it again"),
    (re.compile("version https://git-lfs"), "this is a pointer of Git LFS; get the file itself: git lfs pull"),
    (re.compile(r"\s*[{\[]"), "this is JSON, not a list of intervals"),
)
"""Lines, or rows of files, that say what a file is."""


def refuse_other_format(line: str, path: Path, where: str) -> None:
    """Refuse a file that one of its first lines shows to be in another format.

    Raises
    ------
    InputError
        It names the format and what to give instead.
    """
    for known, problem in OTHER_STARTS:
        if known.match(line):
            raise InputError(f"{where}: {problem.replace('{narrow}', _narrow_peak_of(path))}")


def _narrow_peak_of(path: Path) -> str:
    """Name the narrowPeak file that MACS writes with a table `_peaks.xls`."""
    stem = path.name.removesuffix(".gz").removesuffix(".xls")
    name = f"{stem}.narrowPeak"
    return f"{path.with_name(name)}, which is there," if path.with_name(name).is_file() else f"the file {name}"
