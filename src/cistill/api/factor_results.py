"""The results of one TF: its tables, motifs, predictions, contributions and models by name."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cistill.api.region_results import (
    RegionContributions,
    RegionPrediction,
    region_contributions,
    region_prediction,
)
from cistill.api.result_tables import ResultTables, short_name
from cistill.errors import InputError
from cistill.formats.motifs import Motif, read_motifs
from cistill.network_heads import HEADS
from cistill.texts import read_object

if TYPE_CHECKING:
    from cistill.model.ensemble import Ensemble

MODEL = "model.safetensors"
CHOSEN = "chosen"
"""Name of the model that `select` made of the networks."""


class FactorResults(ResultTables):
    """The results of one TF.

    Attributes
    ----------
    tf : str
        Its name.
    tables : DataFrame
        All tables of it by name.
    """

    def __init__(self, tf: str, files: Mapping[str, Path]) -> None:
        super().__init__(tf, files)
        self.tf = tf

    def __repr__(self) -> str:
        return f"<results of {self.tf}: {len(self._tables)} tables, {len(self.models)} models>"

    @property
    def summary(self) -> dict[str, Any]:
        """Every headline figure of the page by name: summary.json.

        Raises
        ------
        InputError
            If the run made no report.
        """
        return read_object(self.file("summary.json"), "summary")

    def motifs(self, head: str = "counts") -> list[Motif]:
        """Return motifs with their matrices, in the order of their table.

        Parameters
        ----------
        head : {"counts", "profile", "merged"}

        Raises
        ------
        InputError
            If the run has no motifs of this head.
        """
        return read_motifs(self.file(f"{head}.motifs.h5"))

    def prediction(self, region_id: str) -> RegionPrediction:
        """Return what was predicted and observed in a region.

        Parameters
        ----------
        region_id : str
            As in the table `regions`.

        Raises
        ------
        InputError
            If the region was not predicted, or the run has no predictions.
        """
        return region_prediction(self.file("predictions.h5"), self._path("dataset.h5"), region_id)

    def contributions(self, region_id: str, head: str = "counts") -> RegionContributions:
        """Return what the bases of a region contribute to a head's prediction.

        Parameters
        ----------
        region_id : str
            As in the table `regions`.
        head : {"counts", "profile"}

        Raises
        ------
        InputError
            If the region was not explained, or the run has no contributions of this head.
        """
        if head not in HEADS:
            raise InputError(f"head {head!r}: use one of {', '.join(HEADS)}")
        return region_contributions(self.file(f"{head}.attributions.h5"), head, region_id)

    @cached_property
    def models(self) -> tuple[str, ...]:
        """Names of the models: `chosen`, which predicts and is explained, and each training, fine-tuned or not."""
        names = [short_name(self.tf, name) for name in self._files if name.endswith(f".{MODEL}")]
        return tuple(CHOSEN if name == MODEL else name.removesuffix(f".{MODEL}") for name in sorted(names, key=_order))

    def model(self, name: str = CHOSEN, device: str = "cpu") -> "Ensemble":
        """Load a model; only this loads torch.

        Parameters
        ----------
        name : str
            One of `models`.
        device : str
            `cpu`, `cuda`, or `cuda:1` for a certain GPU.

        Raises
        ------
        InputError
            If there is no such model.
        """
        from cistill.api.sequence_functions import load_model

        if name not in self.models:
            raise InputError(f"{self.tf} has no model {name!r}; its models are {', '.join(self.models) or 'none'}")
        return load_model(self.file(MODEL if name == CHOSEN else f"{name}.{MODEL}"), device)


def _order(name: str) -> tuple[bool, str]:
    """Sort the chosen model first."""
    return name != MODEL, name
