"""From occupancy to 5' ends of reads: footprints, the bias of the assay, and background.

The main factor's footprint follows what ChIP-exo of yeast Reb1 shows (Rhee & Pugh 2011): the exonuclease stops at
a sharp border 12 and 11 bases before the motif's first base on the motif's strand, and about 16 bases after it on
the other strand, with weaker borders inside and a decaying tail.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cistill.dna.codes import Codes, reverse_complement_codes
from cistill.simulation.energies import MAIN, PARTNER, Floats

MOTIF_WIDTH = {MAIN.name: MAIN.width, PARTNER.name: PARTNER.width}
REACH = 80  # bp of a footprint on either side of the motif's first base
CUT_CONTEXT = (2, 2)  # bases before and from the 5' end that its bias depends on
CUT_BIAS = 0.35  # standard deviation of the log bias over the 256 contexts
REGION_BIAS = 0.35  # standard deviation of the log background between knots
KNOT = 2_000  # bp between knots of the background
HOTSPOTS_PER_MB = 12.0
HOTSPOT_HEIGHT = (6.0, 22.0)  # times the background
HOTSPOT_WIDTH = 50.0  # standard deviation, bp
GAP_SHADOW = 150  # bp beside unknown bases where fewer reads map
GAP_FLOOR = 0.3
WEAKEST = 0.002  # sites with less recruitment are part of the uniform background
SITE_SHAPE = 8.0  # gamma shape of what differs between sites of equal occupancy (chromatin, amplification)
REPLICATE_SHAPE = 40.0


@dataclass(frozen=True)
class ReadFootprint:
    """Where the 5' ends of a bound factor lie, from the motif's first base, along its strand.

    Attributes
    ----------
    same : dict of int to float
        Offset to weight of the borders on the motif's strand.
    opposite : dict of int to float
        The same for the other strand.
    tail : float
        Weight of a tail that decays exponentially on both sides of each strand's highest border.
    decay : float
        Its length in bp.
    recruitment : float
        Tags of a fully occupied site, as a share of those of a fully occupied main site.
    """

    same: dict[int, float]
    opposite: dict[int, float]
    tail: float = 0.22
    decay: float = 18.0
    recruitment: float = 1.0

    def shape(self) -> Floats:
        """Return probabilities `(2, 2 * REACH + 1)`: motif's strand, other strand; offset -REACH first."""
        offsets = np.arange(-REACH, REACH + 1)
        shape = np.zeros((2, len(offsets)))
        for strand, borders in enumerate((self.same, self.opposite)):
            for offset, weight in borders.items():
                shape[strand, offset + REACH] += weight
            summit = max(borders, key=lambda offset: borders[offset])
            tail = np.exp(-np.abs(offsets - summit) / self.decay)
            shape[strand] *= (1 - self.tail) / shape[strand].sum()
            shape[strand] += self.tail * tail / tail.sum()
        return shape / 2


def _plateau(first: int, last: int, weight: float) -> dict[int, float]:
    return dict.fromkeys(range(first, last + 1), weight)


FOOTPRINTS = {
    MAIN.name: ReadFootprint(
        same={-12: 0.29, -11: 0.30, -10: 0.09, **_plateau(-9, -3, 0.034), 6: 0.036, 7: 0.026, 8: 0.02},
        opposite={
            **_plateau(-3, 12, 0.018),
            13: 0.05,
            14: 0.045,
            15: 0.14,
            16: 0.32,
            17: 0.12,
            18: 0.09,
            19: 0.04,
        },
    ),
    PARTNER.name: ReadFootprint(
        same={-8: 0.16, -7: 0.34, -6: 0.14, **_plateau(-5, 2, 0.03)},
        opposite={**_plateau(4, 11, 0.03), 12: 0.12, 13: 0.34, 14: 0.18},
        recruitment=0.22,
    ),
}


@dataclass(frozen=True)
class BoundSites:
    """Bound sites of one chromosome.

    Attributes
    ----------
    start : array of int64, (sites,)
        Leftmost base.
    strand : array of int64, (sites,)
        0 = +, 1 = -.
    motif : array of str, (sites,)
        Which factor.
    recruitment : array of float64, (sites,)
        Occupancy times the factor's share of tags: 1 = a fully occupied main site.
    """

    start: NDArray[np.int64]
    strand: NDArray[np.int64]
    motif: NDArray[np.str_]
    recruitment: Floats


@dataclass(frozen=True)
class Bias:
    """What bends every track of one chromosome, the control's as well.

    Attributes
    ----------
    cut : array of float32, (2, length)
        Relative chance of a read's 5' end at a base, by the sequence around it; 0 where no read fits.
    background : array of float32, (length,)
        Relative density of the background: broad waves, hotspots, shadows of the unknown stretches.
    hotspots : array of int64, (hotspots,)
        Their centres.
    """

    cut: NDArray[np.float32]
    background: NDArray[np.float32]
    hotspots: NDArray[np.int64]


def context_bias(rng: np.random.Generator) -> Floats:
    """Draw the bias of each of the 4^4 contexts of a 5' end, with mean 1 over contexts."""
    weights = np.exp(rng.normal(0.0, CUT_BIAS, 4 ** sum(CUT_CONTEXT)))
    return np.asarray(weights / weights.mean())


