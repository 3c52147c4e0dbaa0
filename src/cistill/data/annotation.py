"""Reading genes and their transcripts: GTF, GFF3, or BED of up to twelve columns."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from cistill.data.bed import BedRow, RowProblems, bed_rows
from cistill.data.interval_layouts import refuse_other_format, whole_number
from cistill.errors import InputError
from cistill.files import require_file
from cistill.texts import text_lines

WHAT = "annotation"
END_OF_GFF = "##FASTA"
"""Sequences may follow the rows of GFF3."""
GTF_ATTRIBUTE = re.compile(r'(\w+) (?:"([^"]*)"|([^";\s]+))')
NAMES = ("gene_name", "gene", "Name", "gene_id")
"""Attributes that hold the name to show, the best first."""
GENES = re.compile(r".*gene|.*transcript|.*RNA", re.IGNORECASE)
"""Types of rows that are genes or transcripts; exons and coding parts belong to them."""
COLUMNS = 9
LONGEST_NUMBER = 15  # digits


class Transcript(NamedTuple):
    """A transcript, or a gene without any.

    Attributes
    ----------
    chrom : str
    start, end : int
        0-based, half open.
    name : str
    strand : str
        `+`, `-` or `.`.
    exons : tuple of (int, int)
        In order, disjoint.
    coding : (int, int)
        First base that is translated, and behind the last; (start, start) without any.
    """

    chrom: str
    start: int
    end: int
    name: str
    strand: str
    exons: tuple[tuple[int, int], ...]
    coding: tuple[int, int]


@dataclass
class _Parts:
    """What rows of GTF or GFF3 say of a transcript."""

    chrom: str
    strand: str
    span: tuple[int, int]
    name: str = ""
    parent: str = ""
    exons: list[tuple[int, int]] = field(default_factory=list)
    coding: list[tuple[int, int]] = field(default_factory=list)
    listed: bool = False  # whether it has a row of its own


class _GffRow(NamedTuple):
    kind: str
    parts: _Parts
    attributes: Mapping[str, str]


def read_annotation(path: str | os.PathLike[str]) -> list[Transcript]:
    """Read the transcripts of an annotation, plain or gzipped, in the order of the genome's coordinates.

    Genes that have no transcript count as one. Coordinates of GTF and GFF3 are 1-based and closed, those of BED 0-based
    and half open.

    Raises
    ------
    InputError
        If the file cannot be read, is of another format, or rows are malformed.
    """
    file = require_file(path, WHAT)
    problems = RowProblems()
    found = _of_gff(file, problems) if _is_gff(file) else [_of_bed(row) for row in bed_rows(file, WHAT, problems)]
    if problems.number:
        raise InputError("\n".join(f"{WHAT} {file}: {line}" for line in problems.lines()))
    if not found:
        raise InputError(f"{WHAT} {file}: it lists no gene; give GTF, GFF3 or BED")
    return sorted(found)


def _is_gff(file: Path) -> bool:
    """Say whether the first row has the nine columns of GFF, with numbers in the fourth and fifth."""
    for _, line in text_lines(file, WHAT):
        if line.startswith("#") or not line.strip():
            continue
        refuse_other_format(line, file, f"{WHAT} {file}")
        cells = line.split("\t")
        return len(cells) >= COLUMNS - 1 and cells[3].isdecimal() and cells[4].isdecimal()
    raise InputError(f"{WHAT} {file}: the file is empty")


def _of_bed(row: BedRow) -> Transcript:
    """Return a row of BED; blocks and thick part where it has them."""
    cells = [*row.fields, *[""] * 12][:12]
    sizes, starts = ([_number(text, 0) for text in cells[at].split(",") if text.strip()] for at in (10, 11))
    exons = tuple((row.start + start, row.start + start + size) for size, start in zip(sizes, starts, strict=False))
    whole = exons and all(row.start <= start < end <= row.end for start, end in exons)
    thick = tuple(_number(text, row.start) for text in cells[6:8])
    coding = thick if row.start <= thick[0] <= thick[1] <= row.end else (row.start, row.start)
    strand = cells[5] if cells[5] in ("+", "-") else "."
    return Transcript(
        row.chrom, row.start, row.end, cells[3] or f"{row.chrom}:{row.start + 1}", strand,
        tuple(_joined(list(exons))) if whole else ((row.start, row.end),), (coding[0], coding[1]),
    )  # fmt: skip


def _number(text: str, otherwise: int) -> int:
    """Return a whole number, or something else for what is none."""
    digits = text.strip()
    return int(digits) if digits.isdecimal() and len(digits) <= LONGEST_NUMBER else otherwise


def _of_gff(file: Path, problems: RowProblems) -> list[Transcript]:
    """Return the transcripts of GTF or GFF3."""
    found: dict[tuple[str, str], _Parts] = {}
    names: dict[str, _Parts] = {}
    for row in _gff_rows(file, problems):
        kind, parts, attributes = row
        gtf_id = attributes.get("transcript_id", "")
        own = attributes.get("ID", "")
        if kind in ("exon", "CDS"):
            for owner in (attributes.get("Parent", "") or gtf_id or attributes.get("gene_id", "") or own).split(","):
                of = found.setdefault((parts.chrom, owner), _Parts(parts.chrom, parts.strand, parts.span))
                (of.exons if kind == "exon" else of.coding).append(parts.span)
                of.span = min(of.span[0], parts.span[0]), max(of.span[1], parts.span[1])
                of.name = of.name or ("" if "Parent" in attributes else parts.name)
        elif GENES.fullmatch(kind):
            key = own or gtf_id or attributes.get("gene_id", "") or parts.name
            of = found.setdefault((parts.chrom, key), parts)
            of.listed, of.name, of.parent = True, parts.name or of.name, attributes.get("Parent", "")
            if not of.parent and not own and gtf_id:
                of.parent = attributes.get("gene_id", "")
            names.setdefault(key, of)
    parents = {(of.chrom, of.parent) for of in found.values() if of.exons or of.coding or of.parent}
    return [
        _transcript(of, key[1], names)
        for key, of in found.items()
        if of.exons or of.coding or (of.listed and key not in parents)
    ]


def _gff_rows(file: Path, problems: RowProblems) -> Iterator[_GffRow]:
    """Yield type, place and attributes of the well-formed rows."""
    for number, line in text_lines(file, WHAT):
        if line.startswith(END_OF_GFF):
            return
        if line.startswith("#") or not line.strip():
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        try:
            if len(cells) < COLUMNS - 1:
                raise ValueError(f"{len(cells)} tab-separated column(s) where GTF and GFF3 have {COLUMNS}")
            start, end = whole_number(cells[3], 4), whole_number(cells[4], 5)
            if not 1 <= start <= end:
                raise ValueError(f"start {start} and end {end} (columns 4 and 5) are no interval; they count from 1")
        except ValueError as error:
            problems.add(number, error)
            continue
        attributes = _attributes(cells[8] if len(cells) > 8 else "")
        name = next((attributes[key] for key in NAMES if attributes.get(key)), "")
        strand = cells[6] if cells[6] in ("+", "-") else "."
        yield _GffRow(cells[2], _Parts(cells[0], strand, (start - 1, end), name), attributes)


def _attributes(text: str) -> dict[str, str]:
    """Return the attributes of a row: `key=value;` of GFF3, or `key "value";` of GTF."""
    if "=" in text.split('"', 1)[0]:
        pairs = (part.split("=", 1) for part in text.split(";") if "=" in part)
        return {key.strip(): unquote(value.strip()) for key, value in pairs}
    return {key: quoted or plain for key, quoted, plain in GTF_ATTRIBUTE.findall(text)}


def _transcript(of: _Parts, key: str, names: Mapping[str, _Parts]) -> Transcript:
    """Return the transcript of its parts, under the name of its gene if that is known."""
    gene = names.get(of.parent)
    exons = tuple(_joined(of.exons or of.coding or [of.span]))
    start, end = min(of.span[0], exons[0][0]), max(of.span[1], exons[-1][1])
    coding = (min(a for a, _ in of.coding), max(b for _, b in of.coding)) if of.coding else (start, start)
    name = (gene.name if gene is not None else "") or of.name or key
    return Transcript(of.chrom, start, end, name, of.strand, exons, coding)


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return intervals in order, those that overlap or touch as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined
