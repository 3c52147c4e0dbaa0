"""Settings of the pooling of hits."""

from dataclasses import dataclass
from typing import Literal, get_args

from cistill.declared import option
from cistill.errors import InputError

Mode = Literal["all", "by_motif"]
MODES = get_args(Mode)
Rule = Literal["nms", "chain"]
RULES = get_args(Rule)


@dataclass(frozen=True)
class CollapseSettings:
    """Which of overlapping hits stays.

    Attributes
    ----------
    mode : {"all", "by_motif"}
        Whether hits of all motifs compete, or those of one motif among themselves.
    column : str
        What decides which hit is the best; higher is better, a missing value is worst. Of equal hits, the one that is
        first by position, motif and strand.
    rule : {"nms", "chain"}
        `nms`: greedy non-maximum suppression, from the best hit down; a hit that shares enough bases with one that was
        kept is left out. `chain`: the published rule; hits that are connected by overlaps, however many, leave one,
        the best.
    shared : int
        Hits compete if they share at least this many bases, whatever their strands; a hit that is shorter must be
        shared whole for `nms`. With 0, hits that only touch compete, too.
    merge_coordinates : bool
        With `chain`: the hit that is left spans its chain.
    """

    mode: Mode = option("all", "all: hits of all motifs compete; by_motif: those of one motif among themselves.")
    column: str = option(
        "confidence",
        "What decides which hit is the best, higher is better: confidence is comparable between heads; published: "
        "importance_total, method_score for a scan.",
    )
    rule: Rule = option(
        "nms",
        "nms: from the best hit down, what overlaps a kept one is left out; chain: hits connected by overlaps leave "
        "one, however many they are (published).",
    )
    shared: int = option(3, "Hits that share this many bases compete, strands aside; 0: touching is enough.", min=0)
    merge_coordinates: bool = option(False, "With --rule chain: the hit that is left spans its chain.")

    def problems(self) -> list[str]:
        """Say which values cannot be used."""
        from cistill.formats.hits import NUMBERS

        problems = []
        if self.mode not in MODES:
            problems.append(f"--mode {self.mode}: must be one of {', '.join(MODES)}")
        if self.rule not in RULES:
            problems.append(f"--rule {self.rule}: must be one of {', '.join(RULES)}")
        if self.merge_coordinates and self.rule != "chain":
            problems.append("--merge_coordinates: only with --rule chain")
        if self.column not in NUMBERS[2:]:
            problems.append(f"--column {self.column}: must be one of {', '.join(NUMBERS[2:])}")
        return problems

    def check(self) -> None:
        """Raise InputError where values cannot be used."""
        if problems := self.problems():
            raise InputError("\n".join(problems))
