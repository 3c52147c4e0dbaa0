"""Small valid files of bytes, made by code: alignments, bigWigs, HDF5 of several programs, archives, arrays."""

import io
import struct
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import h5py
import numpy as np
import pyBigWig
import pysam
import torch
from files_of_formats import write_layout
from safetensors.torch import save_file
from toy_bpnetlite import BasePairNet, BPNet, ChromBPNet, Logger
from toy_keras import ToyKeras
from toy_keras_networks import affinity, bpnet2, chrombpnet, motif_discovery

from cistill.data.splits import Split
from cistill.formats.hdf5 import Layout
from cistill.model.ensemble import Ensemble, save_ensemble
from cistill.model.member import Member
from cistill.model.network import NetworkConfig, build_network
from containers import bgzf

CHROMS = {"chrI": 3000, "chrII": 2000}
REGIONS, LENGTH = 3, 8


def made(write: Callable[[Path], object], suffix: str = ".h5") -> bytes:
    """Return what a function writes to a file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"seed{suffix}"
        write(file)
        return file.read_bytes()


def bam_record(chrom: int, start: int, flag: int, cigar: Sequence[tuple[int, int]], name: str = "r") -> bytes:
    """Return a record of a BAM file, (operation, length) in `cigar` (SAM specification, section 4.2)."""
    length = sum(size for operation, size in cigar if operation in (0, 1, 4, 7, 8)) or 4
    text = name.encode() + b"\0"
    body = struct.pack("<iiBBHHHiiii", chrom, start, len(text), 30, 4681, len(cigar), flag, length, -1, -1, 0) + text
    body += b"".join(struct.pack("<I", size << 4 | operation) for operation, size in cigar)
    body += bytes((length + 1) // 2) + b"\x1e" * length + b"NMC\x01" + b"RGZx\0"
    return struct.pack("<i", len(body)) + body


@cache
def bams() -> list[bytes]:
    """Return the uncompressed content of BAM files."""
    text = b"@HD\tVN:1.6\tSO:coordinate\n" + b"".join(
        b"@SQ\tSN:%b\tLN:%d\n" % (n.encode(), s) for n, s in CHROMS.items()
    )
    header = b"BAM\x01" + struct.pack("<i", len(text)) + text + struct.pack("<i", len(CHROMS))
    for name, size in CHROMS.items():
        header += struct.pack("<i", len(name) + 1) + name.encode() + b"\0" + struct.pack("<i", size)
    mapped = [
        bam_record(i // 5, 100 + 40 * (i % 5), (0, 16, 99, 147, 1024)[i % 5], [(4, 2), (0, 20), (2, 3), (0, 9)])
        for i in range(10)
    ]
    pair = [bam_record(0, 5, 16, [(0, 36)], "a" * 20), bam_record(0, 9, 0, [(5, 3), (0, 30), (3, 400), (0, 6)])]
    return [header + b"".join(mapped) + bam_record(-1, -1, 4, []), header + b"".join(pair)]


@cache
def crams() -> list[bytes]:
    """Return the reads of the BAM files as CRAM: with and without check sums of the blocks, and with small slices."""
    options = ([b"version=2.1"], [b"version=3.0"], [b"version=2.1", b"seqs_per_slice=3"])

    def write(path: Path, chosen: list[bytes]) -> None:
        bam = path.with_suffix(".bam")
        bam.write_bytes(bgzf(bams()[0]))
        with (
            pysam.AlignmentFile(str(bam)) as reads,
            pysam.AlignmentFile(str(path), "wc", template=reads, format_options=[b"no_ref=1", *chosen]) as out,
        ):
            for read in reads.fetch(until_eof=True):
                out.write(read)

    before = pysam.set_verbosity(0)
    try:
        return [made(lambda path, chosen=chosen: write(path, chosen), ".cram") for chosen in options]
    finally:
        pysam.set_verbosity(before)


@cache
def bigwigs() -> list[bytes]:
    """Return bigWigs of single bases, of spans and of intervals, and an empty one."""

    def write(path: Path, kind: int) -> None:
        with pyBigWig.open(str(path), "w") as file:
            file.addHeader(list(CHROMS.items()), maxZooms=kind and 2)
            if kind == 0:
                starts = np.arange(10, 400, 7)
                file.addEntries(["chrI"] * len(starts), starts, ends=starts + 1, values=np.ones(len(starts)) * 2)
                file.addEntries(["chrII"], [5], ends=[9], values=[3.0])
            elif kind == 1:
                file.addEntries("chrI", [1, 20, 50], values=[1.0, 2.0, 3.0], span=5)
            else:
                file.addEntries("chrII", 100, values=[1.0, 2.0, 3.0, 4.0], span=2, step=4)

    return [made(lambda path, kind=kind: write(path, kind), ".bw") for kind in range(3)]


def layout_seeds(layout: Layout) -> Callable[[], list[bytes]]:
    """Return a function that makes a file of one of our own layouts."""
    return lambda: [made(lambda path: write_layout(path, layout))]


@cache
def keras_files() -> list[bytes]:
    """Return Keras models of all programs that are read, and one of two models."""
    two = ToyKeras()
    two.input("sequence", 60, 4)
    two.nested = {"model": chrombpnet(), "model_wo_bias": chrombpnet("wo_bias_", head="bpnet_")}
    networks = (chrombpnet(), motif_discovery(1), bpnet2([2]), bpnet2([]), affinity(True), affinity(False), two)
    return [made(network.save) for network in networks]


@cache
def torch_files() -> list[bytes]:
    """Return networks of bpnet-lite as torch.save writes them: modules, one of two, weights alone."""
    torch.manual_seed(0)
    whole = "bpnetlite.bpnet"
    kinds = {BPNet: whole, BasePairNet: whole, ChromBPNet: "bpnetlite.chrombpnet", Logger: "bpnetlite.logging"}
    before = {kind: kind.__module__ for kind in kinds}
    modules = {name: type(sys)(name) for name in {"bpnetlite", *kinds.values()}}
    for kind, name in kinds.items():
        setattr(modules[name], kind.__name__, kind)
        kind.__module__ = name
    sys.modules.update(modules)
    networks = [
        BPNet(3),
        BasePairNet(3, 1, controls=1),
        ChromBPNet(BPNet(3, outputs=1, controls=0), BPNet(2, 1, 1, 0)),
        BPNet(3).state_dict(),
    ]
    try:
        return [made(lambda path, one=one: torch.save(one, path), ".torch") for one in networks]
    finally:
        for name in modules:
            del sys.modules[name]
        for kind, name in before.items():
            kind.__module__ = name


@cache
def model_files() -> list[bytes]:
    """Return our own model files: of either family, one of two members."""
    made_of = []
    for family, members in (("profile", 2), ("distill", 1)):
        config = NetworkConfig(60, 26, filters=3, layers=2, first_kernel=7, profile_kernel=17, family=family)
        splits = [Split(("chrI",), ("chrII",), (f"chr{i}",)) for i in range(members)]
        ensemble = Ensemble(
            "T", ["exo"], [Member(build_network(config), ["exo"], str(i), splits[i]) for i in range(members)]
        )
        made_of.append(made(lambda path, one=ensemble: save_ensemble(path, one), ".safetensors"))
    return made_of


@cache
def bpnetlite_safetensors() -> list[bytes]:
    """Return weights of bpnet-lite in safetensors."""
    torch.manual_seed(0)
    return [made(lambda path: save_file(BPNet(3).state_dict(), path), ".safetensors")]


def arrays() -> tuple[np.ndarray, np.ndarray]:
    """Return scores and one-hot sequences, (regions, length, 4)."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(REGIONS, LENGTH, 4)).astype(np.float32), np.eye(4, dtype=np.int8)[
        rng.integers(0, 4, (REGIONS, LENGTH))
    ]


