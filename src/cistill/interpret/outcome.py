"""What is recorded of every explained region beside its contributions, and when their sum is too far off."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cistill.console import LOG
from cistill.dna.codes import UNKNOWN
from cistill.errors import InputError
from cistill.formats.attributions import open_attributions
from cistill.interpret.explained_regions import RegionSource

WARN_GAP, FAIL_GAP = 0.01, 0.05
SHOWN = 3


class Explained(NamedTuple):
    """Attributions of consecutive regions.

    Attributes
    ----------
    first : int
        Row of the first region.
    codes : uint8 array, shape=(regions, input_length)
    hypothetical : float16 or float32 array, shape=(outputs, regions, input_length, 4)
    difference : float32 array, shape=(outputs, regions)
        Output of the sequence less the mean of its shuffles'.
    gap : float32 array, shape=(outputs, regions)
        Relative completeness gap.
    shuffles_equal : int array, shape=(regions,)
        Shuffles that are the sequence itself.
    """

    first: int
    codes: np.ndarray
    hypothetical: np.ndarray
    difference: np.ndarray
    gap: np.ndarray
    shuffles_equal: np.ndarray

    @property
    def rows(self) -> slice:
        """The regions' rows."""
        return slice(self.first, self.first + len(self.codes))

    @property
    def unknown(self) -> np.ndarray:
        """Number of unknown bases of each window, those off a chromosome's ends included."""
        return (self.codes >= UNKNOWN).sum(1)


class Outcome:
    """Counts over all regions, and the rows of the table of regions.

    Parameters
    ----------
    source : RegionSource
    heads : sequence of str
    tasks : sequence of str
        Names of the groups of tasks; outputs are heads within groups.
    """

    def __init__(self, source: RegionSource, heads: Sequence[str], tasks: Sequence[str]) -> None:
        self.source, self.heads, self.tasks = source, heads, tasks
        self.off_contig = source.off_contig()
        self.counts: Counter[str] = Counter()
        self.largest = np.zeros((len(tasks), len(heads)))

    def add(self, made: Explained) -> pd.DataFrame:
        """Count a block of regions and return its rows of the table, task group after task group for each region.

        Raises
        ------
        InputError
            If the contributions of a region miss the difference of outputs by more than 5 %, or are no numbers.
        """
        names, off = self.source.region_id[made.rows], self.off_contig[made.rows]
        groups, regions = len(self.tasks), len(names)
        self._check(made, names)
        by_group = (groups, len(self.heads), regions)
        gap, difference = made.gap.reshape(by_group), made.difference.reshape(by_group)
        wide = (gap > WARN_GAP).any((0, 1))
        self.largest = np.maximum(self.largest, gap.max(2, initial=0))
        unknown = made.unknown
        self.counts["regions"] += regions
        self.counts["gap over 1 %"] += int(wide.sum())
        self.counts["with unknown bases"] += int((unknown > 0).sum())
        self.counts["at contig edges"] += int((off > 0).sum())
        self.counts["with shuffles equal to the sequence"] += int((made.shuffles_equal > 0).sum())
        self.counts["shuffles equal to the sequence"] += int(made.shuffles_equal.sum())
        table: dict[str, Any] = {
            "region_id": np.repeat(names, groups),
            "task": np.tile(np.array(self.tasks, dtype=object), regions),
            "unknown_bases": np.repeat(unknown, groups),
            "bases_off_contig": np.repeat(off, groups),
            "shuffles_equal": np.repeat(made.shuffles_equal, groups),
        }
        for index, head in enumerate(self.heads):
            table[f"{head}_difference"] = difference[:, index].T.ravel()
            table[f"{head}_gap"] = gap[:, index].T.ravel()
        return pd.DataFrame(table)

    def _check(self, made: Explained, names: np.ndarray) -> None:
        bad = ~np.isfinite(made.hypothetical).all((0, 2, 3))
        if bad.any():
            raise InputError(
                f"contributions of {_some(names[bad])} are no numbers, or too large for {made.hypothetical.dtype}: "
                "the model's weights are broken, or use --dtype float32"
            )
        worst = made.gap.max(0)
        gross = ~(worst <= FAIL_GAP)
        if gross.any():
            raise InputError(
                f"the contributions of {_some(names[gross])} do not add up to the difference of outputs (by "
                f"{worst.max():.1%}): the model's numbers are out of range for float32"
            )

    def summary(self) -> dict[str, Any]:
        """Return what provenance says of all regions; large gaps are reported."""
        if self.counts["gap over 1 %"]:
            LOG.warning(
                "contributions of %d region(s) miss the difference of outputs by over 1 %%", self.counts["gap over 1 %"]
            )
        alike = self.counts["with shuffles equal to the sequence"]
        if alike:
            LOG.info("%d region(s) have shuffles equal to their sequence: too repetitive to be told from chance", alike)
        return {
            "regions": self.counts["regions"],
            "regions_with_gap_over_1_percent": self.counts["gap over 1 %"],
            "regions_with_unknown_bases": self.counts["with unknown bases"],
            "regions_at_contig_edges": self.counts["at contig edges"],
            "regions_with_shuffles_equal_to_sequence": alike,
            "shuffles_equal_to_sequence": self.counts["shuffles equal to the sequence"],
            "largest_relative_gap": {
                head: float(self.largest[:, index].max()) for index, head in enumerate(self.heads)
            },
        }

    def outputs(self, files: Sequence[Path], settings: Mapping[str, Any]) -> pd.DataFrame:
        """Return the table of outputs: a row for each head and group of tasks.

        Parameters
        ----------
        files : sequence of Path
            The attribution files, heads within groups. Their gaps are read one file at a time.
        settings : mapping
            `n_shuffles`, `weighting`, `dtype`, `engine`.
        """
        rows = []
        for place, file in enumerate(files):
            task, head = self.tasks[place // len(self.heads)], self.heads[place % len(self.heads)]
            with open_attributions(file) as reader:
                gap = reader.gap
            rows.append(
                {
                    "head": head,
                    "task": task,
                    "regions": len(gap),
                    "shuffles": settings["n_shuffles"],
                    "profile_weighting": settings["weighting"] if head == "profile" else None,
                    "dtype": settings["dtype"],
                    "engine": settings["engine"],
                    "gap_median": np.median(gap),
                    "gap_95": np.quantile(gap, 0.95),
                    "gap_max": gap.max(),
                    "gap_over_1_percent": (gap > WARN_GAP).sum(),
                    "gap_over_5_percent": (gap > FAIL_GAP).sum(),
                    "with_unknown_bases": self.counts["with unknown bases"],
                    "at_contig_edges": self.counts["at contig edges"],
                    "with_shuffles_equal": self.counts["with shuffles equal to the sequence"],
                    "shuffles_equal": self.counts["shuffles equal to the sequence"],
                }
            )
        return pd.DataFrame(rows)


def _some(names: np.ndarray) -> str:
    """Name the first few of some regions."""
    more = f" and {len(names) - SHOWN} more regions" if len(names) > SHOWN else ""
    return ", ".join(map(str, names[:SHOWN])) + more
