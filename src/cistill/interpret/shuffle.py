"""Dinucleotide-preserving shuffles, many at once, seeded by what they belong to."""

import hashlib

import numpy as np

from cistill.compiled import compiled

TOKENS = 5  # A, C, G, T and "anything else"


def region_generator(seed: int, region_id: str) -> np.random.Generator:
    """Return a generator that depends on the seed and the region's id alone, not on batch or order."""
    digest = hashlib.blake2b(f"{seed}:{region_id}".encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))


def dinucleotide_shuffles(codes: np.ndarray, n: int, region_ids: list[str], seed: int) -> np.ndarray:
    """Return shuffles of sequences that keep the count of every dinucleotide, and the first and last base.

    A sequence is a walk along the edges between consecutive bases. For every base, the edges that leave it are put in a
    random order, all but the last one, which keeps its place: so the walk never gets stuck before it has used every
    edge (the published system's rule, after Altschul and Erickson 1985).

    Parameters
    ----------
    codes : uint8 array, shape=(regions, length)
        Bases 0..4; 4 (anything else) is a letter like the others.
    n : int
        Shuffles per sequence.
    region_ids : list of str
        One per sequence; they seed the draws.
    seed : int
        Base seed.

    Returns
    -------
    uint8 array, shape=(regions, n, length)
    """
    regions, length = codes.shape
    if length < 3:
        return np.repeat(codes[:, None], n, 1)
    shuffles = np.empty((regions, n, length), dtype=np.uint8)
    for sequence, name, made in zip(codes, region_ids, shuffles, strict=True):
        _walk(sequence, region_generator(seed, name).random((n, length - 1), dtype=np.float32), made)
    return shuffles


@compiled("(u1[::1], f4[:, ::1], u1[:, ::1])")
def _walk(codes: np.ndarray, draws: np.ndarray, made: np.ndarray) -> None:
    """Fill `made` (n, length) with shuffles of one sequence; `draws` (n, length - 1) are uniform in [0, 1)."""
    steps = len(codes) - 1
    begin = np.zeros(TOKENS + 1, np.int64)  # where the edges out of each base begin
    for step in range(steps):
        begin[codes[step] + 1] += 1
    begin = np.cumsum(begin)
    sorted_edges, edges = np.empty(steps, codes.dtype), np.empty(steps, codes.dtype)
    following = begin.copy()
    for step in range(steps):
        sorted_edges[following[codes[step]]] = codes[step + 1]
        following[codes[step]] += 1
    for k in range(len(draws)):
        edges[:] = sorted_edges
        for token in range(TOKENS):
            first = begin[token]
            for at in range(begin[token + 1] - 2, first, -1):  # the last edge keeps its place
                other = first + np.int64(np.float64(draws[k, at]) * (at - first + 1))
                edges[at], edges[other] = edges[other], edges[at]
        following[:] = begin
        base = codes[0]
        made[k, 0] = base
        for step in range(steps):
            edge = following[base]
            following[base] = edge + 1
            base = edges[edge]
            made[k, step + 1] = base
