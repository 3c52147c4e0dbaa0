"""Instances of motifs, from files to a table."""

import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd

from cistill.errors import InputError
from cistill.formats.hits import MEASURED, ORDER
from cistill.hits.callers import caller, own_options, settings_for, shared_options
from cistill.hits.callhits import open_and_choose, state_of, within_sequence
from cistill.hits.search_scope import Selection


def call_hits(
    attributions: str | os.PathLike[str],
    motifs: str | os.PathLike[str],
    method: str = "cwm_scan",
    **options: Any,
) -> pd.DataFrame:
    """Call the instances of motifs in contributions.

    Parameters
    ----------
    attributions : path
        `{head}.attributions.h5` of the command `shap`.
    motifs : path
        `motifs.h5` of the command `modisco`, of the same head.
    method : str
        `cwm_scan`, `density`, `finemo` or `scan`.
    **options
        Options of the command `callhits` for this method, as `window=400` or `min_confidence=0.8`.

    Returns
    -------
    DataFrame
        One row for each hit, ordered by position: the columns of hits.bed but `score`.

    Raises
    ------
    InputError
        If files do not fit together, or the method has no such option.
    """
    own = own_options(method)
    known = {*own, *(one.parameter for one in shared_options())}
    unknown = sorted(name for name in options if name.removesuffix("_") not in known and name not in known)
    if unknown:
        raise InputError(f"{', '.join(unknown)}: no option of the method {method}; its own are {', '.join(own)}")
    of_selection = {one.name for one in fields(Selection)}
    selection = Selection(**{name: value for name, value in options.items() if name in of_selection})
    settings = settings_for(
        method, {name: value for name, value in options.items() if name not in of_selection}, selection
    )
    windows, _, chosen = open_and_choose(Path(attributions), Path(motifs), selection)
    _, spans = state_of(windows)
    hits = within_sequence(caller(method)(settings).call(windows, chosen).hits, windows, spans)
    return hits.sort_values(list(ORDER), kind="stable")[list(MEASURED)].reset_index(drop=True)
