"""What can be chosen of a simulated experiment, the presets, and the seeding of its stages."""

from dataclasses import dataclass

import numpy as np

from cistill.errors import InputError
from cistill.seeds import SEED
from cistill.simulation.cofactors import COFACTORS, WEAK_ALONE
from cistill.simulation.planting import PlantedCounts


@dataclass(frozen=True)
class Settings:
    """What can be chosen of a simulated experiment.

    Attributes
    ----------
    seed : int
        Of every random choice.
    genome_size : int
        bp.
    chromosomes : int
        Number of chromosomes.
    sites : int
        Arrangements to plant that hold the main motif.
    paired : float
        Share of these with the partner where the spacing rule wants it.
    misplaced : float
        Share of these with the partner elsewhere.
    partner_alone : int
        Sites of the partner alone.
    chance_kept : float
        Share of the matches that a random genome holds by chance that stays.
    replicates : int
        ChIP read sets.
    depth : float
        Expected tags per replicate of a fully occupied site.
    background : float
        Expected background tags per base and replicate, both strands together.
    control : float
        The same for the control.
    """

    seed: int = SEED
    genome_size: int = 3_600_000
    chromosomes: int = 6
    sites: int = 500
    paired: float = 0.25
    misplaced: float = 0.2
    partner_alone: int = 110
    chance_kept: float = 0.08
    replicates: int = 2
    depth: float = 600.0
    background: float = 0.02
    control: float = 0.04

    def check(self) -> None:
        """Raise InputError, naming every setting that makes no sense."""
        problems = []
        if self.genome_size < self.chromosomes * 10_000:
            problems.append(f"genome_size must be at least 10,000 bp a chromosome, not {self.genome_size}")
        if min(self.chromosomes, self.replicates) < 1:
            problems.append("chromosomes and replicates must be at least 1")
        if min(self.sites, self.partner_alone, self.seed) < 0:
            problems.append("seed, sites and partner_alone must not be negative")
        if min(self.paired, self.misplaced) < 0 or self.paired + self.misplaced > 1:
            problems.append("paired and misplaced are shares of the sites; together at most 1")
        if not 0 <= self.chance_kept <= 1:
            problems.append(f"chance_kept is a share (0..1), not {self.chance_kept}")
        if min(self.depth, self.background, self.control) <= 0:
            problems.append("depth, background and control must be positive")
        if problems:
            raise InputError("\n".join(problems))

    def arrangements(self) -> PlantedCounts:
        """Return how many arrangements of each kind to plant."""
        paired, misplaced = round(self.paired * self.sites), round(self.misplaced * self.sites)
        return PlantedCounts(self.sites - paired - misplaced, paired, misplaced, self.partner_alone)


PRESETS = {
    "tiny": Settings(genome_size=300_000, chromosomes=3, sites=60, partner_alone=14, depth=400.0),
    "demo": Settings(),
    "medium": Settings(genome_size=10_800_000, chromosomes=8, sites=1_500, partner_alone=330),
    "large": Settings(genome_size=24_000_000, chromosomes=12, sites=3_300, partner_alone=720),
}


@dataclass(frozen=True)
class Task:
    """One experiment: the factor in one cell type.

    Attributes
    ----------
    name : str
        The task.
    depth, background : float
        Expected tags of a fully occupied site, and of the background, as shares of what the settings say.
    replicates : int
        ChIP read sets.
    control : bool
        Whether there is a control.
    min_enrichment : float
        Least enrichment of a peak over the local background.
    """

    name: str
    depth: float
    background: float
    replicates: int
    control: bool
    min_enrichment: float


@dataclass(frozen=True)
class Held:
    """A cofactor (see `cofactors`), where it is found and how much it holds.

    Attributes
    ----------
    cofactor : str
        Its name.
    tasks : tuple of str
        The tasks whose cells have it.
    sites : float
        Weak sites of the main factor to plant next to one, relative to the settings' `sites`; bound in these tasks.
    alone : float
        Sites of the cofactor to plant on their own, relative to `sites`.
    """

    cofactor: str
    tasks: tuple[str, ...]
    sites: float
    alone: float = 0.15


