"""Settings of the density-adapted caller; the defaults are the values that the published analysis ran with."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from cistill.declared import option
from cistill.errors import InputError
from cistill.hits.caller import CallSettings

Sign = Literal["both", "pos", "neg"]
SIGNS = get_args(Sign)
NEEDED = "the {tf}.{head}.modisco.h5 that the motifs come from"


@dataclass(frozen=True)
class DensitySettings(CallSettings):
    """Settings of `density`.

    Attributes
    ----------
    modisco : Path, optional
        `{tf}.{head}.modisco.h5`, whose seqlets define the motifs; the caller cannot do without it.
    sign : {"both", "pos", "neg"}
        Patterns of which sign are called. Each sign has a scorer and a threshold of its own.
    patterns : tuple of str
        Names of patterns or motifs (`pos_0`, `pos_patterns/pattern_0`); only these compete for seqlets. All if empty.
    all_compete : bool
        Whether patterns of the file that no motif is called of (weak ones) compete for seqlets, too, as published
        where all are asked for; not where `patterns` chooses. What they win is no hit.
    min_information : float
        A pattern must have a position of at least this many bits within its best `seqlet_length` bases.
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
        A sub-motif of more seqlets is represented by a random choice of this many.
    min_precision : float
        A hit's precision is higher than this.
    random_seed : int
        Seed of the null and of the random choice of seqlets.
    threads : int
        Threads; 0 for as many as there are cores for this process. Results do not depend on it.
    """

    modisco: Path | None = option(None, "{tf}.{head}.modisco.h5, whose seqlets define the motifs.")
    sign: Sign = option("both", "Patterns of which sign.")
    patterns: tuple[str, ...] = ()
    all_compete: bool = True
    min_information: float = 0.2
    background: Path | None = option(
        None,
        "The contributions that the motifs were found in, where others are searched; the base composition is theirs.",
        name="motif_attributions",
    )
    keep_n: bool = option(False, "Search regions with bases other than A, C, G, T, too.")
    seqlet_length: int = option(25, "Bases of a seqlet.")
    core_length: int = option(5, "Bases that a seqlet grows from.")
    target_fdr: float = option(0.2, "Share of chance among cores, by a Laplace null.")
    min_passing: float = option(0.03, "At least this share of windows are cores.")
    max_passing: float = option(0.2, "At most this share of windows are cores.")
    null_samples: int = option(10_000, "Draws from the null.")
    subcluster_perplexity: float = option(50.0, "Neighbours that count within a pattern.")
    perplexity: float = option(10.0, "Neighbours that count among all seqlets.")
    neighbours: int = option(500, "Most similar seqlets that one is compared with.")
    leiden_seeds: int = option(50, "Runs of the Leiden algorithm, the best is taken.")
    max_submotif_seqlets: int = option(100, "Most seqlets that stand for a sub-motif.")
    min_precision: float = option(0.0, "Hits of a precision above this.")
    random_seed: int = option(1234, "Seed of the null and of what stands for a sub-motif.")
    threads: int = option(0, "Threads; 0 for all. No effect on results.")

    @property
    def flank(self) -> int:
        """Bases that a seqlet has on each side of its core."""
        return (self.seqlet_length - self.core_length) // 2

    @property
    def patterns_file(self) -> Path:
        """The file whose seqlets define the motifs."""
        if self.modisco is None:
            raise InputError(f"--method density needs --modisco, {NEEDED}")
        return self.modisco

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
