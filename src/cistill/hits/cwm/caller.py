"""The default caller: CWMs slid over contributions, the threshold set by competition with decoy motifs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cistill.hits.caller import Caller, Calls
from cistill.hits.cwm.settings import CwmScanSettings

if TYPE_CHECKING:
    from cistill.formats.attributions import AttributionWindows
    from cistill.formats.motifs import Motif


class CwmScan(Caller[CwmScanSettings]):
    """Calls where a motif's CWM explains contributions better than its decoys do; see `call_by_cwm_scan`."""

    Settings = CwmScanSettings

    def call(self, windows: "AttributionWindows", motifs: "Sequence[Motif]") -> Calls:
        """Call motif instances."""
        from cistill.hits.cwm.calling import call_by_cwm_scan

        return call_by_cwm_scan(windows, motifs, self.settings)
