"""From TF-MoDISco's patterns to motifs: the core, the orientation, weak patterns, matches, and their tables."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from cistill.dna.matrices import consensus, contribution_core, is_purine_rich, probabilities
from cistill.formats.attributions import AttributionWindows
from cistill.formats.meme import NamedMatrix
from cistill.formats.motifs import Motif
from cistill.formats.tables.motifs import SEQLETS
from cistill.interpret.modisco import ModiscoResult, Pattern
from cistill.motifs.motif_footprints import core_middle
from cistill.motifs.tomtom import DatabaseMatches, compare_with_database
from cistill.motifs.weakness import why_weak

MATCHES_SHOWN = 3
DISTANCE_BIN = 10
"""Width of the bins of distances, bp."""
CONVINCING_Q = 0.05


@dataclass(frozen=True)
class NamedMatch:
    """A motif of the database that a motif resembles, with its p-value and q-value."""

    label: str
    p_value: float
    q_value: float


@dataclass(frozen=True)
class Discovery:
    """The motifs of one head, each with its pattern and its best matches (empty without a database)."""

    motifs: list[Motif]
    patterns: list[Pattern]
    matches: list[list[NamedMatch]]


def motifs_from_patterns(
    result: ModiscoResult, windows: AttributionWindows, database: Sequence[NamedMatrix] = ()
) -> Discovery:
    """Turn patterns into motifs.

    A motif is shown as its best match lies in the database if that match is convincing (q below 0.05), otherwise with
    the purine-rich strand first. All its matrices and its core are turned together.

    Parameters
    ----------
    result : ModiscoResult
        Patterns.
    windows : AttributionWindows
        What they were found in.
    database : sequence of NamedMatrix
        Known motifs; empty for none.

    Returns
    -------
    Discovery
        In the order of the patterns.
    """
    motifs, matches = [], []
    reasons = why_weak(result, windows)
    for number, (pattern, reason) in enumerate(zip(result.patterns, reasons, strict=True)):
        rank = number if pattern.sign == "pos" else number - sum(p.sign == "pos" for p in result.patterns)
        motif = Motif(
            motif_id=f"{windows.head}.{pattern.sign}_{rank}",
            head=windows.head,
            sign=pattern.sign,
            pattern=pattern.name,
            flipped=False,
            n_seqlets=len(pattern.row),
            pfm=pattern.pfm,
            cwm=pattern.cwm,
            hcwm=pattern.hcwm,
            core=contribution_core(pattern.cwm),
            weak=bool(reason),
            weak_reason=reason,
        )
        found = compare_with_database(_core_probabilities(motif), database) if database else None
        motifs.append(motif.reversed() if _reads_backwards(motif, found) else motif)
        matches.append([] if found is None else _named(found, database))
    return Discovery(motifs, result.patterns, matches)


def _core_probabilities(motif: Motif) -> npt.NDArray[np.float64]:
    return probabilities(motif.pfm[slice(*motif.core)])


def _reads_backwards(motif: Motif, found: DatabaseMatches | None) -> bool:
    if found is not None:
        top = found.best(1)[0]
        if found.q_value[top] < CONVINCING_Q:
            return bool(found.reverse[top])
    return not is_purine_rich(motif.cwm[slice(*motif.core)])


def _named(found: DatabaseMatches, database: Sequence[NamedMatrix]) -> list[NamedMatch]:
    return [
        NamedMatch(database[i].label, float(found.p_value[i]), float(found.q_value[i]))
        for i in found.best(MATCHES_SHOWN)
    ]


def motif_table(motifs: Sequence[Motif], matches: Sequence[Sequence[NamedMatch]]) -> pd.DataFrame:
    """Return motifs.tsv: one row per motif, in order; the columns are in docs/formats.md."""
    columns = ["motif_id", "head", "sign", "n_seqlets", "length", "consensus", "information", "weak", "weak_reason"]
    for rank in range(1, MATCHES_SHOWN + 1):
        columns += [f"match_{rank}", f"match_{rank}_p", f"match_{rank}_q"]
    rows = []
    for motif, found in zip(motifs, matches, strict=True):
        row: dict[str, object] = {
            "motif_id": motif.motif_id,
            "head": motif.head,
            "sign": motif.sign,
            "n_seqlets": motif.n_seqlets,
            "length": motif.length,
            "consensus": consensus(motif.pfm[slice(*motif.core)]),
            "information": motif.core_information,
            "weak": motif.weak,
            "weak_reason": motif.weak_reason or None,
        }
        for rank, match in enumerate(found, start=1):
            row |= {f"match_{rank}": match.label, f"match_{rank}_p": match.p_value, f"match_{rank}_q": match.q_value}
        rows.append(row)
    return pd.DataFrame(rows, columns=columns)


def database_matches(motif: Motif, database: Sequence[NamedMatrix]) -> list[NamedMatch]:
    """Return the best matches of a motif's core in a database, as motifs.tsv shows them; none without a database."""
    return _named(compare_with_database(_core_probabilities(motif), database), database) if database else []


