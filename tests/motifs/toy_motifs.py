"""Motifs made by hand, for the tests of the algebra."""

import numpy as np

from cistill.formats.motifs import Motif


def letters(word: str) -> np.ndarray:
    """Return a matrix of one base per position, (length, 4); N has no base."""
    return np.array([[letter == base for base in "ACGT"] for letter in word], dtype=float)


def motif(
    word: str,
    name: str = "counts.pos_0",
    *,
    head: str = "counts",
    sign: str = "pos",
    n_seqlets: int = 100,
    flanks: tuple[int, int] = (3, 3),
    size: float = 1.0,
    weak: bool = False,
    noise: int | None = None,
) -> Motif:
    """Return a motif whose core is a word; the flanks have no contributions, or with a seed of `noise` small ones."""
    before, after = flanks
    length = before + len(word) + after
    cwm = np.zeros((length, 4))
    cwm[before : before + len(word)] = letters(word) * size
    if noise is not None:
        cwm = cwm + np.random.default_rng(noise).normal(0, 0.02 * size, cwm.shape)
    pfm = np.full((length, 4), 0.25)
    pfm[before : before + len(word)] = 0.9 * letters(word) + 0.025
    return Motif(
        motif_id=name,
        head=head,
        sign=sign,
        pattern=f"{sign}_patterns/pattern_0",
        flipped=False,
        n_seqlets=n_seqlets,
        pfm=pfm,
        cwm=cwm if sign == "pos" else -cwm,
        hcwm=cwm - 0.1 * size,
        core=(before, before + len(word)),
        weak=weak,
        weak_reason="made so" if weak else "",
    )
