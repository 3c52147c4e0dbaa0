"""What seqlets are compared by: actual and hypothetical contributions, each of unit size."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Single = npt.NDArray[np.float32]
ROWS = 256
R = TypeVar("R")


def features(contributions: npt.NDArray[np.floating], hypothetical: npt.NDArray[np.floating]) -> Single:
    """Return features `(seqlets, length, 8)`: each track divided by the sum of its magnitudes, unless that is zero.

    Parameters
    ----------
    contributions, hypothetical : (seqlets, length, 4)
    """
    tracks = []
    for track in (contributions, hypothetical):
        values = np.asarray(track, dtype=np.float64)
        size = np.abs(values).sum(axis=(1, 2), keepdims=True)
        tracks.append(values / np.where(size > 0, size, 1))
    return np.concatenate(tracks, axis=2).astype(np.float32)


def reverse_features(values: Single) -> Single:
    """Return features as read from the other strand."""
    return np.ascontiguousarray(values[:, ::-1][..., [3, 2, 1, 0, 7, 6, 5, 4]])


def flat(values: Single) -> Single:
    """Return features `(seqlets, length * 8)`."""
    return np.ascontiguousarray(values.reshape(len(values), -1))


def row_slices(n: int, size: int = ROWS) -> Iterator[slice]:
    """Cut `n` rows into slices of `size`."""
    for first in range(0, n, size):
        yield slice(first, min(first + size, n))


def by_rows(work: Callable[[slice], R], n: int, workers: int, size: int = ROWS) -> list[R]:
    """Call `work` on slices of `n` rows, on threads; return what it returns, in order."""
    if workers == 1 or n <= size:
        return [work(rows) for rows in row_slices(n, size)]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, row_slices(n, size)))


def most_similar(similarity: Single, count: int) -> npt.NDArray[np.int64]:
    """Return the columns of the `count` highest similarities of every row, in no particular order."""
    width = similarity.shape[1]
    if count >= width:
        return np.broadcast_to(np.arange(width), similarity.shape).copy()
    return np.asarray(np.argpartition(similarity, width - count, axis=1)[:, width - count :])
