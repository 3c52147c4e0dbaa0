"""The dataset, from genome, bigWigs and peaks to HDF5, against a slow independent construction."""

import json
import time
from itertools import pairwise

import h5py
import numpy as np
import pandas as pd
import pytest

SIZES = {"chrA": 4000, "chrB": 3000, "chrC": 2500, "chrM": 600}
L_IN, L_OUT, JITTER = 60, 20, 4


@pytest.fixture(scope="module")
def inputs(tmp_path_factory, make):
    """A genome, two tasks (one of two replicates and a control), peaks, an excluded interval."""
    folder = tmp_path_factory.mktemp("inputs")
    genome = make.genome(SIZES, seed=3)
    genome["chrA"] = genome["chrA"][:2000] + "N" * 100 + genome["chrA"][2100:].lower()
    rng = np.random.default_rng(4)
    tracks = {}
    for name, mean in (("t1r1", 0.2), ("t1r2", 0.1), ("t1c1", 0.05), ("t2r1", 0.3)):
        for strand in ("plus", "minus"):
            values = {chrom: rng.poisson(mean, size).astype(float) for chrom, size in SIZES.items()}
            tracks[name, strand] = values
            make.bigwig(folder / f"{name}.{strand}.bw", SIZES, values)
    tracks["t1r1", "plus"]["chrA"][505] = 300  # more than 8 bits hold
    make.bigwig(folder / "t1r1.plus.bw", SIZES, tracks["t1r1", "plus"])
    rows = [("chrA", s) for s in (500, 505, 900, 1200, 1500, 3970, 31, 3000)] + [("chrB", s) for s in (400, 800, 32)]
    rows += [("chrC", s) for s in (300, 2000, 2470)] + [("chrM", 300)]
    narrow = "".join(f"{c}\t{s - 10}\t{s + 15}\tp\t0\t.\t1\t-1\t-1\t10\n" for c, s in rows)
    (folder / "t1.narrowPeak").write_text(narrow + narrow.splitlines()[0] + "\n")
    (folder / "t2.bed").write_text("chrA\t890\t910\nchrB\t1000\t1021\n")
    (folder / "gaps.bed").write_text("chrA\t1209\t1215\n")
    make.fasta(folder / "g.fa.gz", genome)
    return folder, genome, tracks


def arguments(folder, outdir, *more):
    return [
        *("--tf", "TF", "--fasta", folder / "g.fa.gz", "--outdir", outdir),
        *("--signal", f"t1,{folder}/t1r1.plus.bw,{folder}/t1r1.minus.bw"),
        *("--signal", f"t1,{folder}/t1r2.plus.bw,{folder}/t1r2.minus.bw"),
        *("--signal", f"t2,{folder}/t2r1.plus.bw,{folder}/t2r1.minus.bw"),
        *("--control", f"t1,{folder}/t1c1.plus.bw,{folder}/t1c1.minus.bw"),
        *("--peaks", f"t1,{folder}/t1.narrowPeak", "--peaks", f"t2,{folder}/t2.bed"),
        *("--exclude", folder / "gaps.bed", "--input_length", L_IN, "--output_length", L_OUT),
        *("--max_jitter", JITTER, "--valid_chroms", "chrB", "--test_chroms", "chrC"),
        *("--train_background_per_peak", 3, "--background_margin", 15, "--seed", 7),
        *more,
    ]


@pytest.fixture(scope="module")
def made(inputs, tmp_path_factory, command):
    folder = inputs[0]
    outdir = tmp_path_factory.mktemp("made")
    done = command("dataset", *arguments(folder, outdir))
    assert done.returncode == 0, done.stderr
    regions = pd.read_csv(outdir / "TF.regions.tsv", sep="\t", keep_default_na=False, na_values=["NA"])
    return outdir, regions, json.loads((outdir / "TF.dataset.json").read_text())


def padded(values, start, length, fill):
    """Cut [start, start + length) out of a sequence, filling in what lies outside."""
    return [values[i] if 0 <= i < len(values) else fill for i in range(start, start + length)]


