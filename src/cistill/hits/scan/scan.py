"""Scanning sequences with position weight matrices where there are no contributions."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt
import pandas as pd

from cistill.console import LOG
from cistill.dna.matrices import probabilities
from cistill.errors import InputError
from cistill.files import named, require_file
from cistill.formats.hits import MEASURED, write_hits
from cistill.formats.meme import NamedMatrix
from cistill.formats.motif_files.reader import read_database
from cistill.formats.motifs import Motif, read_motifs
from cistill.hits.choose_motifs import choose_motifs
from cistill.hits.measure import core_lengths
from cistill.hits.scan.matrix_matches import MatrixMatches, joined, match_confidence, q_values
from cistill.hits.scan.scanned_sequences import Sequences, peaks_of_dataset, whole_sequences, windows_of_regions
from cistill.hits.scan.scanners import Scanner, make_scanner, scan_background
from cistill.hits.scan.settings import ScanSettings
from cistill.hits.scan.word_index import Sums, both_strands
from cistill.provenance import json_numbers, write_provenance

BASES_PER_BLOCK = 1 << 22


@dataclass(frozen=True)
class Where:
    """What is scanned: a FASTA file, regions (BED) of it, or the peaks of a dataset.

    Attributes
    ----------
    fasta, bed, dataset : Path, optional
    window : int
        Bases around the summits of regions and peaks.
    """

    fasta: Path | None = None
    bed: Path | None = None
    dataset: Path | None = None
    window: int = 400


def scan_sequences(
    sequences: Sequences, motifs: Sequence[Motif], settings: ScanSettings
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Scan sequences on both strands with the cores of motifs.

    Parameters
    ----------
    sequences : Sequences
    motifs : sequence of Motif
        None longer than a row.
    settings : ScanSettings

    Returns
    -------
    hits : pandas.DataFrame
        Columns of `cistill.formats.hits.COLUMNS` but `score`, as `call_by_scan` gives them; missing values for what is
        of contributions. `sequence_score` is in bits against the background of the scan.
    cuts : dict
        motif_id to the lowest score of a hit, NaN where the scoring does not tell; infinite if there is none.
    """
    background = scan_background(settings, sequences.composition)
    scanner = make_scanner(settings, motifs, background)
    weights = [np.log2(probabilities(motif.pfm[slice(*motif.core)]) / background) for motif in motifs]
    parts = list(_matches(sequences, scanner, Sums(both_strands(weights))))
    found = joined([part for part, _ in parts])
    lengths = core_lengths(motifs)
    q = q_values(found, np.array([2 * sequences.places(int(length)) for length in lengths], dtype=np.int64))
    start = sequences.start[found.placed.row] + found.placed.position
    names = np.array([motif.motif_id for motif in motifs], dtype=object)
    table = pd.DataFrame(
        {
            "chrom": sequences.chrom[found.placed.row],
            "start": start,
            "end": start + lengths[found.placed.motif],
            "motif_id": names[found.placed.motif],
            "strand": np.where(found.placed.reverse, "-", "+").astype(object),
            "region_id": sequences.region_id[found.placed.row],
            "sequence_score": np.concatenate([np.zeros(0), *(bits for _, bits in parts)]),
            "method_score": found.score,
            "q_value": q,
            "confidence": match_confidence(found.p_value, settings.p_value),
        }
    ).reindex(columns=list(MEASURED))
    twice = table.duplicated(["chrom", "start", "end", "motif_id", "strand"])
    cuts = dict(zip(names.tolist(), scanner.least, strict=True))
    return table.iloc[np.flatnonzero(~twice.to_numpy())].reset_index(drop=True), cuts


def _matches(
    sequences: Sequences, scanner: Scanner, weights: Sums
) -> Iterator[tuple[MatrixMatches, npt.NDArray[np.float64]]]:
    """Yield matches, each at the row that owns its place, and their log-odds in bits."""
    for first, codes in sequences.blocks(max(1, BASES_PER_BLOCK // sequences.length)):
        for part in scanner.matches(codes, first):
            own = np.flatnonzero(part.placed.position < sequences.own)
            placed = part.placed.take(own)
            bits = weights.at(codes, 2 * placed.motif + placed.reverse, placed.row - first, placed.position)
            yield MatrixMatches(placed, part.score[own], part.p_value[own]), bits


def read_matrices(path: Path, subset: str, include_weak: bool) -> list[Motif]:
    """Read the motifs to scan with, of a motif file of any format; a motifs.h5 has cores, and weak ones.

    Raises
    ------
    InputError
        If the file is no motif file, or a part of `subset` names no motif.
    """
    file = require_file(path, "motifs")
    known = read_motifs(file) if h5py.is_hdf5(file) else [_motif(one) for one in read_database(file, "motifs")]
    return choose_motifs(known, subset, include_weak)


def _motif(one: NamedMatrix) -> Motif:
    """Return a motif of a database: frequencies without contributions, all of it core."""
    nothing = np.zeros_like(one.matrix)
    return Motif(
        motif_id=one.name,
        head="",
        sign="pos",
        pattern=one.label,
        flipped=False,
        n_seqlets=one.n_sites,
        pfm=one.matrix,
        cwm=nothing,
        hcwm=nothing,
        core=(0, len(one.matrix)),
    )


def scan(
    prefix: str, outdir: Path, motifs_file: Path, where: Where, subset: str, include_weak: bool, settings: ScanSettings
) -> pd.DataFrame:
    """Scan sequences; write `{prefix}.hits.bed` and `{prefix}.scan.json`.

    Parameters
    ----------
    prefix, outdir
        Start of the files' names, and their folder.
    motifs_file : Path
        Motif file of any format.
    where : Where
    subset, include_weak
        Which motifs, see `choose_motifs`.
    settings : ScanSettings

    Raises
    ------
    InputError
        If a file is not as it should be.
    """
    motifs = read_matrices(motifs_file, subset, include_weak)
    longest = max((int(length) for length in core_lengths(motifs)), default=1)
    sequences = _sequences(where, longest)
    fitting = [motif for motif in motifs if motif.core[1] - motif.core[0] <= sequences.length]
    hits, cuts = scan_sequences(sequences, fitting, settings)
    short = [name for name, cut in cuts.items() if cut == float("inf")]
    if short:
        LOG.warning(
            "no sequence reaches a p-value of %g with %d motif(s), which are too short: %s",
            *(settings.p_value, len(short), ", ".join(short)),
        )
    write_hits(named(outdir / prefix, "hits.bed"), hits)
    inputs = {"motifs": motifs_file, "fasta": where.fasta, "bed": where.bed, "dataset": where.dataset}
    write_provenance(
        named(outdir / prefix, "scan.json"),
        settings={"motifs_subset": subset, "include_weak": include_weak, "window": where.window, **asdict(settings)},
        inputs={name: file for name, file in inputs.items() if file is not None},
        results={
            "sequences": len(sequences.bases),
            "bases": int(sequences.bases.sum()),
            "hits": len(hits),
            "cuts": json_numbers(cuts),
            "motifs_left_out": [motif.motif_id for motif in motifs if motif not in fitting],
        },
    )
    LOG.info("%d hits of %d motif(s) in %d sequence(s)", len(hits), len(fitting), len(sequences.bases))
    return hits


def _sequences(where: Where, longest: int) -> Sequences:
    if where.dataset is not None:
        return peaks_of_dataset(where.dataset, where.window)
    if where.fasta is None:
        raise InputError("give --fasta, with --bed or without, or --dataset")
    if where.bed is not None:
        return windows_of_regions(where.bed, where.fasta, where.window)
    return whole_sequences(where.fasta, longest)
