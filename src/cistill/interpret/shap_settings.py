"""How to explain: the defaults of `shap`, which reads them for its `--help`."""

from dataclasses import dataclass
from typing import Literal

from cistill.network_heads import HEADS
from cistill.seeds import SEED

Weighting = Literal["input", "mean"]
Dtype = Literal["float16", "float32"]
Engine = Literal["cistill", "captum", "tangermeme"]


@dataclass(frozen=True)
class ShapSettings:
    """How to explain.

    Attributes
    ----------
    n_shuffles : int
        References per sequence.
    weighting : {"input", "mean"}
        The profile's weights, see `deepshap`.
    heads : tuple of str
    tasks : tuple of str, optional
        Tasks to explain; all of the model by default.
    each_task : bool
        Explain every task separately, instead of their sum.
    dtype : {"float16", "float32"}
        Type of the scores written.
    engine : {"cistill", "captum", "tangermeme"}
    pairs_per_batch : int
        Pairs of sequence and reference whose sequences are worked on together.
    seed : int
        Of the shuffles, together with each region's id.
    """

    n_shuffles: int = 20
    weighting: Weighting = "input"
    heads: tuple[str, ...] = HEADS
    tasks: tuple[str, ...] | None = None
    each_task: bool = False
    dtype: Dtype = "float16"
    engine: Engine = "cistill"
    pairs_per_batch: int = 160
    seed: int = SEED

    @property
    def block_size(self) -> int:
        """Regions whose sequences are worked on together."""
        return max(1, self.pairs_per_batch // self.n_shuffles)
