"""Decoy motifs: what a motif's scores look like where the motif is not.

A decoy has the columns of a motif in another order, so that it is as long, as strong and made of the same letters, but
reads differently. Motifs that stay alike in any order (a run of G with one C) get their letters exchanged as well.
Motif and decoys then compete for every stretch of sequence, as real and reversed peptides do in proteomics (Elias &
Gygi 2007): what the decoys win tells how much of what the motif wins is chance.
"""

import numpy as np
import numpy.typing as npt

Core = npt.NDArray[np.float64]

TRIES = 300
ALIKE = 0.6
TOO_ALIKE = 0.8


def overlap_similarity(one: Core, other: Core) -> float:
    """Return the highest cosine of two matrices of one length over all shifts and both orientations.

    The part of a matrix that hangs over counts in its norm, so that a short overlap scores low.
    """
    length = len(one)
    norm = float(np.linalg.norm(one) * np.linalg.norm(other))
    best = 0.0
    for turned in (other, other[::-1, ::-1]):
        products = one @ turned.T  # (position of one, position of the other)
        best = max(best, *(float(np.trace(products, offset)) for offset in range(1 - length, length)))
    return best / norm if norm > 0 else 1.0


def decoys(core: Core, number: int, rng: np.random.Generator) -> list[Core]:
    """Return decoys of a motif, the least similar first.

    Parameters
    ----------
    core : (length, 4)
        Contribution weights of the motif's core.
    number : int
        How many to make; fewer are returned if not so many differ enough from the motif and from each other.
    rng : numpy.random.Generator
        Source of the orders that are tried.
    """
    candidates = [core[rng.permutation(len(core))] for _ in range(TRIES)]
    chosen = _least_similar(core, candidates, number, ALIKE)
    if len(chosen) < number:
        relabelled = [core[rng.permutation(len(core))][:, rng.permutation(4)] for _ in range(TRIES)]
        chosen = _least_similar(core, candidates + relabelled, number, TOO_ALIKE)
    return chosen


def _least_similar(core: Core, candidates: list[Core], number: int, limit: float) -> list[Core]:
    similarity = np.array([overlap_similarity(core, candidate) for candidate in candidates])
    chosen: list[Core] = []
    for index in np.argsort(similarity, kind="stable"):
        if len(chosen) == number or similarity[index] > limit:
            break
        if all(overlap_similarity(candidates[index], other) < TOO_ALIKE for other in chosen):
            chosen.append(candidates[index])
    return chosen
