"""Contigs of a file compared with those of the genome: which are left out, and what cannot belong together."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from cistill.data.contig_names import is_mitochondrial

NAMES_SHOWN = 5
MOST_UNKNOWN = 0.5  # of all records: with more of them on unknown contigs, file and genome do not belong together
ACCESSION = re.compile(r"(NC|NT|NW|NZ|CM|CP|AC)_?[0-9]{6,}(\.[0-9]+)?")
Sizes = Mapping[str, int] | None
UnknownContigs = Literal["leave_out", "refuse"]
"""What becomes of contigs that the genome does not have."""
LEAVE_OUT: UnknownContigs = "leave_out"


class Remark(str):
    """What the user should know of a file that is used all the same. Checks return it among the problems."""

    __slots__ = ()


def remarks_of(found: Sequence[str]) -> list[str]:
    """Return the remarks among what a check found."""
    return [text for text in found if isinstance(text, Remark)]


def problems_of(found: Sequence[str]) -> list[str]:
    """Return what makes a file unusable among what a check found."""
    return [text for text in found if not isinstance(text, Remark)]


def contig_problems(
    found: Mapping[str, int | None],
    sizes: Sizes,
    unknown: UnknownContigs = LEAVE_OUT,
    records: Mapping[str, int] | None = None,
    what: str = "records",
) -> list[str]:
    """Compare the contigs of a file with those of the genome.

    A contig that the genome lacks is left out and becomes a `Remark`. The file is refused if it shares no contig with
    the genome, if the genome has its contigs under names with or without 'chr', if a shared one has another length (but
    for the mitochondrial one, which no model uses), or if more than half of its records are on unknown contigs.

    Parameters
    ----------
    found : mapping
        Contig to its length in bp, or None where the file does not say.
    sizes : mapping, optional
        Lengths of the genome's contigs in bp; nothing is checked without.
    unknown : UnknownContigs
        `refuse`: any unknown contig is a problem.
    records : mapping, optional
        Contig to the number of its records; those without any may be left away. Contigs without a record are then
        never a problem or a remark.
    what : str
        What the records are, in the plural.

    Returns
    -------
    list of str
        Problems and `Remark`s.
    """
    if sizes is None:
        return []
    told: list[str] = []
    absent = [name for name in found if name not in sizes and (records is None or records.get(name, 0))]
    if absent:
        told.append(_of_unknown(absent, found, sizes, unknown, records, what))
    wrong = {name for name, size in found.items() if size is not None and sizes.get(name, size) != size}
    lengths = {
        name: f"{name} ({found[name]:,} bp here, {sizes[name]:,} in the genome)" for name in found if name in wrong
    }
    other = [text for name, text in lengths.items() if not is_mitochondrial(name)]
    if other:
        told.append(
            f"{len(other)} chromosome(s) have another length than in the genome: {some(other)}; "
            "this is another assembly: give the genome that the reads were aligned to"
        )
    elif lengths:
        told.append(
            Remark(
                f"the mitochondrial chromosome is another one than the genome's: {some(list(lengths.values()))}; "
                "no model uses it"
            )
        )
    return told


def _of_unknown(
    absent: Sequence[str],
    found: Mapping[str, int | None],
    sizes: Mapping[str, int],
    unknown: UnknownContigs,
    records: Mapping[str, int] | None,
    what: str,
) -> str:
    """Return the problem or remark about contigs that the genome lacks."""
    total = sum(records.values()) if records is not None else 0
    on = sum(records.get(name, 0) for name in absent) if records is not None else 0
    counted = f", with {on:,} of {total:,} {what}" if records is not None else ""
    shared = [name for name in found if name in sizes]
    hint = _hint(absent, sizes)
    start = f"{len(absent)} chromosome(s) are not in the genome: {some(absent)}{hint or counted}"
    if hint or not shared or on > MOST_UNKNOWN * total:
        there = "" if hint or shared else f"; the file has no chromosome of the genome ({some(list(sizes))})"
        there += "" if hint or shared else _hint_for_none(absent, sizes)
        return f"{start}{there}; give the genome that the reads were aligned to"
    if unknown == "refuse":
        return (
            f"{start}; give the genome that the reads were aligned to, or leave them out (--unknown_contigs leave_out)"
        )
    return Remark(f"{start}; they are left out")


def _hint(absent: Sequence[str], sizes: Mapping[str, int]) -> str:
    """Say in which way names differ from the genome's, if it is a common one."""
    other = (name.removeprefix("chr") if name.startswith("chr") else f"chr{name}" for name in absent)
    if any(name in sizes for name in other):
        return "; the names differ by the prefix 'chr'"
    return ""


def _hint_for_none(absent: Sequence[str], sizes: Mapping[str, int]) -> str:
    """Say in which way names differ from the genome's where none is the same, if it is a common one."""
    folded = {name.lower() for name in sizes}
    if any(name.lower() in folded for name in absent):
        return "; the names differ in letter case"
    if all(ACCESSION.fullmatch(name) for name in absent) and not any(ACCESSION.fullmatch(name) for name in sizes):
        return "; these are accessions of NCBI, and the genome has other names: rename either by NCBI's assembly report"
    return ""


def some(names: Sequence[str]) -> str:
    """Join the first few names."""
    return ", ".join(names[:NAMES_SHOWN]) + (", ..." if len(names) > NAMES_SHOWN else "")
