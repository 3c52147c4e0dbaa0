"""The matrices that sequences are scored with, of a motif file of any format."""

import os
import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

import h5py

from cistill.affinity.comparators.scoring_matrices import (
    ScoringMatrix,
    cwm_matrices,
    ln_affinity_matrix,
    log_odds_matrix,
    probability_matrix,
)
from cistill.errors import InputError
from cistill.files import require_file
from cistill.formats.meme import NamedMatrix
from cistill.formats.motif_files.reader import read_motif_file
from cistill.formats.motifs import read_motifs
from cistill.formats.psam import read_psam

FIRST = 10  # motifs of a file that are compared, as published


def read_matrices(spec: str, most: int = FIRST) -> list[ScoringMatrix]:
    """Read the matrices of a file that sequences are scored with.

    Parameters
    ----------
    spec : str
        `[FAMILY=]PATH[#NAME,NAME...]`: the family that the results are named by (by default the format), the file, and
        which of its motifs to take (identifiers or second names; by default the first ten).
    most : int
        Number of motifs taken.

    Returns
    -------
    list of ScoringMatrix
        In the file's order, each with its rank; of one file there may be two families: `cwm` and `pwm` of motifs.h5,
        `weeder` (probabilities as published) and `weeder_log_odds`.

    Raises
    ------
    InputError
        If the file is missing or of no known format, or has no motif of a name that is asked for.
    """
    family, path, names = split_spec(spec)
    file = Path(path)
    if h5py.is_hdf5(require_file(file, "motif matrices")):  # of a run, which may have found no motif
        return cwm_matrices(read_motifs(file), family, most, names, file)
    found = read_motif_file(file, "motif matrices")
    family = family or found.format
    motifs = _named(found.motifs, names, file)[:most]
    if found.format == "psam":
        return [ln_affinity_matrix(family, motif.name, 0, read_psam(file)) for motif in motifs]
    weeder = found.format == "weeder"
    odds = f"{family}_log_odds" if weeder else family
    scored = [log_odds_matrix(odds, motif.name, rank, motif.matrix) for rank, motif in enumerate(motifs)]
    if weeder:
        return [
            probability_matrix(family, motif.name, rank, motif.matrix) for rank, motif in enumerate(motifs)
        ] + scored
    return scored


def matrices_problems(spec: str) -> list[str]:
    """Say what is wrong with a specification of matrices or with its file; nothing if it can be used."""
    try:
        if not read_matrices(spec):
            return [f"motif matrices {matrix_file(spec)}: no motif in the file that raises the output"]
    except InputError as error:
        return str(error).split("\n")
    return []


def split_spec(spec: str) -> tuple[str, str, list[str]]:
    """Split `[FAMILY=]PATH[#NAME,...]` into its three parts; the family is empty if it is not given."""
    family, equals, rest = spec.partition("=")
    if not equals or not re.fullmatch(r"\w+", family):
        family, rest = "", spec
    ends = [len(rest), *(place for place in range(len(rest) - 1, 0, -1) if rest[place] == "#")]
    end = next((end for end in ends if Path(rest[:end]).is_file()), ends[-1])
    path, names = rest[:end], rest[end + 1 :]
    return family, path, [name.strip() for name in names.split(",") if name.strip()]


def _named(motifs: Sequence[NamedMatrix], names: Sequence[str], file: Path) -> Sequence[NamedMatrix]:
    """Return the motifs of the names that are asked for, identifiers or words of second names; all without names."""
    if not names:
        return motifs
    words = [set(motif.label.split()) for motif in motifs]
    known = set().union(*words)
    wanted = _joined(names, known)
    missing = [name for name in wanted if name not in known]
    if missing:
        raise InputError(f"motif matrices {file}: no motif named {', '.join(missing)}")
    return [motif for motif, own in zip(motifs, words, strict=True) if own & set(wanted)]


def _joined(names: Sequence[str], known: AbstractSet[str]) -> list[str]:
    """Return names that were split at commas with those that hold commas themselves put together again."""
    wanted: list[str] = []
    at = 0
    while at < len(names):
        end = next((end for end in range(len(names), at + 1, -1) if ",".join(names[at:end]) in known), at + 1)
        wanted.append(",".join(names[at:end]))
        at = end
    return wanted


def matrix_file(spec: str) -> str | os.PathLike[str]:
    """Return the path within a specification, for records of inputs."""
    return split_spec(spec)[1]