def seqlet_table(discovery: Discovery, windows: AttributionWindows) -> pd.DataFrame:
    """Return seqlets.tsv: where every seqlet and its core lie; the strand is that of the motif as motifs.h5 has it.

    `summit_distance` is from the region's summit to the middle base of the core (`footprints.core_middle`), along the
    genome.
    """
    parts = []
    for motif, pattern in zip(discovery.motifs, discovery.patterns, strict=True):
        start = windows.start[pattern.row] + pattern.start
        minus = pattern.reverse != motif.flipped
        core_start = start + np.where(minus, motif.length - motif.core[1], motif.core[0])
        table = pd.DataFrame(
            {
                "motif_id": motif.motif_id,
                "region_id": windows.region_id[pattern.row],
                "chrom": windows.chrom[pattern.row],
                "start": start,
                "end": windows.start[pattern.row] + pattern.end,
                "strand": np.where(minus, "-", "+"),
                "core_start": core_start,
                "core_end": core_start + (motif.core[1] - motif.core[0]),
            }
        )
        summit = windows.start[pattern.row] + windows.length // 2
        parts.append(table.assign(summit_distance=core_middle(table)[0] - summit))
    return pd.concat(parts, ignore_index=True) if parts else SEQLETS.frame([])


def distance_table(motifs: Sequence[Motif], seqlets: pd.DataFrame, window: int) -> pd.DataFrame:
    """Return summit_distances.tsv: for every motif and distance from the summit, the number of its seqlets.

    Parameters
    ----------
    motifs : sequence of Motif
        A motif without seqlets has rows of zeros.
    seqlets : pandas.DataFrame
        seqlets.tsv.
    window : int
        Length of the windows searched, bp: distances are from `-window // 2` on.

    Returns
    -------
    pandas.DataFrame
        `motif_id, distance_from, distance_to` (half open, `DISTANCE_BIN` bp), `n, n_plus, n_minus` (by the seqlet's
        strand).
    """
    first, last = (-window // 2) // DISTANCE_BIN, (window // 2) // DISTANCE_BIN + 1
    edges = np.arange(first, last + 1) * DISTANCE_BIN
    parts = []
    for motif in motifs:
        own = seqlets[seqlets["motif_id"] == motif.motif_id]
        distance = own["summit_distance"].to_numpy(np.int64)
        plus = (own["strand"] == "+").to_numpy(dtype=bool)
        counts = [np.histogram(distance[which], edges)[0] for which in (plus | ~plus, plus, ~plus)]
        columns = {"distance_from": edges[:-1], "distance_to": edges[1:]}
        columns |= dict(zip(("n", "n_plus", "n_minus"), counts, strict=True))
        parts.append(pd.DataFrame({"motif_id": motif.motif_id, **columns}))
    if parts:
        return pd.concat(parts, ignore_index=True)
    return pd.DataFrame(columns=["motif_id", "distance_from", "distance_to", "n", "n_plus", "n_minus"])


def meme_motifs(motifs: Sequence[Motif]) -> list[NamedMatrix]:
    """Return the cores of the motifs as motifs.meme has them; the second name is the consensus."""
    named = []
    for motif in motifs:
        core = _core_probabilities(motif)
        named.append(NamedMatrix(motif.motif_id, consensus(motif.pfm[slice(*motif.core)]), core, motif.n_seqlets))
    return named
