"""Importing importance scores of other programs."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import h5py
import numpy as np
import pandas as pd
import pytest

from cistill.formats.attributions import open_windows

Run = Callable[..., CompletedProcess[str]]
LENGTH = 40
SUMMITS = [100, 300, 300, 500, 720]
BASES = "ACGT"


@pytest.fixture
def genome(tmp_path: Path) -> np.ndarray:
    """Write a chromosome of 1,000 bases; return their codes."""
    codes = np.random.default_rng(0).integers(0, 4, 1000)
    (tmp_path / "genome.fa").write_text(">chr1\n" + "".join(BASES[code] for code in codes) + "\n>chr2\nACGT\n")
    return codes


@pytest.fixture
def windows(genome: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return hypothetical scores and one-hot sequences around the summits, (regions, length, 4)."""
    one_hot = np.stack([np.eye(4)[genome[summit - 20 : summit + 20]] for summit in SUMMITS])
    return np.random.default_rng(1).normal(size=one_hot.shape).astype(np.float32), one_hot


def write_peaks(path: Path, summits: list[int]) -> Path:
    rows = [f"chr1\t{s - 7}\t{s + 13}\tpeak{i}\t0\t.\t1\t1\t1\t7\n" for i, s in enumerate(summits)]
    path.write_text("".join(rows))
    return path


def write_published(path: Path, scores: np.ndarray, one_hot: np.ndarray, **keys: np.ndarray) -> Path:
    """Write the layout of the published motif discovery."""
    with h5py.File(path, "w") as file:
        file.create_dataset("coords_chrom", data=np.array(["chr1"] * len(scores), dtype="S"))
        file["coords_start"] = np.array(SUMMITS) - LENGTH // 2
        file["coords_end"] = np.array(SUMMITS) + LENGTH // 2
        file["input_seqs"] = one_hot.astype(np.float32)
        for name, values in (keys or {"profile_hyp_scores": scores, "count_hyp_scores": -scores}).items():
            file.create_dataset(name, data=values, compression="gzip")
    return path


def import_scores(run: Run, folder: Path, *options: object) -> CompletedProcess[str]:
    return run("importscores", "--tf", "T", "--outdir", folder / "out", *options)


def imported(folder: Path, head: str) -> tuple[list[str], np.ndarray, np.ndarray]:
    found = open_windows(folder / "out" / f"T.{head}.attributions.h5")
    assert (found.head, found.tf) == (head, "T")
    return found.region_id.tolist(), *found.read(0, len(found))


def test_the_published_layout_gives_both_heads(run_command: Run, tmp_path: Path, windows: tuple) -> None:
    scores, one_hot = windows
    done = import_scores(run_command, tmp_path, "--scores", write_published(tmp_path / "s.h5", scores, one_hot))
    assert done.returncode == 0, done.stderr
    for head, values in (("profile", scores), ("counts", -scores)):
        names, found, bases = imported(tmp_path, head)
        assert names == ["chr1:100", "chr1:300", "chr1:300#2", "chr1:500", "chr1:720"]
        np.testing.assert_array_equal(found, values)
        np.testing.assert_array_equal(bases, one_hot)
    with h5py.File(tmp_path / "out" / "T.profile.attributions.h5") as file:
        assert file["coords_start"][:].tolist() == [80, 280, 280, 480, 700]
        assert file.attrs["contributions"] == "hypothetical"
        assert file.attrs["imported_from"] == "motif_discovery"
        assert np.isnan(file["completeness_gap"][:]).all()
    regions = pd.read_csv(tmp_path / "out" / "T.regions.tsv", sep="\t")
    assert regions["summit"].tolist() == SUMMITS
    assert regions["kept"].all()
    record = json.loads((tmp_path / "out" / "T.importscores.json").read_text())
    assert record["results"]["profile"] == {"regions": 5, "length": LENGTH, "scores": "hypothetical"}


