"""The Python interface: models, predictions, contributions, marginalization, motifs, hits and energies, as arrays.

Import these names from `cistill` itself, which loads this module (and with it torch) when one is first used.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from cistill.affinity.calibration import distilled
from cistill.affinity.marginalization.marginalize import Marginalization, chosen_tasks, marginalize
from cistill.affinity.tables.units import thermal_energy
from cistill.dna.codes import ONE_HOT, encode
from cistill.errors import InputError
from cistill.formats.hits import MEASURED, ORDER
from cistill.formats.motifs import Motif, read_motifs
from cistill.hits.callers import caller, own_options, settings_for, shared_options
from cistill.hits.callhits import open_and_choose, state_of, within_sequence
from cistill.hits.search_scope import Selection
from cistill.interpret.deepshap import HEADS, Weighting
from cistill.interpret.engines import find_engine
from cistill.interpret.ensembles import explain as explain_ensemble
from cistill.interpret.shuffle import dinucleotide_shuffles
from cistill.model.device import find_device
from cistill.model.ensemble import Ensemble, load_ensemble
from cistill.model.precision import use_precision
from cistill.model.windows.batches import Batch
from cistill.model.windows.dataset import Dataset, read_dataset

__all__ = [
    "Dataset", "Energies", "Ensemble", "Explanation", "Marginalization", "Motif", "Predictions", "call_hits",
    "distil_energies", "explain", "load_model", "marginalize", "predict", "read_dataset", "read_motifs",
]  # fmt: skip

Sequences = Sequence[str] | NDArray[np.uint8]
PREDICTED_AT_ONCE = 64  # sequences
PAIRS_AT_ONCE = 160  # of sequence and reference


class Predictions(NamedTuple):
    """What a model predicts for sequences.

    Attributes
    ----------
    log_counts : float32 array, shape=(sequences, tasks, 2)
        Natural log of (1 + number of 5' ends in the output window), strands + and -.
    profile : float32 array, shape=(sequences, tasks, 2, output_length)
        Probability of each position of a 5' end; sums to 1 on each strand.
    tasks : list of str
        The second axis.
    """

    log_counts: NDArray[np.float32]
    profile: NDArray[np.float32]
    tasks: list[str]


class Explanation(NamedTuple):
    """What each base of a sequence contributes to a prediction.

    Attributes
    ----------
    hypothetical : float32 array, shape=(sequences, input_length, 4)
        What each base would contribute at its position.
    contributions : float32 array, shape=(sequences, input_length)
        What the base that is there contributes; 0 at unknown bases.
    gap : float32 array, shape=(sequences,)
        Relative difference between the sum of contributions and the difference of outputs to be explained.
    """

    hypothetical: NDArray[np.float32]
    contributions: NDArray[np.float32]
    gap: NDArray[np.float32]


class Energies(NamedTuple):
    """Binding energies distilled from scores.

    Attributes
    ----------
    energies : float64 array, shape=(sequences,)
        kcal/mol; lower is tighter. 0: a site that recruits as many counts as the background has.
    standard_errors : float64 array, shape=(sequences,)
        kcal/mol.
    effects : float64 array, shape=(length, 4)
        What each base adds to the energy at its position, kcal/mol; 0 at positions that do not vary.
    """

    energies: NDArray[np.float64]
    standard_errors: NDArray[np.float64]
    effects: NDArray[np.float64]


def load_model(path: str | os.PathLike[str], device: str = "cpu") -> Ensemble:
    """Load a model file, ready to predict.

    Parameters
    ----------
    path : path
        `{tf}.model.safetensors`.
    device : str
        `cpu`, `cuda`, or `cuda:1` for a certain GPU.

    Returns
    -------
    Ensemble
        With `tasks`, `input_length` and `output_length`.

    Raises
    ------
    InputError
        If the file is not a model of this program, or a GPU is asked for and none is visible.
    """
    return load_ensemble(Path(path), find_device(device))


def predict(model: Ensemble, sequences: Sequences) -> Predictions:
    """Predict sequences, averaged over all networks of a model and both orientations.

    Parameters
    ----------
    model : Ensemble
        From `load_model`.
    sequences : sequence of str, or uint8 array, shape=(sequences, length)
        Letters, or codes A, C, G, T = 0..3 and 4 for anything else; at least as long as the model's input, of longer
        ones the middle is taken. A model that takes controls predicts with empty ones.

    Returns
    -------
    Predictions

    Raises
    ------
    InputError
        If there is no sequence, or one is shorter than the model's input.
    """
    use_precision("fp32")

    def predicted(codes: NDArray[np.uint8]) -> tuple[NDArray[Any], ...]:
        one_hot = torch.from_numpy(ONE_HOT[codes].swapaxes(1, 2).copy())
        batch = Batch(one_hot, torch.zeros(len(codes), 0), _empty_controls(model, len(codes)))
        made = model.predict(batch, np.full(len(codes), ""), _control_tasks(model))
        return made.log_counts, np.exp(made.log_profile)

    log_counts, profile = _in_parts(_coded(sequences, model.input_length), PREDICTED_AT_ONCE, predicted)
    return Predictions(log_counts, profile, list(model.tasks))


def explain(
    model: Ensemble,
    sequences: Sequences,
    head: str = "counts",
    tasks: Sequence[str] | None = None,
    n_shuffles: int = 20,
    seed: int = 1,
    weighting: Weighting = "input",
) -> Explanation:
    """Explain predictions by DeepSHAP against dinucleotide shuffles of each sequence.

    Parameters
    ----------
    model : Ensemble
        From `load_model`.
    sequences : sequence of str, or uint8 array, shape=(sequences, length)
        As for `predict`.
    head : {"counts", "profile"}
        Output to explain.
    tasks : sequence of str, optional
        Tasks whose outputs are summed; all of the model by default.
    n_shuffles : int
        References for each sequence.
    seed : int
        Of the shuffles, with each sequence's number.
    weighting : {"input", "mean"}
        Weights of the profile's positions: those of the sequence, or half those of its shuffle.

    Returns
    -------
    Explanation

    Raises
    ------
    InputError
        As for `predict`, or if the model has no such head or task.
    """
    if head not in HEADS:
        raise InputError(f"head {head!r}: use one of {', '.join(HEADS)}")
    use_precision("fp32")
    codes, engine, wanted = _coded(sequences, model.input_length), find_engine("cistill"), chosen_tasks(model, tasks)
    names = [str(number) for number in range(len(codes))]
    size = max(1, PAIRS_AT_ONCE // n_shuffles)
    done = 0

    def explained(part: NDArray[np.uint8]) -> tuple[NDArray[Any], ...]:
        nonlocal done
        references = dinucleotide_shuffles(part, n_shuffles, names[done : done + len(part)], seed)
        done += len(part)
        controls = _empty_controls(model, len(part))
        made = explain_ensemble(
            model, engine, part, references, [(head, wanted)], controls, _control_tasks(model), weighting
        )
        return made.hypothetical[0], (made.hypothetical[0] * ONE_HOT[part]).sum(-1), made.gap[0]

    return Explanation(*_in_parts(codes, size, explained))


def call_hits(
    attributions: str | os.PathLike[str],
    motifs: str | os.PathLike[str],
    method: str = "cwm_scan",
    **options: Any,
) -> pd.DataFrame:
    """Call the instances of motifs in contributions.

    Parameters
    ----------
    attributions : path
        `{head}.attributions.h5` of the command `shap`.
    motifs : path
        `motifs.h5` of the command `modisco`, of the same head.
    method : str
        `cwm_scan`, `density`, `finemo` or `scan`.
    **options
        Options of the command `callhits` for this method, as `window=400` or `min_confidence=0.8`.

    Returns
    -------
    DataFrame
        One row for each hit, ordered by position: the columns of hits.bed but `score`.

    Raises
    ------
    InputError
        If files do not fit together, or the method has no such option.
    """
    own = own_options(method)
    known = {*own, *(one.parameter for one in shared_options())}
    unknown = sorted(name for name in options if name.removesuffix("_") not in known and name not in known)
    if unknown:
        raise InputError(f"{', '.join(unknown)}: no option of the method {method}; its own are {', '.join(own)}")
    of_selection = {one.name for one in fields(Selection)}
    selection = Selection(**{name: value for name, value in options.items() if name in of_selection})
    settings = settings_for(
        method, {name: value for name, value in options.items() if name not in of_selection}, selection
    )
    windows, _, chosen = open_and_choose(Path(attributions), Path(motifs), selection)
    _, spans = state_of(windows)
    hits = within_sequence(caller(method)(settings).call(windows, chosen).hits, windows, spans)
    return hits.sort_values(list(ORDER), kind="stable")[list(MEASURED)].reset_index(drop=True)


def distil_energies(
    sequences: Sequence[str], scores: NDArray[np.float64], temperature: float = 298.15, seed: int = 0
) -> Energies:
    """Distil binding energies from the scores of a whole library; nothing measured is needed.

    Parameters
    ----------
    sequences : sequence of str
        Of one length, several for every base that varies.
    scores : float array, shape=(sequences,)
        A task's scores of `marginalize`.
    temperature : float
        K.
    seed : int
        Of the draw of 20,000 sequences from larger libraries.

    Returns
    -------
    Energies

    Raises
    ------
    InputError
        If sequences or scores allow no energies; the message says why.
    """
    texts, numbers = [text.upper() for text in sequences], np.asarray(scores, dtype=np.float64)
    found = distilled.distil_energies(texts, numbers, seed)
    if isinstance(found, str):
        raise InputError(f"no energies: {found}")
    log_affinities, errors = found.log_affinities(texts, numbers)
    kcal = thermal_energy(temperature)
    return Energies(-kcal * log_affinities, kcal * errors, -kcal * found.effects)


def _coded(sequences: Sequences, length: int) -> NDArray[np.uint8]:
    """Return the middle of sequences as codes, (sequences, length)."""
    rows = [encode(one) if isinstance(one, str) else np.asarray(one, dtype=np.uint8) for one in sequences]
    if not rows:
        raise InputError("give at least one sequence")
    short = next((number for number, row in enumerate(rows) if len(row) < length), None)
    if short is not None:
        raise InputError(f"sequence {short} has {len(rows[short])} bp, the model reads {length} bp")
    return np.stack([row[(len(row) - length) // 2 :][:length] for row in rows])


def _control_tasks(model: Ensemble) -> list[str]:
    """Return what the controls' axis of tasks means: every task of a network once."""
    return list(dict.fromkeys(task for member in model.members for task in member.tasks))


def _empty_controls(model: Ensemble, number: int) -> torch.Tensor | None:
    """Return controls without reads, (number, tasks, 2, output_length), or None for a model that takes none."""
    if not model.takes_controls:
        return None
    device = next(model.members[0].network.parameters()).device
    return torch.zeros((number, len(_control_tasks(model)), 2, model.output_length), device=device)


def _in_parts(
    codes: NDArray[np.uint8], size: int, of: Callable[[NDArray[np.uint8]], tuple[NDArray[Any], ...]]
) -> tuple[NDArray[Any], ...]:
    """Return what a function makes of sequences, `size` of them at a time, joined along the first axis."""
    parts = [of(codes[first : first + size]) for first in range(0, len(codes), size)]
    return tuple(np.concatenate(arrays) for arrays in zip(*parts, strict=True))
