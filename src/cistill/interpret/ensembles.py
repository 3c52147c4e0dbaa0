"""Attributions of a model of several networks: for each task the mean over those that predict it, summed over tasks."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from cistill.interpret.attribution_arrays import Attributions, Output
from cistill.interpret.engines import Explainer
from cistill.interpret.shap_settings import Weighting
from cistill.model.ensemble import Ensemble
from cistill.model.member import Member, member_control


def explain(
    ensemble: Ensemble,
    explainer: Explainer,
    codes: np.ndarray,
    references: np.ndarray,
    wanted: Sequence[tuple[str, Sequence[str]]],
    control: Tensor | None = None,
    control_tasks: Sequence[str] = (),
    weighting: Weighting = "input",
) -> Attributions:
    """Return the attributions of an ensemble.

    Parameters
    ----------
    ensemble : Ensemble
    explainer : callable
        From `engines.find_engine`.
    codes : uint8 array, shape=(batch, input_length)
    references : uint8 array, shape=(batch, n, input_length)
    wanted : sequence of (head, names of tasks)
        The outputs: of each the sum over its tasks, of each task the mean over the networks that predict it.
    control : Tensor, shape=(batch, tasks, 2, output_length), optional
    control_tasks : sequence of str
        What the control's axis of tasks means.
    weighting : {"input", "mean"}
    """
    shape = (len(wanted), len(codes))
    sums = [np.zeros((*shape, codes.shape[1], 4), np.float32), *(np.zeros(shape, np.float32) for _ in range(3))]
    everything = torch.arange(len(codes))
    for member in ensemble.members:
        parts = _parts(ensemble, member, wanted)
        if not parts:
            continue
        own_control = member_control(member, control, everything, control_tasks)
        outputs = [output for _, output, _ in parts]
        made = explainer(member.network, codes, references, outputs, own_control, weighting)
        for place, (index, _, voters) in enumerate(parts):
            for total, more in zip(sums, made, strict=True):
                total[index] += more[place] / voters
    return Attributions(*sums)


def _parts(
    ensemble: Ensemble, member: Member, wanted: Sequence[tuple[str, Sequence[str]]]
) -> list[tuple[int, Output, int]]:
    """Return what a network adds: (index of the wanted output, the network's own output, networks it is divided by)."""
    voters = {task: sum(task in other.votes for other in ensemble.members) for task in ensemble.tasks}
    parts = []
    for index, (head, tasks) in enumerate(wanted):
        own = [task for task in tasks if task in member.votes]
        for number in sorted({voters[task] for task in own}):
            places = tuple(member.tasks.index(task) for task in own if voters[task] == number)
            parts.append((index, Output(head, places), number))
    return parts
