"""Leaving out hits: by thresholds on their columns, and by what random windows of the same regions look like."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cistill.console import LOG
from cistill.errors import InputError
from cistill.files import named
from cistill.formats.attributions import AttributionWindows, open_windows
from cistill.formats.hits import read_hits, write_hits
from cistill.formats.motifs import Motif, read_motifs
from cistill.formats.tables.hits import FILTER
from cistill.hits.choose_motifs import choose_motifs
from cistill.hits.filtering.chance import compare_with_chance
from cistill.hits.filtering.settings import ChanceSettings, Thresholds
from cistill.provenance import write_provenance


def below_thresholds(hits: pd.DataFrame, thresholds: Thresholds) -> dict[str, npt.NDArray[np.bool_]]:
    """Return, for every threshold that is set, which hits do not reach it; a hit without the value does not.

    Raises
    ------
    InputError
        If no hit has a value in a column that a threshold is set for.
    """
    found, problems = {}, []
    for name, threshold in asdict(thresholds).items():
        if threshold is None:
            continue
        column = {"min_importance": "importance_total"}.get(name, name.removeprefix("min_").removeprefix("max_"))
        values = hits[column].to_numpy(dtype=np.float64)
        if len(values) and np.isnan(values).all():
            problems.append(f"--{name}: the method that called these hits gives no {column} (NA in every row)")
        reached = values <= threshold if name.startswith("max_") else values >= threshold
        found[name] = ~reached
    if problems:
        raise InputError("\n".join(problems))
    return found


def filter_hits(
    prefix: str,
    outdir: Path,
    hits: Path,
    attributions: Path | None,
    motifs: Path | None,
    subset: str,
    window: int,
    thresholds: Thresholds,
    chance: ChanceSettings | None,
) -> pd.DataFrame:
    """Filter hits; write `{prefix}.hits.bed`, `{prefix}.filter.tsv` and `{prefix}.filterhits.json`.

    Parameters
    ----------
    prefix, outdir
        Start of the files' names, and their folder.
    hits : Path
        Table of hits.
    attributions, motifs : Path, optional
        What the hits were called with; needed unless `chance` is None.
    subset : str
        Motifs whose hits stay, see `choose_motifs`; needs `motifs`.
    window : int
        Central bases of every region that the hits were called in.
    thresholds : Thresholds
    chance : ChanceSettings, optional
        None: hits are not compared with random windows.

    Raises
    ------
    InputError
        If the files do not fit together, or an input would be overwritten.
    """
    target = named(outdir / prefix, "hits.bed")
    if target.resolve() == hits.resolve():
        raise InputError(f"{target}: is the input and would be overwritten; give another --prefix or --outdir")
    table = read_hits(hits)
    fails = below_thresholds(table, thresholds)
    known = read_motifs(motifs) if motifs is not None else []
    if subset:
        wanted = {motif.motif_id for motif in choose_motifs(known, subset, include_weak=True)}
        fails["motifs_subset"] = ~table["motif_id"].isin(wanted).to_numpy()
    found = FILTER.frame([])
    if chance is not None:
        if attributions is None or motifs is None:
            raise InputError(
                "the comparison with chance needs --attributions and --motifs; leave it out by --no_chance"
            )
        windows = open_windows(attributions, window)
        _check_fit(table, windows, known, hits, attributions, motifs)
        found, explained = compare_with_chance(table, windows, known, chance)
        fails |= {f"chance_{name}": flags for name, flags in explained.items()}
    kept = table.iloc[np.flatnonzero(_failed(fails, table).sum(axis=0) == 0)]
    write_hits(target, kept)
    FILTER.write(named(outdir / prefix, "filter.tsv"), found)
    given = {"hits": hits, "attributions": attributions, "motifs": motifs}
    write_provenance(
        named(outdir / prefix, "filterhits.json"),
        settings=_settings(subset, window, thresholds, chance),
        inputs={name: file for name, file in given.items() if file is not None},
        results=_results(table, kept, fails),
        seed=None if chance is None else chance.seed,
    )
    LOG.info("%d of %d hits stay", len(kept), len(table))
    return kept


def _failed(fails: dict[str, npt.NDArray[np.bool_]], table: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which hits fail each criterion, `(criteria, hits)`."""
    return np.array(list(fails.values()), dtype=bool).reshape(len(fails), len(table))


def _results(table: pd.DataFrame, kept: pd.DataFrame, fails: dict[str, npt.NDArray[np.bool_]]) -> dict[str, Any]:
    """Return how many hits there were, how many stay, and how many each criterion removed, and alone."""
    alone = _failed(fails, table).sum(axis=0) == 1
    return {
        "hits_given": len(table),
        "hits": len(kept),
        "regions_with_hits_given": int(table["region_id"].nunique()),
        "regions_with_hits": int(kept["region_id"].nunique()),
        "removed": {
            name: {"hits": int(flags.sum()), "alone": int((flags & alone).sum())} for name, flags in fails.items()
        },
    }


def _settings(subset: str, window: int, thresholds: Thresholds, chance: ChanceSettings | None) -> dict[str, Any]:
    return {
        "motifs_subset": subset,
        "window": window,
        **asdict(thresholds),
        "chance": None if chance is None else asdict(chance),
    }


def _check_fit(
    hits: pd.DataFrame,
    windows: AttributionWindows,
    motifs: Sequence[Motif],
    file: Path,
    attributions: Path,
    known: Path,
) -> None:
    """Check that hits are of these motifs and regions, and lie in their windows."""
    problems = []
    strange = sorted(set(hits["motif_id"]) - {motif.motif_id for motif in motifs})
    if strange:
        problems.append(f"{file}: hits of {', '.join(strange[:3])}, which {known} does not have")
    first = dict(zip(windows.region_id, windows.start, strict=True))
    start = np.array([first.get(name, -1) for name in hits["region_id"]], dtype=np.int64)
    absent = [name for name in hits["region_id"] if name not in first]
    if absent:
        problems.append(f"{file}: hits in the region {absent[0]}, which {attributions} does not have")
    else:
        outside = (hits["start"].to_numpy() < start) | (hits["end"].to_numpy() > start + windows.length)
        if outside.any():
            row = hits.iloc[int(np.flatnonzero(outside)[0])]
            problems.append(
                f"{file}: the hit {row['chrom']}:{row['start']}-{row['end']} lies outside the central {windows.length} "
                "bases of its region; give the --window that the hits were called with"
            )
    if problems:
        raise InputError("\n".join(problems) + "\nor leave the comparison with chance out by --no_chance")