def test_one_head_peaks_and_half_precision_are_chosen(call_command: Run, tmp_path: Path, windows: tuple) -> None:
    file = write_published(tmp_path / "s.h5", *windows)
    peaks = write_peaks(tmp_path / "p.narrowPeak", [720, 300, 999])
    done = import_scores(
        call_command, tmp_path, "--scores", file, "--head", "counts", "--peaks", peaks, "--half_precision"
    )
    assert done.returncode == 0, done.stderr
    names, found, _ = imported(tmp_path, "counts")
    assert names == ["chr1:300", "chr1:300#2", "chr1:720"]
    np.testing.assert_array_equal(found, (-windows[0][[1, 2, 4]]).astype(np.float16))
    assert not (tmp_path / "out" / "T.profile.attributions.h5").exists()


def test_bpnet_rows_are_those_of_the_task(call_command: Run, tmp_path: Path, windows: tuple) -> None:
    scores, one_hot = windows
    with h5py.File(tmp_path / "deeplift.imp_score.h5", "w") as file:
        file["inputs/seq"] = one_hot.astype(np.float32)
        for name, values in (("chr", np.array(["chr1"] * 5, dtype="S")), ("start", np.array(SUMMITS) - 20)):
            file[f"metadata/range/{name}"] = values
        file["metadata/range/end"] = np.array(SUMMITS) + 20
        file["metadata/interval_from_task"] = np.array(["Oct4", "Nanog", "Oct4", "Oct4", "Nanog"], dtype="S")
        for task, sign in (("Oct4", 1), ("Nanog", -1)):
            file[f"hyp_imp/{task}/profile/wn"] = sign * scores
            file[f"hyp_imp/{task}/counts/pre-act"] = 2 * sign * scores
    done = import_scores(call_command, tmp_path, "--scores", tmp_path / "deeplift.imp_score.h5")
    assert done.returncode == 2
    assert "name the task with --task: Nanog, Oct4" in done.stderr
    done = import_scores(call_command, tmp_path, "--scores", tmp_path / "deeplift.imp_score.h5", "--task", "Oct4")
    assert done.returncode == 0, done.stderr
    names, found, _ = imported(tmp_path, "profile")
    assert names == ["chr1:100", "chr1:300", "chr1:500"]
    np.testing.assert_array_equal(found, scores[[0, 2, 3]])
    np.testing.assert_array_equal(imported(tmp_path, "counts")[1], 2 * scores[[0, 2, 3]])


def write_chrombpnet(path: Path, scores: np.ndarray, one_hot: np.ndarray) -> Path:
    with h5py.File(path, "w") as file:
        file["raw/seq"] = one_hot.swapaxes(1, 2).astype(np.int8)
        file["shap/seq"] = scores.swapaxes(1, 2).astype(np.float16)
        file["projected_shap/seq"] = (scores * one_hot).swapaxes(1, 2)
    return path


def test_chrombpnet_needs_peaks_of_the_same_number(call_command: Run, tmp_path: Path, windows: tuple) -> None:
    file = write_chrombpnet(tmp_path / "x.counts_scores.h5", *windows)
    peaks = write_peaks(tmp_path / "p.narrowPeak", SUMMITS)
    done = import_scores(call_command, tmp_path, "--scores", file, "--peaks", peaks, "--fasta", tmp_path / "genome.fa")
    assert done.returncode == 0, done.stderr
    names, found, _ = imported(tmp_path, "counts")
    assert names[2] == "chr1:300#2"
    np.testing.assert_array_equal(found, windows[0].astype(np.float16))
    assert pd.read_csv(tmp_path / "out" / "T.regions.tsv", sep="\t")["start"].tolist() == [s - 7 for s in SUMMITS]
    fewer = write_peaks(tmp_path / "f.narrowPeak", SUMMITS[:4])
    done = import_scores(call_command, tmp_path, "--scores", file, "--peaks", fewer)
    assert done.returncode == 2
    assert "scores of 5 regions" in done.stderr
    assert "has 4 peaks" in done.stderr
    done = import_scores(call_command, tmp_path, "--scores", file)
    assert "give --peaks" in done.stderr


