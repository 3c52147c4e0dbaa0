"""Putting sites of chosen energies into a genome, and thinning out those that chance has made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cistill.dna.codes import BASES, Codes, reverse_complement_codes
from cistill.errors import InputError
from cistill.simulation.energies import MAIN, PARTNER, RULE, EnergyModel, scan_both
from cistill.simulation.genome_sequence import Chromosome, draw_bases

SLOT = 800  # bp; at most one arrangement a slot
SLOT_MARGIN = 200
ENERGY_WINDOW = 0.15  # kcal/mol: a site's energy is drawn within this of its target
# ranges of ddG in kcal/mol; main sites with a partner are weaker, so that its help shows
ALONE = (0.0, 2.6)
WITH_PARTNER = (0.8, 3.8)
PARTNER_BESIDE = (0.0, 1.0)
PARTNER_ALONE = (0.0, 1.6)
COUPLED_SHARE = 0.12
REACH_OF_CHANCE = 2.8  # kcal/mol above mu: chance matches up to there are thinned out
THINNING_ROUNDS = 3


class Planted(NamedTuple):
    """One planted motif: its leftmost base, its strand (0 = +, 1 = -) and the arrangement it belongs to."""

    chrom: str
    start: int
    strand: int
    motif: str
    arrangement: str


@dataclass(frozen=True)
class PlantedCounts:
    """How many arrangements of each kind to plant.

    Attributes
    ----------
    alone : int
        The main motif alone.
    paired : int
        The main motif with its partner where the spacing rule wants it.
    misplaced : int
        Both, at another distance or orientation.
    partner : int
        The partner's motif alone.
    """

    alone: int
    paired: int
    misplaced: int
    partner: int

    def kinds(self) -> list[str]:
        """Return the kind of every arrangement, as `draw_arrangement` takes it."""
        return [
            *["alone"] * self.alone,
            *["paired"] * self.paired,
            *["misplaced"] * self.misplaced,
            *["partner_alone"] * self.partner,
        ]


class PlantedMotif(NamedTuple):
    """One motif of an arrangement.

    Attributes
    ----------
    offset : int
        Of its leftmost base from that of the arrangement's first motif.
    strand : int
        0 = +, 1 = -.
    name : str
        Which factor.
    codes : array of uint8, (width,)
        As they read on the + strand.
    """

    offset: int
    strand: int
    name: str
    codes: Codes


Draw = Callable[[str, np.random.Generator], list[PlantedMotif]]


class SiteLibrary:
    """All sequences of a motif's width, sorted by energy, to draw sites of a wanted energy from."""

    def __init__(self, model: EnergyModel) -> None:
        self._width = model.width
        words = np.arange(4**model.width, dtype=np.int64)  # two bits a base, the first base highest
        energy = np.zeros(1)
        for row in model.energies:
            energy = (energy[:, None] + np.array(row)).ravel()
        coupled = np.zeros(len(words), dtype=np.bool_)
        for coupling in model.couplings:
            first, second = (BASES.index(base) for base in coupling.bases)
            pair = (words >> 2 * (model.width - 2 - coupling.position)) & 15
            here = pair == 4 * first + second
            energy[here] += coupling.energy
            coupled |= here
        order = np.argsort(energy, kind="stable")
        self._all = (words[order], energy[order])
        chosen = order[coupled[order]]
        self._coupled = (words[chosen], energy[chosen]) if len(chosen) else self._all

    def draw(self, energy: tuple[float, float], coupled: bool, rng: np.random.Generator) -> Codes:
        """Return one sequence `(width,)` whose target energy is uniform in `energy` (kcal/mol).

        Parameters
        ----------
        energy : tuple of float
            Range of the target; the sequence is drawn from those within `ENERGY_WINDOW` of it, or is the nearest.
        coupled : bool
            Draw from the sequences with coupled bases, if the motif has couplings.
        rng : numpy Generator
            The source of chance.
        """
        words, energies = self._coupled if coupled else self._all
        target = rng.uniform(*energy)
        first, last = np.searchsorted(energies, (target - ENERGY_WINDOW, target + ENERGY_WINDOW))
        if first == last:
            first = min(int(first), len(words) - 1)
            last = first + 1
        word = words[rng.integers(first, last)]
        shifts = 2 * np.arange(self._width - 1, -1, -1)
        return np.asarray((word >> shifts) & 3, dtype=np.uint8)


def misplaced_offset(width: int, rng: np.random.Generator) -> tuple[int, int]:
    """Draw a distance between leftmost bases and an orientation (0 = same strand) that break the rule."""
    while True:
        offset = int(rng.integers(width + 2, 41)) * (1 if rng.random() < 0.5 else -1)
        flipped = int(rng.random() < 0.5)
        if flipped or offset != RULE.distance:
            return offset, flipped


