"""Recurring patterns of contributions: TF-MoDISco (Shrikumar et al. 2018) through tfmodisco-lite 3.0.0.

The package's library and command line differ in their defaults, and both differ from the published analysis of
ENCODE's TF ChIP-seq. Here every parameter is passed, with the published values except for the number of Leiden runs
(see `ModiscoSettings`).
"""

import logging
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cistill.errors import InputError
from cistill.interpret.windows import AttributionWindows

LOG = logging.getLogger("cistill")
Scores = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ModiscoSettings:
    """Parameters of TF-MoDISco, named as tfmodisco-lite names them; widths in bases.

    `n_leiden_runs` is 2, as in the package's command line, where the published analysis used 50: clustering takes most
    of the time. On 1,092 Reb1 regions, ten runs took 2.5 times as long and gave the same first motif (1,129 seqlets
    against 1,120).
    """

    sliding_window_size: int = 21
    flank_size: int = 10
    min_metacluster_size: int = 100
    weak_threshold_for_counting_sign: float = 0.8
    max_seqlets_per_metacluster: int = 20000
    target_seqlet_fdr: float = 0.05
    min_passing_windows_frac: float = 0.03
    max_passing_windows_frac: float = 0.2
    n_leiden_runs: int = 2
    n_leiden_iterations: int = -1
    min_overlap_while_sliding: float = 0.7
    nearest_neighbors_to_compute: int = 500
    affmat_correlation_threshold: float = 0.15
    tsne_perplexity: float = 10.0
    frac_support_to_trim_to: float = 0.2
    min_num_to_trim_to: int = 30
    trim_to_window_size: int = 30
    initial_flank_to_add: int = 10
    final_flank_to_add: int = 0
    prob_and_pertrack_sim_merge_thresholds: tuple[tuple[float, float], ...] = ((0.8, 0.8), (0.5, 0.85), (0.2, 0.9))
    prob_and_pertrack_sim_dealbreaker_thresholds: tuple[tuple[float, float], ...] = (
        (0.4, 0.75),
        (0.2, 0.8),
        (0.1, 0.85),
        (0.0, 0.9),
    )
    subcluster_perplexity: int = 50
    merging_max_seqlets_subsample: int = 300
    final_min_cluster_size: int = 30
    min_ic_in_window: float = 0.6
    min_ic_windowsize: int = 6
    ppm_pseudocount: float = 0.001

    @property
    def seqlet_length(self) -> int:
        """Length of a seqlet: the sliding window and both flanks."""
        return self.sliding_window_size + 2 * self.flank_size

    def arguments(self) -> dict[str, Any]:
        """Return the keyword arguments of `modiscolite.tfmodisco.TFMoDISco`."""
        return asdict(self)


@dataclass(frozen=True)
class Pattern:
    """One pattern. Matrices are `(length, 4)`; the seqlets' arrays `(seqlets,)`.

    Attributes
    ----------
    name : str
        Where the pattern lies in modisco.h5, e.g. `pos_patterns/pattern_0`.
    sign : str
        `pos` or `neg`.
    pfm, cwm, hcwm : (length, 4)
        Mean base composition, actual contributions and hypothetical contributions of the seqlets.
    row : int
        Row of the attribution file that a seqlet lies in.
    start, end : int
        Position of a seqlet within the window.
    reverse : bool
        Whether the seqlet reads along the minus strand.
    contributions : (seqlets, length, 4) of float
        Actual contributions of every seqlet, as the pattern reads them.
    """

    name: str
    sign: str
    pfm: npt.NDArray[np.float64]
    cwm: npt.NDArray[np.float64]
    hcwm: npt.NDArray[np.float64]
    row: npt.NDArray[np.int64]
    start: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    reverse: npt.NDArray[np.bool_]
    contributions: Scores


