"""The seqlets of TF-MoDISco's patterns, read from tfmodisco-lite's HDF5 and cut to the width of a seqlet."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cistill.errors import InputError
from cistill.formats.modisco import ACTUAL, HYPOTHETICAL, SEQUENCE, StoredPattern, open_modisco
from cistill.formats.motifs import Motif

Single = npt.NDArray[np.float32]
Double = npt.NDArray[np.float64]
TRACKS = (ACTUAL, HYPOTHETICAL)
NEEDED = (SEQUENCE, *(f"seqlets/{track}" for track in TRACKS))
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
    with open_modisco(path) as reader:
        patterns = [reader.pattern(motif.pattern) for motif in motifs]
        problems = _problems(motifs, patterns, seqlet_length)
        if problems:
            raise InputError(f"{reader.file.file}: " + "; ".join(problems))
        return [_read(pattern, background, seqlet_length) for pattern in patterns if pattern is not None]


def read_others(
    path: Path, sign: str, known: Sequence[str], background: Double, seqlet_length: int
) -> list[PatternSeqlets]:
    """Read the patterns of one sign, `pos` or `neg`, that are not known; incomplete or shorter ones are left out.

    Parameters are those of `read_patterns`, and `known`, the names of the patterns not to read.
    """
    with open_modisco(path) as reader:
        unknown = [reader.pattern(name) for name in reader.names(sign) if name not in set(known)]
        return [
            _read(pattern, background, seqlet_length)
            for pattern in unknown
            if pattern is not None and not pattern.lacks(NEEDED) and pattern.length >= seqlet_length
        ]


def _problems(motifs: Sequence[Motif], patterns: Sequence[StoredPattern | None], seqlet_length: int) -> list[str]:
    problems = []
    for motif, pattern in zip(motifs, patterns, strict=True):
        if pattern is None:
            problems.append(
                f"{motif.motif_id} was made from the pattern {motif.pattern or '(none)'}, which is not here: give the "
                "modisco.h5 that the motifs come from"
            )
            continue
        missing = pattern.lacks(NEEDED)
        if missing:
            problems.append(f"{motif.pattern} lacks {', '.join(missing)}")
            continue
        length = pattern.length
        if length != motif.length:
            problems.append(f"{motif.pattern} has {length} positions, but {motif.motif_id} {motif.length}")
        if length < seqlet_length:
            problems.append(f"{motif.pattern} has {length} positions, fewer than a seqlet of {seqlet_length}")
        shapes = {name: pattern.dataset(name).shape for name in NEEDED[1:]}
        problems += [
            f"{motif.pattern}: {name} has the shape {shape}"
            for name, shape in shapes.items()
            if shape[1:] != (length, 4)
        ]
    return problems


def _read(pattern: StoredPattern, background: Double, seqlet_length: int) -> PatternSeqlets:
    bits = relative_information(pattern.base_frequencies, background)
    sums = np.convolve(bits, np.ones(seqlet_length), mode="valid")
    offset = int(np.argmax(sums >= sums.max() - ROUNDING))  # the leftmost of equals, whatever order sums are taken in
    window = slice(offset, offset + seqlet_length)
    tracks = [pattern.seqlets(track, window).astype(np.float32) for track in TRACKS]
    finite = np.isfinite(tracks[0]).all(axis=(1, 2)) & np.isfinite(tracks[1]).all(axis=(1, 2))
    return PatternSeqlets(pattern.name, len(bits), offset, bits[window], tracks[0][finite], tracks[1][finite])
