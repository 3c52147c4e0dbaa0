"""Statistics that several packages need, each written once."""

import numpy as np
import numpy.typing as npt


def benjamini_hochberg(p_values: npt.ArrayLike, tests: int | None = None) -> npt.NDArray[np.float64]:
    """Return q-values: for each p-value the smallest false discovery rate at which it is called.

    min over j >= i of p_(j) n / j, at most 1 (Benjamini & Hochberg 1995). `scipy.stats.false_discovery_control` gives
    the same but for the last bit, knows no missing values, and needs the p-values of all tests.

    Parameters
    ----------
    p_values : (n,)
        NaN where a test has no p-value; such tests do not count.
    tests : int, optional
        Number of tests, if `p_values` are the smallest of more; by default the number of those that are known.

    Returns
    -------
    array, shape=(n,)
        NaN where the p-value is.
    """
    p = np.asarray(p_values, dtype=np.float64)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    scaled = p[order] * (len(order) if tests is None else tests) / np.arange(1, len(order) + 1)
    q = np.full(len(p), np.nan)
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q
