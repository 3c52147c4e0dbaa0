"""Parameters of TF-MoDISco: two presets, and single ones from a JSON file."""

import difflib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from cistill.errors import InputError
from cistill.texts import read_object

WINDOW = 400
"""Central bases of every region that are searched."""
MAX_REGIONS = 50_000
"""Regions at most, drawn at random: memory grows with them, 30 kB each."""
FOOTPRINT_WIDTH = 200
"""Width of the mean profiles around seqlets, bp."""
OPTION_NAMES = {
    "max_seqlets": "max_seqlets_per_metacluster",
    "seqlet_fdr": "target_seqlet_fdr",
    "leiden_runs": "n_leiden_runs",
    "min_seqlets": "final_min_cluster_size",
}
"""Options of `modisco` that set a parameter, and its name."""
Thresholds = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class ModiscoSettings:
    """Parameters of TF-MoDISco, named as tfmodisco-lite names them; widths in bases.

    `n_leiden_runs` is 2, as in the package's command line, where the published analysis used 50: clustering takes most
    of the time. On 1,140 Reb1 regions, fifty runs took ten times as long and gave the same three patterns (1,185, 67
    and 56 seqlets against 1,183, 67 and 55).
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
    prob_and_pertrack_sim_merge_thresholds: Thresholds = ((0.8, 0.8), (0.5, 0.85), (0.2, 0.9))
    prob_and_pertrack_sim_dealbreaker_thresholds: Thresholds = ((0.4, 0.75), (0.2, 0.8), (0.1, 0.85), (0.0, 0.9))
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


PRESETS: dict[str, ModiscoSettings] = {
    "default": ModiscoSettings(),
    "published": replace(ModiscoSettings(), n_leiden_runs=50),
}
"""`published`: as the analysis of ENCODE's TF ChIP-seq; `default` differs from it in the number of Leiden runs."""

FRACTIONS = frozenset(
    {
        "weak_threshold_for_counting_sign", "target_seqlet_fdr", "min_passing_windows_frac", "max_passing_windows_frac",
        "min_overlap_while_sliding", "frac_support_to_trim_to",
    }
)  # fmt: skip
"""Parameters that lie between 0 and 1."""

LEAST: dict[str, float] = {
    "n_leiden_iterations": -1,
    "initial_flank_to_add": 0,
    "final_flank_to_add": 0,
    "min_num_to_trim_to": 0,
    "affmat_correlation_threshold": -1,
    "min_ic_in_window": 0,
    "ppm_pseudocount": 0,
    "min_metacluster_size": 10,
    "nearest_neighbors_to_compute": 2,
    "tsne_perplexity": 1,
    "subcluster_perplexity": 1,
}
"""Least values of numbers; 1 of those that are not here. With a handful of seqlets tfmodisco-lite fails."""


def modisco_settings(
    preset: str = "default",
    parameters: str | os.PathLike[str] | None = None,
    given: Mapping[str, Any] | None = None,
) -> ModiscoSettings:
    """Return settings: those of a preset, with those of a file in their place, and those given by name over both.

    Parameters
    ----------
    preset : {"default", "published"}
    parameters : path, optional
        JSON: one object, parameter to value, named as in `ModiscoSettings`.
    given : mapping, optional
        Parameter to value; None for one that is not given.

    Raises
    ------
    InputError
        With all that is wrong with the file or the values, in one message.
    """
    if preset not in PRESETS:
        raise InputError(f"--preset {preset}: choose {' or '.join(sorted(PRESETS))}")
    values: dict[str, Any] = {}
    where = "parameters of TF-MoDISco"
    if parameters is not None:
        values = read_object(parameters, "parameters of TF-MoDISco")
        where = str(parameters)
    values |= {name: value for name, value in (given or {}).items() if value is not None}
    problems, checked = [], {}
    kinds = {field.name: field.type for field in fields(ModiscoSettings)}
    for name, value in values.items():
        if name not in kinds:
            near = difflib.get_close_matches(name, kinds, n=1)
            problems.append(f"there is no parameter {name}" + (f"; is {near[0]} meant?" if near else ""))
            continue
        try:
            checked[name] = _checked(name, value, kinds[name])
        except ValueError as error:
            problems.append(f"{name}: {error}, found {json.dumps(value, default=str)}")
    settings = replace(PRESETS[preset], **checked)
    if settings.trim_to_window_size > settings.seqlet_length:
        problems.append(
            f"trim_to_window_size {settings.trim_to_window_size} is longer than a seqlet of {settings.seqlet_length}"
        )
    if settings.min_passing_windows_frac > settings.max_passing_windows_frac:
        problems.append("min_passing_windows_frac is larger than max_passing_windows_frac")
    if problems:
        raise InputError(f"{where}: " + "\n".join(problems))
    return settings


def _checked(name: str, value: Any, kind: Any) -> Any:
    """Return a value as its parameter's type; a ValueError says what it must be."""
    if kind not in (int, float):
        pairs = value if isinstance(value, list | tuple) else []
        if not pairs or not all(isinstance(p, list | tuple) and len(p) == 2 and all(map(_is_number, p)) for p in pairs):
            raise ValueError("must be a list of pairs of numbers, e.g. [[0.8, 0.8], [0.5, 0.85]]")
        return tuple((float(first), float(second)) for first, second in pairs)
    if not _is_number(value):
        raise ValueError("must be a number")
    if kind is int:
        if int(value) != value:
            raise ValueError("must be a whole number")
        value = int(value)
    low, high = (0.0, 1.0) if name in FRACTIONS else (LEAST.get(name, 1), float("inf"))
    if not low <= value <= high:
        raise ValueError(
            f"must be between {low:g} and {high:g}" if high < float("inf") else f"must be at least {low:g}"
        )
    return value if kind is int else float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")
