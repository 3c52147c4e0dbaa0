"""Compiled loops: continuous Jaccard similarities, alignments, perplexities and gains of modularity.

Features of a seqlet are `(length, 8)` single-precision numbers: per position four actual and four hypothetical
contributions. The continuous Jaccard similarity of u and v, sum of sign(u) sign(v) min(|u|, |v|) over the sum of
max(|u|, |v|), is (a - b) / (a + b) with a = sum |u + v| and b = sum |u - v|: no branches, so it vectorises.
"""

from typing import Any

import numpy as np

from cistill.compiled import compiled

# sums may be taken in any order; infinities and NaN keep their meaning
FAST = {"reassoc", "contract", "nsz", "arcp"}
TILE = 64
TOLERANCE = 1e-5  # of an entropy, in nats


@compiled("(f4[:, ::1], f4[:, ::1], f4[:, ::1])", fastmath=FAST)
def pairwise(left: Any, right: Any, out: Any) -> None:
    """Write the similarities of all pairs of `left (n, features)` and `right (m, features)` to `out (n, m)`."""
    width = left.shape[1]
    for first in range(0, right.shape[0], TILE):
        last = min(first + TILE, right.shape[0])
        for i in range(left.shape[0]):
            for j in range(first, last):
                a = np.float32(0)
                b = np.float32(0)
                for x in range(width):
                    a += abs(left[i, x] + right[j, x])
                    b += abs(left[i, x] - right[j, x])
                out[i, j] = (a - b) / (a + b) if a + b > 0 else np.float32(0)


@compiled("(f4[:, ::1], f4[:, ::1], f4[::1], i8, f4[:, ::1], i8[:, ::1])", fastmath=FAST)
def align(cores: Any, table: Any, outside: Any, places: int, best: Any, place: Any) -> None:
    """Slide filters over cores so that they contain them whole; write the best similarity and its place.

    Parameters
    ----------
    cores : (n, core length * 8)
    table : (core length * 8, filters * places)
        What of each filter lies on the core, for all its places from the leftmost.
    outside : (filters * places,)
        Sum of the magnitudes of the rest of the filter.
    places : int
    best, place : (n, filters)
        The leftmost place of equals.
    """
    width = table.shape[1]
    a = np.empty(width, dtype=np.float32)
    b = np.empty(width, dtype=np.float32)
    for i in range(cores.shape[0]):
        a[:] = 0
        b[:] = 0
        for x in range(table.shape[0]):
            value = cores[i, x]
            for y in range(width):
                a[y] += abs(value + table[x, y])
                b[y] += abs(value - table[x, y])
        for y in range(width):
            whole = a[y] + b[y] + 2 * outside[y]
            a[y] = (a[y] - b[y]) / whole if whole > 0 else np.float32(0)
        for s in range(best.shape[1]):
            best[i, s] = a[s * places]
            place[i, s] = 0
            for y in range(1, places):
                if a[s * places + y] > best[i, s]:
                    best[i, s] = a[s * places + y]
                    place[i, s] = y


@compiled("(f4[:, ::1], f4[:, ::1], i8[:, ::1], b1[:, ::1], f4[:, ::1], i8[::1], f4[:, ::1])", fastmath=FAST)
def similarities(
    forward: Any, reverse: Any, shift: Any, is_reverse: Any, members: Any, first_member: Any, out: Any
) -> None:
    """Write the similarity of every seqlet with every member of every group, as it lies best on the group.

    Parameters
    ----------
    forward, reverse : (n, length * 8)
        Seqlets, and their reverse complements.
    shift, is_reverse : (n, groups)
        Where the group starts within the seqlet, in bases, and on which strand; the seqlet is shifted, zeros come in.
    members : (m, length * 8)
        Members, group by group; those of group g are `first_member[g]:first_member[g + 1]`.
    out : (n, m)
    """
    width = forward.shape[1]
    moved = np.zeros(width, dtype=np.float32)
    for group in range(first_member.shape[0] - 1):
        for i in range(forward.shape[0]):
            source = reverse if is_reverse[i, group] else forward
            offset = 8 * (-shift[i, group] if is_reverse[i, group] else shift[i, group])
            moved[:] = 0
            for x in range(max(0, -offset), min(width, width - offset)):
                moved[x] = source[i, x + offset]
            for j in range(first_member[group], first_member[group + 1]):
                a = np.float32(0)
                b = np.float32(0)
                for x in range(width):
                    a += abs(moved[x] + members[j, x])
                    b += abs(moved[x] - members[j, x])
                out[i, j] = (a - b) / (a + b) if a + b > 0 else np.float32(0)


@compiled(fastmath=FAST)
def _excess(distances: Any, beta: float, wanted: float) -> tuple[float, float]:
    """Return how far the entropy of the weights e^(-distance * beta) is above the one wanted, and its slope."""
    total = 0.0
    first = 0.0
    second = 0.0
    for x in range(distances.shape[0]):
        weight = np.exp(-distances[x] * beta)
        total += weight
        first += distances[x] * weight
        second += distances[x] * distances[x] * weight
    size = max(total, 1e-8)
    mean = first / size
    return np.log(total) + beta * mean - wanted, -beta * (second / size - mean * mean)


