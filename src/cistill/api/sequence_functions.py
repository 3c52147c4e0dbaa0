"""Predictions of a model, and what explains them, for sequences as texts or codes."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from cistill.affinity.marginalization.marginalize import chosen_tasks
from cistill.dna.codes import ONE_HOT, encode
from cistill.errors import InputError
from cistill.interpret.engines import find_engine
from cistill.interpret.ensembles import explain as explain_ensemble
from cistill.interpret.shap_settings import Weighting
from cistill.interpret.shuffle import dinucleotide_shuffles
from cistill.model.device import find_device
from cistill.model.ensemble import Ensemble, load_ensemble
from cistill.model.precision import use_precision
from cistill.model.windows.batches import Batch
from cistill.network_heads import HEADS

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
