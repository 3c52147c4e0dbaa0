"""Which motif of the summary is the factor's own, and which others there are beside it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Motif = Mapping[str, Any]


class Partner(NamedTuple):
    """A motif beside the main one.

    Attributes
    ----------
    motif : mapping
        The one with most seqlets of those that match the same motif of the database.
    forms : int
        How many further motifs match that one.
    """

    motif: Motif
    forms: int


def main_motif(motifs: Sequence[Motif]) -> Motif:
    """Return the motif with most seqlets that is positive and not weak; else simply with most seqlets."""
    return min(motifs, key=lambda motif: (motif["sign"] == "neg", motif["weak"], -int(motif["n_seqlets"])))


def listed_motifs(summary: Mapping[str, Any]) -> Sequence[Motif]:
    """Return the merged motifs where there are some, else those of the head that has the main one."""
    merged, motifs = summary["merged_motifs"], summary["motifs"]
    if merged:
        return list(merged)
    return [motif for motif in motifs if motif["head"] == main_motif(motifs)["head"]] if motifs else []


def partners(motifs: Sequence[Motif]) -> tuple[list[Partner], int]:
    """Return the motifs that are neither weak nor forms of the main one, and the number of its further forms.

    Motifs that match the same motif of the database are forms of one; those without a match are each their own.
    """
    if not motifs:
        return [], 0
    main = main_motif(motifs)
    groups: dict[str, list[Motif]] = {}
    for motif in sorted(motifs, key=lambda motif: -int(motif["n_seqlets"])):
        if not motif["weak"] and motif is not main:
            groups.setdefault(motif["match"] or motif["motif_id"], []).append(motif)
    own = groups.pop(main["match"] or "", [])
    return [Partner(group[0], len(group) - 1) for group in groups.values()], len(own)
