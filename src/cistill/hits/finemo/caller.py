"""The caller that is Fi-NeMo (Wang et al. 2024), through its library."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cistill.hits.caller import Caller, Calls
from cistill.hits.finemo.settings import FinemoSettings

if TYPE_CHECKING:
    from cistill.formats.attributions import AttributionWindows
    from cistill.formats.motifs import Motif


class Finemo(Caller[FinemoSettings]):
    """Calls by a non-negative lasso of all motifs on the contributions of a region; see `call_by_finemo`."""

    Settings = FinemoSettings

    def call(self, windows: "AttributionWindows", motifs: "Sequence[Motif]") -> Calls:
        """Call motif instances."""
        from cistill.hits.finemo.calling import call_by_finemo

        return call_by_finemo(windows, motifs, self.settings)
