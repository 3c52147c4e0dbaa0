"""The seqlets of TF-MoDISco's patterns, read from tfmodisco-lite's HDF5 and cut to the width of a seqlet."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt

from cistill.errors import InputError
from cistill.files import require_file
from cistill.formats.motifs import Motif

Single = npt.NDArray[np.float32]
Double = npt.NDArray[np.float64]
TRACKS = ("contrib_scores", "hypothetical_contribs")
PSEUDOCOUNT = 0.001
ROUNDING = 1e-9  # bits


@dataclass(frozen=True)
class PatternSeqlets:
    """The best window of a pattern, and its seqlets there, all in the pattern's orientation.

    Attributes
    ----------
    name : str
        `pos_patterns/pattern_0`, ...
    length, offset : int
        Length of the whole pattern in bases, and where the window starts.
    information : (seqlet length,)
        Bits of each position of the window.
    contributions, hypothetical : (seqlets, seqlet length, 4)
        Actual and hypothetical contributions.
    """

    name: str
    length: int
    offset: int
    information: Double
    contributions: Single
    hypothetical: Single


def relative_information(pfm: Double, background: Double) -> Double:
    """Return the information of each position in bits, as the published scorer does: `(length,)`.

    sum over bases of p log2((p + 0.001) / 1.004), less sum over bases of q log2 q, with q the base composition. It is
    that of the position less that of the background, not the relative entropy.
    """
    p = np.asarray(pfm, dtype=np.float64)
    p = p / np.maximum(p.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
    q = np.maximum(background, np.finfo(np.float64).tiny)
    bits = (p * np.log2((p + PSEUDOCOUNT) / (1 + 4 * PSEUDOCOUNT))).sum(axis=1) - (q * np.log2(q)).sum()
    return np.asarray(bits)


def read_patterns(path: Path, motifs: Sequence[Motif], background: Double, seqlet_length: int) -> list[PatternSeqlets]:
    """Read the patterns that motifs were made from.

    Parameters
    ----------
    path : Path
        `{tf}.{head}.modisco.h5`.
    motifs : sequence of Motif
        Each is looked up by its `pattern`.
    background : (4,)
        Base composition.
    seqlet_length : int
        Width of the window, in bases.

    Returns
    -------
    list of PatternSeqlets
        In the order of the motifs.

    Raises
    ------
    InputError
        If the file is no such file, or a pattern is not in it, or is not as long as its motif or as a seqlet.
    """
    file = require_file(path, "modisco")
    try:
        with h5py.File(file, "r") as handle:
            problems = _problems(handle, motifs, seqlet_length)
            if problems:
                raise InputError(f"{file}: " + "; ".join(problems))
            return [_read(handle, motif.pattern, background, seqlet_length) for motif in motifs]
    except (OSError, KeyError, TypeError) as error:
        raise InputError(f"{file}: not a readable result of TF-MoDISco (modisco-lite): {error}") from error


def read_others(
    path: Path, sign: str, known: Sequence[str], background: Double, seqlet_length: int
) -> list[PatternSeqlets]:
    """Read the patterns of one sign, `pos` or `neg`, that are not known; incomplete or shorter ones are left out.

    Parameters are those of `read_patterns`, and `known`, the names of the patterns not to read.
    """
    with h5py.File(require_file(path, "modisco"), "r") as handle:
        names = [f"{sign}_patterns/{name}" for name in handle.get(f"{sign}_patterns", {})]
        names = sorted(set(names) - set(known), key=lambda name: (len(name), name))  # pattern_2 before pattern_10
        complete = [
            name
            for name in names
            if all(f"{name}/{part}" in handle for part in ("sequence", *(f"seqlets/{track}" for track in TRACKS)))
            and handle[name]["sequence"].shape[0] >= seqlet_length
        ]
        return [_read(handle, name, background, seqlet_length) for name in complete]


def _problems(handle: h5py.File, motifs: Sequence[Motif], seqlet_length: int) -> list[str]:
    problems = []
    for motif in motifs:
        group = handle.get(motif.pattern) if motif.pattern else None
        if not isinstance(group, h5py.Group):
            problems.append(
                f"{motif.motif_id} was made from the pattern {motif.pattern or '(none)'}, which is not here: give the "
                "modisco.h5 that the motifs come from"
            )
            continue
        missing = [name for name in ("sequence", "seqlets") if name not in group]
        missing += [f"seqlets/{name}" for name in TRACKS if f"seqlets/{name}" not in group]
        if missing:
            problems.append(f"{motif.pattern} lacks {', '.join(missing)}")
            continue
        length = group["sequence"].shape[0]
        if length != motif.length:
            problems.append(f"{motif.pattern} has {length} positions, but {motif.motif_id} {motif.length}")
        if length < seqlet_length:
            problems.append(f"{motif.pattern} has {length} positions, fewer than a seqlet of {seqlet_length}")
        problems += [
            f"{motif.pattern}: seqlets/{name} has the shape {group['seqlets'][name].shape}"
            for name in TRACKS
            if group["seqlets"][name].shape[1:] != (length, 4)
        ]
    return problems


def _read(handle: h5py.File, name: str, background: Double, seqlet_length: int) -> PatternSeqlets:
    group = handle[name]
    bits = relative_information(group["sequence"][:], background)
    sums = np.convolve(bits, np.ones(seqlet_length), mode="valid")
    offset = int(np.argmax(sums >= sums.max() - ROUNDING))  # the leftmost of equals, whatever order sums are taken in
    window = slice(offset, offset + seqlet_length)
    tracks = [np.asarray(group["seqlets"][track][:, window], dtype=np.float32) for track in TRACKS]
    finite = np.isfinite(tracks[0]).all(axis=(1, 2)) & np.isfinite(tracks[1]).all(axis=(1, 2))
    return PatternSeqlets(name, len(bits), offset, bits[window], tracks[0][finite], tracks[1][finite])