@cache
def score_files() -> list[bytes]:
    """Return importance scores in HDF5 as the three programs write them."""
    scores, bases = arrays()
    starts = np.arange(REGIONS) * 100 + 50
    chroms = np.array(["chrI"] * REGIONS, dtype="S")

    def published(path: Path) -> None:
        with h5py.File(path, "w") as file:
            file["coords_chrom"], file["coords_start"], file["coords_end"] = chroms, starts, starts + LENGTH
            file["input_seqs"] = bases
            file.create_dataset(
                "profile_hyp_scores", data=scores, compression="gzip", chunks=(2, LENGTH, 4), shuffle=True
            )
            file.create_dataset("count_hyp_scores", data=scores, fletcher32=True, chunks=(2, LENGTH, 4))

    def bpnet(path: Path) -> None:
        with h5py.File(path, "w") as file:
            file["inputs/seq"] = bases
            file["metadata/range/chr"], file["metadata/range/start"], file["metadata/range/end"] = (
                chroms,
                starts,
                starts + LENGTH,
            )
            file["metadata/interval_from_task"] = np.array(["a"] * REGIONS, dtype="S")
            file["hyp_imp/a/profile/wn"], file["hyp_imp/a/counts/pre-act"] = scores, scores

    def chrombpnet_scores(path: Path) -> None:
        with h5py.File(path, "w", libver="latest") as file:
            file["raw/seq"], file["shap/seq"] = bases.swapaxes(1, 2), scores.swapaxes(1, 2).astype(np.float16)
            file["projected_shap/seq"] = (scores * bases).swapaxes(1, 2)
            file.attrs["head"] = "counts"

    return [made(write) for write in (published, bpnet, chrombpnet_scores)]


def npy(array: np.ndarray) -> bytes:
    """Return an npy file."""
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def npz(packed: bool = False, **arrays_by_name: np.ndarray) -> bytes:
    """Return an npz file."""
    out = io.BytesIO()
    (np.savez_compressed if packed else np.savez)(out, **arrays_by_name)
    return out.getvalue()


@cache
def workbooks() -> list[bytes]:
    """Return workbooks of Excel with a table of measurements."""
    import openpyxl

    def write(path: Path) -> None:
        book = openpyxl.Workbook()
        book.active.append(["sequence", "ddG", "class"])
        for i in range(6):
            book.active.append(["ACGT"[i % 4] * 3 + "ACG", i / 10, None if i % 2 else "a"])
        book.save(path)

    return [made(write, ".xlsx")]
