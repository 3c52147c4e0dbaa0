"""Pooling hits, and leaving one where several overlap."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from cistill.console import LOG
from cistill.errors import InputError
from cistill.files import named
from cistill.formats.hits import COLUMNS, ORDER, read_hits, write_hits
from cistill.hits.overlaps import best_of_overlapping, chains_of_overlapping, overlapping_pairs
from cistill.hits.pooling.merged_names import as_merged
from cistill.hits.pooling.settings import CollapseSettings
from cistill.provenance import write_provenance

HEADS = "heads"
MOTIF_OF_A_HEAD = re.compile(r"(.+)\.(?:pos|neg)_\d+$")
MOST_HEADS = 63  # bits of a number


def collapse(hits: pd.DataFrame, settings: CollapseSettings = CollapseSettings()) -> pd.DataFrame:
    """Return hits of which no two overlap.

    Parameters
    ----------
    hits : pandas.DataFrame
        Columns of `cistill.formats.hits.COLUMNS`; if it has a column `heads`, that of a hit that stays becomes the
        union of those of the hits that it stands for.
    settings : CollapseSettings, optional

    Returns
    -------
    pandas.DataFrame
        Rows of `hits`, by position.
    """
    hits = hits.sort_values(list(ORDER), kind="stable").reset_index(drop=True)
    if not len(hits):
        return hits
    chrom = np.unique(hits["chrom"].to_numpy().astype(str), return_inverse=True)[1].astype(np.int64)
    if settings.mode == "by_motif":  # hits of different motifs are as far apart as those of different chromosomes
        motif = np.unique(hits["motif_id"].to_numpy().astype(str), return_inverse=True)[1]
        chrom = chrom * (int(motif.max()) + 1) + motif
    start, end = hits["start"].to_numpy(dtype=np.int64), hits["end"].to_numpy(dtype=np.int64)
    value = np.nan_to_num(hits[settings.column].to_numpy(dtype=np.float64), nan=-np.inf)
    if settings.rule == "nms":
        keep = best_of_overlapping(chrom, start, end, value, settings.shared)
        if HEADS in hits:
            hits[HEADS] = _heads_of_overlapping(hits, chrom, start, end, keep, settings.shared)
        return hits[keep].reset_index(drop=True)
    chain = chains_of_overlapping(chrom, start, end, settings.shared)
    best = np.lexsort((np.arange(len(hits)), -value, chain))
    best = best[np.unique(chain[best], return_index=True)[1]]  # by chain
    if HEADS in hits:
        bits, names = _as_bits(hits[HEADS])
        union = np.zeros(len(best), dtype=np.int64)
        np.bitwise_or.at(union, chain, bits)
        hits[HEADS] = _as_text(union[chain], names)
    if settings.merge_coordinates:
        by_chain = hits.groupby(chain)
        hits["start"], hits["end"] = by_chain["start"].transform("min"), by_chain["end"].transform("max")
    return hits.iloc[best].sort_values(list(ORDER), kind="stable").reset_index(drop=True)


def _heads_of_overlapping(
    hits: pd.DataFrame,
    chrom: npt.NDArray[np.int64],
    start: npt.NDArray[np.int64],
    end: npt.NDArray[np.int64],
    keep: npt.NDArray[np.bool_],
    shared: int,
) -> list[str]:
    """Return the heads of every hit and, for those that are kept, of what overlaps them."""
    bits, names = _as_bits(hits[HEADS])
    union = bits.copy()
    for first, second in overlapping_pairs(chrom, start, end, shared):
        np.bitwise_or.at(union, first[keep[first]], bits[second[keep[first]]])
        np.bitwise_or.at(union, second[keep[second]], bits[first[keep[second]]])
    return _as_text(union, names)


def _as_bits(heads: pd.Series) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Return comma-separated names as numbers of one bit per name, and the names."""
    different = sorted({str(value) for value in heads})
    names = sorted({name for value in different for name in value.split(",")})
    if len(names) > MOST_HEADS:
        raise InputError(f"{len(names)} different heads or inputs: at most {MOST_HEADS} can be pooled")
    code = {value: sum(1 << names.index(name) for name in value.split(",")) for value in different}
    return np.array([code[str(value)] for value in heads], dtype=np.int64), names


def _as_text(bits: npt.NDArray[np.int64], names: Sequence[str]) -> list[str]:
    different = {
        int(value): ",".join(name for place, name in enumerate(names) if int(value) >> place & 1)
        for value in np.unique(bits)
    }
    return [different[int(value)] for value in bits]


def pool(files: Sequence[Path]) -> pd.DataFrame:
    """Read hits of several files as one table, with a column `heads`: which head each hit was found with.

    That is the start of the motif's id (`counts` of `counts.pos_0`); for motifs that are of no head, the name of the
    file without `.hits.bed`. A file that has the column keeps it.

    Raises
    ------
    InputError
        If a file is no table of hits; all such files are named.
    """
    problems, tables = [], []
    for file in files:
        try:
            table = read_hits(file)
        except InputError as error:
            problems.append(str(error))
            continue
        if HEADS not in table:
            label = file.name.removesuffix(".bed").removesuffix(".hits")
            found = [MOTIF_OF_A_HEAD.match(str(name)) for name in table["motif_id"]]
            table[HEADS] = [match[1] if match else label for match in found]
        tables.append(table[[*COLUMNS, HEADS]])
    if problems:
        raise InputError("\n".join(problems))
    filled = [table for table in tables if len(table)] or tables[:1]
    return pd.concat(filled, ignore_index=True)


def collapse_hits(
    prefix: str, outdir: Path, files: Sequence[Path], settings: CollapseSettings, merged: Path | None = None
) -> pd.DataFrame:
    """Pool and collapse hits; write `{prefix}.hits.bed` and `{prefix}.collapse.json`.

    Parameters
    ----------
    prefix, outdir
        Start of the files' names, and their folder.
    files : sequence of Path
        Tables of hits.
    settings : CollapseSettings
    merged : Path, optional
        merged.tsv, see `as_merged`: hits get the names of merged motifs, and those of both heads compete by them.

    Raises
    ------
    InputError
        If an option is none of those known, an input would be overwritten, or the column has no value.
    """
    target = named(outdir / prefix, "hits.bed")
    _check(target, files, settings)
    pooled = pool(files)
    if merged is not None:
        pooled = as_merged(pooled, merged)
    if len(pooled) and pooled[settings.column].isna().all():
        raise InputError(
            f"--column {settings.column}: the hits have no such value (NA in every row); choose another one"
        )
    kept = collapse(pooled, settings)
    write_hits(target, kept)
    write_provenance(
        named(outdir / prefix, "collapse.json"),
        settings=asdict(settings),
        inputs={f"hits {number}": file for number, file in enumerate(files, 1)}
        | ({} if merged is None else {"merged": merged}),
        results={
            "hits_given": len(pooled),
            "hits": len(kept),
            "hits_by_heads": {str(name): int(n) for name, n in sorted(kept[HEADS].value_counts().items())},
            "hits_by_motif": {str(name): int(n) for name, n in sorted(kept["motif_id"].value_counts().items())},
        },
    )
    LOG.info("%d of %d hits stay", len(kept), len(pooled))
    return kept


def _check(target: Path, files: Sequence[Path], settings: CollapseSettings) -> None:
    problems = settings.problems()
    if target.resolve() in {file.resolve() for file in files}:
        problems.append(f"{target}: is an input and would be overwritten; give another --prefix or --outdir")
    if problems:
        raise InputError("\n".join(problems))
