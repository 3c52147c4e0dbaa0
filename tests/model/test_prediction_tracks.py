"""bigWigs of predictions, and predictions for a list of regions."""

import json
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pyBigWig
import pytest
import torch
from toy_dataset import write_toy_dataset
from toy_ensemble import toy_ensemble

from cistill.errors import InputError
from cistill.model.ensemble import save_ensemble
from cistill.model.prediction import bigwig_tracks
from cistill.model.prediction.bigwig_tracks import write_tracks
from cistill.model.prediction.own_regions import read_regions, write_own_predictions
from cistill.model.windows.batches import Batch

LENGTH = 10
SIZES = {"chrB": 60, "chrA": 200, "chrC": 30}


def write_toy_predictions(path: Path) -> Path:
    """Write predictions of two tasks: regions overlap, touch, coincide, are unsorted and reach past the ends."""
    random = np.random.default_rng(0)
    places = [("chrA", s) for s in (90, 20, 24, 24, 34, 3, 150, 198, 91)] + [("chrB", 30), ("chrB", 55)]
    profile = random.normal(0, 1, (len(places), 2, 2, LENGTH))
    profile -= np.log(np.exp(profile).sum(-1, keepdims=True))
    counts = random.normal(2, 1, (len(places), 2, 2))
    counts[0, 0, 0] = -0.4  # less than no read
    with h5py.File(path, "w") as h5:
        h5.attrs.update(format="cistill-predictions", format_version=1, tasks=json.dumps(["one", "two"]))
        h5.create_dataset("chrom", data=[chrom for chrom, _ in places], dtype=h5py.string_dtype())
        h5["summit"] = np.array([summit for _, summit in places])
        h5["log_profile"] = profile.astype(np.float16)
        h5["log_counts"] = counts.astype(np.float32)
    return path


def slow_track(path: Path, chrom: str, task: int, strand: int) -> np.ndarray:
    """Return expected 5' ends at every base of a chromosome, region by region; NaN where none is."""
    total, number = np.zeros(SIZES[chrom]), np.zeros(SIZES[chrom])
    with h5py.File(path) as h5:
        for i, name in enumerate(h5["chrom"].asstr()[:]):
            share = np.exp(h5["log_profile"][i, task, strand].astype(float))
            values = share / share.sum() * max(0, np.exp(float(h5["log_counts"][i, task, strand])) - 1)
            for offset, value in enumerate(values):
                base = h5["summit"][i] - LENGTH // 2 + offset
                if name == chrom and 0 <= base < SIZES[chrom]:
                    total[base] += value
                    number[base] += 1
    with np.errstate(invalid="ignore"):
        return total / number


@pytest.mark.parametrize("at_once", [1, 3 * 4 * LENGTH, 1 << 20])
def test_tracks_are_means_over_regions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(bigwig_tracks, "VALUES_AT_ONCE", at_once)
    predictions = write_toy_predictions(tmp_path / "TOY.predictions.h5")
    paths = write_tracks(predictions, tmp_path / "TOY", SIZES)
    assert [path.name for path in paths] == [
        "TOY.one.predicted.plus.bw",
        "TOY.one.predicted.minus.bw",
        "TOY.two.predicted.plus.bw",
        "TOY.two.predicted.minus.bw",
    ]
    for place, path in enumerate(paths):
        with pyBigWig.open(str(path)) as track:
            assert track.chroms() == SIZES
            for chrom in ("chrA", "chrB"):
                found = track.values(chrom, 0, SIZES[chrom], numpy=True)
                np.testing.assert_allclose(found, slow_track(predictions, chrom, *divmod(place, 2)), rtol=2e-4)
            assert track.intervals("chrC") is None


