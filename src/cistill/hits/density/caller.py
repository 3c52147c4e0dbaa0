"""The density-adapted caller: seqlets assigned to TF-MoDISco's patterns by what they add to a graph's modularity.

The defaults are the values that the published analysis ran with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from cistill.declared import settings_from
from cistill.hits.caller import Caller, Calls
from cistill.hits.density.settings import NEEDED, DensitySettings
from cistill.hits.search_scope import Selection

if TYPE_CHECKING:
    from cistill.formats.attributions import AttributionWindows
    from cistill.formats.motifs import Motif


class Density(Caller[DensitySettings]):
    """Calls seqlets by the graph of the seqlets that TF-MoDISco's patterns consist of; see `call_by_density`."""

    Settings = DensitySettings
    needs: ClassVar[Mapping[str, str]] = {"modisco": NEEDED}

    @classmethod
    def make_settings(cls, values: Mapping[str, Any], selection: Selection) -> DensitySettings:
        """Return the settings of these options; as published, only chosen patterns compete where motifs are chosen."""
        made = settings_from(DensitySettings, values, all_compete=not selection.motifs_subset)
        if selection.min_information is None:
            return made
        return replace(made, min_information=selection.min_information)

    def call(self, windows: "AttributionWindows", motifs: "Sequence[Motif]") -> Calls:
        """Call motif instances."""
        from cistill.hits.density.calling import call_by_density

        return call_by_density(windows, motifs, self.settings)
