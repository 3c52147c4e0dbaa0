"""The files of scores: whole, in chunks, and joined from chunks."""

import heapq
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.dna.codes import Texts
from cistill.errors import InputError
from cistill.files import atomic_output, require_file
from cistill.formats.deltas import delta_writer, open_deltas
from cistill.formats.tables.libraries import SCORES
from cistill.provenance import write_provenance

NUMBERS = ("score", "standard_error", "sd_backgrounds", "sd_networks")
ROWS_AT_ONCE = 65_536


def write_scores(
    path: str | os.PathLike[str],
    sequences: Texts,
    tasks: Sequence[str],
    numbers: NDArray[np.float64],
    backgrounds: int,
    rows: NDArray[np.int64] | None = None,
) -> None:
    """Write `scores.tsv`, one row per insert and task, in the order given.

    Parameters
    ----------
    path : path
    sequences : bytes array, shape=(inserts,)
    tasks : sequence of str
    numbers : float64 array, shape=(inserts, tasks, 4)
        `NUMBERS`: score, its standard error, the standard deviations over backgrounds and over networks.
    backgrounds : int
    rows : int array, shape=(inserts,), optional
        Where the inserts stand in the library; for chunks, as the first column.
    """
    with SCORES.writer(path) as write:
        for begin in [*range(0, len(sequences), ROWS_AT_ONCE)] or [0]:
            part = slice(begin, begin + ROWS_AT_ONCE)
            values = numbers[part].reshape(-1, len(NUMBERS))
            table = pd.DataFrame(
                {
                    "sequence": np.repeat(sequences[part].astype(str), len(tasks)),
                    "task": np.tile(np.array(tasks, dtype=object), len(sequences[part])),
                    **{name: values[:, i] for i, name in enumerate(NUMBERS)},
                    "n_backgrounds": backgrounds,
                }
            )
            if rows is not None:
                table.insert(0, "row", np.repeat(rows[part], len(tasks)))
            write(table)


def _lines(handle: TextIO) -> Iterator[tuple[int, str]]:
    for line in handle:
        row, rest = line.split("\t", 1)
        yield int(row), rest


def merge_chunks(files: Sequence[Path], outdir: Path, prefix: str | None = None) -> None:
    """Join the results of all chunks: scores, and deltas where every chunk has them.

    The joined table is the one that a run without chunks writes, byte by byte.

    Parameters
    ----------
    files : sequence of Path
        `{prefix}.chunk_i.scores.tsv`, each with its `.marginalize.json` (and `.deltas.h5`) beside it.
    outdir : Path
    prefix : str, optional
        Of the joined files; that of the chunks by default.

    Raises
    ------
    InputError
        If a chunk is missing or comes twice, or the chunks are not of one run.
    """
    records = [_record(file) for file in files]
    keys = {record["results"]["run"] for record in records}
    if len(keys) != 1:
        raise InputError("the chunks are of different runs: model, backgrounds, library or settings differ")
    chunks = sorted(tuple(record["results"]["chunk"]) for record in records)
    number = chunks[0][1]
    if chunks != [(i + 1, number) for i in range(number)]:
        found = ", ".join(f"{i}/{n}" for i, n in chunks)
        raise InputError(f"to join {number} chunks every one is needed, once; given are {found}")
    prefix = prefix or files[0].name.removesuffix(f".chunk_{records[0]['results']['chunk'][0]}.scores.tsv")
    outdir.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        handles = [stack.enter_context(file.open(newline="")) for file in files]
        headers = {handle.readline() for handle in handles}
        temporary = stack.enter_context(atomic_output(outdir / f"{prefix}.scores.tsv"))
        out = stack.enter_context(temporary.open("w", newline=""))
        out.write(headers.pop().split("\t", 1)[1])
        for _, line in heapq.merge(*map(_lines, handles), key=lambda pair: pair[0]):
            out.write(line)
    deltas = [_beside(file, ".deltas.h5") for file in files]
    if all(file.exists() for file in deltas):
        _merge_deltas(deltas, outdir / f"{prefix}.deltas.h5")
    results = {**records[0]["results"], "chunk": [1, 1], "chunks": number}
    for name in ("scored", "scoring_seconds"):
        results[name] = sum(record["results"][name] for record in records)
    inputs = {f"chunk_{record['results']['chunk'][0]}": file for record, file in zip(records, files, strict=True)}
    write_provenance(outdir / f"{prefix}.marginalize.json", records[0]["settings"], inputs, results, records[0]["seed"])


def _beside(file: Path, suffix: str) -> Path:
    return file.with_name(file.name.removesuffix(".scores.tsv") + suffix)


def _record(file: Path) -> dict[str, Any]:
    """Return the provenance of a chunk."""
    require_file(file, "scores of a chunk")
    beside = _beside(file, ".marginalize.json")
    try:
        record = json.loads(require_file(beside, "provenance of a chunk").read_text())
        if record["results"]["chunk"][1] >= 1 and record["results"]["run"]:
            return dict(record)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise InputError(f"{beside}: not the provenance of a chunk") from error
    raise InputError(f"{beside}: not the provenance of a chunk")


def _merge_deltas(files: Sequence[Path], path: Path) -> None:
    with ExitStack() as stack:
        parts = [stack.enter_context(open_deltas(file)) for file in files]
        rows = [part["row"][:] for part in parts]
        order = np.argsort(np.concatenate(rows), kind="stable")
        sequences = np.concatenate([part["sequence"][:] for part in parts])[order]
        tasks = parts[0].text("task").tolist()
        source = parts[0]["source"][:]
        everything = np.arange(len(sequences))
        with delta_writer(path, str(parts[0].attribute("tf")), sequences, tasks, source, everything) as out:
            for own, part in zip(rows, parts, strict=True):
                for begin in range(0, len(own), ROWS_AT_ONCE):
                    out[own[begin : begin + ROWS_AT_ONCE]] = part["delta"][begin : begin + ROWS_AT_ONCE]
