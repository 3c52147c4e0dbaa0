"""What an insert does to the predicted profile: mean profiles with and without it, and how far they are apart."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

from cistill.affinity.marginalization.changes import one_hot
from cistill.affinity.marginalization.full_passes import BATCH
from cistill.affinity.marginalization.panel import Panel
from cistill.console import progress
from cistill.dna.codes import Texts, encode_texts, reverse_complement_texts
from cistill.formats.insert_footprints import insert_footprint_writer
from cistill.formats.tables.libraries import INSERT_FOOTPRINTS
from cistill.model.ensemble import Ensemble
from cistill.model.member import Member, per_strand


class PanelProfiles(NamedTuple):
    """Mean profiles of a panel.

    Attributes
    ----------
    profile : float64 array, shape=(tasks, 2, output_length)
        Probabilities of the position of a read's 5' end, each strand on its own.
    ends : float64 array, shape=(tasks, 2, output_length)
        Expected 5' ends per base: each background's profile times its predicted count.
    """

    profile: np.ndarray
    ends: np.ndarray


def js_distance(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Return the Jensen-Shannon distance of profiles over both strands.

    The square root of the divergence, base e, of two distributions over strands x length in which each strand holds
    half. (The mean over strands of their divergences is the same number.)

    Parameters
    ----------
    p, q : array, shape=(..., 2, length)
        Each strand sums to one.
    """
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p > 0, p * np.log(p / middle), 0) + np.where(q > 0, q * np.log(q / middle), 0)
    return np.sqrt(np.maximum(terms.sum((-1, -2)) / 4, 0))


def mean_footprint(
    ensemble: Ensemble,
    panels: Sequence[Panel],
    panel_of: Sequence[int],
    tasks: Sequence[str],
    insert: np.ndarray | None,
) -> PanelProfiles:
    """Return the mean profiles over backgrounds, and over the networks that vote for a task.

    Parameters
    ----------
    ensemble, panels, panel_of, tasks
        As for `Marginalizer`.
    insert : uint8 array, shape=(length,), optional
        Put into the middle of every background; without one the backgrounds are predicted as they are.
    """
    shape = (len(tasks), 2, ensemble.output_length)
    profile, ends, voters = np.zeros(shape), np.zeros(shape), np.zeros(len(tasks))
    for member, panel in zip(ensemble.members, panel_of, strict=True):
        own = [(i, member.tasks.index(task)) for i, task in enumerate(tasks) if task in member.votes]
        if not own:
            continue
        codes = panels[panel].codes.copy()
        if insert is not None:
            start = (codes.shape[1] - len(insert)) // 2
            codes[:, start : start + len(insert)] = insert
        of_member = _predicted(member, codes)
        for i, task in own:
            profile[i] += of_member.profile[task]
            ends[i] += of_member.ends[task]
            voters[i] += 1
    return PanelProfiles(profile / voters[:, None, None], ends / voters[:, None, None])


def _predicted(member: Member, codes: np.ndarray) -> PanelProfiles:
    """Return the means of one network over sequences; its controls are empty of reads."""
    network, config = member.network, member.network.config
    like = next(network.parameters())
    profiles: torch.Tensor | float = 0.0
    ends: torch.Tensor | float = 0.0
    with torch.inference_mode():
        for begin in range(0, len(codes), BATCH):
            sequence = one_hot(codes[begin : begin + BATCH], like)
            control = None
            if config.controls:
                control = sequence.new_zeros(len(sequence), config.tasks, 2, config.control_length)
            profile, counts = per_strand(network(sequence, control), config)
            expected = torch.expm1(counts.double()).clamp(min=0)[..., None] * profile.double()
            profiles = profiles + profile.double().sum(0)
            ends = ends + expected.sum(0)
    assert isinstance(profiles, torch.Tensor)
    assert isinstance(ends, torch.Tensor)
    return PanelProfiles((profiles / len(codes)).cpu().numpy(), (ends / len(codes)).cpu().numpy())


def footprints_of(
    ensemble: Ensemble,
    panels: Sequence[Panel],
    panel_of: Sequence[int],
    tasks: Sequence[str],
    sequences: Texts,
    both_orientations: bool,
) -> Iterator[PanelProfiles]:
    """Yield the footprint of every insert; with both orientations, the mean over the two as they are inserted."""
    for text, turned in zip(sequences, reverse_complement_texts(sequences), strict=True):
        ways = [text, turned] if both_orientations and text != turned else [text]
        made = [
            mean_footprint(ensemble, panels, panel_of, tasks, encode_texts(np.array([way], dtype=f"S{len(way)}"))[0])
            for way in ways
        ]
        yield PanelProfiles(*(np.mean(parts, 0) for parts in zip(*made, strict=True)))


def write_footprints(
    outdir: Path,
    prefix: str,
    ensemble: Ensemble,
    panels: Sequence[Panel],
    panel_of: Sequence[int],
    tasks: Sequence[str],
    sequences: Texts,
    both_orientations: bool,
) -> None:
    """Write `{prefix}.footprints.h5` and `{prefix}.footprints.tsv` for some inserts."""
    without = mean_footprint(ensemble, panels, panel_of, tasks, None)
    distances = np.zeros((len(sequences), len(tasks)))
    path = outdir / f"{prefix}.footprints.h5"
    with insert_footprint_writer(path, ensemble.tf, sequences, tasks, without) as file:
        footprints = footprints_of(ensemble, panels, panel_of, tasks, sequences, both_orientations)
        for row, footprint in enumerate(progress(footprints, "footprints", len(sequences), "inserts")):
            file.profile[row], file.ends[row] = footprint.profile, footprint.ends
            distances[row] = js_distance(footprint.profile, without.profile)
        file.write_distances(distances)
    table = pd.DataFrame(
        {
            "sequence": np.repeat(sequences.astype(str), len(tasks)),
            "task": np.tile(np.array(tasks, dtype=object), len(sequences)),
            "js_distance": distances.ravel(),
        }
    )
    INSERT_FOOTPRINTS.write(outdir / f"{prefix}.footprints.tsv", table)
