"""The Python interface: models, predictions, contributions, marginalization, motifs, hits and energies, as arrays.

Import these names from `cistill` itself, which loads this package (and with it torch) when one is first used.
"""

from cistill.affinity.marginalization.marginalize import Marginalization, marginalize
from cistill.api.distilling import Energies, distil_energies
from cistill.api.instances import call_hits
from cistill.api.sequence_functions import Explanation, Predictions, explain, load_model, predict
from cistill.formats.motifs import Motif, read_motifs
from cistill.model.ensemble import Ensemble
from cistill.model.windows.dataset import Dataset, read_dataset

__all__ = [
    "Dataset", "Energies", "Ensemble", "Explanation", "Marginalization", "Motif", "Predictions", "call_hits",
    "distil_energies", "explain", "load_model", "marginalize", "predict", "read_dataset", "read_motifs",
]  # fmt: skip
