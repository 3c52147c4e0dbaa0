"""One network of a model, small enough for the page: its weights in 16 bits, a few backgrounds, and how far it is off.

A page in a browser has no program and no network, but a network of this size is a few million multiplications. What it
predicts there is what this program predicts with the same weights, controls taken as empty.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cistill.affinity.marginalization.footprints import js_distance
from cistill.affinity.marginalization.marginalizer import exact_products
from cistill.affinity.marginalization.panel import ensemble_panels
from cistill.affinity.marginalization.settings import PanelSettings
from cistill.affinity.page_model_settings import PageModelSettings
from cistill.console import LOG
from cistill.data.splits import Split
from cistill.dna.codes import decode_texts
from cistill.errors import InputError
from cistill.files import named
from cistill.formats.page_model import LARGEST, PageModel, Weights, text_size, write_page_model
from cistill.model.ensemble import Ensemble, load_ensemble
from cistill.model.member import Member
from cistill.model.network import Network, NetworkConfig
from cistill.model.network.fitting import build_fitting
from cistill.model.prediction.dataset_regions import check_fit
from cistill.model.windows.batches import take
from cistill.model.windows.dataset import Dataset, read_dataset
from cistill.provenance import json_numbers, write_provenance

COMPARED = 200  # peaks
AT_ONCE = 50


def make_page_model(
    dataset_file: Path, model_file: Path, tf: str | None, settings: PageModelSettings, outdir: Path
) -> None:
    """Write `{tf}.page_model.json` and its provenance.

    Raises
    ------
    InputError
        If the files are not what they should be, or do not fit.
    """
    exact_products()
    dataset, ensemble = read_dataset(dataset_file), load_ensemble(model_file)
    check_fit(ensemble, dataset)
    made = page_model(ensemble, dataset, settings)
    if made.not_available:
        LOG.warning("the page keeps no network: %s", made.not_available)
    outdir.mkdir(parents=True, exist_ok=True)
    stem = outdir / (tf or ensemble.tf)
    write_page_model(named(stem, "page_model.json"), made)
    write_provenance(
        named(stem, "pagemodel.json"),
        {"backgrounds": settings.backgrounds},
        {"dataset": dataset_file, "model": model_file},
        {**made.record, "not_available": made.not_available, "weight_bytes": text_size(made.weights)},
        settings.seed,
    )


def page_model(ensemble: Ensemble, dataset: Dataset, settings: PageModelSettings) -> PageModel:
    """Return the network of an ensemble that its page keeps, or why it keeps none."""
    member, chosen_by = chosen_member(ensemble)
    record: dict[str, Any] = {
        "run": str(member.record.get("run", "imported")),
        "fold": member.fold,
        "chosen_by": chosen_by,
        "networks": len(ensemble.members),
    }
    weights = rounded_weights(member)
    none = PageModel(ensemble.tf, record=record)
    if text_size(weights) > LARGEST:
        size = f"{text_size(weights) / 1e6:.1f} MB, and a page has room for {LARGEST / 1e6:.1f} MB"
        return replace(none, not_available=f"the weights of one network take {size}")
    if not all(np.isfinite(array).all() for array in weights.values()):
        return replace(none, not_available="some weights are too large for 16 bits")
    alone = replace(ensemble, tasks=member.votes, members=[member])
    panel_settings = PanelSettings(number=settings.backgrounds, seed=settings.seed)
    try:
        panels, _ = ensemble_panels(alone, dataset, panel_settings)
    except InputError as error:  # a page without a network is better than none
        return replace(none, not_available=str(error))
    config = member.network.config.to_json()
    made = PageModel(ensemble.tf, member.tasks, member.votes, config, weights, record=record)
    kept = replace(member, network=network_of(made))
    record |= compared(kept, member, ensemble, dataset)
    record["background_regions"] = panels[0].names
    texts = [text.decode() for text in decode_texts(panels[0].codes)]
    return replace(made, backgrounds=texts)


def chosen_member(ensemble: Ensemble) -> tuple[Member, str]:
    """Return the network that predicts most tasks, of these the one of the best validation criterion, and why it is it.

    Criteria of different folds are of different regions; here they only choose one of several good networks.
    """
    most = max(len(member.votes) for member in ensemble.members)
    able = [member for member in ensemble.members if len(member.votes) == most]
    if len(ensemble.members) == 1:
        return able[0], "the model's only network"
    criteria = [_criterion(member) for member in able]
    if np.isnan(criteria).all():
        return able[0], "the first network of the model, which has no validation scores"
    return able[int(np.nanargmin(criteria))], "the network of the best validation criterion"


def _criterion(member: Member) -> float:
    """Return the mean validation criterion over the tasks that a network votes on; NaN where it has none."""
    validation = member.record.get("validation", {})
    found = [validation.get(task, {}).get("criterion") for task in member.votes]
    return float(np.mean([np.nan if value is None else float(value) for value in found]))


def rounded_weights(member: Member) -> Weights:
    """Return the weights of a network in 16 bits; infinite where one is too large for that."""
    with np.errstate(over="ignore"):
        return {name: tensor.numpy().astype(np.float16) for name, tensor in member.network.state_dict().items()}


def network_of(model: PageModel) -> Network:
    """Return the network that a page keeps as this program runs it: the same 16-bit weights, computed in float32.

    Raises
    ------
    InputError
        If the weights do not fit the configuration.
    """
    tensors = {name: torch.from_numpy(array.astype(np.float32)) for name, array in model.weights.items()}
    network = build_fitting(NetworkConfig(**model.network), {name: tensor.shape for name, tensor in tensors.items()})
    network.load_state_dict(tensors)
    return network.eval()


def page_ensemble(model: PageModel) -> Ensemble:
    """Return the network that a page keeps as a model by itself, for `predict` and `marginalize`."""
    member = Member(network_of(model), model.tasks, str(model.record["fold"]), Split((), (), ()), {}, model.votes)
    return Ensemble(model.tf, model.votes, [member])


def compared(kept: Member, member: Member, ensemble: Ensemble, dataset: Dataset) -> dict[str, Any]:
    """Return how far the kept network is from itself in float32, and from the whole model with the regions' controls.

    On up to 200 peaks, spread evenly over those that the network was tested on (all peaks where there are none).

    Returns
    -------
    dict
        `compared_peaks`; `rounding_log_counts`, the largest difference that 16 bits make; `log_counts_r` (Pearson),
        `log_counts_difference` (mean, kept less whole) and `profile_js_distance` (median) against the mean of all
        networks of the model.
    """
    peaks = dataset.rows(kind="peak")
    tested = peaks[dataset.tested_by(member.split.test)[peaks]] if member.split.test else peaks[:0]
    rows = tested if len(tested) else peaks
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, min(COMPARED, len(rows))).astype(int))]
    parts = [_outputs(kept, member, ensemble, dataset, rows[i : i + AT_ONCE]) for i in range(0, len(rows), AT_ONCE)]
    own, exact, whole, distance = (np.concatenate(part) for part in zip(*parts, strict=True))
    means = own.mean(-1), whole.mean(-1)  # over strands: (regions, tasks)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = [np.corrcoef(means[0][:, task], means[1][:, task])[0, 1] for task in range(own.shape[1])]
    numbers = {
        "rounding_log_counts": float(np.abs(own - exact).max()),
        "log_counts_r": float(np.mean(r)) if len(rows) > 2 else float("nan"),
        "log_counts_difference": float((means[0] - means[1]).mean()),
        "profile_js_distance": float(np.median(distance)),
    }
    return {"compared_peaks": len(rows), **json_numbers(numbers)}


def _outputs(
    kept: Member, member: Member, ensemble: Ensemble, dataset: Dataset, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return what networks predict for the tasks that the kept one votes on.

    Returns
    -------
    own, exact, whole : array, shape=(regions, tasks, 2)
        Log counts of the kept network, of itself in float32, and of the whole model.
    distance : array, shape=(regions, tasks)
        Of profiles of the kept network and the whole model.
    """
    batch = take(dataset, rows).to(torch.device("cpu"))
    at = [member.tasks.index(task) for task in member.votes]
    with torch.inference_mode():
        own, exact = (one.outputs(batch.sequence, empty_control(one, len(rows))) for one in (kept, member))
    # regions of no chromosome: every network predicts
    whole = ensemble.predict(batch, np.full(len(rows), ""), dataset.tasks)
    of_whole = [ensemble.tasks.index(task) for task in member.votes]
    distance = js_distance(own.profile[:, at].numpy(), np.exp(whole.log_profile[:, of_whole]))
    return own.log_counts[:, at].numpy(), exact.log_counts[:, at].numpy(), whole.log_counts[:, of_whole], distance


def empty_control(member: Member, number: int) -> Tensor | None:
    """Return controls without reads for a network that takes controls, else None."""
    config = member.network.config
    return torch.zeros(number, config.tasks, 2, config.output_length) if config.controls else None
