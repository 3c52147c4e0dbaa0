"""What `importscores` does, from files to files."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.console import LOG, progress
from cistill.dna.codes import decode_one_hot
from cistill.errors import InputError
from cistill.formats.attributions import AttributionWriter, attribution_writer
from cistill.formats.tables.regions import REGIONS
from cistill.interpret.imported.arrays import ROWS_AT_ONCE
from cistill.interpret.imported.coordinates import Peaks, place_rows
from cistill.interpret.imported.genome_check import check_sequences, fill_sequences
from cistill.interpret.imported.layouts import ACTUAL, HYPOTHETICAL, Request, ScoreSource, find_sources
from cistill.provenance import write_provenance


def import_scores(
    tf: str, request: Request, peaks: Peaks | None, fasta: Path | None, half_precision: bool, outdir: Path
) -> None:
    """Write the attribution file of each head that a file of scores holds, a table of its regions, and provenance.

    Parameters
    ----------
    tf : str
        Name of the TF: start of the files' names.
    request : Request
        The file and what the user says about it.
    peaks : Peaks, optional
        Where the file has no coordinates, or to take some of its regions.
    fasta : Path, optional
        Genome that sequences are compared with, or taken from where the file has none.
    half_precision : bool
        Store scores as float16.
    outdir : Path
    """
    layout, sources = find_sources(request)
    results: dict[str, Any] = {"layout": layout}
    for source in sources:
        regions, rows = place_rows(source, peaks)
        if source.sequences is None and fasta is None:
            raise InputError(
                f"{source.scores.path}: there are no one-hot sequences with the scores: give --sequences, or --fasta "
                "to take them from the genome"
            )
        attributes = {"tf": tf, "tasks": [source.task or tf], "imported_from": layout}
        columns = {name: regions[name].to_numpy(dtype=object) for name in ("region_id", "chrom")}
        columns["start"] = regions["window_start"].to_numpy(dtype=np.int64)
        path = outdir / f"{tf}.{source.head}.attributions.h5"
        dtype = "float16" if half_precision else "float32"
        with attribution_writer(path, source.head, columns, source.scores.length, attributes, dtype) as writer:
            contributions = _copy(writer, source, regions, rows, fasta)
            if source.sequences is not None and fasta is not None:
                check_sequences(writer.sequences, regions, fasta, source.scores.path)
        REGIONS.write(outdir / f"{tf}.regions.tsv", _region_table(regions, source.task or tf))
        results[source.head] = {"regions": len(regions), "length": source.scores.length, "scores": contributions}
        LOG.info("%s: %d regions of %d bp, %s scores", source.head, len(regions), source.scores.length, contributions)
    inputs = {"scores": request.scores}
    inputs |= {"sequences": request.sequences} if request.sequences else {}
    inputs |= {"peaks": peaks.path} if peaks else {}
    inputs |= {"rows": peaks.rows} if peaks and peaks.rows else {}
    inputs |= {"fasta": fasta} if fasta else {}
    settings = {name: value for name, value in asdict(request).items() if name not in ("scores", "sequences")}
    settings |= {"id_column": peaks.id_column if peaks else 0, "half_precision": half_precision}
    write_provenance(outdir / f"{tf}.importscores.json", {"tf": tf, **settings}, inputs, results)


def _copy(
    writer: AttributionWriter, source: ScoreSource, regions: pd.DataFrame, rows: NDArray[np.int64], fasta: Path | None
) -> str:
    """Copy scores and sequences block by block; return whether the scores are hypothetical or actual ones.

    Actual contributions are stored as hypothetical ones that are zero at the other three bases.
    """
    if source.sequences is None:
        assert fasta is not None
        fill_sequences(writer.sequences, regions, fasta)
    stored = None if source.sequences is None else source.sequences.blocks()
    off_base = 0.0
    first = 0
    blocks = progress(source.scores.blocks(), "importing", source.scores.regions, size=ROWS_AT_ONCE)
    for number, block in enumerate(blocks):
        given = None if stored is None else next(stored)
        own = rows[slice(*np.searchsorted(rows, [number * ROWS_AT_ONCE, (number + 1) * ROWS_AT_ONCE]))]
        last = first + len(own)
        if not len(own):
            continue
        at = own - number * ROWS_AT_ONCE
        names = regions["region_id"].iloc[first:last].tolist()
        bases = writer.sequences[first:last] if given is None else _one_hot(given[at], names, source)
        values = block[at].astype(np.float32)
        if values.ndim == 2:
            values = values[..., None] * bases
        _check_finite(values, names, source, writer.scores.dtype)
        if source.contributions == ACTUAL:
            values = values * bases
        off_base = max(off_base, float(np.abs(values * (1 - bases)).max(initial=0)))
        gap = np.full(len(own), np.nan)  # nobody measured it
        writer.write(first, values, decode_one_hot(bases), gap)
        first = last
    contributions = HYPOTHETICAL if off_base > 0 else ACTUAL
    if contributions != source.contributions and len(rows):
        LOG.warning(
            "%s: every score off the sequence's own base is zero, so these are actual contributions. Methods that need "
            "hypothetical ones (modisco, density) cannot use them", source.scores.path,
        )  # fmt: skip
    writer.scores.file.attrs["contributions"] = contributions
    return contributions


def _one_hot(given: NDArray[Any], names: list[str], source: ScoreSource) -> NDArray[np.int8]:
    """Return sequences as int8, checked to be one-hot; positions without a base are zero."""
    bases = given.astype(np.int8)
    right = (bases == given).all((1, 2)) & (bases >= 0).all((1, 2)) & (bases.sum(-1) <= 1).all(1)
    if not right.all():
        assert source.sequences is not None
        raise InputError(
            f"{source.sequences.path}: the sequence of {names[int(np.argmin(right))]} is not one-hot (0 and 1, at most "
            f"one base per position); {int((~right).sum())} such in its block"
        )
    return bases


def _check_finite(values: NDArray[np.float32], names: list[str], source: ScoreSource, dtype: np.dtype[Any]) -> None:
    finite = np.isfinite(values).all((1, 2))
    if not finite.all():
        raise InputError(
            f"{source.scores.path}: the scores of {names[int(np.argmin(finite))]} hold NaN or infinity "
            f"({int((~finite).sum())} such regions in its block): compute them again, or leave the region out"
        )
    if np.abs(values).max(initial=0) > np.finfo(dtype).max:
        raise InputError(f"{source.scores.path}: scores too large for float16: leave out --half_precision")


def _region_table(regions: pd.DataFrame, task: str) -> pd.DataFrame:
    """Return the regions as a regions.tsv that comparisons and statistics of hits take."""
    columns = ["region_id", "chrom", "start", "end", "summit"]
    return regions[columns].assign(kind="peak", tasks=task, split="none", kept=True, reason=None)
