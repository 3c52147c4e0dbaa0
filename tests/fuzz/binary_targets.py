"""The readers of bytes: alignments, bigWigs, HDF5, archives, arrays."""

import io
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from binary_seeds import (
    LENGTH,
    REGIONS,
    arrays,
    bams,
    bigwigs,
    bpnetlite_safetensors,
    crams,
    keras_files,
    layout_seeds,
    model_files,
    npy,
    npz,
    score_files,
    torch_files,
    workbooks,
)
from mutations import mutate_bytes, text_mutator
from targets import Target

from cistill.data.coverage import ReadCounts, counts_by_chromosome
from cistill.data.cram import open_alignments
from cistill.data.genome_windows import Genome
from cistill.data.read_filter import ReadFilter
from cistill.formats import attributions, dataset, deltas, insert_footprints, modisco, motifs, predictions
from cistill.formats.bigwig import BigWigTrack
from cistill.formats.foreign_hdf5 import check_apart
from cistill.interpret.imported import importing
from cistill.interpret.imported.coordinates import Peaks
from cistill.interpret.imported.importing import import_scores
from cistill.interpret.imported.layouts import Request
from cistill.model.convert.network_files import read_source
from cistill.model.ensemble import load_ensemble
from cistill.workbooks import workbook_rows
from containers import bgzf_mutator, hdf5_mutator, npy_mutator, safetensors_mutator, zip_mutator


def _bam(path: Path) -> None:
    counts = ReadCounts()
    with open_alignments(path) as bam:
        for _, *piles in counts_by_chromosome(bam, ReadFilter(), counts):
            for pile in piles:
                positions, values = pile.totals()
                assert len(positions) == len(values)


def _bigwig(path: Path) -> None:
    with BigWigTrack(path) as track:
        for chrom, size in list(track.sizes.items())[:3]:
            values = track.values(chrom, 0, min(size, 1 << 16))
            assert np.isfinite(values).all()
            track.windows(chrom, np.array([-5, 10, 200]), 50)


def _network(part: str | None = None) -> Callable[[Path], None]:
    def read(path: Path) -> None:
        read_source(path, part=part)[1].network()

    return read


def _scores(**options: Any) -> Callable[[Path], None]:
    def read(path: Path) -> None:
        out = Path(tempfile.mkdtemp(dir=path.parent))
        peaks = path.with_name("peaks.bed")
        peaks.write_text("".join(f"chrI\t{i * 100}\t{i * 100 + LENGTH}\n" for i in range(1, REGIONS + 1)))
        given = {"task": "a", "head": "", **options}
        known = Peaks(peaks) if given.pop("peaks", False) else None
        try:
            import_scores("T", Request(path, **given), known, None, False, out)
        finally:
            shutil.rmtree(out)

    return read


def _arrays(path: Path) -> None:
    out = Path(tempfile.mkdtemp(dir=path.parent))
    peaks = path.with_name("peaks.bed")
    peaks.write_text("".join(f"chrI\t{i * 100}\t{i * 100 + LENGTH}\n" for i in range(1, REGIONS + 1)))
    sequences = path if path.suffix == ".npz" else path.with_name("sequences.npy")
    if path.suffix != ".npz":
        sequences.write_bytes(npy(arrays()[1]))
    key = {"score_key": "s", "sequence_key": "b"} if path.suffix == ".npz" else {}
    try:
        import_scores("T", Request(path, sequences=sequences, head="counts", **key), Peaks(peaks), None, False, out)
    finally:
        shutil.rmtree(out)


def _workbook(path: Path) -> None:
    for _ in workbook_rows(path, "table"):
        pass


def _rows(path: Path) -> None:
    from cistill.interpret.imported.coordinates import _chosen

    _chosen(path, 5)


def _opened(opener: Callable[[Path], Any], use: Callable[[Any], Any]) -> Callable[[Path], None]:
    def read(path: Path) -> None:
        with opener(path) as reader:
            use(reader)

    return read


def _use_dataset(reader: dataset.RegionReader) -> None:
    reader.tf, reader.tasks, reader.summit, reader.is_peak, reader.folds, reader.sizes, reader.has_control  # noqa: B018
    for name in dataset.COLUMNS:
        reader.column(name)
    reader.windows(0, len(reader))


def _use_predictions(reader: predictions.PredictionReader) -> None:
    reader.tasks, reader.chrom, reader.summit, reader.unseen, reader.output_length  # noqa: B018
    reader.expected_ends(slice(0, 2))


def _attributions(path: Path) -> None:
    windows = attributions.open_windows(path)
    for _ in windows.blocks():
        pass


def _modisco(path: Path) -> None:
    with modisco.open_modisco(path) as reader:
        for pattern in map(reader.pattern, (*reader.names("pos"), *reader.names("neg"))):
            if pattern is None:
                continue
            pattern.length, pattern.base_frequencies  # noqa: B018
            pattern.seqlets(modisco.ACTUAL, slice(1, 3))
            pattern.places()
            pattern.subpatterns()


def _motifs(path: Path) -> None:
    for motif in motifs.read_motifs(path):
        motif.reversed(), motif.core_information


