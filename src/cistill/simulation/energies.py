"""Binding energies of the simulated factors and their occupancy of a genome, by statistical mechanics.

Every position of either strand is a site of its own. A factor alone occupies a site of energy ddG (kcal/mol
above its consensus) with probability 1 / (1 + exp((ddG - mu) / RT)), where mu is set by its concentration (Berg &
von Hippel 1987; Djordjevic, Sengupta & Shraiman 2003). A partner at the preferred distance and orientation forms
one two-site system with the main site, whose four states have the weights 1, a, b and a*b*w (Buchler, Gerland &
Hwa 2003).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cistill.dna.codes import BASES, Codes, reverse_complement_codes

RT = 0.593  # kcal/mol at 25 degrees C

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Coupling:
    """An energy that two adjacent bases have together, beyond the sum of both.

    Attributes
    ----------
    position : int
        0-based position in the motif of the first base.
    bases : str
        The two bases that are coupled.
    energy : float
        kcal/mol, added where both are present.
    """

    position: int
    bases: str
    energy: float


@dataclass(frozen=True)
class EnergyModel:
    """What a factor prefers: ddG per position and base, and couplings.

    Attributes
    ----------
    name : str
        The factor.
    consensus : str
        The sequence of energy 0.
    energies : tuple
        `(width, 4)`, kcal/mol for A, C, G, T; 0 for the consensus base.
    mu : float
        Chemical potential in kcal/mol: the ddG of a site that is half occupied.
    couplings : tuple of Coupling
        Deviations from additivity.
    """

    name: str
    consensus: str
    energies: tuple[tuple[float, float, float, float], ...]
    mu: float
    couplings: tuple[Coupling, ...] = ()

    @property
    def width(self) -> int:
        """Number of positions."""
        return len(self.energies)


@dataclass(frozen=True)
class SpacingRule:
    """Where the partner must stand for both to bind better.

    Attributes
    ----------
    distance : int
        From the main motif's first base to the partner's first base, along the main motif's strand; the partner
        is on the same strand. Both motifs have the same width, so that this is also the distance of their
        centres.
    energy : float
        Cooperative energy in kcal/mol, negative: both bound at once are that much more stable.
    """

    distance: int
    energy: float


MAIN = EnergyModel(
    name="SIM1",
    consensus="CTTGACCGTA",
    energies=(
        (0.5, 0.0, 0.7, 0.3),
        (1.1, 0.9, 1.5, 0.0),
        (2.6, 2.2, 3.1, 0.0),
        (2.3, 3.4, 0.0, 2.9),
        (0.0, 3.2, 2.4, 2.8),
        (3.0, 0.0, 3.5, 2.1),
        (2.7, 0.0, 3.3, 2.0),
        (2.0, 3.0, 0.0, 2.5),
        (1.2, 0.8, 1.6, 0.0),
        (0.0, 0.6, 0.3, 0.4),
    ),
    mu=1.0,
    couplings=(Coupling(position=5, bases="TT", energy=-3.0),),
)
PARTNER = EnergyModel(
    name="SIM2",
    consensus="AGATAAGCAG",
    energies=(
        (0.0, 0.4, 0.6, 0.3),
        (0.7, 1.2, 0.0, 1.0),
        (0.0, 2.6, 3.0, 2.4),
        (2.8, 2.5, 3.2, 0.0),
        (0.0, 3.3, 2.7, 2.9),
        (0.0, 3.0, 2.2, 2.6),
        (2.1, 2.8, 0.0, 2.9),
        (1.9, 0.0, 2.4, 1.4),
        (0.0, 0.9, 0.7, 1.1),
        (0.5, 0.6, 0.0, 0.8),
    ),
    mu=0.6,
)
RULE = SpacingRule(distance=12, energy=-1.5)


class Binding(NamedTuple):
    """Both factors on both strands of one sequence; index = leftmost base of the site, strand axis `[+, -]`.

    Attributes
    ----------
    energy : dict of str to array
        Per factor `(2, length)`: ddG in kcal/mol, infinite where the motif does not fit or meets an unknown
        base.
    occupancy : dict of str to array
        Per factor `(2, length)`: probability of being bound, cooperativity included.
    """

    energy: dict[str, Floats]
    occupancy: dict[str, Floats]


def scan(codes: Codes, model: EnergyModel) -> Floats:
    """Return the energy of the forward motif at every start.

    Parameters
    ----------
    codes : array of uint8, (..., length)
        Bases 0..4.
    model : EnergyModel
        The factor.

    Returns
    -------
    array of float64, (..., length)
        ddG in kcal/mol; infinite for starts too near the end and for motifs over an unknown base.
    """
    length = codes.shape[-1]
    starts = length - model.width + 1
    energy = np.full(codes.shape, np.inf)
    if starts <= 0:
        return energy
    total = np.zeros((*codes.shape[:-1], starts))
    for position, row in enumerate(model.energies):
        total += np.array([*row, np.inf])[codes[..., position : position + starts]]
    for coupling in model.couplings:
        first, second = (BASES.index(base) for base in coupling.bases)
        here, after = (codes[..., at : at + starts] for at in (coupling.position, coupling.position + 1))
        total += np.where((here == first) & (after == second), coupling.energy, 0.0)
    energy[..., :starts] = total
    return energy


def cooperative_occupancy(
    main_energy: Floats,
    partner_energy: Floats,
    main: EnergyModel = MAIN,
    partner: EnergyModel = PARTNER,
    rule: SpacingRule = RULE,
) -> tuple[Floats, Floats]:
    """Return both occupancies of one strand, given the energies of the forward motifs at every start.

    The pair at starts i (main) and i + distance (partner) has the partition function
    Z = 1 + a + b + a b w with a = exp((mu - ddG) / RT), b alike for the partner and w = exp(-energy / RT).
    Each start belongs to one pair only, so that this is exact for independent pairs.

    Parameters
    ----------
    main_energy, partner_energy : arrays of float64, (length,)
        ddG in kcal/mol.

    Returns
    -------
    tuple of arrays, (length,)
        Probability that the main site and the partner's site is bound.
    """
    shift = rule.distance
    weight = np.exp(-rule.energy / RT)
    a = np.exp((main.mu - main_energy) / RT)
    b = np.exp((partner.mu - partner_energy) / RT)
    beside_main = np.zeros_like(b)
    beside_main[:-shift] = b[shift:]
    beside_partner = np.zeros_like(a)
    beside_partner[shift:] = a[:-shift]
    bound_main = a * (1 + beside_main * weight)
    bound_partner = b * (1 + beside_partner * weight)
    return bound_main / (1 + beside_main + bound_main), bound_partner / (1 + beside_partner + bound_partner)


def _leftmost(oriented: Floats, width: int, empty: float) -> Floats:
    """Turn values per start on the reverse strand, counted from its 5' end, to values per leftmost base."""
    starts = len(oriented) - width + 1
    turned = np.full(len(oriented), empty)
    if starts > 0:
        turned[:starts] = oriented[:starts][::-1]
    return turned


