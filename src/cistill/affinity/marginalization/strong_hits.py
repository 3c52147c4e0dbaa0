"""Which backgrounds hold a strong site already: what an insert adds there is not what it adds to a neutral sequence."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from cistill.affinity.marginalization.settings import Backgrounds
from cistill.affinity.tables.generate import iupac_letters
from cistill.dna.codes import BASES, IUPAC, ONE_HOT
from cistill.dna.matrices import UNIFORM, log_odds
from cistill.errors import InputError
from cistill.formats.motifs import read_motifs


@dataclass(frozen=True)
class Site:
    """What counts as a strong hit.

    Attributes
    ----------
    name : str
    scores : float64 array, shape=(length, 4)
        Summed over the positions of a site.
    least : float
        A sum of at least this is a strong hit.
    """

    name: str
    scores: NDArray[np.float64]
    least: float


def consensus_site(consensus: str, mismatches: int) -> Site:
    """Return sites that match an IUPAC consensus with at most so many mismatches."""
    letters = iupac_letters(consensus)
    if not 0 <= mismatches < len(letters):
        raise InputError(f"mismatches must be between 0 and {len(letters) - 1} for {letters}, not {mismatches}")
    scores = np.array([[float(base in IUPAC[letter]) for base in BASES] for letter in letters])
    return Site(letters, scores, len(letters) - mismatches)


def motif_sites(path: Path, share: float) -> list[Site]:
    """Return sites of the motifs of a motifs.h5 that are neither weak nor negative.

    A site scores the log-odds (bits, against equal base frequencies) of the motif's core; at least `share` of the
    largest possible score is strong.

    Raises
    ------
    InputError
        If the file is no motif file or holds no such motif.
    """
    sites = []
    for motif in read_motifs(path):
        if motif.weak or motif.sign != "pos":
            continue
        scores = log_odds(motif.pfm[slice(*motif.core)], UNIFORM)
        sites.append(Site(motif.motif_id, scores, share * float(scores.max(1).sum())))
    if not sites:
        raise InputError(f"{path}: no motif to reject backgrounds with (all are weak or negative)")
    return sites


def sites_of(
    text: str | None, mismatches: int = Backgrounds.mismatches, share: float = Backgrounds.share
) -> list[Site]:
    """Return the sites that backgrounds must not hold: of a motifs.h5, or of a consensus; none for None."""
    if text is None:
        return []
    if not 0 < share <= 1:
        raise InputError(f"the share of a motif's best score must be above 0 and at most 1, not {share}")
    if text.endswith((".h5", ".hdf5")):
        return motif_sites(Path(text), share)
    return [consensus_site(text, mismatches)]


def has_strong_hit(codes: NDArray[np.uint8], sites: Sequence[Site]) -> NDArray[np.bool_]:
    """Return which sequences hold a strong hit on either strand.

    Parameters
    ----------
    codes : uint8 array, shape=(sequences, length)
    sites : sequence of Site
    """
    found = np.zeros(len(codes), dtype=bool)
    one_hot = torch.from_numpy(ONE_HOT[codes]).transpose(1, 2).double()
    for site in sites:
        if len(site.scores) > codes.shape[1]:
            continue
        both = np.stack([site.scores, site.scores[::-1, ::-1]])  # the other strand's bases run from T to A
        summed = torch.nn.functional.conv1d(one_hot, torch.from_numpy(both.copy()).transpose(1, 2))
        # sums of decimals are compared with a little room
        found |= (summed.flatten(1).amax(1) >= site.least - 1e-9).numpy()
    return found
