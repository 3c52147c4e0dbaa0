"""Motif matrices: information, the informative core, orientation, letters.

Every matrix has one row per position and the columns A, C, G, T: `(length, 4)`.
"""

import numpy as np
import numpy.typing as npt

from cistill.dna.codes import BASES, LETTER_OF_BASES

Matrix = npt.NDArray[np.float64]

PSEUDOCOUNT = 0.001
UNIFORM = np.full(4, 0.25)


def reverse_complement(matrix: Matrix) -> Matrix:
    """Return the matrix as read from the other strand: both axes reversed, since A, C, G, T mirror to T, G, C, A."""
    return np.ascontiguousarray(matrix[::-1, ::-1])


def probabilities(pfm: Matrix) -> Matrix:
    """Return base probabilities `(length, 4)`: 0.001 is added to each entry, then every row is made to sum to one."""
    padded = np.asarray(pfm, dtype=np.float64) + PSEUDOCOUNT
    return np.asarray(padded / padded.sum(axis=1, keepdims=True))


def information(pfm: Matrix, background: Matrix = UNIFORM) -> Matrix:
    """Return the information of each position in bits: the relative entropy to the background.

    sum over bases of p log2(p / q) (Schneider et al. 1986; Stormo 2000), with p of `probabilities`.

    Parameters
    ----------
    pfm : (length, 4)
        Base frequencies or counts.
    background : (4,)
        Base composition, uniform by default.

    Returns
    -------
    (length,) of float, bits
    """
    p = probabilities(pfm)
    return np.asarray((p * np.log2(p / background)).sum(axis=1))


def log_odds(pfm: Matrix, background: Matrix) -> Matrix:
    """Return log2(p / background) per position and base, in bits, with p of `probabilities`."""
    return np.asarray(np.log2(probabilities(pfm) / background))


def contribution_core(cwm: Matrix, share: float = 0.2) -> tuple[int, int]:
    """Return the half-open span of positions that carry the contributions.

    From the first to the last position whose summed absolute contribution reaches `share` of the largest position's.
    TF-MoDISco's reports and Fi-NeMo trim by this rule at 0.3, which cuts positions of one bit from strong motifs.

    Parameters
    ----------
    cwm : (length, 4)
        Contribution weights.
    share : float
        Fraction of the largest position.
    """
    weight = np.abs(cwm).sum(axis=1)
    kept = np.flatnonzero(weight >= share * weight.max())
    return int(kept[0]), int(kept[-1]) + 1


def is_purine_rich(cwm: Matrix) -> bool:
    """Return whether A and G carry at least half of the absolute contributions."""
    weight = np.abs(cwm).sum(axis=0)
    return bool(weight[[0, 2]].sum() >= 0.5 * weight.sum())


def consensus(pfm: Matrix, information_floor: float = 0.25) -> str:
    """Return the consensus in IUPAC letters.

    A base that at least half of the sequences have, and at least twice as often as the next, stands alone; two bases
    that three quarters have stand together; three if the fourth is below 5 % (Cavener 1987, with the rule for
    three bases added). A position of less than `information_floor` bits is N.
    """
    p = probabilities(pfm)
    bits = information(pfm)
    letters = []
    for row, value in zip(p, bits, strict=True):
        order = np.argsort(-row, kind="stable")
        first, second, third = row[order[:3]]
        if value < information_floor:
            letters.append("N")
        elif first >= 0.5 and first >= 2 * second:
            letters.append(LETTER_OF_BASES[frozenset(BASES[order[0]])])
        elif first + second >= 0.75:
            letters.append(LETTER_OF_BASES[frozenset(BASES[i] for i in order[:2])])
        elif first + second + third >= 0.95:
            letters.append(LETTER_OF_BASES[frozenset(BASES[i] for i in order[:3])])
        else:
            letters.append("N")
    return "".join(letters)
