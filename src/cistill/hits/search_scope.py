"""Which part of the regions is searched, and for which motifs."""

from dataclasses import dataclass

from cistill.declared import option


@dataclass(frozen=True)
class Selection:
    """What is searched for which motifs.

    Attributes
    ----------
    window : int
        Central bases of every region to search; clipped to the input's length.
    motifs_subset : str
        Which motifs, see `cistill.hits.choose_motifs`; all if empty.
    include_weak : bool
        Whether weak motifs are called, too.
    min_information : float, optional
        Least information of a core's first and last position in bits; by default the cores stay as motifs.h5 has them.
    other_head : bool
        Whether the contributions may be those of another head or model than the motifs were found in.
    """

    window: int = option(400, "Central bases of every region to search; clipped to the input's length.", min=2)
    motifs_subset: str = option(
        "",
        "Motifs to call, separated by commas: counts.pos_0, pos_0, pos_patterns/pattern_0, or with wildcards, as "
        "'counts.pos_*'. All by default.",
    )
    include_weak: bool = option(False, "Call motifs that are marked as weak, too.")
    min_information: float | None = option(
        None,
        "Trim the motifs' cores to the first and last position of this many bits (published: 0.2); by default they are "
        "trimmed by contributions, as motifs.h5 has them.",
        min=0,
        max=2,
    )
    other_head: bool = option(False, "Allow contributions of another head or model than the motifs'.")
