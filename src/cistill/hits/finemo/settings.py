"""Settings of the caller `finemo`; names and defaults are Fi-NeMo's."""

from dataclasses import dataclass
from typing import Literal, get_args

from cistill.declared import option
from cistill.errors import InputError
from cistill.hits.caller import StrengthSettings

Mode = Literal["pp", "ph", "hp", "hh"]
MODES = get_args(Mode)


@dataclass(frozen=True)
class FinemoSettings(StrengthSettings):
    """Settings of `finemo`; names and defaults are Fi-NeMo's.

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
        Regions fitted at a time; at most 128 without a GPU.
    use_gpu : bool
        Fit on a GPU.
    """

    lambda_: float = option(0.7, "Weight of the L1 penalty, and least similarity of a hit.", name="lambda")
    mode: Mode = option("pp", "Actual (p) or hypothetical (h) motif, then contributions.")
    post_filter: bool = option(True, "Keep hits less similar than --lambda.")
    sqrt_transform: bool = option(False, "Fit signed square roots of the contributions.")
    step_size_max: float = option(3.0, "First step size.", min=0)
    step_size_min: float = option(0.08, "Last step size.", min=0)
    step_adjust: float = option(0.7, "Factor on the step size of a fit that diverges.", max=1)
    convergence_tol: float = option(0.0005, "Duality gap per base at which a fit is done.", min=0)
    max_steps: int = option(10_000, "Most steps of a fit.", min=1)
    batch_size: int = option(2000, "Regions fitted at a time; at most 128 without a GPU.", min=1)
    use_gpu: bool = option(False, "Fit on a GPU; an error if none is visible.")

    def check(self) -> None:
        """Raise InputError where values cannot be used."""
        problems = []
        if self.mode not in MODES:
            problems.append(f"--mode {self.mode}: must be one of {', '.join(MODES)}")
        if not 0 < self.lambda_ < 1:
            problems.append(f"--lambda {self.lambda_:g}: must lie between 0 and 1")
        if problems:
            raise InputError("\n".join(problems))