def draw_arrangement(
    kind: str, libraries: tuple[SiteLibrary, SiteLibrary], rng: np.random.Generator
) -> list[PlantedMotif]:
    """Draw the motifs of one arrangement; the main motif, if there is one, is at 0, forward."""
    main, partner = libraries
    if kind == "partner_alone":
        return [PlantedMotif(0, 0, PARTNER.name, partner.draw(PARTNER_ALONE, False, rng))]
    energy = ALONE if kind == "alone" else WITH_PARTNER
    motifs = [PlantedMotif(0, 0, MAIN.name, main.draw(energy, bool(rng.random() < COUPLED_SHARE), rng))]
    if kind != "alone":
        offset, flipped = (RULE.distance, 0) if kind == "paired" else misplaced_offset(MAIN.width, rng)
        codes = partner.draw(PARTNER_BESIDE, False, rng)
        motifs.append(
            PlantedMotif(offset, flipped, PARTNER.name, reverse_complement_codes(codes) if flipped else codes)
        )
    return motifs


def plant(chromosomes: list[Chromosome], counts: PlantedCounts, rng: np.random.Generator) -> list[Planted]:
    """Write arrangements of the main motif and its partner into the chromosomes, see `plant_kinds`."""
    libraries = (SiteLibrary(MAIN), SiteLibrary(PARTNER))
    return plant_kinds(chromosomes, counts.kinds(), lambda kind, rng: draw_arrangement(kind, libraries, rng), rng)


def plant_kinds(
    chromosomes: list[Chromosome], kinds: Sequence[str], draw: Draw, rng: np.random.Generator
) -> list[Planted]:
    """Write arrangements into the chromosomes, in random slots and orientations.

    Parameters
    ----------
    chromosomes : list of Chromosome
        Changed in place.
    kinds : sequence of str
        The kind of every arrangement.
    draw : callable
        Draws the motifs of an arrangement of a kind.
    rng : numpy Generator
        The source of chance.

    Returns
    -------
    list of Planted
        In the order of the genome.

    Raises
    ------
    InputError
        If the genome has fewer free slots than there are arrangements.
    """
    free = [
        (index, start)
        for index, chromosome in enumerate(chromosomes)
        for start in range(0, len(chromosome.codes) - SLOT + 1, SLOT)
        if not (chromosome.codes[start : start + SLOT] == 4).any()
    ]
    if len(kinds) > len(free):
        raise InputError(
            f"{len(kinds)} planted arrangements do not fit into the genome, which has room for {len(free)}; "
            "make the genome larger or plant fewer sites"
        )
    slots = rng.permutation(len(free))[: len(kinds)]
    planted = []
    for kind, slot in zip(kinds, slots, strict=True):
        index, start = free[slot]
        anchor = start + int(rng.integers(SLOT_MARGIN, SLOT - SLOT_MARGIN))
        flip = int(rng.random() < 0.5)
        for offset, strand, motif, codes in draw(kind, rng):
            width = len(codes)
            if flip:  # the main motif keeps its place; what stands beside it changes sides
                offset, strand, codes = MAIN.width - offset - width, 1 - strand, reverse_complement_codes(codes)
            left = anchor + offset
            chromosomes[index].codes[left : left + width] = codes
            planted.append((index, Planted(chromosomes[index].name, left, strand, motif, kind)))
    planted.sort(key=lambda item: (item[0], item[1].start))
    return [site for _, site in planted]


def thin_chance_matches(
    chromosomes: list[Chromosome],
    kept: float,
    rng: np.random.Generator,
    models: Sequence[EnergyModel] = (MAIN, PARTNER),
) -> None:
    """Redraw most of the good matches that a random genome holds, so that the planted sites set the numbers.

    Genomes lack such matches too: there is selection against spurious sites.

    Parameters
    ----------
    chromosomes : list of Chromosome
        Changed in place; to be called before `plant`.
    kept : float
        Share of the matches that stay.
    rng : numpy Generator
        The source of chance.
    models : sequence of EnergyModel
        Whose matches are thinned out.
    """
    for chromosome in chromosomes:
        spared = np.zeros(len(chromosome.codes), dtype=np.bool_)
        for attempt in range(THINNING_ROUNDS):
            for model in models:
                energy = scan_both(chromosome.codes, model)
                matches = np.flatnonzero((energy < model.mu + REACH_OF_CHANCE).any(axis=0))
                if attempt == 0:
                    spared[matches[rng.random(len(matches)) < kept]] = True
                bases = matches[~spared[matches]][:, None] + np.arange(model.width)
                chromosome.codes[bases] = draw_bases(chromosome.gc[bases], rng)