def _genome(path: Path) -> None:
    genome = Genome(path)
    for name, size in list(genome.sizes.items())[:3]:
        genome.windows(name, np.array([-5, size // 2, size - 3]), 10)


def _spans(content: bytes) -> bytes:
    """Return a file of attributions whose region is as long as its scores."""
    image = io.BytesIO(content)
    with h5py.File(image, "r+") as h5:
        h5["coords_end"][:] = 4
    return image.getvalue()


importing.write_provenance = lambda *_: None  # digests of the inputs take most of the time otherwise
SCORES, BASES = arrays()
FASTA = (b">chrI one\n" + b"ACGTACGTAC\n" * 30 + b">chrII\n" + b"GGGGG\n" * 9,)
APART = {"keras", "keras_part", "scores_published", "scores_bpnet", "scores_chrombpnet", "modisco"}
"""Readers that open a file in a process of its own first."""
CHECKED = {"dataset", "predictions", "attributions", "motifs", "deltas", "insert_footprints"}
"""Readers of our own HDF5: a crash counts as answered if the check of given results has a message for it."""


def _contained(target: Target) -> Target:
    """Say how the product answers if a library in C crashes on a file."""
    if target.name in APART:
        return replace(target, contained=target.read)
    if target.name in CHECKED:
        return replace(target, contained=lambda path: check_apart(path, "a result of cistill"))
    return target


EVERY = (
    Target("workbook", _workbook, workbooks, zip_mutator(text_mutator(), ".xml"), ".xlsx", binary=True),
    Target("bam", _bam, bams, bgzf_mutator(), ".bam", binary=True),
    Target("cram", _bam, crams, mutate_bytes, ".cram", binary=True),
    Target("bigwig", _bigwig, bigwigs, mutate_bytes, ".bw", binary=True),
    Target("genome_bgzf", _genome, lambda: FASTA, bgzf_mutator(), ".fa.gz", binary=True),
    Target("keras", _network(), keras_files, hdf5_mutator, ".h5", binary=True),
    Target("keras_part", _network("model"), lambda: keras_files()[-1:], hdf5_mutator, ".h5", binary=True),
    Target("torch", _network(), torch_files, zip_mutator(only="data.pkl"), ".torch", binary=True),
    Target(
        "torch_part", _network("bias"), lambda: torch_files()[2:3], zip_mutator(only="data.pkl"), ".torch", binary=True
    ),
    Target("model", load_ensemble, model_files, safetensors_mutator, ".safetensors", binary=True),
    Target(
        "bpnetlite_safetensors", _network(), bpnetlite_safetensors, safetensors_mutator, ".safetensors", binary=True
    ),
    Target("scores_published", _scores(), lambda: score_files()[:1], hdf5_mutator, ".h5", binary=True),
    Target("scores_bpnet", _scores(), lambda: score_files()[1:2], hdf5_mutator, ".h5", binary=True),
    Target(
        "scores_chrombpnet",
        _scores(peaks=True, head="counts"),
        lambda: score_files()[2:],
        hdf5_mutator,
        ".h5",
        binary=True,
    ),
    Target(
        "scores_npz",
        _arrays,
        lambda: [npz(s=SCORES, b=BASES), npz(True, s=SCORES, b=BASES)],
        zip_mutator(npy_mutator),
        ".npz",
        binary=True,
    ),
    Target("scores_npy", _arrays, lambda: [npy(SCORES), npy(SCORES.astype(">f8"))], npy_mutator, ".npy", binary=True),
    Target("rows_npy", _rows, lambda: [npy(np.arange(3)), npy(np.ones(5, bool))], npy_mutator, ".npy", binary=True),
    Target(
        "dataset",
        _opened(dataset.open_dataset, _use_dataset),
        layout_seeds(dataset.LAYOUT),
        hdf5_mutator,
        ".h5",
        binary=True,
    ),
    Target(
        "predictions",
        _opened(predictions.open_predictions, _use_predictions),
        layout_seeds(predictions.LAYOUT),
        hdf5_mutator,
        ".h5",
        binary=True,
    ),
    Target(
        "attributions",
        _attributions,
        lambda: [_spans(one) for one in layout_seeds(attributions.LAYOUT)()],
        hdf5_mutator,
        ".h5",
        binary=True,
    ),
    Target("motifs", _motifs, layout_seeds(motifs.LAYOUT), hdf5_mutator, ".h5", binary=True),
    Target("modisco", _modisco, layout_seeds(modisco.LAYOUT), hdf5_mutator, ".h5", binary=True),
    Target(
        "deltas",
        _opened(deltas.open_deltas, lambda reader: None),
        layout_seeds(deltas.LAYOUT),
        hdf5_mutator,
        ".h5",
        binary=True,
    ),
    Target(
        "insert_footprints",
        insert_footprints.read_insert_footprints,
        layout_seeds(insert_footprints.LAYOUT),
        hdf5_mutator,
        ".h5",
        binary=True,
    ),
)
BINARY_TARGETS = tuple(map(_contained, EVERY))