def test_own_regions_are_predicted_from_the_genome(tmp_path: Path, run_command) -> None:
    dataset = write_toy_dataset(tmp_path / "TOY.dataset.h5", controls=True)
    ensemble = toy_ensemble(["0"], ["task0"], dataset, controls=True)
    save_ensemble(tmp_path / "TOY.model.safetensors", ensemble)
    random = np.random.default_rng(4)
    genome = {"chr4": random.integers(0, 4, 300), "chr1": random.integers(0, 4, 500)}
    text = "".join(f">{name}\n{''.join(np.array(list('ACGT'))[codes])}\n" for name, codes in genome.items())
    (tmp_path / "genome.fa").write_text(text)
    bed = "chr1\t100\t301\nchr4\t140\t160\nchr1\t10\t20\nchr1\t150\t250\n"
    (tmp_path / "own.bed").write_text(bed)
    done = run_command(
        "predict", "--model", "TOY.model.safetensors", "--bed", "own.bed", "--fasta", "genome.fa", "--bigwigs",
        "--outdir", "own", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert {file.name for file in (tmp_path / "own").iterdir()} == {
        "TOY.predictions.h5",
        "TOY.region_predictions.tsv",
        "TOY.predict.json",
        "TOY.task0.predicted.plus.bw",
        "TOY.task0.predicted.minus.bw",
    }
    sequence = np.zeros((4, 4, 66), dtype=np.float32)
    summits = [("chr4", 150), ("chr1", 200), ("chr1", 15), ("chr1", 200)]  # in the genome's order, then the file's
    for row, (name, summit) in enumerate(summits):
        for place in range(66):
            base = summit - 33 + place
            if base >= 0:
                sequence[row, genome[name][base], place] = 1
    batch = Batch(torch.from_numpy(sequence), torch.zeros(4, 0), torch.zeros(4, 1, 2, 40))
    expected = ensemble.predict(batch, np.array([name for name, _ in summits]))
    with h5py.File(tmp_path / "own/TOY.predictions.h5") as h5:
        assert list(h5["region_id"].asstr()[:]) == ["chr4:150", "chr1:200", "chr1:15", "chr1:200#2"]
        np.testing.assert_allclose(h5["log_counts"][:], expected.log_counts, atol=1e-5)
        np.testing.assert_allclose(h5["log_profile"][:], expected.log_profile, atol=0.01)
        assert h5["unseen"][:].tolist() == [True, False, False, False]  # the fold tests chr4
    table = pd.read_csv(tmp_path / "own/TOY.region_predictions.tsv", sep="\t")
    assert list(table["region_id"]) == ["chr4:150", "chr1:200", "chr1:15", "chr1:200#2"]
    np.testing.assert_allclose(table["predicted_log_count_plus"], expected.log_counts[:, 0, 0], rtol=1e-4)


@pytest.mark.parametrize(
    ("bed", "message"),
    [
        ("chr1\t10\t20\nchr1\t30\t20\n", "row 2: start 30 is not below end 20"),
        ("# nothing\n", "there is no region in the file"),
        ("chrZ\t10\t20\n", "1 region\\(s\\) are on chromosomes that .*genome.fa lacks: chrZ"),
    ],
)
def test_bad_regions_are_told(tmp_path: Path, bed: str, message: str) -> None:
    ensemble = toy_ensemble(["0"], ["task0"], write_toy_dataset(tmp_path / "TOY.dataset.h5"))
    (tmp_path / "bad.bed").write_text(bed)
    (tmp_path / "genome.fa").write_text(">chr1\nACGT\n")
    out = [tmp_path / "out.h5", tmp_path / "out.tsv"]
    with pytest.raises(InputError, match=message):
        write_own_predictions(*out, ensemble, read_regions(tmp_path / "bad.bed"), tmp_path / "genome.fa")
    assert not any(file.exists() for file in out)


def test_summits_of_narrowpeak_rows_are_used(tmp_path: Path) -> None:
    rows = ["chr1\t100\t200\tp\t0\t.\t1\t1\t1\t7", "chr1\t100\t200\tp\t0\t.\t1\t1\t1\t-1", "chr1\t100\t200"]
    (tmp_path / "a.narrowPeak").write_text("\n".join(rows) + "\n")
    assert read_regions(tmp_path / "a.narrowPeak")["region_id"].tolist() == ["chr1:107", "chr1:150", "chr1:150#2"]
