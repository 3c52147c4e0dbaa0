"""The density-adapted scorer in plain loops, written from its description alone: nothing of the library is used.

One seqlet, one pair, one offset at a time, in double precision. Only Leiden, isotonic regression and the random numbers
come from packages. `Decisions` records how clear each choice between numbers was: the difference between similarities,
between qualities of partitions or between summed contributions; for gains of modularity, the relative difference.
"""

import math
from pathlib import Path

import h5py
import igraph
import leidenalg
import numpy as np
from close_decisions import Decisions
from sklearn.isotonic import IsotonicRegression

COMPLEMENT = [3, 2, 1, 0]


def jaccard(u, v):
    """Continuous Jaccard similarity of two arrays of one shape."""
    u, v = np.abs(u) * np.sign(u), np.abs(v) * np.sign(v)
    union = np.maximum(np.abs(u), np.abs(v)).sum()
    shared = (np.minimum(np.abs(u), np.abs(v)) * np.sign(u) * np.sign(v)).sum()
    return shared / union if union > 0 else 0.0


def turn(track):
    return track[::-1][:, COMPLEMENT]


def unit(track):
    size = np.abs(track).sum()
    return track / size if size > 0 else track


def described(seqlet):
    """A seqlet is a pair of (length, 4) tracks; its description is both, each of unit size, side by side."""
    return np.concatenate([unit(seqlet[0]), unit(seqlet[1])], axis=1)


def turned(seqlet):
    return turn(seqlet[0]), turn(seqlet[1])


def mean_of(seqlets):
    return np.mean([s[0] for s in seqlets], axis=0), np.mean([s[1] for s in seqlets], axis=0)


def distance_of(similarity):
    return max(math.log(2 / max(similarity, 1e-7) - 1), 0.0)


def beta_for(row, perplexity):
    beta, low, high = 1.0, None, None
    for _ in range(100):
        weights = [math.exp(-d * beta) for d in row]
        total = sum(weights)
        chances = [w / max(total, 1e-8) for w in weights]
        entropy = (math.log(total) if total > 0 else -math.inf) + beta * sum(
            d * p for d, p in zip(row, chances, strict=True)
        )
        if abs(entropy - math.log(perplexity)) <= 1e-5:
            break
        if entropy > math.log(perplexity):
            low = beta
            beta = beta * 2 if high is None else (beta + high) / 2
        else:
            high = beta
            beta = beta / 2 if low is None else (beta + low) / 2
    return beta


def best_clusters(entries, n, seeds, decisions, motifs=None):
    """Every stored entry (i, j) is an edge of its own. With motifs: refinement within them, by moving or by merging."""
    graph = igraph.Graph()
    graph.add_vertices(n)
    graph.add_edges([(i, j) for i, j, _ in entries])
    weights = [w for _, _, w in entries]
    kind = leidenalg.ModularityVertexPartition
    best, every = None, []
    for seed in range(seeds):
        if motifs is None:
            tried = [leidenalg.find_partition(graph, kind, weights=weights, n_iterations=-1, seed=seed * 100)]
        else:
            fixed = kind(graph, initial_membership=motifs, weights=weights)
            moved, merged = kind(graph, weights=weights), kind(graph, weights=weights)
            optimiser = leidenalg.Optimiser()
            optimiser.set_rng_seed(seed * 100)
            optimiser.move_nodes_constrained(moved, fixed)
            optimiser = leidenalg.Optimiser()
            optimiser.set_rng_seed(seed * 100)
            optimiser.merge_nodes_constrained(merged, fixed)
            tried = [moved if moved.quality() > merged.quality() else merged]
            every += [(one.quality(), one.membership) for one in (moved, merged)]
        every += [(one.quality(), one.membership) for one in tried]
        for partition in tried:
            if best is None or partition.quality() > best[0] + 1e-12:
                best = partition.quality(), list(partition.membership)
    decisions.best_partition("sub-motifs" if motifs is None else "communities", every)
    return best[1]


