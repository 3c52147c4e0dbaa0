"""Recurring patterns of contributions: TF-MoDISco (Shrikumar et al. 2018) through tfmodisco-lite 3.0.0.

The package's library and command line differ in their defaults, and both differ from the published analysis of
ENCODE's TF ChIP-seq. Here every parameter is passed, with the published values except for the number of Leiden runs
(see `ModiscoSettings`).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cistill.console import LOG
from cistill.errors import InputError
from cistill.formats.attributions import AttributionWindows
from cistill.formats.hdf5 import new_file
from cistill.interpret.modisco_settings import MAX_REGIONS, ModiscoSettings

Scores = npt.NDArray[np.float32]


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
    positive, negative : list
        TF-MoDISco's own patterns, for its file.
    remarks : tuple of str
        Why there are no patterns, or none of a sign.
    """

    patterns: list[Pattern]
    regions_used: int
    regions_with_n: int
    regions_not_finite: int
    regions_over_limit: int
    base_composition: npt.NDArray[np.float64]
    positive: list[Any]
    negative: list[Any]
    remarks: tuple[str, ...] = ()


def find_patterns(
    windows: AttributionWindows, settings: ModiscoSettings, seed: int, max_regions: int = MAX_REGIONS
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
    remarks: list[str] = []
    positive, negative = _run(scores, bases, settings, remarks)
    if not positive and not negative and not remarks:
        remarks.append(
            f"no patterns: no sign has more than {settings.min_metacluster_size} seqlets and a cluster of "
            f"{settings.final_min_cluster_size} or more among them"
        )
    for remark in remarks:
        LOG.warning("%s", remark)
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
        remarks=tuple(remarks),
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


def _run(scores: Scores, bases: Scores, settings: ModiscoSettings, remarks: list[str]) -> tuple[list[Any], list[Any]]:
    """Call TF-MoDISco; inputs that it cannot work on give no patterns, and a remark.

    It needs windows of both signs to fit its null, and fails without negative ones. Where one sign is missing, a
    mirror image of the weakest region is added, and what is found in it left out.
    """
    totals = np.concatenate([np.zeros((len(scores), 1)), np.cumsum((scores * bases).sum(axis=2), axis=1)], axis=1)
    width = settings.sliding_window_size
    sums = totals[:, width:] - totals[:, :-width]  # (regions, windows)
    if not len(sums):
        remarks.append("no patterns: no region without N and with finite contributions")
        return [], []
    if sums.max() - sums.min() < np.finfo(np.float32).tiny:
        remarks.append("no patterns: no contributions other than zero")
        return [], []
    n = len(scores)
    if sums.min() >= 0 or sums.max() <= 0:
        strength = np.abs(sums).sum(axis=1)
        weakest = int(np.argmin(np.where(strength > 0, strength, np.inf)))
        scores = np.concatenate([scores, -scores[weakest : weakest + 1]])
        bases = np.concatenate([bases, bases[weakest : weakest + 1]])
    positive, negative = _call(scores, bases, settings, remarks)
    groups = []
    for group in (positive, negative):
        groups.append([pattern for pattern in group or [] if all(s.example_idx < n for s in pattern.seqlets)])
    return groups[0], groups[1]


def _call(scores: Scores, bases: Scores, settings: ModiscoSettings, remarks: list[str]) -> tuple[Any, Any]:
    """Call TF-MoDISco; return its patterns of both signs, None where it has none.

    It fails as a whole if of one sign's seqlets none is left to be clustered. The limit on their number is then doubled
    until that sign is left out.
    """
    from modiscolite.tfmodisco import TFMoDISco

    import cistill.compiled  # noqa: F401  numba looks for compiled kernels where it says

    arguments = settings.arguments()
    while True:
        try:
            return TFMoDISco(one_hot=bases, hypothetical_contribs=scores, **arguments)
        except (ArithmeticError, IndexError, ValueError) as error:
            where = _functions_of(error)
            if "extract_seqlets" in where:
                remarks.append(
                    "no patterns: too few or too one-sided contributions to tell seqlets from the background"
                )
                return None, None
            if where[-1] != "_patterns_from_clusters":
                raise InputError(
                    f"TF-MoDISco failed with these parameters on these contributions, in {where[-1]}: {error}; try "
                    "those of a preset"
                ) from error
            arguments["min_metacluster_size"] *= 2
            remarks.append(
                "the seqlets of one sign fall into no cluster: tried again with more than "
                f"{arguments['min_metacluster_size']} seqlets of a sign"
            )


def _functions_of(error: BaseException) -> list[str]:
    """Return the names of tfmodisco-lite's functions that an error went through, the innermost last."""
    names, trace = ["TFMoDISco"], error.__traceback__
    while trace is not None:
        if str(trace.tb_frame.f_globals.get("__name__", "")).startswith("modiscolite."):
            names.append(trace.tb_frame.f_code.co_name)
        trace = trace.tb_next
    return names


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
    from modiscolite.io import save_pattern

    with new_file(path) as file:
        file.attrs["window_size"] = window
        for name, patterns in (("pos_patterns", result.positive), ("neg_patterns", result.negative)):
            group = file.create_group(name)
            for rank, pattern in enumerate(patterns):
                save_pattern(pattern, group.create_group(f"pattern_{rank}"))


def compile_kernels() -> None:
    """Compile the kernels of tfmodisco-lite into numba's cache, see `api.compilation`."""
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, size=(300, 100))
    word = np.array([3, 3, 0, 1, 1, 1, 2])
    codes[:, 45:52] = word
    bases = np.eye(4, dtype=np.float32)[codes]
    scores = rng.normal(0, 0.02, size=bases.shape).astype(np.float32)
    scores[:, 45:52] += np.where(bases[:, 45:52] > 0, 0.5, -0.2) * rng.lognormal(0, 0.3, size=(300, 7, 1))
    _run(scores, bases, ModiscoSettings(), [])