@dataclass(frozen=True)
class MultitaskSettings:
    """What can be chosen of one factor's experiments in several cell types.

    Attributes
    ----------
    base : Settings
        Genome, sites that all tasks share, depth of sequencing. Its `replicates` are not used.
    tasks : tuple of Task
        In the order of the samplesheet.
    held : tuple of Held
        What distinguishes the cell types.
    weak_alone : float
        Sites of the main factor as weak as those next to a cofactor, without one, relative to `sites`: bound nowhere.
    amplified : float
        Share of the genome whose coverage is multiplied; in each task it is another one.
    amplification : tuple of float
        Range of its factors.
    stretch : tuple of int
        Range of the length of a stretch of equal coverage, bp.
    plus_share : tuple of float
        Range of the + strand's share of a stretch's reads.
    waves : float
        Standard deviation of the log background between knots.
    """

    base: Settings
    tasks: tuple[Task, ...]
    held: tuple[Held, ...]
    weak_alone: float = 0.3
    amplified: float = 0.5
    amplification: tuple[float, float] = (2.0, 5.0)
    stretch: tuple[int, int] = (4_000, 16_000)
    plus_share: tuple[float, float] = (0.35, 0.65)
    waves: float = 0.15

    def check(self) -> None:
        """Raise InputError, naming every setting that makes no sense."""
        self.base.check()
        names = [task.name for task in self.tasks]
        problems = []
        if not names or len(set(names)) < len(names):
            problems.append(f"tasks must have different names: {', '.join(names) or 'there is none'}")
        for task in self.tasks:
            if min(task.depth, task.background, task.min_enrichment) <= 0 or task.replicates < 1:
                problems.append(f"task {task.name}: depth, background, min_enrichment and replicates must be positive")
        for held in self.held:
            unknown = sorted(set(held.tasks) - set(names))
            if held.cofactor not in COFACTORS or unknown:
                problems.append(f"cofactor {held.cofactor}: it, or a task of it, is not known: {', '.join(unknown)}")
        if min([self.weak_alone, *(share for held in self.held for share in (held.sites, held.alone))]) < 0:
            problems.append("numbers of sites must not be negative")
        if not 0 <= self.amplified <= 1:
            problems.append(f"amplified is a share (0..1), not {self.amplified}")
        for name in ("amplification", "stretch", "plus_share"):
            low, high = getattr(self, name)
            if not 0 < low <= high:
                problems.append(f"{name} must be a range of positive numbers, not {low} to {high}")
        if self.plus_share[1] >= 1:
            problems.append("plus_share is a share (0..1)")
        if problems:
            raise InputError("\n".join(problems))

    def cofactors_of(self, task: str) -> list[str]:
        """Return the cofactors that the cells of a task have."""
        return [held.cofactor for held in self.held if task in held.tasks]

    def kinds(self) -> list[str]:
        """Return the kind of every arrangement to plant, as `cofactors.draw_with_cofactor` takes it."""
        kinds = self.base.arrangements().kinds()
        for held in self.held:
            kinds += [f"with_{held.cofactor}"] * round(held.sites * self.base.sites)
            kinds += [f"{held.cofactor}_alone"] * round(held.alone * self.base.sites)
        return kinds + [WEAK_ALONE] * round(self.weak_alone * self.base.sites)


MULTITASK = MultitaskSettings(
    base=Settings(
        genome_size=4_800_000,
        chromosomes=8,
        sites=260,
        paired=0.2,
        misplaced=0.1,
        partner_alone=60,
        chance_kept=0.03,
        depth=450.0,
        control=0.2,
    ),
    tasks=(
        Task("cell_a", depth=1.0, background=1.0, replicates=2, control=True, min_enrichment=7.0),
        Task("cell_b", depth=0.7, background=1.0, replicates=2, control=False, min_enrichment=7.0),
        Task("cell_c", depth=0.25, background=0.4, replicates=1, control=True, min_enrichment=32.0),
    ),
    held=(
        Held("COF1", ("cell_a", "cell_b"), sites=2.4),
        Held("COF2", ("cell_a",), sites=1.6),
        Held("COF3", ("cell_b",), sites=1.0),
        Held("COF4", ("cell_c",), sites=0.5),
    ),
)


def generator(seed: int, *purpose: str) -> np.random.Generator:
    """Return the generator of one purpose, given as words; a change of one stage leaves the choices of others."""
    return np.random.default_rng([seed, *" ".join(filter(None, purpose)).encode()])
