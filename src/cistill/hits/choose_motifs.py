"""Which motifs are called, and how far their cores reach."""

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

import numpy as np
import numpy.typing as npt

from cistill.dna.matrices import information
from cistill.errors import InputError
from cistill.formats.motifs import Motif


def choose_motifs(motifs: Sequence[Motif], subset: str = "", include_weak: bool = False) -> list[Motif]:
    """Return the motifs to call, in their order.

    Parameters
    ----------
    motifs : sequence of Motif
        All motifs of a file.
    subset : str
        Comma-separated; each a motif's id (`counts.pos_0`), the id without its head (`pos_0`), its pattern
        (`pos_patterns/pattern_0`), or such a name with `*`, `?` or `[]`. Everything if empty.
    include_weak : bool
        Whether weak motifs are called, too. One that `subset` names in full is called anyway.

    Raises
    ------
    InputError
        If a part of `subset` names no motif.
    """
    wanted = [part.strip() for part in subset.split(",") if part.strip()]
    if not wanted:
        return [motif for motif in motifs if include_weak or not motif.weak]
    unknown = [part for part in wanted if not any(_is_named(motif, part) for motif in motifs)]
    if unknown:
        known = ", ".join(motif.motif_id for motif in motifs) or "none, the file is empty"
        raise InputError(f"--motifs_subset: no motif is named {', '.join(unknown)}; there are: {known}")
    chosen = []
    for motif in motifs:
        naming = [part for part in wanted if _is_named(motif, part)]
        if naming and (include_weak or not motif.weak or any(part in _names(motif) for part in naming)):
            chosen.append(motif)
    return chosen


def _names(motif: Motif) -> tuple[str, ...]:
    return (motif.motif_id, motif.motif_id.removeprefix(f"{motif.head}."), motif.pattern)


def _is_named(motif: Motif, name: str) -> bool:
    return any(fnmatchcase(own, name) for own in _names(motif))


def trim_by_information(
    motifs: Sequence[Motif], least: float | None, background: npt.NDArray[np.float64]
) -> list[Motif]:
    """Return the motifs with cores from the first to the last position of at least `least` bits.

    Parameters
    ----------
    motifs : sequence of Motif
        Left as they are if `least` is None.
    least : float, optional
        Bits against `background`, see `cistill.dna.matrices.information`.
    background : (4,)
        Base composition.

    Raises
    ------
    InputError
        If a motif has no such position.
    """
    if least is None:
        return list(motifs)
    trimmed, empty = [], []
    for motif in motifs:
        kept = np.flatnonzero(information(motif.pfm, background) >= least)
        if len(kept):
            trimmed.append(replace(motif, core=(int(kept[0]), int(kept[-1]) + 1)))
        else:
            empty.append(motif.motif_id)
    if empty:
        raise InputError(
            f"--min_information {least:g}: no position of {', '.join(empty)} holds that many bits; give a lower value "
            "or leave them out with --motifs_subset"
        )
    return trimmed
