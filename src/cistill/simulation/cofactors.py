"""Cofactors that stand beside the main factor and hold it, each only in the cell types that have it.

A cofactor stands where the spacing rule of `energies` wants the partner. With a = exp((mu - ddG) / RT) of the main
site, b_k alike of whatever stands beside (the partner, and every cofactor of the cell type; one at a time) and
w_k = exp(-energy_k / RT), the main site is occupied with p = a (1 + sum b_k w_k) / (1 + sum b_k + a (1 + sum b_k w_k))
(Buchler, Gerland & Hwa 2003). Cofactors bring no tags of their own.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from cistill.dna.codes import BASES, Codes
from cistill.simulation.energies import MAIN, PARTNER, RT, RULE, Binding, EnergyModel, Floats, bind, scan_both
from cistill.simulation.planting import PlantedMotif, SiteLibrary, draw_arrangement

HOLD = -2.5  # kcal/mol: main factor and cofactor, both bound, are that much more stable
WEAK = (2.6, 4.4)  # ddG of planted main sites that are occupied only if held, kcal/mol
STRONG = (0.0, 0.8)  # ddG of planted cofactors
WEAK_ALONE = "weak_alone"
MISMATCH = (0.7, 1.6, 2.4, 2.8, 3.0, 3.0, 2.8, 2.4, 1.6, 0.7)  # ddG of any other base, kcal/mol per position


def _cofactor(name: str, consensus: str) -> EnergyModel:
    rows = [[cost * (base != wanted) for base in BASES] for wanted, cost in zip(consensus, MISMATCH, strict=True)]
    return EnergyModel(name, consensus, tuple((a, c, g, t) for a, c, g, t in rows), mu=1.5)


COFACTORS = {
    model.name: model
    for model in (
        _cofactor("COF1", "GCCGGAAGTA"),
        _cofactor("COF2", "GATGAGTCAT"),
        _cofactor("COF3", "TAATTAGCGC"),
        _cofactor("COF4", "CAGGTGTTCA"),
    )
}


def _beside(values: Floats) -> Floats:
    """Return, for every main site `(2, length)` by its leftmost base, the value of what stands beside it."""
    moved = np.zeros_like(values)
    moved[0, : -RULE.distance] = values[0, RULE.distance :]
    moved[1, RULE.distance :] = values[1, : -RULE.distance]
    return moved


def _weight(energy: Floats, model: EnergyModel) -> Floats:
    return np.asarray(np.exp((model.mu - energy) / RT))


class Landscape:
    """The energies of all factors on one chromosome, and what is bound in any cell type.

    Parameters
    ----------
    codes : array of uint8, (length,)
        The chromosome.
    cofactors : sequence of str
        Those of all cell types.

    Attributes
    ----------
    cofactors : dict of str to array, (2, length)
        Energies of each cofactor in kcal/mol, by the leftmost base.
    """

    def __init__(self, codes: Codes, cofactors: Sequence[str]) -> None:
        self._alone = bind(codes)
        self.cofactors = {name: scan_both(codes, COFACTORS[name]) for name in cofactors}

    def bind(self, cofactors: Sequence[str]) -> Binding:
        """Return energies and occupancies of the main factor and its partner in a cell type with these cofactors."""
        energy = self._alone.energy
        beside = [(_weight(energy[PARTNER.name], PARTNER), RULE.energy)]
        beside += [(_weight(self.cofactors[name], COFACTORS[name]), HOLD) for name in cofactors]
        free, held = np.zeros_like(energy[MAIN.name]), np.zeros_like(energy[MAIN.name])
        for weight, hold in beside:
            here = _beside(weight)
            free += here
            held += here * np.exp(-hold / RT)
        bound = _weight(energy[MAIN.name], MAIN) * (1 + held)
        return Binding(energy, self._alone.occupancy | {MAIN.name: bound / (1 + free + bound)})


def draw_with_cofactor(
    kind: str,
    libraries: tuple[SiteLibrary, SiteLibrary],
    cofactors: Mapping[str, SiteLibrary],
    rng: np.random.Generator,
) -> list[PlantedMotif]:
    """Draw the motifs of one arrangement.

    Parameters
    ----------
    kind : str
        One of `planting.draw_arrangement`; `weak_alone`, a site of the main factor that needs a cofactor and has none;
        `with_<cofactor>`, which has one; or `<cofactor>_alone`.
    libraries : tuple of SiteLibrary
        Of the main factor and its partner.
    cofactors : mapping of str to SiteLibrary
        Of each cofactor.
    rng : numpy Generator
        The source of chance.
    """
    main, _ = libraries
    if kind == WEAK_ALONE:
        return [PlantedMotif(0, 0, MAIN.name, main.draw(WEAK, False, rng))]
    for name, library in cofactors.items():
        if kind == f"{name}_alone":
            return [PlantedMotif(0, 0, name, library.draw(STRONG, False, rng))]
        if kind == f"with_{name}":
            site = PlantedMotif(0, 0, MAIN.name, main.draw(WEAK, False, rng))
            return [site, PlantedMotif(RULE.distance, 0, name, library.draw(STRONG, False, rng))]
    return draw_arrangement(kind, libraries, rng)
