"""From TF-MoDISco's patterns to motifs: the core, the orientation, weak patterns, matches, and their tables."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from cistill.interpret.modisco import ModiscoResult, Pattern
from cistill.interpret.windows import AttributionWindows
from cistill.motifs.compare import Matches, compare_with_database
from cistill.motifs.matrices import consensus, contribution_core, is_purine_rich, probabilities
from cistill.motifs.meme import NamedMatrix
from cistill.motifs.store import Motif
from cistill.motifs.weakness import why_weak

MATCHES_SHOWN = 3
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


def _reads_backwards(motif: Motif, found: Matches | None) -> bool:
    if found is not None:
        top = found.best(1)[0]
        if found.q_value[top] < CONVINCING_Q:
            return bool(found.reverse[top])
    return not is_purine_rich(motif.cwm[slice(*motif.core)])


def _named(found: Matches, database: Sequence[NamedMatrix]) -> list[NamedMatch]:
    return [
        NamedMatch(database[i].label, float(found.p_value[i]), float(found.q_value[i]))
        for i in found.best(MATCHES_SHOWN)
    ]


def motif_table(discovery: Discovery) -> pd.DataFrame:
    """Return motifs.tsv: one row per motif, in order; the columns are in docs/architecture.md."""
    columns = ["motif_id", "head", "sign", "n_seqlets", "length", "consensus", "information", "weak", "weak_reason"]
    for rank in range(1, MATCHES_SHOWN + 1):
        columns += [f"match_{rank}", f"match_{rank}_p", f"match_{rank}_q"]
    rows = []
    for motif, matches in zip(discovery.motifs, discovery.matches, strict=True):
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
        for rank, match in enumerate(matches, start=1):
            row |= {f"match_{rank}": match.label, f"match_{rank}_p": match.p_value, f"match_{rank}_q": match.q_value}
        rows.append(row)
    return pd.DataFrame(rows, columns=columns)


def seqlet_table(discovery: Discovery, windows: AttributionWindows) -> pd.DataFrame:
    """Return seqlets.tsv: genomic position of every seqlet; the strand is that of the motif as motifs.h5 has it."""
    parts = []
    for motif, pattern in zip(discovery.motifs, discovery.patterns, strict=True):
        shift = windows.start[pattern.row]
        parts.append(
            pd.DataFrame(
                {
                    "motif_id": motif.motif_id,
                    "region_id": windows.region_id[pattern.row],
                    "chrom": windows.chrom[pattern.row],
                    "start": shift + pattern.start,
                    "end": shift + pattern.end,
                    "strand": np.where(pattern.reverse != motif.flipped, "-", "+"),
                }
            )
        )
    columns = ["motif_id", "region_id", "chrom", "start", "end", "strand"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def meme_motifs(discovery: Discovery) -> list[NamedMatrix]:
    """Return the cores of the motifs as motifs.meme has them; the second name is the consensus."""
    named = []
    for motif in discovery.motifs:
        core = _core_probabilities(motif)
        named.append(NamedMatrix(motif.motif_id, consensus(motif.pfm[slice(*motif.core)]), core, motif.n_seqlets))
    return named
