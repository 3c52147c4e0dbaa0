"""Sliding the cores of motifs and of their decoys over contributions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cistill.formats.attributions import AttributionWindows
from cistill.formats.motifs import Motif
from cistill.hits.cwm.decoys import decoys
from cistill.hits.measure import clean_contributions

CANDIDATES_PER_REGION = 16
REGIONS_PER_BLOCK = 256


@dataclass(frozen=True)
class Template:
    """What is slid for one motif: its core and decoys of the core, each on both strands.

    Attributes
    ----------
    motif : Motif
        The motif.
    kernels : (2 + 2 decoys, length, 4)
        Core on the plus strand, core on the minus strand, first decoy on the plus strand, ...
    """

    motif: Motif
    kernels: npt.NDArray[np.float64]

    @property
    def length(self) -> int:
        """Length of the core in bases."""
        return int(self.kernels.shape[1])

    @property
    def n_decoys(self) -> int:
        """Number of decoys."""
        return len(self.kernels) // 2 - 1


@dataclass(frozen=True)
class CandidateHits:
    """Places where a motif or one of its decoys scores best; all arrays `(candidates,)`.

    Attributes
    ----------
    template : int
        Index of the template.
    row, position : int
        Region, and first base within its window.
    kernel : int
        Which kernel of the template fits best; 0 and 1 are the motif itself, on the plus and the minus strand.
    score : float
        See `find_candidates`.
    """

    template: npt.NDArray[np.int16]
    row: npt.NDArray[np.int32]
    position: npt.NDArray[np.int32]
    kernel: npt.NDArray[np.int16]
    score: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.row)

    def take(self, chosen: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> "CandidateHits":
        """Return the chosen candidates."""
        return CandidateHits(
            self.template[chosen], self.row[chosen], self.position[chosen], self.kernel[chosen], self.score[chosen]
        )


def make_templates(motifs: Sequence[Motif], n_decoys: int, seed: int) -> list[Template]:
    """Return a template for every motif; its decoys depend on the seed and on the motif alone."""
    templates = []
    for motif in motifs:
        core = np.asarray(motif.cwm[slice(*motif.core)], dtype=np.float64)
        both = [core, *decoys(core, n_decoys, np.random.default_rng(seed))]
        kernels = np.stack([turned for matrix in both for turned in (matrix, matrix[::-1, ::-1])])
        templates.append(Template(motif, kernels))
    return templates


def find_candidates(windows: AttributionWindows, templates: Sequence[Template]) -> CandidateHits:
    """Return, for every region and template, the places that score best.

    The score of a placement is the importance that the motif explains, times how alike its shape is: with contributions
    c and core w, (c . w / |w|) (c . w / |c||w|), zero if c . w is negative. It is in the unit of the contributions, so
    a place of the right shape but little importance scores low.

    A candidate is a local maximum along the sequence of the best score over the template's kernels; at most
    `CANDIDATES_PER_REGION` of a template are kept in a region.
    """
    parts: list[CandidateHits] = []
    for rows, scores, bases in windows.blocks(REGIONS_PER_BLOCK):
        contributions = clean_contributions(scores, bases)
        energy = _running_sums(np.square(contributions).sum(axis=2, dtype=np.float64))
        for index, template in enumerate(templates):
            if template.length <= windows.length:
                parts.append(_candidates_of(index, template, contributions, energy, rows.start))
    return _joined(parts)


def _joined(parts: Sequence[CandidateHits]) -> CandidateHits:
    if not parts:
        return CandidateHits(
            template=np.zeros(0, dtype=np.int16),
            row=np.zeros(0, dtype=np.int32),
            position=np.zeros(0, dtype=np.int32),
            kernel=np.zeros(0, dtype=np.int16),
            score=np.zeros(0, dtype=np.float32),
        )
    return CandidateHits(
        template=np.concatenate([part.template for part in parts]),
        row=np.concatenate([part.row for part in parts]),
        position=np.concatenate([part.position for part in parts]),
        kernel=np.concatenate([part.kernel for part in parts]),
        score=np.concatenate([part.score for part in parts]),
    )


def _running_sums(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)


def _candidates_of(
    index: int,
    template: Template,
    contributions: npt.NDArray[np.float32],
    energy: npt.NDArray[np.float64],
    first_row: int,
) -> CandidateHits:
    length = template.length
    views = np.lib.stride_tricks.sliding_window_view(contributions, length, axis=1)  # (regions, places, 4, length)
    regions, places = views.shape[:2]
    kernels = template.kernels.transpose(2, 1, 0).reshape(4 * length, -1).astype(np.float32)
    dots = (views.reshape(regions * places, -1) @ kernels).reshape(regions, places, -1)
    kernel = dots.argmax(axis=2)
    best = np.maximum(np.take_along_axis(dots, kernel[..., None], axis=2)[..., 0].astype(np.float64), 0)
    size = np.sqrt(np.maximum(energy[:, length:] - energy[:, :-length], 0))
    floor = 1e-6 * max(float(size.max()), np.finfo(np.float64).tiny)  # what is left of sums that cancel
    norm = np.square(template.kernels[0]).sum()
    score = np.where(size > floor, best**2 / (np.maximum(size, floor) * norm), 0.0)
    padded = np.pad(score, ((0, 0), (1, 1)), constant_values=-1.0)
    is_peak = (score > 0) & (score >= padded[:, :-2]) & (score > padded[:, 2:])
    ranked = np.where(is_peak, score, -1.0)
    if places > CANDIDATES_PER_REGION:
        cut = np.partition(ranked, -CANDIDATES_PER_REGION, axis=1)[:, -CANDIDATES_PER_REGION, None]
        is_peak &= ranked >= cut
    row, position = np.nonzero(is_peak)
    return CandidateHits(
        template=np.full(len(row), index, dtype=np.int16),
        row=(row + first_row).astype(np.int32),
        position=position.astype(np.int32),
        kernel=kernel[row, position].astype(np.int16),
        score=score[row, position].astype(np.float32),
    )
