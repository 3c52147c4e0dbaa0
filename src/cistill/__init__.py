"""cistill: distils from models of in vivo TF binding what the cell reads in DNA.

The names of `__all__` are the Python interface, described in docs/python.md. Each is loaded when it is first used, so
that importing the package, or asking a command for its help, does not load torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cistill.errors import InputError

if TYPE_CHECKING:
    from cistill.api import (
        Dataset,
        Energies,
        Ensemble,
        Explanation,
        FactorResults,
        Marginalization,
        Motif,
        Predictions,
        RegionContributions,
        RegionPrediction,
        Run,
        call_hits,
        distil_energies,
        explain,
        load_model,
        marginalize,
        open_run,
        predict,
        read_dataset,
        read_motifs,
    )

__version__ = "0.1.0"
__all__ = [
    "Dataset", "Energies", "Ensemble", "Explanation", "FactorResults", "InputError", "Marginalization", "Motif",
    "Predictions", "RegionContributions", "RegionPrediction", "Run", "call_hits", "distil_energies", "explain",
    "load_model", "marginalize", "open_run", "predict", "read_dataset", "read_motifs",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load a name of the interface when it is first used."""
    if name in __all__:
        return getattr(import_module("cistill.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
