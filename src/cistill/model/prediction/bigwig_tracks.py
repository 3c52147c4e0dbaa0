"""Predictions as bigWig tracks: expected 5' ends at every base that a region covers."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from cistill.console import progress
from cistill.files import named
from cistill.formats.bigwig_writing import bigwig_output
from cistill.formats.predictions import PredictionReader, open_predictions

VALUES_AT_ONCE = 1 << 22  # profile values read at once
DROPPED_BITS = 11  # of 23 of a float's mantissa: what the half-precision logarithms do not say would not compress
STRANDS = ("plus", "minus")


def write_tracks(predictions: str | os.PathLike[str], prefix: Path, sizes: Mapping[str, int]) -> list[Path]:
    """Write a bigWig for every task and strand, `{prefix}.{task}.predicted.{strand}.bw`.

    The value at a base is the share of the strand's profile there times the strand's predicted 5' ends,
    ``exp(log_profile) * max(0, exp(log_count) - 1)``; where regions overlap, the mean of theirs. Bases of no region
    have no value. A piece of a chromosome is in memory at a time, whatever the number of regions.

    Parameters
    ----------
    predictions : path
        predictions.h5.
    prefix : Path
        Folder and beginning of the files' names.
    sizes : mapping
        Chromosome lengths in bp, in the order of the tracks; all chromosomes of the regions must be there.

    Returns
    -------
    list of Path
        The files, task by task, plus before minus.
    """
    with open_predictions(predictions) as reader, ExitStack() as stack:
        chrom, summit = reader.chrom, reader.summit
        paths = [named(prefix, f"{task}.predicted.{s}.bw") for task in reader.tasks for s in STRANDS]
        writers = [stack.enter_context(bigwig_output(path, sizes)) for path in paths]
        present = [name for name in sizes if (chrom == name).any()]
        for name in progress(present, "bigWigs", len(present), "chromosomes"):
            rows = np.flatnonzero(chrom == name)
            rows = rows[np.argsort(summit[rows], kind="stable")]
            for start, mean in _covered(reader, rows, summit[rows], sizes[name]):
                for writer, values in zip(writers, mean, strict=True):
                    writer.stretch(name, start, _rounded(values))
        return paths


def _rounded(values: np.ndarray) -> np.ndarray:
    """Return float32 values without the bits of the mantissa that say nothing, so that files compress."""
    bits = values.astype(np.float32).view(np.uint32)
    half = np.uint32(1 << (DROPPED_BITS - 1))
    return ((bits + half) >> DROPPED_BITS << DROPPED_BITS).view(np.float32)


def _covered(
    reader: PredictionReader, rows: np.ndarray, summit: np.ndarray, size: int
) -> Iterator[tuple[int, np.ndarray]]:
    """Yield (start, values) of stretches of a chromosome that regions cover, from left to right.

    Values are float64 `(tracks, bases)`, means over the regions at each base. What reaches past the chromosome's ends
    is cut off. Regions come by ascending summit.
    """
    tasks, strands, length = len(reader.tasks), len(STRANDS), reader.output_length
    begin = summit - length // 2
    at_once = max(1, VALUES_AT_ONCE // (tasks * strands * length))
    total, number = np.zeros((tasks * strands, 0)), np.zeros(0, dtype=np.int64)
    for first in range(0, len(rows), at_once):
        starts = begin[first : first + at_once]
        # bases are laid side by side without the gaps between regions
        place = np.concatenate([[0], np.cumsum(np.minimum(np.diff(starts), length))])
        more = int(place[-1]) + length - len(number)
        total, number = np.pad(total, ((0, 0), (0, more))), np.pad(number, (0, more))
        chosen = rows[first : first + at_once]
        # half-precision logarithms sum to one but for a few in a thousand
        expected = reader.expected_ends(chosen, rescale=True).reshape(len(chosen), -1, length)
        for at, values in zip(place.tolist(), expected, strict=True):
            total[:, at : at + length] += values
            number[at : at + length] += 1
        end = int(starts[-1]) + length
        following = int(begin[first + at_once]) if first + at_once < len(rows) else end
        done = len(number) - max(0, end - following)  # the next regions add to what lies right of it
        heads = np.concatenate([[0], np.flatnonzero(np.diff(starts) >= length) + 1])
        for head, stop in zip(heads.tolist(), [*place[heads[1:]].tolist(), done], strict=True):
            start, bases = int(starts[head]), slice(int(place[head]), stop)
            mean = total[:, bases] / number[bases]
            inside = slice(max(0, -start), max(0, size - start))
            if mean[:, inside].shape[1]:
                yield start + inside.start, mean[:, inside]
        total, number = total[:, done:], number[done:]
