"""Settings of the pooling of hits."""

from dataclasses import dataclass

from cistill.declared import option

MODES = ("all", "by_motif")
RULES = ("nms", "chain")


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

    mode: str = option("all", "all: hits of all motifs compete; by_motif: those of one motif among themselves.")
    column: str = option(
        "confidence",
        "What decides which hit is the best, higher is better: confidence is comparable between heads; published: "
        "importance_total, method_score for a scan.",
    )
    rule: str = option(
        "nms",
        "nms: from the best hit down, what overlaps a kept one is left out; chain: hits connected by overlaps leave "
        "one, however many they are (published).",
    )
    shared: int = option(3, "Hits that share this many bases compete, strands aside; 0: touching is enough.", min=0)
    merge_coordinates: bool = option(False, "With --rule chain: the hit that is left spans its chain.")
