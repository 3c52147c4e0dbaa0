"""The graph of all motif seqlets: nearest neighbours, density-adapted affinities, communities within motifs."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse

from cistill.hits.density import kernels
from cistill.hits.density.communities import distances, graph_of, refine
from cistill.hits.density.features import Single

Double = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SeqletGraph:
    """Density-adapted affinities of the motif seqlets, and their communities.

    Attributes
    ----------
    beta, norm : (seqlets,)
        Scale of each seqlet's distances, and the sum of its weights.
    community : (seqlets,)
    degree, motif : (communities,)
        Sum of the degrees of a community, and its motif.
    total : float
        Sum of all affinities, each edge counted from both ends.
    affinity : csr_matrix, (seqlets, seqlets)
    """

    beta: Double
    norm: Double
    community: Labels
    degree: Double
    motif: Labels
    total: float
    affinity: scipy.sparse.csr_matrix

    def own_gains(self) -> Double:
        """Return what each seqlet of the graph, taken as new, adds to each motif: `(seqlets, motifs)`."""
        n, communities = len(self.community), len(self.degree)
        belongs = scipy.sparse.csr_matrix((np.ones(n), (np.arange(n), self.community)), shape=(n, communities))
        linked = np.asarray((self.affinity @ belongs).todense())
        strength = linked.sum(axis=1, keepdims=True)
        whole = self.total + strength
        gain = 2 * linked / whole - 2 * (self.degree + linked) * strength / whole**2
        best = np.full((n, int(self.motif.max()) + 1), -np.inf)
        for c, motif in enumerate(self.motif):
            best[:, motif] = np.maximum(best[:, motif], gain[:, c])
        return best


def build_graph(
    similarity: Single,
    neighbour: npt.NDArray[np.int64],
    motif: Labels,
    perplexity: float,
    seeds: int,
    workers: int,
) -> SeqletGraph:
    """Build the graph.

    Distances are made symmetric: the mean where both are neighbours of each other, else what there is. Affinities are
    a_ij = sqrt(e^(-d_ij / beta_i) / N_i * e^(-d_ij / beta_j) / N_j). beta is found for weights e^(-d beta) but used as
    e^(-d / beta): so is the published method, and so it is kept.

    Parameters
    ----------
    similarity, neighbour : (seqlets, neighbours)
    motif : (seqlets,)
        Numbers from 0.
    perplexity : float
    seeds : int
        Runs of the Leiden algorithm.
    workers : int
    """
    near = _symmetric(distances(similarity), neighbour)
    n = near.shape[0]
    beta, norm = np.empty(n), np.empty(n)
    kernels.row_betas(near.indptr, near.data, perplexity, beta, norm)
    row = np.repeat(np.arange(n), np.diff(near.indptr))
    one = np.exp(-near.data / beta[row]) / norm[row]
    other = np.exp(-near.data / beta[near.indices]) / norm[near.indices]
    affinity = scipy.sparse.csr_matrix((np.sqrt(one * other), near.indices, near.indptr), shape=near.shape)
    community = refine(graph_of(affinity), motif, seeds, workers)
    strength = np.add.reduceat(affinity.data, affinity.indptr[:-1])  # every row has itself at least
    _, example = np.unique(community, return_index=True)
    return SeqletGraph(
        beta=beta,
        norm=norm,
        community=community,
        degree=np.bincount(community, weights=strength).astype(np.float64),
        motif=motif[example],
        total=float(strength.sum()),
        affinity=affinity,
    )


def _symmetric(distance: Double, neighbour: npt.NDArray[np.int64]) -> scipy.sparse.csr_matrix:
    """Return symmetric distances in which zeros are stored, too."""
    n, count = distance.shape
    row = np.repeat(np.arange(n, dtype=np.int64), count)
    column = neighbour.ravel()
    keys = np.concatenate([row * n + column, column * n + row])
    unique, which, times = np.unique(keys, return_inverse=True, return_counts=True)
    mean = np.bincount(which, weights=np.tile(distance.ravel(), 2)) / times
    indptr = np.searchsorted(unique, np.arange(n + 1, dtype=np.int64) * n)
    return scipy.sparse.csr_matrix((mean, unique % n, indptr), shape=(n, n))