@compiled("(f8[::1], f8)", "(f8[::1], i8)", fastmath=FAST)
def search_beta(distances: Any, perplexity: float) -> float:
    """Return the beta at which the weights e^(-distance * beta) have the perplexity, to 1e-5 in the entropy (nats).

    The result is that of the bisection of t-SNE: at most 100 steps from 1, doubling or halving while one side is open.
    Since the entropy falls with beta, Newton's method first finds two values close on either side of the solution;
    steps of the bisection outside of them need no evaluation.
    """
    wanted = np.log(perplexity)
    above, below = -np.inf, np.inf  # known: at or left of `above` the entropy is too high, right of `below` too low
    guess = 1.0
    for _ in range(12):
        excess, slope = _excess(distances, guess, wanted)
        if excess > 1.1 * TOLERANCE:
            above = max(above, guess)
        elif excess < -1.1 * TOLERANCE:
            below = min(below, guess)
        if not slope < 0:
            break
        if abs(excess) < 1e-3:
            for aim in (2 * TOLERANCE, -2 * TOLERANCE):
                near = guess - (excess - aim) / slope
                value, _ = _excess(distances, near, wanted)
                if value > 1.1 * TOLERANCE:
                    above = max(above, near)
                elif value < -1.1 * TOLERANCE:
                    below = min(below, near)
            break
        # in the logarithm of beta, at most by a factor of e^2
        step = max(-2.0, min(2.0, -excess / (slope * guess)))
        guess *= np.exp(step)
    low, high, beta = -np.inf, np.inf, 1.0
    for _ in range(100):
        if beta <= above:
            excess = 1.0
        elif beta >= below:
            excess = -1.0
        else:
            excess, _ = _excess(distances, beta, wanted)
        if abs(excess) <= TOLERANCE:
            break
        if excess > 0:
            low = beta
            beta = beta * 2 if high == np.inf else (beta + high) / 2
        else:
            high = beta
            beta = beta / 2 if low == -np.inf else (beta + low) / 2
    return beta


@compiled("(i4[::1], f8[::1], f8, f8[::1], f8[::1])", fastmath=FAST)
def row_betas(indptr: Any, distances: Any, perplexity: float, beta: Any, norm: Any) -> None:
    """Write beta of every row and norm, the sum of e^(-distance / beta), of a sparse matrix of distances."""
    for i in range(indptr.shape[0] - 1):
        row = distances[indptr[i] : indptr[i + 1]]
        beta[i] = search_beta(row, perplexity)
        total = 0.0
        for x in range(row.shape[0]):
            total += np.exp(-row[x] / beta[i])
        norm[i] = max(total, 1e-8)


@compiled(
    "(f4[:, ::1], i8[:, :], f8, f8[::1], f8[::1], i8[::1], f8[::1], f8, i8[::1], f8[:, ::1])",
    "(f4[:, ::1], i8[:, ::1], f8, f8[::1], f8[::1], i8[::1], f8[::1], f8, i8[::1], f8[:, ::1])",
    fastmath=FAST,
)
def gains(
    similarity: Any,
    neighbour: Any,
    perplexity: float,
    beta: Any,
    norm: Any,
    community: Any,
    degree: Any,
    total: float,
    motif: Any,
    out: Any,
) -> None:
    """Write what new nodes would add to the modularity of each motif's best community.

    Parameters
    ----------
    similarity, neighbour : (n, neighbours)
        To, and which, members of the graph.
    perplexity : float
    beta, norm, community : (members,)
    degree, motif : (communities,)
        Sum of the degrees of a community, and the motif that it belongs to.
    total : float
        Sum of all affinities, each edge counted from both ends.
    out : (n, motifs)
    """
    count = similarity.shape[1]
    distance = np.empty(count, dtype=np.float64)
    linked = np.empty(degree.shape[0], dtype=np.float64)
    for i in range(similarity.shape[0]):
        for x in range(count):
            distance[x] = max(np.log(2.0 / max(similarity[i, x], 1e-7) - 1.0), 0.0)
        own = search_beta(distance, perplexity)
        own_norm = 0.0
        for x in range(count):
            own_norm += np.exp(-distance[x] / own)
        own_norm = max(own_norm, 1e-8)
        linked[:] = 0
        strength = 0.0
        for x in range(count):
            j = neighbour[i, x]
            one = np.exp(-distance[x] / own) / own_norm
            other = np.exp(-distance[x] / beta[j]) / norm[j]
            affinity = np.sqrt(one * other)
            linked[community[j]] += affinity
            strength += affinity
        out[i, :] = -np.inf
        whole = total + strength
        for c in range(degree.shape[0]):
            gain = 2 * linked[c] / whole - 2 * (degree[c] + linked[c]) * strength / (whole * whole)
            out[i, motif[c]] = max(out[i, motif[c]], gain)


@compiled("(f8[:, ::1], f8, i8, i8, i8[::1], i8[::1])", fastmath=FAST)
def pick_windows(sums: Any, threshold: float, margin: int, apart: int, row: Any, start: Any) -> int:
    """Pick windows greedily, the highest first; equal ones from the left. Return their number.

    Parameters
    ----------
    sums : (regions, windows)
        Overwritten.
    threshold : float
        Windows of at least this, and above zero, are picked.
    margin : int
        Windows at either end of a region that are not.
    apart : int
        Starts of two picked windows of a region differ by at least this.
    row, start : (room,)
        Written, in the order of regions and of picking.
    """
    found = 0
    last = sums.shape[1] - margin
    for i in range(sums.shape[0]):
        while True:
            best = -1
            for x in range(margin, last):
                value = sums[i, x]
                if value >= threshold and value > 0 and (best < 0 or value > sums[i, best]):
                    best = x
            if best < 0:
                break
            row[found] = i
            start[found] = best
            found += 1
            for x in range(max(margin, best - apart + 1), min(last, best + apart)):
                sums[i, x] = -np.inf
    return found
