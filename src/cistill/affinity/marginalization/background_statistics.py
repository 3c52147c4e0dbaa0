"""Scores over backgrounds and how sure they are."""

import numpy as np
from numpy.typing import NDArray


def background_means(
    deltas: NDArray[np.float32], source: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean over backgrounds, its standard error and the standard deviation over backgrounds.

    Backgrounds made from the same sequence are not independent draws. With n backgrounds x_j of G sequences g,

        SE^2 = G / (G - 1) / n^2 * sum over g of (sum over j in g of (x_j - mean))^2,

    the variance of a mean of clusters (Liang and Zeger 1986), which is SD^2 / n where every background has a sequence
    of its own. With few sequences an interval needs Student's t of G - 1 degrees of freedom.

    Parameters
    ----------
    deltas : float array, shape=(inserts, tasks, backgrounds)
    source : int array, shape=(backgrounds,)
        What each background was made from.

    Returns
    -------
    mean, standard_error, sd : float64 arrays, shape=(inserts, tasks)
        The last two are NaN for a single background, the standard error for a single sequence.
    """
    x = deltas.astype(np.float64)
    n = x.shape[2]
    mean = x.mean(2)
    centred = x - mean[..., None]
    _, cluster = np.unique(source, return_inverse=True)
    groups = int(cluster.max()) + 1
    sums = centred
    if groups < n:
        sums = np.stack([centred[..., cluster == g].sum(2) for g in range(groups)], 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        sd = np.sqrt((centred**2).sum(2) / np.float64(n - 1))
        error = np.sqrt(np.float64(groups) / np.float64(groups - 1) * (sums**2).sum(2)) / n
    nothing = np.full_like(mean, np.nan)
    return mean, error if groups > 1 else nothing, sd if n > 1 else nothing


def network_sd(means: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the standard deviation over networks of their means; NaN where fewer than two have one.

    Parameters
    ----------
    means : float array, shape=(inserts, tasks, networks)
        NaN where a network does not vote for a task.

    Returns
    -------
    float32 array, shape=(inserts, tasks)
    """
    votes = ~np.isnan(means)
    number = votes.sum(2)
    centred = np.where(votes, means, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        centred = np.where(votes, means - (centred.sum(2) / number)[..., None], 0)
        sd = np.sqrt((centred**2).sum(2) / (number - 1))
    return np.where(number > 1, sd, np.nan).astype(np.float32)
