"""Calling hits, from files to files."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cistill.console import LOG
from cistill.errors import InputError
from cistill.files import named
from cistill.formats.attributions import AttributionWindows, open_windows
from cistill.formats.hits import write_hits
from cistill.formats.motifs import Motif, read_motifs
from cistill.hits.caller import Calls, CallSettings
from cistill.hits.callers import caller
from cistill.hits.choose_motifs import choose_motifs, trim_by_information
from cistill.hits.measure import base_composition
from cistill.hits.search_scope import Selection
from cistill.provenance import json_numbers, write_provenance


def call_hits(
    stem: str,
    outdir: Path,
    attributions: Path,
    motifs: Path,
    method: str,
    selection: Selection,
    settings: CallSettings,
) -> Calls:
    """Call motif instances; write hits.bed and callhits.json.

    Parameters
    ----------
    stem : str
        Start of the files' names; `{tf}.{head}` of the attributions if empty.
    outdir : Path
        Folder to write to.
    attributions, motifs : Path
        `{head}.attributions.h5` and the `motifs.h5` of the same head.
    method : str
        Name of the caller.
    selection : Selection
        What is searched.
    settings : CallSettings
        Of the caller's own class, see `cistill.hits.callers.settings_for`.

    Returns
    -------
    Calls
    """
    chosen_caller = caller(method)(settings)
    taken = asdict(settings)
    windows, found, chosen = open_and_choose(attributions, motifs, selection)
    state, known = state_of(windows)
    if state["regions_not_finite"]:
        LOG.warning(
            "%d region(s) have scores that are NaN or infinite: nothing is called in them", state["regions_not_finite"]
        )
    calls = chosen_caller.call(windows, chosen)
    calls = replace(calls, hits=within_sequence(calls.hits, windows, known))
    name = stem or f"{windows.tf}.{windows.head}"
    write_hits(named(outdir / name, "hits.bed"), calls.hits)
    names = {motif.motif_id for motif in chosen}
    write_provenance(
        named(outdir / name, "callhits.json"),
        settings={"method": method, **asdict(selection), "window": windows.length, **taken},
        inputs={"attributions": attributions, "motifs": motifs} | _other_inputs(taken),
        results={
            "regions": len(windows),
            **state,
            "hits": len(calls.hits),
            "regions_with_hits": int(calls.hits["region_id"].nunique()),
            "motifs_called": [motif.motif_id for motif in chosen],
            "weak_motifs_left_out": [motif.motif_id for motif in found if motif.weak and motif.motif_id not in names],
            "calibration": {name: json_numbers(_as_dict(one)) for name, one in calls.calibration.items()},
        },
        seed=settings.seed,
    )
    LOG.info("%d hits of %d motif(s) in %d regions", len(calls.hits), len(chosen), len(windows))
    return calls


def state_of(windows: AttributionWindows) -> tuple[dict[str, int], npt.NDArray[np.int64]]:
    """Look at every window once.

    Returns
    -------
    dict
        How many windows have scores that are NaN or infinite, unknown bases, or no contribution at all.
    array, shape=(regions, 2)
        0-based genomic positions of the first known base of every window and behind the last one; equal if none is.
    """
    broken = unknown = empty = 0
    known = np.zeros((len(windows), 2), dtype=np.int64)
    for rows, scores, bases in windows.blocks():
        letters = np.asarray(bases.any(axis=2))
        begin, behind = letters.argmax(axis=1), letters.shape[1] - letters[:, ::-1].argmax(axis=1)
        behind = np.where(letters.any(axis=1), behind, begin)
        known[rows.start : rows.stop] = windows.start[rows.start : rows.stop, None] + np.stack([begin, behind], axis=1)
        finite = np.isfinite(scores * bases).all(axis=(1, 2))
        broken += int((~np.asarray(finite)).sum())
        unknown += int((bases.sum(axis=2) == 0).any(axis=1).sum())
        empty += int((finite & ~(scores * bases).any(axis=(1, 2))).sum())
    state = {
        "regions_not_finite": broken,
        "regions_with_unknown_bases": unknown,
        "regions_without_contributions": empty,
    }
    return state, known


def within_sequence(hits: pd.DataFrame, windows: AttributionWindows, known: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Return hits that do not reach over the ends of what is known of their window, as at a contig's end.

    Parameters
    ----------
    hits : pandas.DataFrame
    windows : AttributionWindows
    known : array, shape=(regions, 2)
        As `state_of` returns it.
    """
    row = pd.Series(np.arange(len(windows)), index=windows.region_id).loc[hits["region_id"]].to_numpy(dtype=np.int64)
    keep = (hits["start"].to_numpy() >= known[row, 0]) & (hits["end"].to_numpy() <= known[row, 1])
    return hits[keep].reset_index(drop=True)


def open_and_choose(
    attributions: Path, motifs: Path, selection: Selection
) -> tuple[AttributionWindows, list[Motif], list[Motif]]:
    """Return the windows, all motifs of the file, and those to call with the cores to call.

    Raises
    ------
    InputError
        If a file is not as it should be, or motifs and contributions are of different heads and that was not asked for.
    """
    windows = open_windows(attributions, selection.window)
    found = read_motifs(motifs)
    other = sorted({motif.head for motif in found} - {windows.head})
    if other and not selection.other_head:
        raise InputError(
            f"{motifs}: its motifs are of the head {', '.join(other)}, but {attributions} explains the head "
            f"{windows.head or '(not said)'}: give the two files of one head, or allow it with --other_head"
        )
    chosen = choose_motifs(found, selection.motifs_subset, selection.include_weak)
    if selection.min_information is not None:
        chosen = trim_by_information(chosen, selection.min_information, base_composition(windows))
    return windows, found, chosen


def _other_inputs(settings: Mapping[str, Any]) -> dict[str, Path]:
    """Return the files that a method was given beside the contributions and the motifs."""
    return {name: value for name, value in settings.items() if isinstance(value, Path)}


def _as_dict(calibration: Any) -> dict[str, Any]:
    """Return how a cut was found as plain values; callers give dataclasses or mappings."""
    return dict(calibration) if isinstance(calibration, Mapping) else asdict(calibration)