def scan_both(codes: Codes, model: EnergyModel) -> Floats:
    """Return the energies `(2, length)` of a factor on both strands, by the site's leftmost base."""
    reverse = scan(reverse_complement_codes(codes), model)
    return np.stack([scan(codes, model), _leftmost(reverse, model.width, np.inf)])


def bind(codes: Codes, main: EnergyModel = MAIN, partner: EnergyModel = PARTNER) -> Binding:
    """Return energies and occupancies of both factors on both strands of a sequence of codes `(length,)`."""
    energy = {model.name: np.empty((2, len(codes))) for model in (main, partner)}
    occupancy = {model.name: np.empty((2, len(codes))) for model in (main, partner)}
    for strand, oriented in enumerate((codes, reverse_complement_codes(codes))):
        scanned = [scan(oriented, model) for model in (main, partner)]
        bound = cooperative_occupancy(scanned[0], scanned[1], main, partner)
        for model, ddg, probability in zip((main, partner), scanned, bound, strict=True):
            energy[model.name][strand] = _leftmost(ddg, model.width, np.inf) if strand else ddg
            occupancy[model.name][strand] = _leftmost(probability, model.width, 0.0) if strand else probability
    return Binding(energy, occupancy)


def effective_energy(occupancy: Floats, model: EnergyModel) -> Floats:
    """Return the ddG in kcal/mol at which the factor alone would reach these occupancies (0 < p < 1)."""
    return model.mu - RT * np.log(occupancy / (1 - occupancy))


def frequencies(model: EnergyModel) -> Floats:
    """Return the PFM `(width, 4)` of a factor: Boltzmann weights of the additive energies, per position."""
    weights = np.exp(-np.array(model.energies) / RT)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))
