"""The default caller: CWMs slid over contributions, the threshold set by competition with decoy motifs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cistill.declared import option
from cistill.hits.caller import Caller, Calls, StrengthSettings

if TYPE_CHECKING:
    from cistill.formats.attributions import AttributionWindows
    from cistill.formats.motifs import Motif


@dataclass(frozen=True)
class CwmScanSettings(StrengthSettings):
    """Settings of `cwm_scan`.

    Attributes
    ----------
    fdr : float
        Accepted false discovery rate, which the confidence of one half stands for.
    n_decoys : int
        Decoys of each motif.
    """

    fdr: float = option(0.05, "False discovery rate against decoy motifs at a confidence of 0.5.", min=1e-6, max=1)
    n_decoys: int = option(4, "Decoys per motif; time grows with it.", name="decoys", min=1)


class CwmScan(Caller[CwmScanSettings]):
    """Calls where a motif's CWM explains contributions better than its decoys do; see `call_by_cwm_scan`."""

    Settings = CwmScanSettings

    def call(self, windows: "AttributionWindows", motifs: "Sequence[Motif]") -> Calls:
        """Call motif instances."""
        from cistill.hits.cwm.calling import call_by_cwm_scan

        return call_by_cwm_scan(windows, motifs, self.settings)
