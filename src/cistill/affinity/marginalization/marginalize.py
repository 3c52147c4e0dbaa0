"""Marginalization as a function: any sequences, put into any backgrounds, to scores as arrays, without files.

The score of a sequence is the change of the predicted log count of 5' ends that it makes in the middle of a
background, averaged over backgrounds (Affinity Distillation). The command `marginalize` does the same for libraries,
with backgrounds from the regions that each network never saw (`score_library.py`).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cistill.affinity.marginalization.background_statistics import background_means
from cistill.affinity.marginalization.inserts import given_inserts, sequences_to_compute
from cistill.affinity.marginalization.library_blocks import ALL
from cistill.affinity.marginalization.marginalizer import Deltas, Marginalizer, describe_checks, exact_products
from cistill.affinity.marginalization.panel import given_panel
from cistill.affinity.marginalization.settings import EngineSettings
from cistill.errors import InputError
from cistill.model.ensemble import Ensemble

Floats = NDArray[np.float64]


class Marginalization(NamedTuple):
    """Scores of sequences.

    Attributes
    ----------
    scores : float64 array, shape=(sequences, tasks)
        Mean over backgrounds of the change of the predicted log count, ln(1 + 5' ends), mean over strands and over the
        networks that vote for the task.
    standard_errors : float64 array, shape=(sequences, tasks)
        Of the mean over backgrounds; NaN for a single background.
    sd_backgrounds : float64 array, shape=(sequences, tasks)
        Standard deviation over backgrounds; NaN for a single one.
    sd_networks : float64 array, shape=(sequences, tasks)
        Standard deviation over networks of their means; NaN for a single network.
    tasks : list of str
        The second axis.
    """

    scores: Floats
    standard_errors: Floats
    sd_backgrounds: Floats
    sd_networks: Floats
    tasks: list[str]


def marginalize(
    model: Ensemble,
    sequences: Sequence[str],
    backgrounds: Sequence[str] | NDArray[np.uint8],
    tasks: Sequence[str] | None = None,
    settings: EngineSettings | None = None,
) -> Marginalization:
    """Score sequences by the change of predicted log counts that they make in the middle of backgrounds.

    Parameters
    ----------
    model : Ensemble
        What `load_ensemble` reads of model.safetensors.
    sequences : sequence of str
        A, C, G, T in either case, of any lengths up to the model's input; repeats are computed once.
    backgrounds : sequence of str, or uint8 array, shape=(backgrounds, length)
        Sequences of A, C, G, T, or codes 0..3, at least as long as the model's input; of longer ones the middle is
        taken. Every network gets the same backgrounds.
    tasks : sequence of str, optional
        All of the model's by default.
    settings : EngineSettings, optional
        By default float32, the sequences as given, four of them compared with full passes.

    Returns
    -------
    Marginalization
        Rows in the order of `sequences`.

    Raises
    ------
    InputError
        If a sequence or background has other letters or does not fit, or the model has no such task.
    """
    settings = settings or EngineSettings()
    exact_products()
    names = chosen_tasks(model, tasks)
    panel = given_panel(backgrounds, model.input_length)
    inserts, row_of = given_inserts(sequences)
    work = sequences_to_compute(inserts.sequences, settings.both_orientations)
    marginalizer = Marginalizer(model, [panel], [0] * len(model.members), names, inserts, settings)
    describe_checks(marginalizer.checks)
    blocks = [
        statistics_of(marginalizer.deltas(work.sequences[slice(*span)]), marginalizer.source)
        for span in ALL.spans(len(work.sequences))
    ]
    numbers = np.concatenate(blocks)[work.of_row][row_of]  # (sequences, tasks, 4)
    scores, errors, over_backgrounds, over_networks = np.moveaxis(numbers, 2, 0)
    return Marginalization(scores, errors, over_backgrounds, over_networks, names)


def statistics_of(deltas: Deltas, source: NDArray[np.int64]) -> Floats:
    """Return score, standard error, and standard deviations over backgrounds and networks: (inserts, tasks, 4).

    Parameters
    ----------
    deltas : Deltas
    source : int array, shape=(backgrounds,)
        What each background was made from.

    Raises
    ------
    InputError
        If a change is not finite.
    """
    if not np.isfinite(deltas.delta).all():
        raise InputError("the model's numbers are out of range: some changes of log counts are not finite")
    return np.stack([*background_means(deltas.delta, source), deltas.network_sd], -1)


def chosen_tasks(model: Ensemble, tasks: Sequence[str] | None) -> list[str]:
    """Return the tasks asked for, each once, all of the model's by default.

    Raises
    ------
    InputError
        If the model does not have one, or none is named.
    """
    if tasks is None:
        return list(model.tasks)
    names = list(dict.fromkeys(name.strip() for name in tasks if name.strip()))
    unknown = [name for name in names if name not in model.tasks]
    if unknown or not names:
        raise InputError(f"the model has no task {', '.join(unknown)}; its tasks are {', '.join(model.tasks)}")
    return names