def sub_motifs(seqlets, perplexity, seeds, most, seed, decisions):
    n = len(seqlets)
    texts = [described(s) for s in seqlets]
    k = min(n - 1, int(3 * perplexity + 1))
    chance = {}
    for i in range(n):
        near = sorted(((jaccard(texts[i], texts[j]), j) for j in range(n) if j != i), reverse=True)
        decisions.highest("neighbours within a motif", (value for value, _ in near), k)
        near = near[:k]
        row = [distance_of(s) for s, _ in near]
        beta = beta_for(row, perplexity)
        weights = [math.exp(-d * beta) for d in row]
        for (_, j), w in zip(near, weights, strict=True):
            chance[i, j] = w / sum(weights)
    both = {}
    for (i, j), p in chance.items():
        both[i, j] = both.get((i, j), 0) + p
        both[j, i] = both.get((j, i), 0) + p
    total = sum(both.values())
    labels = best_clusters([(i, j, w / total) for (i, j), w in both.items()], n, seeds, decisions)
    groups = {}
    for i, label in enumerate(labels):
        groups.setdefault(label, []).append(i)
    result = []
    for members in sorted(groups.values(), key=len, reverse=True):
        if len(members) > most:
            members = np.random.RandomState(seed).choice(np.array(members), replace=False, size=most)
        result.append([seqlets[i] for i in members])
    return result


def place(core, group_mean, flank, decisions):
    """All places of the group that hold the core whole; (similarity, start within the seqlet, forward)."""
    length, width = len(group_mean[0]), len(core[0])
    found, every = [], []
    for oriented, forward in ((group_mean, True), (turned(group_mean), False)):
        whole = described(oriented)
        options = []
        for start in range(-(length - width), 1):  # start of the group relative to the core
            padded = np.zeros_like(whole)
            padded[-start : -start + width] = described(core)
            options.append((jaccard(padded, whole), start + flank))
        every += [value for value, _ in options]
        top = max(value for value, _ in options)
        found.append(next((value, start, forward) for value, start in options if value == top))
    decisions.highest("placement", every)
    return found[0] if found[0][0] > found[1][0] else found[1]


def moved(seqlet, start, forward):
    """The seqlet as the group sees it: from the group's start on, on its strand, zeros where there is no seqlet."""
    whole = described(seqlet)
    length = len(whole)
    out = np.zeros_like(whole)
    for t in range(length):
        if 0 <= start + t < length:
            out[t] = whole[start + t]
    return out if forward else out[::-1][:, [3, 2, 1, 0, 7, 6, 5, 4]]


def bits(pfm, background):
    return [
        sum(p * math.log2((p + 0.001) / 1.004) for p in row) - sum(q * math.log2(q) for q in background) for row in pfm
    ]


