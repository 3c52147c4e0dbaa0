"""Communities of seqlets by the Leiden algorithm (Traag et al. 2019): sub-motifs of a pattern, refinement of motifs."""

import multiprocessing
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import igraph
import leidenalg
import numpy as np
import numpy.typing as npt
import scipy.sparse

from cistill.console import LOG
from cistill.hits.density import kernels
from cistill.hits.density.features import Single, by_rows, flat

Labels = npt.NDArray[np.int64]
EDGES_PER_PROCESS = 20_000  # below, a run takes no longer than starting a process
Run = Callable[[int], tuple[float, list[int]]]


@dataclass(frozen=True)
class Graph:
    """An undirected graph: every edge once, `(edges, 2)`, with its weight; an edge of a node with itself may occur."""

    size: int
    edges: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]


def graph_of(matrix: scipy.sparse.csr_matrix) -> Graph:
    """Return the graph of a symmetric matrix in which each entry is an edge, so that each pair has two."""
    upper = scipy.sparse.triu(matrix, format="coo")
    edges = np.stack([upper.row, upper.col], axis=1).astype(np.int64)
    return Graph(matrix.shape[0], edges, np.where(upper.row == upper.col, upper.data, 2 * upper.data))


def subclusters(values: Single, perplexity: float, seeds: int, workers: int) -> Labels:
    """Return the sub-cluster of every seqlet of one pattern, `(seqlets,)`, as numbers from 0.

    Conditional probabilities of t-SNE among the 3 x perplexity + 1 nearest others, made symmetric, clustered by
    modularity: the best of several runs.

    Parameters
    ----------
    values : (seqlets, length, 8)
        Features.
    perplexity : float
    seeds : int
        Number of runs.
    workers : int
    """
    n = len(values)
    count = min(n - 1, int(3 * perplexity + 1))
    if count < 1:
        return np.zeros(n, dtype=np.int64)
    rows = flat(values)

    def nearest(part: slice) -> tuple[npt.NDArray[np.int64], Single]:
        similarity = np.empty((part.stop - part.start, n), dtype=np.float32)
        kernels.pairwise(rows[part], rows, similarity)
        similarity[np.arange(len(similarity)), np.arange(part.start, part.stop)] = -2  # not itself
        chosen = np.argpartition(similarity, n - count, axis=1)[:, n - count :]
        return chosen, np.take_along_axis(similarity, chosen, axis=1)

    found = by_rows(nearest, n, workers)
    column = np.concatenate([part[0] for part in found]).ravel()
    distance = distances(np.concatenate([part[1] for part in found]))
    weight = np.empty_like(distance)
    for i in range(n):
        weight[i] = np.exp(-distance[i] * kernels.search_beta(distance[i], perplexity))
    weight /= np.maximum(weight.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
    one_way = scipy.sparse.csr_matrix((weight.ravel(), column, np.arange(n + 1) * count), shape=(n, n))
    both = one_way + one_way.T
    graph = graph_of(scipy.sparse.csr_matrix(both / both.sum()))
    handle = _igraph(graph)

    def run(seed: int) -> tuple[float, list[int]]:
        partition = leidenalg.find_partition(
            handle, leidenalg.ModularityVertexPartition, weights=graph.weights, n_iterations=-1, seed=100 * seed
        )
        return partition.quality(), partition.membership

    return _best(run, seeds, workers if len(graph.edges) >= EDGES_PER_PROCESS else 1)


def refine(graph: Graph, motif: Labels, seeds: int, workers: int) -> Labels:
    """Return communities nested in motifs, `(nodes,)`: moving or merging nodes within motifs, the best of all runs.

    Parameters
    ----------
    graph : Graph
    motif : (nodes,)
        Numbers from 0.
    seeds : int
        Number of runs.
    workers : int
    """
    handle = _igraph(graph)
    kind = leidenalg.ModularityVertexPartition
    motifs = kind(handle, initial_membership=motif.tolist(), weights=graph.weights)

    def run(seed: int) -> tuple[float, list[int]]:
        best: tuple[float, list[int]] | None = None
        for step in ("merge_nodes_constrained", "move_nodes_constrained"):
            partition = kind(handle, weights=graph.weights)
            optimiser = leidenalg.Optimiser()
            optimiser.set_rng_seed(100 * seed)
            getattr(optimiser, step)(partition, motifs)
            if best is None or partition.quality() > best[0]:
                best = partition.quality(), partition.membership
        assert best is not None
        return best

    return _best(run, seeds, workers if len(graph.edges) >= EDGES_PER_PROCESS else 1)


def distances(similarity: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Return max(0, ln(2 / s - 1)), with s at least 1e-7."""
    floored = np.maximum(np.asarray(similarity, dtype=np.float64), 1e-7)
    return np.asarray(np.maximum(np.log(2 / floored - 1), 0))


def _igraph(graph: Graph) -> Any:
    return igraph.Graph(graph.size, edges=graph.edges)


def _best(run: Run, seeds: int, workers: int) -> Labels:
    """Run all seeds; return the membership of the highest quality, of the lowest seed among equals.

    leidenalg holds the interpreter's lock, so further runs go to forked processes, which share the graph with this one.
    """
    shares = [range(first, seeds, workers) for first in range(min(workers, seeds))]
    children = [_start(run, share) for share in shares[1:]] if sys.platform == "linux" else []
    results = {seed: run(seed) for seed in shares[0]}
    for process, connection in children:
        try:
            results.update(connection.recv())
        except EOFError:
            LOG.warning("a process of the clustering ended early (out of memory?): its runs are repeated")
        process.join()
    results.update({seed: run(seed) for seed in range(seeds) if seed not in results})
    best = max(range(seeds), key=lambda seed: (results[seed][0], -seed))
    return np.unique(results[best][1], return_inverse=True)[1].astype(np.int64)


def _start(run: Run, share: Sequence[int]) -> tuple[Any, Any]:
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(run, share, sender), daemon=True)
    with warnings.catch_warnings():
        # Python 3.12 warns of forks beside threads; the child runs nothing but leidenalg
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    sender.close()
    return process, receiver


def _send(run: Run, share: Sequence[int], connection: Any) -> None:
    connection.send({seed: run(seed) for seed in share})
    connection.close()