@dataclass(frozen=True)
class ModiscoResult:
    """Patterns of one attribution file.

    Attributes
    ----------
    patterns : list of Pattern
        Positive patterns first, each sign by falling number of seqlets.
    regions_used : int
        Regions that were searched.
    regions_with_n, regions_not_finite, regions_over_limit : int
        Regions left out because of a base other than A, C, G, T, of a score that is no number, or of the limit on
        their number.
    base_composition : (4,) of float
        Frequencies of A, C, G, T in the windows searched.
    """

    patterns: list[Pattern]
    regions_used: int
    regions_with_n: int
    regions_not_finite: int
    regions_over_limit: int
    base_composition: npt.NDArray[np.float64]
    positive: list[Any]
    negative: list[Any]


def find_patterns(
    windows: AttributionWindows, settings: ModiscoSettings, seed: int, max_regions: int = 50_000
) -> ModiscoResult:
    """Run TF-MoDISco on the central windows of an attribution file.

    The package takes the first `max_seqlets_per_metacluster` seqlets in the order of the regions, so the regions are
    permuted first; otherwise the first chromosomes alone would make the motifs of a large experiment.

    Parameters
    ----------
    windows : AttributionWindows
        What to search.
    settings : ModiscoSettings
        Parameters of TF-MoDISco.
    seed : int
        Of the permutation. TF-MoDISco's own seeds are fixed.
    max_regions : int
        At most so many regions, drawn at random, are read: it bounds the memory at about 30 kB a region of 400 bases.

    Returns
    -------
    ModiscoResult
        Without patterns where there is nothing to find.
    """
    if windows.length < settings.seqlet_length:
        raise InputError(
            f"a window of {windows.length} bases is shorter than a seqlet of {settings.seqlet_length}: give a longer "
            "--window, or explain longer inputs"
        )
    rows = np.random.default_rng(seed).permutation(len(windows))
    chosen = np.sort(rows[:max_regions])
    scores, bases, complete, finite = _load(windows, chosen)
    usable = complete & finite
    position = np.full(len(windows), -1)
    position[chosen[usable]] = np.arange(int(usable.sum()))
    rows = rows[position[rows] >= 0]
    scores, bases = scores[position[rows]], bases[position[rows]]
    total = bases.sum(axis=(0, 1), dtype=np.float64)
    positive, negative = _run(scores, bases, settings)
    for pattern in positive + negative:
        _restore_rows(pattern, rows)
    return ModiscoResult(
        patterns=[
            _read_pattern(pattern, sign, number)
            for sign, group in (("pos", positive), ("neg", negative))
            for number, pattern in enumerate(group)
        ],
        regions_used=len(rows),
        regions_with_n=int((~complete).sum()),
        regions_not_finite=int((complete & ~finite).sum()),
        regions_over_limit=len(windows) - len(chosen),
        base_composition=total / total.sum() if total.sum() else np.full(4, 0.25),
        positive=positive,
        negative=negative,
    )


