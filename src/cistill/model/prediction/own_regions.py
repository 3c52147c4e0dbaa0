"""Predictions for regions that a user names, from their sequence alone: no counts, no scores."""

import os
from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from cistill.console import progress
from cistill.data.bed import RowProblems, bed_rows, summit_offset
from cistill.data.genome_windows import Genome
from cistill.errors import InputError
from cistill.formats.predictions import prediction_writer
from cistill.formats.tables.prediction import REGION_PREDICTIONS
from cistill.model.ensemble import Ensemble, Prediction
from cistill.model.prediction.dataset_regions import add_predictions, check_finite
from cistill.model.prediction.metrics import total_log_count
from cistill.model.prediction.prediction_blocks import BATCH
from cistill.model.prediction.profile_metrics import STRAND_SUFFIXES
from cistill.model.windows.batches import Batch, one_hot_windows


def read_regions(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read regions from a BED file of three or more columns or a narrowPeak file, as `cistill.data.bed` reads them.

    Returns
    -------
    pandas.DataFrame
        `region_id, chrom, summit`, in the file's order. The summit is the middle, (start + end) // 2; in narrowPeak
        and IDR's output start + column 10 where that is not -1. region_id is `chrom:summit`, with `#2`, ... when it
        comes again.

    Raises
    ------
    InputError
        If rows are malformed or there is none.
    """
    what = "regions (BED)"
    names: dict[str, int] = {}
    chroms, summits = array("i"), array("q")
    problems = RowProblems()
    for row in bed_rows(path, what, problems):
        try:
            offset = summit_offset(row)
        except ValueError as error:
            problems.add(row.number, error)
            continue
        chroms.append(names.setdefault(row.chrom, len(names)))
        summits.append((row.start + row.end) // 2 if offset in (None, -1) else row.start + offset)
    found = problems.lines()
    if not summits and not found:
        found.append("there is no region in the file")
    if found:
        raise InputError("\n".join(f"{what} {path}: {text}" for text in found))
    chrom = np.array(list(names), dtype=object)[np.array(chroms)]
    table = pd.DataFrame({"chrom": chrom, "summit": np.array(summits, dtype=np.int64)})
    again = table.groupby(["chrom", "summit"], sort=False).cumcount().to_numpy() + 1
    identifier = table["chrom"] + ":" + table["summit"].astype(str)
    identifier[again > 1] += "#" + pd.Series(again[again > 1].astype(str), index=identifier.index[again > 1])
    table.insert(0, "region_id", identifier)
    return table


def write_own_predictions(
    predictions: Path, table: Path, ensemble: Ensemble, regions: pd.DataFrame, fasta: Path
) -> dict[str, int]:
    """Predict regions from a genome's sequence and write predictions.h5 and a table of counts.

    Regions are written in the order of the genome's chromosomes, within a chromosome in their own.
    What lies off a chromosome's end is unknown sequence. A model that takes controls predicts with empty ones: what it
    takes for binding, without the experiment's bias.

    Parameters
    ----------
    predictions, table : Path
        The files to write.
    ensemble : Ensemble
        On its device.
    regions : DataFrame
        From `read_regions`.
    fasta : Path
        The genome, plain or gzipped.

    Returns
    -------
    dict
        Chromosome lengths in bp.

    Raises
    ------
    InputError
        If a chromosome of the regions is not in the genome.
    """
    genome = Genome(fasta)
    regions = in_genome_order(regions, genome)
    columns = {name: regions[name].to_numpy() for name in ("region_id", "chrom", "summit")}
    opened = prediction_writer(predictions, ensemble.tf, ensemble.tasks, ensemble.output_length, columns)
    with opened as file, REGION_PREDICTIONS.writer(table) as write:
        blocks = _predict(ensemble, columns, genome)
        for first, prediction in progress(blocks, "predicting", len(regions), size=BATCH):
            rows = slice(first, first + len(prediction.unseen))
            check_finite(prediction, columns["region_id"][rows])
            add_predictions(file, first, prediction)
            write(_table({name: values[rows] for name, values in columns.items()}, ensemble.tasks, prediction))
    return genome.sizes


def in_genome_order(regions: pd.DataFrame, genome: Genome) -> pd.DataFrame:
    """Return regions in the order of the genome's chromosomes.

    Raises
    ------
    InputError
        If a chromosome of the regions is not in the genome.
    """
    rank = regions["chrom"].map({name: place for place, name in enumerate(genome.sizes)})
    if rank.isna().any():
        absent = list(dict.fromkeys(regions["chrom"][rank.isna()]))
        raise InputError(
            f"{int(rank.isna().sum())} region(s) are on chromosomes that {genome.path} lacks: {', '.join(absent[:5])}; "
            f"it has {', '.join(list(genome.sizes)[:5])}, ..."
        )
    return regions.iloc[np.argsort(rank.to_numpy(), kind="stable")].reset_index(drop=True)


def _predict(ensemble: Ensemble, columns: dict[str, np.ndarray], genome: Genome) -> Iterator[tuple[int, Prediction]]:
    """Yield (first row, predictions) of consecutive regions of one chromosome."""
    length = ensemble.input_length
    tasks = list(dict.fromkeys(task for member in ensemble.members for task in member.tasks))  # a control for each
    for name in dict.fromkeys(columns["chrom"].tolist()):  # in the genome's order
        rows = np.flatnonzero(columns["chrom"] == name)
        for first in range(0, len(rows), BATCH):
            block = rows[first : first + BATCH]
            windows = genome.windows(name, columns["summit"][block] - length // 2, length)
            sequence = one_hot_windows(windows, np.arange(len(block)), np.zeros(len(block), dtype=int), length, None)
            control = None
            if ensemble.takes_controls:
                control = torch.zeros((len(block), len(tasks), 2, ensemble.output_length))
            batch = Batch(torch.from_numpy(sequence), torch.zeros((len(block), 0)), control)
            yield int(block[0]), ensemble.predict(batch, columns["chrom"][block], tasks, columns["summit"][block])


def _table(columns: dict[str, np.ndarray], tasks: list[str], prediction: Prediction) -> pd.DataFrame:
    """Return the rows of region_predictions.tsv, task after task for each region."""
    number = len(tasks)
    counts = prediction.log_counts.astype(np.float64)
    found = {
        "region_id": np.repeat(columns["region_id"], number),
        "unseen": np.repeat(prediction.unseen, number),
        "task": np.tile(np.array(tasks, dtype=object), len(counts)),
        "predicted_log_count": total_log_count(counts).ravel(),
    }
    for strand, suffix in enumerate(STRAND_SUFFIXES):
        found[f"predicted_log_count{suffix}"] = counts[..., strand].ravel()
    return pd.DataFrame(found)
