"""Closed chromatin, in which sites are lost, and the openers that make up for it, cell type by cell type.

In closed chromatin the main factor and its partner bind `CLOSED` kcal/mol worse than `energies` says; an opener that is
bound within `REACH` of a site lifts that. A site is thus occupied with p = q p_open + (1 - q) p_closed, where q is the
probability that at least one opener of the cell type is bound in reach, p_open the occupancy of `energies.bind`, and
p_closed the same with both mu lowered by `CLOSED`: the average over both states of the chromatin (after Mirny 2010,
where a nucleosome competes with all factors).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cistill.simulation.energies import (
    MAIN,
    PARTNER,
    RT,
    Binding,
    Codes,
    Floats,
    bind,
    reverse_complement,
    scan_both,
)
from cistill.simulation.openers import OPENERS
from cistill.simulation.planting import Motif, SiteLibrary, draw_arrangement

CLOSED = 3.0  # kcal/mol
REACH = 100  # bp between the centres of the opener and of the site
BESIDE = (52, 91)  # planted: bp from the main motif's leftmost base, half open; clear of the partner's places
STRONG = (0.0, 0.8)  # ddG of planted openers


class Landscape:
    """Binding on one chromosome in open and in closed chromatin, to be mixed for any cell type.

    Parameters
    ----------
    codes : array of uint8, (length,)
        The chromosome.
    openers : sequence of str
        Names of all openers of any cell type.

    Attributes
    ----------
    openers : Binding
        Where each opener is bound in a cell type that has it.
    """

    def __init__(self, codes: Codes, openers: Sequence[str]) -> None:
        self._length = len(codes)
        self._open = bind(codes)
        self._closed = bind(codes, *(replace(model, mu=model.mu - CLOSED) for model in (MAIN, PARTNER)))
        energy = {name: scan_both(codes, OPENERS[name]) for name in openers}
        self.openers = Binding(
            energy, {name: 1 / (1 + np.exp((energy[name] - OPENERS[name].mu) / RT)) for name in openers}
        )

    def open_probability(self, openers: Sequence[str]) -> Floats:
        """Return `(length,)`: the chance that one of these is bound in reach of a site whose leftmost base is here."""
        log_free = np.zeros(self._length)  # by the opener's centre
        for name in openers:
            centre = OPENERS[name].width // 2
            free = np.log1p(-self.openers.occupancy[name]).sum(axis=0)
            log_free[centre:] += free[: self._length - centre]
        total = np.concatenate([[0.0], np.cumsum(log_free)])
        site = np.arange(self._length) + MAIN.width // 2
        first, last = (np.clip(site + reach, 0, self._length) for reach in (-REACH, REACH + 1))
        return np.asarray(-np.expm1(np.minimum(total[last] - total[first], 0.0)))

    def bind(self, openers: Sequence[str]) -> Binding:
        """Return energies and occupancies of the main factor, its partner and these openers in a cell type with them."""
        chance = self.open_probability(openers)
        occupancy = {
            name: chance * in_open + (1 - chance) * self._closed.occupancy[name]
            for name, in_open in self._open.occupancy.items()
        }
        own = ({name: values[name] for name in openers} for values in self.openers)
        return Binding(*(mixed | added for mixed, added in zip((self._open.energy, occupancy), own, strict=True)))


def draw_with_opener(
    kind: str,
    libraries: tuple[SiteLibrary, SiteLibrary],
    openers: dict[str, SiteLibrary],
    rng: np.random.Generator,
) -> list[Motif]:
    """Draw the motifs of one arrangement.

    Parameters
    ----------
    kind : str
        One of `planting.draw_arrangement`, which stays closed; the same with `+<opener>`, which has the opener beside;
        or `<opener>`, which is the opener alone.
    libraries : tuple of SiteLibrary
        Of the main factor and its partner.
    openers : dict of str to SiteLibrary
        Of each opener.
    rng : numpy Generator
        The source of chance.
    """
    arrangement, _, name = kind.rpartition("+")
    if name not in openers:
        return draw_arrangement(kind, libraries, rng)
    codes = openers[name].draw(STRONG, False, rng)
    if not arrangement:
        return [Motif(0, 0, name, codes)]
    offset = int(rng.integers(*BESIDE)) * (1 if rng.random() < 0.5 else -1)
    flipped = int(rng.random() < 0.5)
    opener = Motif(offset, flipped, name, reverse_complement(codes) if flipped else codes)
    return [*draw_arrangement(arrangement, libraries, rng), opener]