def dense(group, tracks):
    """Write out the entries of a group of counts, one by one: (regions, tracks, 2, length)."""
    indptr, position, value = (group[name][:] for name in ("indptr", "position", "value"))
    windows = np.zeros((len(indptr) - 1, L_OUT + 2 * JITTER))
    for row, (first, last) in enumerate(pairwise(indptr)):
        assert (np.diff(position[first:last].astype(int)) > 0).all()
        for entry in range(first, last):
            windows[row, position[entry]] = value[entry]
    assert (value > 0).all()
    return windows.reshape(-1, tracks, 2, windows.shape[1])


def test_peaks_are_kept_or_dropped_with_a_reason(made):
    peaks = made[1][made[1]["kind"] == "peak"].set_index("region_id")
    end = "input window off the chromosome end"
    assert peaks["reason"].dropna().to_dict() == {
        "chrA:31": f"{end} when shifted in training",
        "chrA:500#2": "second peak of a task on this summit",
        "chrA:1200": "output window overlaps an excluded interval",
        "chrA:3970": f"{end} when shifted in training",
        "chrM:300": "chromosome in no split",
    }
    assert (peaks["split"] == "none").equals(peaks["reason"].notna())
    assert peaks.index[~peaks["kept"]].tolist() == ["chrA:500#2"]
    assert peaks.loc["chrA:900", "tasks"] == "t1,t2"
    assert peaks.loc["chrB:1010", "tasks"] == "t2"
    assert peaks.loc["chrB:32", "split"] == "valid"
    assert tuple(peaks.loc["chrA:500", ["chrom", "start", "end", "summit"]]) == ("chrA", 490, 515, 500)