class SlowScorer:
    """Steps 1 to 7."""

    def __init__(self, patterns, s, decisions):
        self.s, self.decisions = s, decisions
        self.motif_means = [mean_of(pattern) for pattern in patterns]
        self.groups, self.group_motif = [], []
        for index, pattern in enumerate(patterns):
            for group in sub_motifs(pattern, s["subcluster_perplexity"], s["seeds"], s["most"], s["seed"], decisions):
                self.groups.append(group)
                self.group_motif.append(index)
        self.means = [mean_of(group) for group in self.groups]
        self.texts = [[described(seqlet) for seqlet in group] for group in self.groups]
        motif = [m for group, m in zip(self.groups, self.group_motif, strict=True) for _ in group]
        every = [seqlet for group in self.groups for seqlet in group]
        near = [self.neighbours(seqlet, [place(seqlet, mean, 0, decisions) for mean in self.means]) for seqlet in every]
        one_way = {(i, j): distance_of(value) for i, row in enumerate(near) for value, j in row}
        d = {}
        for (i, j), value in one_way.items():
            d[i, j] = d[j, i] = 0.5 * (value + one_way[j, i]) if (j, i) in one_way else value
        rows = [[] for _ in every]
        for i, j in d:
            rows[i].append(j)
        self.beta = [beta_for([d[i, j] for j in row], s["perplexity"]) for i, row in enumerate(rows)]
        self.norm = [max(sum(math.exp(-d[i, j] / self.beta[i]) for j in row), 1e-8) for i, row in enumerate(rows)]
        a = {
            (i, j): math.sqrt(math.exp(-v / self.beta[i]) / self.norm[i] * math.exp(-v / self.beta[j]) / self.norm[j])
            for (i, j), v in d.items()
        }
        self.community = best_clusters([(i, j, w) for (i, j), w in a.items()], len(every), s["seeds"], decisions, motif)
        self.motif_of = {}
        for community, owner in zip(self.community, motif, strict=True):
            assert self.motif_of.setdefault(community, owner) == owner
        self.two_m = sum(a.values())
        self.sigma = dict.fromkeys(self.motif_of, 0.0)
        for (i, _), w in a.items():
            self.sigma[self.community[i]] += w
        own = [self.deltas([(a[i, j], j) for j in row]) for i, row in enumerate(rows)]
        self.fits, self.own = [], []
        for m in range(len(patterns)):
            x, y = [row[m] for row in own], [float(owner == m) for owner in motif]
            self.fits.append(IsotonicRegression(out_of_bounds="clip").fit(x, y))
            self.own.append([value for value, owner in zip(x, motif, strict=True) if owner == m])

    def neighbours(self, seqlet, places):
        values, j = [], 0
        for (_, start, forward), texts in zip(places, self.texts, strict=True):
            seen = moved(seqlet, start, forward)
            for text in texts:
                values.append((jaccard(seen, text), j))
                j += 1
        self.decisions.highest("neighbours", (value for value, _ in values), self.s["neighbours"])
        return sorted(values, reverse=True)[: self.s["neighbours"]]

    def deltas(self, linked):
        k = sum(w for w, _ in linked)
        inside = dict.fromkeys(self.motif_of, 0.0)
        for w, j in linked:
            inside[self.community[j]] += w
        best = [-math.inf] * len(self.motif_means)
        for c, m in self.motif_of.items():
            delta = 2 * inside[c] / (self.two_m + k) - 2 * (self.sigma[c] + inside[c]) * k / (self.two_m + k) ** 2
            best[m] = max(best[m], delta)
        return best

    def score(self, seqlet):
        """Steps 9 and 10: (motif, start of the motif within the seqlet, forward, delta, precision, percentile)."""
        flank = self.s["flank"]
        core = tuple(track[flank:-flank] for track in seqlet)
        near = self.neighbours(seqlet, [place(core, mean, flank, self.decisions) for mean in self.means])
        row = [distance_of(value) for value, _ in near]
        beta = beta_for(row, self.s["perplexity"])
        norm = max(sum(math.exp(-v / beta) for v in row), 1e-8)
        linked = [
            (math.sqrt(math.exp(-v / beta) / norm * math.exp(-v / self.beta[j]) / self.norm[j]), j)
            for v, (_, j) in zip(row, near, strict=True)
        ]
        deltas = self.deltas(linked)
        m = deltas.index(max(deltas))
        self.decisions.highest("motif", deltas, relative=True)
        for value in self.own[m]:
            self.decisions.note("percentile", abs(value - deltas[m]) / abs(deltas[m]))
        _, start, forward = place(core, self.motif_means[m], flank, self.decisions)
        percentile = sum(value < deltas[m] for value in self.own[m]) / len(self.own[m])
        return m, start, forward, deltas[m], float(self.fits[m].predict([deltas[m]])[0]), percentile


