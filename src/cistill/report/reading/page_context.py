"""What the sections of a page are made from: the results of a TF, and what is read from large files once for all."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from cistill.report.reading.average_profiles import AverageProfile, HitPlace, average_profiles
from cistill.report.reading.tf_results import TfResults

Read = TypeVar("Read")


class PageContext:
    """The results of a TF as sections see them.

    Parameters
    ----------
    results : TfResults
        All tables.
    link_root : str, optional
        Path from the page's place to the folder of all results, as published; None: no links to result files.
    places : sequence of callable
        Each returns, for this context, names and the hits around which profiles are to be averaged.
    """

    def __init__(
        self,
        results: TfResults,
        link_root: str | None = None,
        places: "Sequence[Callable[[PageContext], Mapping[str, HitPlace]]]" = (),
    ) -> None:
        self.results, self.link_root = results, link_root
        self._places = places
        self._read: dict[Callable[..., Any], Any] = {}

    def once(self, read: Callable[[TfResults], Read]) -> Read:
        """Return what a function reads from the results: once, for the record of a section and for the section."""
        if read not in self._read:
            self._read[read] = read(self.results)
        found: Read = self._read[read]
        return found

    @cached_property
    def average_profiles(self) -> dict[str, AverageProfile]:
        """Average profiles around summits and around the hits that any section asks for, all read in one pass."""
        asked: dict[str, HitPlace] = {}
        for places in self._places:
            asked |= places(self)
        return average_profiles(self.results, asked)