def mappable(codes: Codes, read_length: int) -> NDArray[np.bool_]:
    """Return `(2, length)`: whether a read with its 5' end here fits the chromosome and meets no unknown base."""
    length = len(codes)
    unknown = np.concatenate([[0], np.cumsum(codes == 4)])
    starts = np.arange(max(0, length - read_length + 1))
    fits = unknown[starts + read_length] == unknown[starts]
    mask = np.zeros((2, length), dtype=np.bool_)
    mask[0, starts] = fits
    mask[1, starts + read_length - 1] = fits
    return mask


def cut_bias(codes: Codes, contexts: Floats, read_length: int) -> Floats:
    """Return the chance of a 5' end at each base of both strands, `(2, length)`, relative to the average."""
    before, after = CUT_CONTEXT
    bias = np.ones((2, len(codes)))
    for strand, oriented in enumerate((codes, reverse_complement_codes(codes))):
        known = np.minimum(oriented, 3).astype(np.int64)
        word = np.zeros(max(0, len(codes) - before - after + 1), dtype=np.int64)
        for position in range(before + after):
            word = word * 4 + known[position : position + len(word)]
        row = np.ones(len(codes))
        row[before : before + len(word)] = contexts[word]
        bias[strand] = row[::-1] if strand else row
    return bias * mappable(codes, read_length)


def draw_bias(
    codes: Codes, contexts: Floats, read_length: int, rng: np.random.Generator, waves: float = REGION_BIAS
) -> Bias:
    """Draw one chromosome's bias.

    Parameters
    ----------
    codes : array of uint8, (length,)
        The chromosome.
    contexts : array of float64, (256,)
        From `context_bias`.
    read_length : int
        bp.
    rng : numpy Generator
        The source of chance.
    waves : float
        Standard deviation of the log background between knots.
    """
    length = len(codes)
    positions = np.arange(length)
    knots = np.arange(0, length + KNOT, KNOT)
    level = np.interp(positions, knots, rng.normal(0.0, waves, len(knots)))
    background = np.exp(level - level.mean())
    centres = np.sort(rng.integers(0, length, rng.poisson(HOTSPOTS_PER_MB * length / 1e6)))
    for centre in centres:
        near = slice(max(0, centre - 300), centre + 301)
        bump = np.exp(-0.5 * ((positions[near] - centre) / HOTSPOT_WIDTH) ** 2)
        background[near] += rng.uniform(*HOTSPOT_HEIGHT) * bump
    unknown = np.flatnonzero(codes == 4)
    if len(unknown):
        after = np.searchsorted(unknown, positions)
        distance = np.minimum(
            np.abs(positions - unknown[np.maximum(after - 1, 0)]),
            np.abs(positions - unknown[np.minimum(after, len(unknown) - 1)]),
        )
        background *= GAP_FLOOR + (1 - GAP_FLOOR) * np.minimum(distance / GAP_SHADOW, 1.0)
    return Bias(cut_bias(codes, contexts, read_length).astype(np.float32), background.astype(np.float32), centres)


def site_tags(sites: BoundSites, tags: Floats, length: int) -> Floats:
    """Return the expected 5' ends of bound sites, before bias.

    Parameters
    ----------
    sites : BoundSites
        The sites.
    tags : array of float64, (sites,)
        Expected tags of each.
    length : int
        The chromosome's length.

    Returns
    -------
    array of float64, (2, length)
        Expected 5' ends per base and strand.
    """
    rate = np.zeros(2 * length)
    offsets = np.arange(-REACH, REACH + 1)
    for name, footprint in FOOTPRINTS.items():
        chosen = np.flatnonzero(sites.motif == name)
        strand = sites.strand[chosen]
        direction = 1 - 2 * strand
        first_base = sites.start[chosen] + strand * (MOTIF_WIDTH[name] - 1)
        positions = first_base[:, None] + direction[:, None] * offsets  # (sites, offsets)
        inside = (positions >= 0) & (positions < length)
        for side, shape in enumerate(footprint.shape()):
            read_strand = np.where(side, 1 - strand, strand)
            cells = read_strand[:, None] * length + positions
            weights = tags[chosen, None] * shape
            rate += np.bincount(cells[inside], weights[inside], minlength=2 * length)
    return rate.reshape(2, length)


def draw_background(bias: Bias, per_bp: float, rng: np.random.Generator) -> NDArray[np.int32]:
    """Draw 5' ends `(2, length)` of a control: `per_bp` expected per base, both strands together."""
    return rng.poisson(per_bp / 2 * bias.background * bias.cut).astype(np.int32)


def draw_chip(
    sites: BoundSites, site_factor: Floats, bias: Bias, depth: float, per_bp: float, rng: np.random.Generator
) -> NDArray[np.int32]:
    """Draw the 5' ends of one replicate.

    Parameters
    ----------
    sites : BoundSites
        Bound sites of the chromosome.
    site_factor : array of float64, (sites,)
        What sites of equal occupancy differ by, in all replicates (mean 1).
    bias : Bias
        The chromosome's bias.
    depth : float
        Expected tags of a fully occupied main site.
    per_bp : float
        Expected background tags per base, both strands together.
    rng : numpy Generator
        The source of chance.

    Returns
    -------
    array of int32, (2, length)
        5' ends: given all factors Poisson, over sites of equal occupancy negative binomial.
    """
    own = rng.gamma(REPLICATE_SHAPE, 1 / REPLICATE_SHAPE, len(sites.start))
    tags = depth * sites.recruitment * site_factor * own
    rate = site_tags(sites, tags, bias.cut.shape[1]) + per_bp / 2 * bias.background
    return rng.poisson(rate * bias.cut).astype(np.int32)
