"""Dinucleotide-preserving shuffles, many at once, seeded by what they belong to."""

import hashlib

import numpy as np

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
    steps = length - 1
    keys = np.stack([region_generator(seed, name).random((n, steps), dtype=np.float32) for name in region_ids])
    source, target = codes[:, :-1], codes[:, 1:]
    # sort key: base left, then the draw; the last edge out of each base comes after all others
    keys += 2.0 * source[:, None]
    for token in range(TOKENS):
        leaves = source == token
        last = steps - 1 - np.argmax(leaves[:, ::-1], axis=1)
        present = np.flatnonzero(leaves.any(1))
        keys[present, :, last[present]] = 2.0 * token + 1.5
    order = np.argsort(keys, axis=2)
    edges = np.take_along_axis(np.broadcast_to(target[:, None], order.shape), order, 2).reshape(regions * n, steps)

    counts = (source[:, :, None] == np.arange(TOKENS)).sum(1)  # (regions, tokens)
    first = np.concatenate([np.zeros((regions, 1), np.int64), np.cumsum(counts, 1)[:, :-1]], 1)
    pointer = (np.repeat(first, n, 0) + np.arange(regions * n)[:, None] * steps).ravel()  # into edges.ravel()
    flat = edges.ravel()
    row = np.arange(regions * n) * TOKENS
    walk = np.empty((length, regions * n), dtype=np.uint8)
    walk[0] = np.repeat(codes[:, 0], n)
    for step in range(steps):
        at = row + walk[step]
        edge = pointer[at]
        walk[step + 1] = flat[edge]
        pointer[at] = edge + 1
    return walk.T.reshape(regions, n, length)