def test_arrays_equal_cutting_each_window_out(inputs, made):
    _, genome, tracks = inputs
    outdir, regions, _ = made
    kept = regions[regions["kept"]]
    with h5py.File(outdir / "TF.dataset.h5") as file:
        assert file["region_id"].asstr()[:].tolist() == kept["region_id"].tolist()
        for column in ("chrom", "kind", "split", "matched_to"):
            assert file[column].asstr()[:].tolist() == kept[column].fillna("").tolist()
        assert file["match_rank"][:].tolist() == kept["match_rank"].tolist()
        assert file["summit"][:].tolist() == kept["summit"].tolist()
        named = kept["tasks"].str.split(",")
        assert file["is_peak"][:].tolist() == [[task in tasks for task in ("t1", "t2")] for tasks in named]
        assert file["has_control"][:].tolist() == [True, False]
        assert file["control/of_task"][:].tolist() == [0, -1]
        types = {name: file[name].dtype for name in ("sequence", "signal/value", "control/value", "signal/position")}
        assert types == {
            **{"sequence": "uint8", "signal/value": "uint16", "control/value": "uint8", "signal/position": "uint16"}
        }
        attributes = dict(file.attrs)
        folds = {"lists": {"train": ["chrA"], "valid": ["chrB"], "test": ["chrC"]}}
        assert json.loads(file["folds"].asstr()[()]) == folds
        assert set(json.loads(file["sizes"].asstr()[()])) == set(kept["chrom"])
        assert attributes == {
            **{"format": "cistill-dataset", "format_version": 2, "tf": "TF", "tasks": '["t1", "t2"]', "seed": 7},
            **{"input_length": L_IN, "output_length": L_OUT, "max_jitter": JITTER},
        }
        sequence, signal, control = file["sequence"][:], dense(file["signal"], 2), dense(file["control"], 1)
    used = kept["reason"].isna().tolist()  # the others have no signal
    for i, (chrom, summit) in enumerate(zip(kept["chrom"], kept["summit"], strict=True)):
        bases = padded(genome[chrom].upper(), summit - L_IN // 2 - JITTER, L_IN + 2 * JITTER, "N")
        assert sequence[i].tolist() == ["ACGTN".index(base) for base in bases]
        for s, strand in enumerate(("plus", "minus")):
            parts = {
                name: np.array(padded(tracks[name, strand][chrom], summit - L_OUT // 2 - JITTER, L_OUT + 2 * JITTER, 0))
                for name in ("t1r1", "t1r2", "t1c1", "t2r1")
            }
            assert signal[i, 0, s].tolist() == (used[i] * (parts["t1r1"] + parts["t1r2"])).tolist()
            assert signal[i, 1, s].tolist() == (used[i] * parts["t2r1"]).tolist()
            assert control[i, 0, s].tolist() == parts["t1c1"].tolist()


def test_validation_windows_may_lose_the_jitter_margin_at_a_chromosomes_end(made):
    outdir, regions, _ = made
    kept = regions[regions["kept"]].reset_index(drop=True)
    row = kept.index[kept["region_id"] == "chrB:32"][0]
    with h5py.File(outdir / "TF.dataset.h5") as file:
        assert file["sequence"][row][:3].tolist() == [4, 4, file["sequence"][row][2]]
        assert (file["sequence"][row][2:] < 4).all()


def test_counts_and_gc_are_those_of_the_unshifted_windows(inputs, made):
    _, genome, tracks = inputs
    regions = made[1]
    signals = ("t1r1", "t1r2", "t2r1")
    for row in regions.itertuples():
        start = row.summit - L_OUT // 2
        total = sum(
            sum(padded(tracks[name, strand][row.chrom], start, L_OUT, 0))
            for name in signals
            for strand in ("plus", "minus")
        )
        assert row.counts == total
        bases = "".join(padded(genome[row.chrom].upper(), row.summit - L_IN // 2, L_IN, "")).replace("N", "")
        assert row.gc == pytest.approx(sum(base in "GC" for base in bases) / len(bases), abs=1e-5)


def test_backgrounds_avoid_all_peaks_and_match_their_own(inputs, made):
    regions = made[1]
    peaks = regions[regions["kind"] == "peak"]
    background = regions[regions["kind"] == "background"]
    per_peak = background.groupby("matched_to").size()
    kept = peaks[peaks["split"] != "none"].set_index("region_id")
    assert set(per_peak.index) == set(kept.index)
    assert (per_peak == kept["split"].map({"train": 3, "valid": 1, "test": 1}).loc[per_peak.index]).all()
    assert background["region_id"].is_unique
    assert (background["split"].to_numpy() == kept.loc[background["matched_to"], "split"].to_numpy()).all()
    for row in background.itertuples():
        near = peaks[peaks["chrom"] == row.chrom]["summit"]
        assert (np.abs(near - row.summit) >= L_OUT + 15).all()  # the dropped ones too
        bases = inputs[1][row.chrom][row.summit - L_IN // 2 - JITTER : row.summit + L_IN // 2 + JITTER]
        assert len(bases) == L_IN + 2 * JITTER
        assert "N" not in bases
        assert (row.start, row.end) == (row.summit - L_OUT // 2, row.summit + L_OUT // 2)


def test_the_record_tells_how_well_gc_matched_and_why_peaks_were_dropped(made):
    _, regions, record = made
    results = record["results"]
    assert results["peaks"] == 17
    assert results["peaks_kept"] == {"train": 5, "valid": 4, "test": 3}
    assert sum(results["peaks_left_out"].values()) == 5
    gc = regions.set_index("region_id")["gc"]
    own = regions[(regions["kind"] == "background") & (regions["split"] == "train")]
    difference = np.abs(own["gc"].to_numpy() - gc.loc[own["matched_to"]].to_numpy())
    assert results["background"]["train"]["mean_absolute_difference"] == pytest.approx(difference.mean(), abs=1e-4)
    assert record["seed"] == 7
    assert record["inputs"]["peaks t2"]["name"] == "t2.bed"


def test_same_seed_same_bytes_other_seed_other_background(inputs, made, tmp_path, command):
    folder = inputs[0]
    time.sleep(max(0, 1.1 - (time.time() - (made[0] / "TF.dataset.h5").stat().st_mtime)))  # HDF5 times are seconds
    for name, seed in (("same", 7), ("other", 8)):
        done = command("dataset", *arguments(folder, tmp_path / name, "--seed", seed))
        assert done.returncode == 0, done.stderr
    for file in ("TF.dataset.h5", "TF.regions.tsv"):
        assert (made[0] / file).read_bytes() == (tmp_path / "same" / file).read_bytes()
    assert (made[0] / "TF.regions.tsv").read_bytes() != (tmp_path / "other" / "TF.regions.tsv").read_bytes()


FOLDS = {
    "A": {"train": ["chrB"], "valid": ["chrC"], "test": ["chrA"]},
    "B": {"train": ["chrA"], "valid": ["chrC"], "test": ["chrB"]},
    "C": {"train": ["chrA"], "valid": ["chrB"], "test": ["chrC"]},
}


@pytest.fixture(scope="module")
def in_folds(inputs, tmp_path_factory, command):
    """The regions and the file of a dataset of three folds."""
    folder, outdir = inputs[0], tmp_path_factory.mktemp("folds")
    (folder / "folds.json").write_text(json.dumps(FOLDS))
    without_lists = arguments(folder, outdir, "--splits", folder / "folds.json", "--folds", "all")
    at = without_lists.index("--valid_chroms")
    del without_lists[at : at + 4]
    done = command("dataset", *without_lists)
    assert done.returncode == 0, done.stderr
    regions = pd.read_csv(outdir / "TF.regions.tsv", sep="\t", keep_default_na=False, na_values=["NA"])
    return regions, outdir


def test_a_dataset_holds_several_folds(made, in_folds):
    regions, outdir = in_folds
    with h5py.File(outdir / "TF.dataset.h5") as file:
        assert json.loads(file["folds"].asstr()[()]) == FOLDS
    usable = regions[regions["reason"].isna()]
    assert (usable["split"] == "test").all()
    assert (usable["tested_in"] == usable["chrom"].str[-1]).all()
    assert regions.loc[regions["reason"].notna(), "tested_in"].isna().all()
    record = json.loads((outdir / "TF.dataset.json").read_text())["results"]
    # chrB:32 has no room for the shift, and now it would be trained on
    assert record["folds"]["C"]["peaks"] == {"train": 5, "valid": 3, "test": 3}
    assert record["folds"]["A"] == {**FOLDS["A"], "peaks": {"train": 3, "valid": 3, "test": 5}}


def test_backgrounds_are_in_the_part_of_their_peak_in_every_fold(in_folds):
    regions = in_folds[0].set_index("region_id")
    background = regions[regions["kind"] == "background"]
    # no two chromosomes are used alike
    assert (background["chrom"].to_numpy() == regions.loc[background["matched_to"], "chrom"].to_numpy()).all()
    ranks = background.groupby("matched_to")["match_rank"].agg(list)
    assert all(sorted(found) == ([0] if peak.startswith("chrC") else [0, 1, 2]) for peak, found in ranks.items())


def test_a_locus_of_two_tasks_is_one_region_with_both_tasks_signal(inputs, tmp_path, command):
    folder, _, tracks = inputs
    (tmp_path / "t2.bed").write_text("chrA\t907\t928\nchrB\t1000\t1021\n")  # summits 917 and 1010; t1 has 900
    more = ["--peaks", f"t1,{folder}/t1.narrowPeak", "--peaks", f"t2,{tmp_path}/t2.bed"]
    given = arguments(folder, tmp_path / "out", "--locus_distance", 17)
    at = given.index("--peaks")
    given[at : at + 4] = more
    done = command("dataset", *given)
    assert done.returncode == 0, done.stderr
    regions = pd.read_csv(tmp_path / "out" / "TF.regions.tsv", sep="\t").set_index("region_id")
    merged = regions.loc["chrA:908"]
    assert merged[["tasks", "start", "end", "summit"]].tolist() == ["t1,t2", 890, 928, 908]
    assert "chrA:900" not in regions.index
    with h5py.File(tmp_path / "out" / "TF.dataset.h5") as file:
        row = file["region_id"].asstr()[:].tolist().index("chrA:908")
        assert file["is_peak"][row].tolist() == [True, True]
        window = slice(908 - L_OUT // 2 - JITTER, 908 + L_OUT // 2 + JITTER)
        expected = tracks["t2r1", "minus"]["chrA"][window]
        assert dense(file["signal"], 2)[row, 1, 1].tolist() == expected.tolist()


def test_tasks_that_share_a_control_store_it_once(inputs, tmp_path, command):
    folder = inputs[0]
    for strand in ("plus", "minus"):
        (tmp_path / f"again.{strand}.bw").write_bytes((folder / f"t1c1.{strand}.bw").read_bytes())
    shared = ["--control", f"t2,{tmp_path}/again.plus.bw,{tmp_path}/again.minus.bw"]
    done = command("dataset", *arguments(folder, tmp_path, *shared))
    assert done.returncode == 0, done.stderr
    with h5py.File(tmp_path / "TF.dataset.h5") as file:
        assert file["control/of_task"][:].tolist() == [0, 0]
        assert len(file["control/indptr"]) == 2 * len(file["region_id"]) + 1


def test_without_controls_nothing_is_stored_for_them(inputs, tmp_path, command):
    given = arguments(inputs[0], tmp_path)
    at = given.index("--control")
    del given[at : at + 2]
    done = command("dataset", *given)
    assert done.returncode == 0, done.stderr
    with h5py.File(tmp_path / "TF.dataset.h5") as file:
        assert file["control/of_task"][:].tolist() == [-1, -1]
        assert file["control/indptr"][:].tolist() == [0]
        assert len(file["control/value"]) == 0


def test_a_fold_without_peaks_in_a_part_is_named(inputs, tmp_path, command):
    folder = inputs[0]
    (tmp_path / "folds.json").write_text(json.dumps({**FOLDS, "C": {**FOLDS["C"], "test": ["chrM"]}}))
    given = arguments(folder, tmp_path / "out", "--splits", tmp_path / "folds.json", "--folds", "C,A")
    at = given.index("--valid_chroms")
    del given[at : at + 4]
    (tmp_path / "gaps.bed").write_text("chrM\t0\t600\n")
    given[given.index("--exclude") + 1] = tmp_path / "gaps.bed"
    done = command("dataset", *given)
    assert done.returncode == 2
    assert "no peak is left for fold 'C': test (17 peaks in all" in done.stderr


def refused(command, folder, outdir, *more):
    done = command("dataset", *arguments(folder, outdir, *more))
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert not outdir.exists() or list(outdir.iterdir()) == []
    return done.stderr


def test_fractional_counts_are_refused_unless_allowed(inputs, tmp_path, make, command):
    folder = inputs[0]
    half = {chrom: np.full(size, 0.5) for chrom, size in SIZES.items()}
    for strand in ("plus", "minus"):
        make.bigwig(tmp_path / f"half.{strand}.bw", SIZES, half)
    signal = ["--signal", f"t1,{tmp_path}/half.plus.bw,{tmp_path}/half.minus.bw"]
    message = refused(command, folder, tmp_path / "out", *signal)
    assert "0.5 at chrA:" in message
    assert "--allow_fractional_counts" in message
    done = command("dataset", *arguments(folder, tmp_path / "out", *signal, "--allow_fractional_counts"))
    assert done.returncode == 0, done.stderr
    with h5py.File(tmp_path / "out" / "TF.dataset.h5") as file:
        assert file["signal/value"].dtype == np.float32
        assert set(np.unique(file["signal/value"][:] % 1)) == {0.0, 0.5}


def test_what_cannot_make_a_dataset_is_refused_and_nothing_is_left_behind(inputs, tmp_path, command):
    folder, out = inputs[0], tmp_path / "out"
    message = refused(command, folder, out, "--train_background_per_peak", 250)
    assert "background of the train chromosomes: 1250 background windows are wanted but only" in message
    (tmp_path / "all.bed").write_text("chrC\t0\t2500\n")
    message = refused(command, folder, out, "--exclude", tmp_path / "all.bed")
    assert "no peak is left for test" in message
    assert "3 left out: output window overlaps an excluded interval" in message
    assert "expected TASK,PLUS,MINUS" in refused(command, folder, out, "--signal", "t1,only.bw")


def test_help_is_quick_and_names_the_options(command):
    done = command("dataset", "--help")
    assert done.returncode == 0
    for option in (
        "--folds",
        "--locus_distance",
        "--train_background_per_peak",
        "--max_jitter",
        "--allow_fractional_counts",
    ):
        assert option in done.stdout
