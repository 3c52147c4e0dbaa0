"""Settings of the default caller, `cwm_scan`."""

from dataclasses import dataclass

from cistill.declared import option
from cistill.hits.caller import StrengthSettings


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
