"""What the callers of motif instances may be told: what they share, and what each takes for itself."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cistill.hits.density.settings import DensitySettings

MODES = ("pp", "ph", "hp", "hh")
SCORINGS = ("moods", "fimo")


@dataclass(frozen=True)
class FinemoSettings:
    """What Fi-NeMo takes; names and defaults are its own.

    Attributes
    ----------
    lambda_ : float
        Weight of the L1 penalty; also the least similarity of a hit.
    mode : {"pp", "ph", "hp", "hh"}
        Which motif is fitted to which contributions, `p` for the actual and `h` for the hypothetical ones.
    post_filter : bool
        Whether hits less similar to their motif than `lambda_` are left out.
    sqrt_transform : bool
        Whether contributions and motifs are replaced by their signed square roots.
    step_size_max, step_size_min, step_adjust : float
        First and last step sizes, and the factor by which a fit that diverges shortens its own.
    convergence_tol : float
        Duality gap, per base, at which a fit is done.
    max_steps : int
        Most steps of a fit.
    batch_size : int
        Regions fitted at a time.
    use_gpu : bool
        Fit on a GPU.
    """

    lambda_: float = 0.7
    mode: str = "pp"
    post_filter: bool = True
    sqrt_transform: bool = False
    step_size_max: float = 3.0
    step_size_min: float = 0.08
    step_adjust: float = 0.7
    convergence_tol: float = 0.0005
    max_steps: int = 10_000
    batch_size: int = 2000
    use_gpu: bool = False


@dataclass(frozen=True)
class ScanSettings:
    """What a scan with position weight matrices takes.

    Attributes
    ----------
    scoring : {"moods", "fimo"}
        `moods`: log-odds to the base e and exact p-values by dynamic programming, as MOODS; `fimo`: log-odds to the
        base 2, in bins, as FIMO, through memelite.
    p_value : float
        Matches of at most this p-value are hits.
    pseudocount : float, optional
        Added to the frequencies; by default 0.01 in all for `moods` and 0.0001 to each for `fimo`.
    background : str
        `flat`, `regions` (the base composition of the windows) or the four frequencies of A, C, G, T.
    """

    scoring: str = "moods"
    p_value: float = 1e-4
    pseudocount: float | None = None
    background: str = "flat"


@dataclass(frozen=True)
class CallSettings:
    """What a caller may need.

    Attributes
    ----------
    fdr : float
        `cwm_scan`: accepted false discovery rate, which the confidence of one half stands for.
    min_strength : float
        `cwm_scan` and `finemo`: share of a motif's mean contributions that an instance of confidence one half must have
        at least.
    min_confidence : float
        Instances of at least this confidence are hits; above 0, below 1.
    n_decoys : int
        `cwm_scan`: decoys of each motif.
    seed : int
        Seed of whatever is random.
    finemo, scan, density
        Settings of single callers; `density` may be left out where that caller is not used.
    """

    fdr: float = 0.05
    min_strength: float = 0.1
    min_confidence: float = 0.5
    n_decoys: int = 4
    seed: int = 0
    finemo: FinemoSettings = field(default_factory=FinemoSettings)
    scan: ScanSettings = field(default_factory=ScanSettings)
    density: "DensitySettings | None" = None
