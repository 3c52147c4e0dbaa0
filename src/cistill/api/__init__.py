"""The Python interface: models, predictions, contributions, marginalization, motifs, hits, energies and finished runs.

Import these names from `cistill` itself. Each is loaded with its module when it is first used, so that tables of a
finished run are read without torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cistill.affinity.marginalization.marginalize import Marginalization, marginalize
    from cistill.api.distilling import Energies, distil_energies
    from cistill.api.factor_results import FactorResults
    from cistill.api.instances import call_hits
    from cistill.api.region_results import RegionContributions, RegionPrediction
    from cistill.api.results_folder import Run, open_run
    from cistill.api.sequence_functions import Explanation, Predictions, explain, load_model, predict
    from cistill.formats.motifs import Motif, read_motifs
    from cistill.model.ensemble import Ensemble
    from cistill.model.windows.dataset import Dataset, read_dataset

MODULES = {
    "Dataset": "cistill.model.windows.dataset",
    "Energies": "cistill.api.distilling",
    "Ensemble": "cistill.model.ensemble",
    "Explanation": "cistill.api.sequence_functions",
    "FactorResults": "cistill.api.factor_results",
    "Marginalization": "cistill.affinity.marginalization.marginalize",
    "Motif": "cistill.formats.motifs",
    "Predictions": "cistill.api.sequence_functions",
    "RegionContributions": "cistill.api.region_results",
    "RegionPrediction": "cistill.api.region_results",
    "Run": "cistill.api.results_folder",
    "call_hits": "cistill.api.instances",
    "distil_energies": "cistill.api.distilling",
    "explain": "cistill.api.sequence_functions",
    "load_model": "cistill.api.sequence_functions",
    "marginalize": "cistill.affinity.marginalization.marginalize",
    "open_run": "cistill.api.results_folder",
    "predict": "cistill.api.sequence_functions",
    "read_dataset": "cistill.model.windows.dataset",
    "read_motifs": "cistill.formats.motifs",
}
"""Name to the module that it is of."""
__all__ = [
    "Dataset", "Energies", "Ensemble", "Explanation", "FactorResults", "Marginalization", "Motif", "Predictions",
    "RegionContributions", "RegionPrediction", "Run", "call_hits", "distil_energies", "explain", "load_model",
    "marginalize", "open_run", "predict", "read_dataset", "read_motifs",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load a name of the interface when it is first used."""
    if name in MODULES:
        return getattr(import_module(MODULES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
