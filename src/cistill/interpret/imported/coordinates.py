"""Which region each row of scores is of: its name, its window, its summit."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.data.bed import RowProblems, bed_rows
from cistill.data.peaks import read_peaks
from cistill.errors import InputError
from cistill.files import require_file
from cistill.formats.foreign import expecting
from cistill.interpret.imported.arrays import npy_shape
from cistill.interpret.imported.layouts import ScoreSource

SHOWN = 3


@dataclass(frozen=True)
class Peaks:
    """The user's peaks.

    Attributes
    ----------
    path : Path
        narrowPeak or BED.
    rows : Path, optional
        npy file: which of them the scores are of, as a mask or as row numbers from 0.
    id_column : int
        Column, from 1, that holds region ids; 0 to name them `chrom:summit`.
    """

    path: Path
    rows: Path | None = None
    id_column: int = 0


def place_rows(source: ScoreSource, peaks: Peaks | None) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Find the region of every row of scores.

    Rows have their window from the file; or from the peak whose id they carry; or from the peak in the same row. Where
    the file has coordinates and peaks are given, the rows whose window is that of a peak are taken.

    Parameters
    ----------
    source : ScoreSource
    peaks : Peaks, optional

    Returns
    -------
    regions : pandas.DataFrame
        `region_id, chrom, start, end` (of the peak, or of the window where no peak is known), `summit,
        window_start`, in the order of rows.
    rows : int64 array, (regions,)
        Ascending: the row of scores of each region.

    Raises
    ------
    InputError
        If rows and peaks do not fit together, or an id occurs twice.
    """
    length = source.scores.length
    rows = np.arange(source.scores.regions) if source.kept is None else np.flatnonzero(source.kept)
    if source.coordinates is not None:
        regions = _from_coordinates(source, rows)
        if peaks is not None:
            chosen = np.asarray(_windows_of(regions, length).isin(_windows_of(_peak_table(peaks), length)))
            if not chosen.any():
                raise InputError(
                    f"{peaks.path}: no window of {length} bp around its summits is one that {source.scores.path} has "
                    "scores for"
                )
            regions, rows = regions[chosen].reset_index(drop=True), rows[chosen]
    elif peaks is None:
        raise InputError(
            f"{source.scores.path}: the file does not say which regions its scores are of: give --peaks, the peaks "
            "that they were computed for"
        )
    elif source.region_id is not None:
        regions = _by_id(source, rows, _peak_table(peaks), peaks.path)
    else:
        regions = _row_by_row(source, rows, _peak_table(peaks), peaks)
    repeated = regions["region_id"][regions["region_id"].duplicated()]
    if len(repeated):
        raise InputError(f"{source.scores.path}: the region id {repeated.iloc[0]} occurs more than once")
    for column, what in (("region_id", "region id"), ("chrom", "chromosome")):
        names = regions[column].astype(str)
        strange = names[~names.map(str.isprintable)]
        if len(strange):
            raise InputError(
                f"{source.scores.path}: the {what} {strange.iloc[0]!r} has characters that cannot be written in a table"
            )
    return regions.assign(window_start=regions["summit"] - length // 2), rows


def name_regions(table: pd.DataFrame) -> pd.Series:
    """Return `chrom:summit` of each row; a second region on the same summit gets `#2`, and so on."""
    copy = table.groupby(["chrom", "summit"], sort=False).cumcount() + 1
    suffix = np.where(copy > 1, "#" + copy.astype(str), "")
    return table["chrom"].astype(str) + ":" + table["summit"].astype(str) + suffix


def _windows_of(table: pd.DataFrame, length: int) -> pd.Index:
    return pd.Index(table["chrom"].astype(str) + ":" + (table["summit"] - length // 2).astype(str))


def _from_coordinates(source: ScoreSource, rows: NDArray[np.int64]) -> pd.DataFrame:
    assert source.coordinates is not None
    length = source.scores.length
    table = source.coordinates.iloc[rows].reset_index(drop=True)
    width = (table["end"] - table["start"]).to_numpy()
    wrong = np.flatnonzero(width != length)
    if len(wrong):
        shown = ", ".join(f"row {rows[i]}: {width[i]} bp" for i in wrong[:SHOWN])
        raise InputError(
            f"{source.scores.path}: the scores are of {length} bp, but {len(wrong)} of the regions are not ({shown})"
        )
    table["summit"] = table["start"] + length // 2
    ids = name_regions(table) if source.region_id is None else pd.Series(source.region_id[rows])
    return table.assign(region_id=ids.astype(str))


def _peak_table(peaks: Peaks) -> pd.DataFrame:
    """Return `region_id, chrom, start, end, summit` of the peaks that scores were computed for."""
    table = read_peaks(peaks.path)
    if peaks.rows is not None:
        table = table.iloc[_chosen(peaks.rows, len(table))].reset_index(drop=True)
    if not peaks.id_column:
        return table.assign(region_id=name_regions(table))
    fields = {row.number: row.fields for row in bed_rows(peaks.path, "peaks", RowProblems())}
    short = [number for number in table["row"] if len(fields[number]) < peaks.id_column]
    if short:
        raise InputError(f"{peaks.path}: row {short[0]} has no column {peaks.id_column} to take the region's id from")
    return table.assign(region_id=[fields[number][peaks.id_column - 1] for number in table["row"]])


def _chosen(path: Path, peaks: int) -> NDArray[np.int64]:
    """Read which peaks the scores are of."""
    file = require_file(path, "rows")
    with expecting("an npy file of rows", file):
        if len(npy_shape(file)) != 1:
            raise InputError(f"{path}: expected one axis, found the shape {npy_shape(file)}")
        chosen = np.load(file, allow_pickle=False)
    if chosen.dtype == bool:
        if len(chosen) != peaks:
            raise InputError(f"{path}: a mask of {len(chosen)} for {peaks} peaks")
        return np.flatnonzero(chosen)
    if (
        chosen.dtype.kind not in "iu"
        or chosen.ndim != 1
        or (len(chosen) and not 0 <= chosen.min() <= chosen.max() < peaks)
    ):
        raise InputError(f"{path}: neither a mask nor row numbers from 0 to {peaks - 1}")
    return chosen.astype(np.int64)


def _by_id(source: ScoreSource, rows: NDArray[np.int64], table: pd.DataFrame, path: Path) -> pd.DataFrame:
    assert source.region_id is not None
    wanted = pd.Index(source.region_id[rows].astype(str))
    known = pd.Index(table["region_id"].astype(str))
    if known.has_duplicates:
        raise InputError(f"{path}: the region id {known[known.duplicated()][0]} occurs more than once")
    at = known.get_indexer(wanted)
    if (at < 0).any():
        raise InputError(
            f"{path}: there is no peak with the id {wanted[at < 0][0]}, which {source.scores.path} has scores for "
            f"({int((at < 0).sum())} such ids): say with --id_column where the peaks' ids are"
        )
    return table.iloc[at].reset_index(drop=True)


def _row_by_row(source: ScoreSource, rows: NDArray[np.int64], table: pd.DataFrame, peaks: Peaks) -> pd.DataFrame:
    if len(table) != source.scores.regions:
        raise InputError(
            f"{source.scores.path} has scores of {source.scores.regions} regions, {peaks.path} has {len(table)} peaks. "
            "The program left some out, as windows off a chromosome's end: give the peaks that it wrote as explained "
            "(chrombpnet: *.interpreted_regions.bed), or with --rows which of them it kept (bpnet-lite: its idxs file)"
        )
    return table.iloc[rows].reset_index(drop=True)