def _load(
    windows: AttributionWindows, chosen: npt.NDArray[np.int64]
) -> tuple[Scores, Scores, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return scores and bases `(usable, length, 4)`, and which chosen regions are complete and finite."""
    scores = np.empty((len(chosen), windows.length, 4), dtype=np.float32)
    bases = np.empty_like(scores)
    complete = np.zeros(len(windows), dtype=bool)
    finite = np.zeros(len(windows), dtype=bool)
    wanted = np.zeros(len(windows), dtype=bool)
    wanted[chosen] = True
    filled = 0
    for rows, block_scores, block_bases in windows.blocks():
        complete[rows] = (block_bases.sum(axis=2) == 1).all(axis=1)
        finite[rows] = np.isfinite(block_scores).all(axis=(1, 2))
        keep = wanted[rows] & complete[rows] & finite[rows]
        last = filled + int(keep.sum())
        scores[filled:last], bases[filled:last] = block_scores[keep], block_bases[keep]
        filled = last
    return scores[:filled], bases[:filled], complete[chosen], finite[chosen]


def _run(scores: Scores, bases: Scores, settings: ModiscoSettings) -> tuple[list[Any], list[Any]]:
    """Call TF-MoDISco; inputs that it cannot work on give no patterns.

    It needs windows of both signs to fit its null, and fails without negative ones. Where one sign is missing, a
    mirror image of the weakest region is added, and what is found in it left out.
    """
    totals = np.concatenate([np.zeros((len(scores), 1)), np.cumsum((scores * bases).sum(axis=2), axis=1)], axis=1)
    width = settings.sliding_window_size
    sums = totals[:, width:] - totals[:, :-width]  # (regions, windows)
    if not len(sums) or sums.max() - sums.min() < np.finfo(np.float32).tiny:
        LOG.warning("no contributions other than zero: no patterns")
        return [], []
    n = len(scores)
    if sums.min() >= 0 or sums.max() <= 0:
        strength = np.abs(sums).sum(axis=1)
        weakest = int(np.argmin(np.where(strength > 0, strength, np.inf)))
        scores = np.concatenate([scores, -scores[weakest : weakest + 1]])
        bases = np.concatenate([bases, bases[weakest : weakest + 1]])
    from modiscolite.tfmodisco import TFMoDISco

    try:
        positive, negative = TFMoDISco(one_hot=bases, hypothetical_contribs=scores, **settings.arguments())
    except (ArithmeticError, IndexError, ValueError) as error:
        if not _raised_in(error, "extract_seqlets"):
            raise
        LOG.warning("no patterns: too few or too one-sided contributions to tell seqlets from the background")
        return [], []
    groups = []
    for group in (positive, negative):
        groups.append([pattern for pattern in group or [] if all(s.example_idx < n for s in pattern.seqlets)])
    return groups[0], groups[1]


def _raised_in(error: BaseException, module: str) -> bool:
    """Return whether an error comes from a module of tfmodisco-lite."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__") == f"modiscolite.{module}":
            return True
        trace = trace.tb_next
    return False


def _restore_rows(pattern: Any, rows: npt.NDArray[np.int64]) -> None:
    """Let the seqlets of a pattern and of its sub-patterns name rows of the attribution file."""
    members = list((pattern.subcluster_to_subpattern or {}).values()) if pattern.subclusters is not None else []
    seen: set[int] = set()
    for group in [pattern, *members]:
        for seqlet in group.seqlets:
            if id(seqlet) not in seen:
                seen.add(id(seqlet))
                seqlet.example_idx = int(rows[seqlet.example_idx])


def _read_pattern(pattern: Any, sign: str, number: int) -> Pattern:
    seqlets = pattern.seqlets
    return Pattern(
        name=f"{sign}_patterns/pattern_{number}",
        sign=sign,
        pfm=np.asarray(pattern.sequence, dtype=np.float64),
        cwm=np.asarray(pattern.contrib_scores, dtype=np.float64),
        hcwm=np.asarray(pattern.hypothetical_contribs, dtype=np.float64),
        row=np.array([seqlet.example_idx for seqlet in seqlets], dtype=np.int64),
        start=np.array([seqlet.start for seqlet in seqlets], dtype=np.int64),
        end=np.array([seqlet.end for seqlet in seqlets], dtype=np.int64),
        reverse=np.array([seqlet.is_revcomp for seqlet in seqlets], dtype=bool),
        contributions=np.array([seqlet.contrib_scores for seqlet in seqlets], dtype=np.float32),
    )


def save_modisco(path: Any, result: ModiscoResult, window: int) -> None:
    """Write modisco.h5 in tfmodisco-lite's layout; both groups of patterns are there, even if empty.

    `example_idx` of the seqlets is the row of the attribution file, so that the field's tools find their regions in a
    list of the same order.
    """
    from modiscolite.io import save_hdf5

    save_hdf5(path, result.positive, result.negative, window)


def compile_kernels() -> None:
    """Compile the kernels of tfmodisco-lite into numba's cache: half a minute, once per installation.

    For the set-up of an environment; the results do not depend on it.
    """
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, size=(300, 100))
    word = np.array([3, 3, 0, 1, 1, 1, 2])
    codes[:, 45:52] = word
    bases = np.eye(4, dtype=np.float32)[codes]
    scores = rng.normal(0, 0.02, size=bases.shape).astype(np.float32)
    scores[:, 45:52] += np.where(bases[:, 45:52] > 0, 0.5, -0.2) * rng.lognormal(0, 0.3, size=(300, 7, 1))
    _run(scores, bases, ModiscoSettings())