def test_ids_in_the_file_find_their_peaks_in_any_order(call_command: Run, tmp_path: Path, windows: tuple) -> None:
    file = write_chrombpnet(tmp_path / "x.profile_scores.h5", *windows)
    with h5py.File(file, "r+") as handle:
        handle["region_id"] = np.array([f"peak{i}" for i in range(5)], dtype="S")
    peaks = write_peaks(tmp_path / "p.narrowPeak", [*SUMMITS, 900])
    peaks.write_text("".join(reversed(peaks.read_text().splitlines(keepends=True))))
    options = ("--scores", file, "--peaks", peaks, "--fasta", tmp_path / "genome.fa")
    assert "no peak with the id peak0" in import_scores(call_command, tmp_path, *options).stderr
    done = import_scores(call_command, tmp_path, *options, "--id_column", 4)
    assert done.returncode == 0, done.stderr
    names, found, _ = imported(tmp_path, "profile")
    assert names == ["peak0", "peak1", "peak2", "peak3", "peak4"]
    np.testing.assert_array_equal(found, windows[0].astype(np.float16))


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz_with_the_rows_that_were_kept(call_command: Run, tmp_path: Path, windows: tuple, save: Callable) -> None:
    scores, one_hot = windows
    save(tmp_path / "attr.npz", scores.swapaxes(1, 2).copy())
    save(tmp_path / "ohe.npz", other=np.zeros(3), sequences=one_hot.astype(np.int8))
    np.save(tmp_path / "idxs.npy", np.array([False] + [True] * 5))
    peaks = write_peaks(tmp_path / "p.narrowPeak", [10, *SUMMITS])
    done = import_scores(
        call_command, tmp_path, "--scores", tmp_path / "attr.npz", "--sequences", tmp_path / "ohe.npz",
        "--sequence_key", "sequences", "--head", "counts", "--peaks", peaks, "--rows", tmp_path / "idxs.npy",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    names, found, bases = imported(tmp_path, "counts")
    assert names[0] == "chr1:100"
    np.testing.assert_array_equal(found, scores)
    np.testing.assert_array_equal(bases, one_hot)


def test_actual_contributions_with_sequences_of_the_genome(call_command: Run, tmp_path: Path, windows: tuple) -> None:
    scores, one_hot = windows
    actual = (scores * one_hot).sum(-1)
    np.save(tmp_path / "counts.npy", actual)
    peaks = write_peaks(tmp_path / "p.narrowPeak", SUMMITS)
    options = ("--scores", tmp_path / "counts.npy", "--peaks", peaks)
    assert "give --sequences, or --fasta" in import_scores(call_command, tmp_path, *options).stderr
    done = import_scores(call_command, tmp_path, *options, "--fasta", tmp_path / "genome.fa")
    assert done.returncode == 0, done.stderr
    _, found, bases = imported(tmp_path, "counts")
    np.testing.assert_array_equal(bases, one_hot)
    np.testing.assert_allclose(found, scores * one_hot)
    with h5py.File(tmp_path / "out" / "T.counts.attributions.h5") as file:
        assert file.attrs["contributions"] == "actual"


def test_actual_contributions_given_as_hypothetical_ones_are_noticed(
    call_command: Run, tmp_path: Path, windows: tuple
) -> None:
    scores, one_hot = windows
    file = write_published(tmp_path / "s.h5", scores, one_hot, count_hyp_scores=scores * one_hot)
    done = import_scores(call_command, tmp_path, "--scores", file)
    assert done.returncode == 0
    assert "these are actual contributions" in done.stderr
    with h5py.File(tmp_path / "out" / "T.counts.attributions.h5") as handle:
        assert handle.attrs["contributions"] == "actual"


@pytest.mark.parametrize(("shift", "hint"), [(1, "They agree -1 bp from there"), (7, "the same assembly")])
def test_sequences_that_are_not_the_genomes_are_refused(
    call_command: Run, tmp_path: Path, windows: tuple, shift: int, hint: str
) -> None:
    file = write_published(tmp_path / "s.h5", *windows)
    with h5py.File(file, "r+") as handle:
        handle["coords_start"][3:] += shift
        handle["coords_end"][3:] += shift
    done = import_scores(call_command, tmp_path, "--scores", file, "--fasta", tmp_path / "genome.fa")
    assert done.returncode == 2
    assert "sequences of 2 of 5 regions are not the genome's" in done.stderr
    assert f"chr1:{500 + shift}" in done.stderr
    assert hint in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "out").glob("*.h5"))


