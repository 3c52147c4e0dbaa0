"""Parameters of the density-adapted caller, with the values that the published analysis ran with."""

import os
from dataclasses import dataclass
from pathlib import Path

from cistill.errors import InputError

SIGNS = ("both", "pos", "neg")


@dataclass(frozen=True)
class DensitySettings:
    """What the density-adapted caller may be told.

    Attributes
    ----------
    modisco : Path
        `{tf}.{head}.modisco.h5`, whose seqlets define the motifs.
    sign : {"both", "pos", "neg"}
        Patterns of which sign are called. Each sign has a scorer and a threshold of its own.
    patterns : tuple of str
        Names of patterns or motifs (`pos_0`, `pos_patterns/pattern_0`); only these compete for seqlets. All if empty.
    all_compete : bool
        Whether patterns of the file that no motif is called of (weak ones) compete for seqlets, too, as published
        where all are asked for; not where `patterns` chooses. What they win is no hit.
    min_information : float
        A pattern must have a position of at least so many bits within its best `seqlet_length` bases.
    background : Path, optional
        Attribution file that the patterns were found in, if another one is searched: base composition is taken from it.
    keep_n : bool
        Whether regions with bases other than A, C, G, T are searched.
    seqlet_length, core_length : int
        Bases of a seqlet and of the core that it grows from; their difference is even.
    target_fdr : float
        Share of chance among the windows that become cores, by a Laplace null.
    min_passing, max_passing : float
        Bounds on the share of windows, of both signs, that pass.
    null_samples : int
        Draws from the null.
    subcluster_perplexity, perplexity : float
        Effective numbers of neighbours, within a pattern and among all seqlets.
    neighbours : int
        Most similar seqlets that a seqlet is compared with.
    leiden_seeds : int
        Runs of the Leiden algorithm, of which the best is taken.
    max_submotif_seqlets : int
        A sub-motif of more seqlets is represented by a random choice of so many.
    min_precision : float
        A hit's precision is higher than this.
    random_seed : int
        Seed of the null and of the random choice of seqlets.
    threads : int
        Threads; 0 for as many as there are cores for this process. Results do not depend on it.
    """

    modisco: Path = Path()
    sign: str = "both"
    patterns: tuple[str, ...] = ()
    all_compete: bool = True
    min_information: float = 0.2
    background: Path | None = None
    keep_n: bool = False
    seqlet_length: int = 25
    core_length: int = 5
    target_fdr: float = 0.2
    min_passing: float = 0.03
    max_passing: float = 0.2
    null_samples: int = 10_000
    subcluster_perplexity: float = 50.0
    perplexity: float = 10.0
    neighbours: int = 500
    leiden_seeds: int = 50
    max_submotif_seqlets: int = 100
    min_precision: float = 0.0
    random_seed: int = 1234
    threads: int = 0

    @property
    def flank(self) -> int:
        """Bases that a seqlet has on each side of its core."""
        return (self.seqlet_length - self.core_length) // 2

    @property
    def workers(self) -> int:
        """Number of threads."""
        return self.threads or len(os.sched_getaffinity(0))

    def check(self) -> None:
        """Check the values.

        Raises
        ------
        InputError
            If any is out of its range; all problems in one message.
        """
        problems = []
        if self.sign not in SIGNS:
            problems.append(f"sign {self.sign}: choose one of {', '.join(SIGNS)}")
        if not 0 < self.core_length < self.seqlet_length or (self.seqlet_length - self.core_length) % 2:
            problems.append(
                f"a core of {self.core_length} bases in a seqlet of {self.seqlet_length}: the core must be shorter, by "
                "an even number"
            )
        if not 0 < self.min_passing <= self.max_passing <= 1:
            problems.append(f"min_passing {self.min_passing} and max_passing {self.max_passing}: 0 < min <= max <= 1")
        for name, low, high in (("target_fdr", 0, 1), ("min_precision", 0, 1)):
            if not low <= getattr(self, name) < high:
                problems.append(f"{name} {getattr(self, name)}: at least {low}, below {high}")
        for name in ("subcluster_perplexity", "perplexity"):
            if not getattr(self, name) > 1:
                problems.append(f"{name} {getattr(self, name)}: above 1")
        for name in ("null_samples", "neighbours", "leiden_seeds", "max_submotif_seqlets"):
            if getattr(self, name) < 1:
                problems.append(f"{name} {getattr(self, name)}: at least 1")
        if self.threads < 0:
            problems.append(f"threads {self.threads}: at least 0")
        if problems:
            raise InputError("; ".join(problems))