def threshold_of(sums, fdr, least, most, samples, seed):
    """The first half of step 8."""
    counts, edges = np.histogram(sums, bins=1000)
    inside = sums[(sums > edges[counts.argmax()]) & (sums < edges[counts.argmax() + 1])]
    counts, edges = np.histogram(inside, bins=1000)
    mu = (edges[counts.argmax()] + edges[counts.argmax() + 1]) / 2
    up, down = [v for v in sums if v >= mu], [v for v in sums if v <= mu]
    rate_up = max(-math.log(1 - q / 100) / (np.percentile(up, q) - mu) for q in range(5, 100, 5))
    rate_down = max(-math.log(1 - q / 100) / abs(np.percentile(down, 100 - q) - mu) for q in range(5, 100, 5))
    rng = np.random.RandomState(seed)
    null = []
    for _ in range(samples):
        if rng.uniform() < len(up) / (len(up) + len(down)):
            null.append(-math.log(1 - rng.uniform()) / rate_up + mu)
        else:
            null.append(mu + math.log(1 - rng.uniform()) / rate_down)
    limits = []
    for real, chance, rising in (
        (sorted(v for v in sums if v >= 0), [v for v in null if v >= 0], True),
        (sorted((v for v in sums if v < 0), key=abs), [v for v in null if v < 0], False),
    ):
        fit = IsotonicRegression(out_of_bounds="clip", increasing=rising).fit(
            real + chance,
            [1.0] * len(real) + [0.0] * len(chance),
            sample_weight=[1.0] * len(real) + [len(real) / len(chance)] * len(chance),
        )
        lowest = max(fit.predict([fit.X_min_ if rising else fit.X_max_])[0], 1e-7)
        f = max(min(1.0, -1 / (1 - 1 / lowest)), 0.95)
        limit = real[-1]
        for v, chance_of in zip(real, fit.predict(real), strict=True):
            if min(max(1 + f * (1 - 1 / max(chance_of, 1e-7)), 0), 1) >= 1 - fdr:
                limit = v
                break
        limits.append(limit)
    share = sum(v >= limits[0] or v <= limits[1] for v in sums) / len(sums)
    if share < least:
        return float(np.percentile(np.abs(sums), 100 * (1 - least)))
    if share > most:
        return float(np.percentile(np.abs(sums), 100 * (1 - most)))
    return float(limits[0])


def slow_calls(scores, bases, modisco: Path, sign: str, cores: dict, s: dict, decisions: Decisions) -> list[dict]:
    """Call all hits of one sign; `cores` are (pattern group, start and end of its core in the pattern)."""
    scores, bases = scores.astype(float), bases.astype(float)
    factor = 1 if sign == "pos" else -1
    background = bases.mean(axis=(0, 1))
    length, flank = s["length"], s["flank"]
    patterns, offsets = [], []
    with h5py.File(modisco) as file:
        for name in cores:
            group = file[name]
            ic = bits(group["sequence"][:], background)
            sums = [sum(ic[i : i + length]) for i in range(len(ic) - length + 1)]
            offset = next(i for i, value in enumerate(sums) if value > max(sums) - 1e-9)
            offsets.append(offset)
            tracks = [group["seqlets"][key][:].astype(float) for key in ("contrib_scores", "hypothetical_contribs")]
            patterns.append(
                [(c[offset : offset + length], h[offset : offset + length]) for c, h in zip(*tracks, strict=True)]
            )
    scorer = SlowScorer(patterns, s, decisions)
    contributions = scores * bases
    line = factor * contributions.sum(axis=2)
    width = length - 2 * flank
    windows = np.array([[row[i : i + width].sum() for i in range(len(row) - width + 1)] for row in line])
    limit = threshold_of(windows.ravel(), s["fdr"], s["least"], s["most_share"], s["samples"], s["seed"])
    decisions.note("threshold", min(abs(value - limit) for value in windows.ravel() if value != limit))
    hits = {}
    for region, row in enumerate(windows):
        free = [i for i in range(flank, len(row) - flank) if row[i] >= limit]
        while free:
            top = max(free, key=lambda i: (row[i], -i))
            for rival in free:
                if 0 < abs(rival - top) <= width - 1:
                    decisions.note("window", row[top] - row[rival])
            free = [i for i in free if abs(i - top) > width - 1]
            seqlet = (
                contributions[region, top - flank : top + width + flank],
                scores[region, top - flank : top + width + flank],
            )
            m, start, forward, delta, precision, percentile = scorer.score(seqlet)
            if precision <= 0:
                continue
            begin = top - flank + start
            name, (first, last) = list(cores.items())[m]
            first, last = first - offsets[m], last - offsets[m]
            begin_core = begin + (first if forward else length - last)
            key = (region, begin_core, begin_core + last - first, name, "+" if forward else "-")
            if key[1] < 0 or key[2] > scores.shape[1]:
                continue
            if key not in hits or percentile > hits[key]["percentile"]:
                hits[key] = {"delta": delta, "precision": precision, "percentile": percentile}
    return [{"key": key, **value} for key, value in hits.items()]