def test_a_reverse_complement_is_named(call_command: Run, tmp_path: Path, windows: tuple) -> None:
    scores, one_hot = windows
    file = write_published(tmp_path / "s.h5", scores, one_hot[:, ::-1, ::-1])
    done = import_scores(call_command, tmp_path, "--scores", file, "--fasta", tmp_path / "genome.fa")
    assert "reverse complement" in done.stderr


def damage_nan(file: h5py.File) -> None:
    file["count_hyp_scores"][3, 5, 2] = np.nan


def damage_one_hot(file: h5py.File) -> None:
    file["input_seqs"][1, 4] = [1, 1, 0, 0]


def damage_width(file: h5py.File) -> None:
    file["coords_end"][2] += 1


def damage_number(file: h5py.File) -> None:
    del file["input_seqs"]
    file["input_seqs"] = np.zeros((4, LENGTH, 4), dtype=np.int8)


def damage_keys(file: h5py.File) -> None:
    del file["count_hyp_scores"], file["profile_hyp_scores"]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (damage_nan, "the scores of chr1:500 hold NaN"),
        (damage_one_hot, "the sequence of chr1:300 is not one-hot"),
        (damage_width, "row 2: 41 bp"),
        (damage_number, "scores of 5 regions of 40 bp, but sequences of 4 of 40 bp"),
        (damage_keys, "the layout is not known"),
    ],
)
def test_what_is_wrong_is_said_once(
    call_command: Run, tmp_path: Path, windows: tuple, damage: Callable[[h5py.File], None], message: str
) -> None:
    file = write_published(tmp_path / "s.h5", *windows)
    with h5py.File(file, "r+") as handle:
        damage(handle)
    done = import_scores(call_command, tmp_path, "--scores", file, "--head", "counts")
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "out").glob("*.h5"))


def test_pickled_objects_and_odd_shapes_are_refused(call_command: Run, tmp_path: Path) -> None:
    np.savez(tmp_path / "counts.npz", np.array([{"a": 1}, None], dtype=object))
    np.save(tmp_path / "counts.npy", np.zeros((3, 5, 6)))
    (tmp_path / "counts.h5").write_text("no HDF5")
    for name, message in (("npz", "Python objects"), ("npy", "of shape (3, 5, 6)"), ("h5", "neither HDF5")):
        done = import_scores(call_command, tmp_path, "--scores", tmp_path / f"counts.{name}")
        assert done.returncode == 2
        assert message in done.stderr


def test_unknown_bases_and_windows_off_the_contig(call_command: Run, tmp_path: Path, windows: tuple) -> None:
    scores, one_hot = (part.copy() for part in windows)
    one_hot[0, :3] = 0  # N in the sequence: equal to whatever the genome has
    file = write_published(tmp_path / "s.h5", scores, one_hot, hyp_scores=scores)
    with h5py.File(file, "r+") as handle:
        handle["coords_start"][4], handle["coords_end"][4] = -10, 30
        handle["input_seqs"][4] = 0
    done = import_scores(
        call_command, tmp_path, "--scores", file, "--head", "profile", "--fasta", tmp_path / "genome.fa"
    )
    assert done.returncode == 0, done.stderr
    names, _, bases = imported(tmp_path, "profile")
    assert names[4] == "chr1:10"
    assert bases[0, :3].sum() == 0


def test_the_same_scores_give_the_same_bytes_block_by_block(
    call_command: Run, tmp_path: Path, windows: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cistill.interpret.imported import arrays, importing
    from cistill.interpret.imported.layouts import Request

    file = write_published(tmp_path / "s.h5", *windows)
    outputs = []
    for size in (256, 2):
        for module in (arrays, importing):
            monkeypatch.setattr(module, "ROWS_AT_ONCE", size)
        monkeypatch.setattr(arrays.Stored.blocks, "__defaults__", (size,))
        folder = tmp_path / str(size)
        folder.mkdir()
        importing.import_scores("T", Request(file, head="counts"), None, None, False, folder)
        outputs.append((folder / "T.counts.attributions.h5").read_bytes())
    assert outputs[0] == outputs[1]
