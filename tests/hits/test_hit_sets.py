"""Hit sets side by side: rankings, tracks as truth, footprints, shared hits, examples."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import h5py
import numpy as np
import pandas as pd
import pyBigWig
import pytest

from cistill.errors import InputError
from cistill.hits.comparison.hit_sets import HitSet, labelled_files, per_label
from cistill.hits.comparison.observed_signal import BigWigSignal, DatasetSignal
from cistill.hits.comparison.rank_footprint import footprint_scores, rank_footprints
from cistill.hits.comparison.ranked_recall import area, areas, at_top
from cistill.hits.comparison.shared import examples, hits_per_region_of_sets, shared_hits
from cistill.hits.comparison.site_matching import match_sites
from cistill.hits.comparison.truth_track import sites_of_track

Run = Callable[..., CompletedProcess[str]]
COLUMNS = ["chrom", "start", "end", "motif_id", "strand", "region_id", "confidence"]
SUMMITS = pd.DataFrame({"region_id": ["r1", "r2"], "chrom": "chr1", "summit": [1000, 3000]})


def hit_table(rows: list[tuple[int, str, str, float]], width: int = 10) -> pd.DataFrame:
    """Return hits from (start, motif, strand, confidence)."""
    table = pd.DataFrame(rows, columns=["start", "motif_id", "strand", "confidence"])
    region = np.where(table["start"] < 2000, "r1", "r2")
    table = table.assign(chrom="chr1", end=table["start"] + width, region_id=region)
    return table[COLUMNS].assign(rank_value=table["confidence"].astype(float))


ONE = hit_table([(1000, "A", "+", 0.9), (1050, "A", "+", 0.7), (2950, "B", "-", 0.6), (3050, "A", "-", 0.2)])
TWO = hit_table([(1004, "A", "-", 0.9), (1012, "B", "-", 0.8), (3050, "A", "+", 0.7)])


def test_area_is_precision_over_steps_of_recall() -> None:
    precision, recall = np.array([1, 0.5, 2 / 3]), np.array([0.5, 0.5, 1])
    assert area(precision, recall) == pytest.approx(0.5 + 0.5 * 2 / 3)
    assert area(precision, recall, 0.75) == pytest.approx(0.5 + 0.25 * 2 / 3)


def test_areas_and_tops_of_two_rankings_by_hand() -> None:
    sites = pd.DataFrame({"chrom": "chr1", "start": [1004, 3054, 2954], "site_class": ["p", "p", "s"]})
    sites["end"] = sites["start"] + 1
    rankings = {}
    for label, table in (("one", ONE), ("two", TWO.iloc[:2])):
        value = table["rank_value"].to_numpy()
        rankings[label] = (value, match_sites(table, value, SUMMITS, sites))
    found = areas(rankings, "p")
    # `one`: right, wrong, right (s), right: half of p with precision 1, the other half with 3/4
    assert found["one"]["average_precision"] == pytest.approx(0.5 + 0.5 * 0.75)
    assert found["one"]["n_sites"] == 2
    assert found["two"]["largest_recall"] == 0.5
    assert found["two"]["average_precision"] == pytest.approx(0.5)
    assert found["one"]["mean_precision_shared"] == pytest.approx(1)
    tops = at_top(*rankings["one"], "p", [2, 4, 9])
    assert (tops["precision_top_2"], tops["recall_top_2"]) == (0.5, 0.5)
    assert (tops["precision_top_4"], tops["recall_top_4"]) == (0.75, 1)
    assert np.isnan(tops["precision_top_9"])


def test_shared_hits_have_close_centres() -> None:
    table = shared_hits({"one": ONE, "two": TWO}, 10).set_index("hit_set")
    assert table["n_shared"].to_dict() == {"one": 2, "two": 2}  # the centre of 1012-1022 is 12 from 1005
    assert table["n_unique"].to_dict() == {"one": 2, "two": 1}
    wider = shared_hits({"one": ONE, "two": TWO}, 12).set_index("hit_set")
    assert wider.loc["two", ["n_shared", "n_shared_same_motif"]].tolist() == [3, 2]
    three = shared_hits({"one": ONE, "two": TWO, "none": ONE.iloc[:0]}, 10)
    either = three[(three["hit_set"] == "one") & (three["other_set"] == "any_other")].iloc[0]
    assert either["n_shared"] == 2
    assert np.isnan(three[three["hit_set"] == "none"]["share_shared"]).all()


def test_hits_per_region_count_regions_without_hits() -> None:
    table = hits_per_region_of_sets({"one": ONE, "two": TWO.iloc[:0]}, ["r1", "r2", "r3", "r4"])
    rows = table.set_index(["hit_set", "motif_id"])
    assert rows.loc[("one", "any"), ["n_hits", "n_regions_with_hit", "share_of_regions", "mean"]].tolist() == [
        4,
        2,
        0.5,
        1,
    ]
    assert rows.loc[("one", "A"), ["q25", "median", "q75", "max"]].tolist() == [0, 0.5, 1.25, 2]
    assert rows.loc[("two", "any"), "mean"] == 0


def test_examples_are_the_same_for_the_same_seed() -> None:
    found = examples({"one": ONE, "two": TWO}, 10, 2, seed=4)
    strongest = found[(found["kind"] == "strongest_unique") & (found["hit_set"] == "one")]
    assert strongest["start"].tolist() == [1050, 2950]
    assert strongest["n_hits_two"].tolist() == [2, 1]
    assert set(found["kind"]) == {"strongest_unique", "random_unique", "random_shared"}
    assert found.equals(examples({"one": ONE, "two": TWO}, 10, 2, seed=4))
    assert len(examples({"one": ONE, "two": ONE.iloc[:0]}, 10, 2, 0)) == 4


@pytest.fixture
def tracks(tmp_path: Path) -> tuple[Path, Path]:
    """Write 5' counts: a border at -12 of each hit's middle on its strand, and at +15 on the other one."""
    values = np.zeros((2, 5000))
    for row in ONE.itertuples():
        reverse = row.strand == "-"
        middle = (row.start + row.end) // 2
        if reverse:
            middle = row.start + row.end - 1 - middle
        step = -1 if reverse else 1
        values[int(reverse), middle - 12 * step] += 10 * row.confidence
        values[int(not reverse), middle + 15 * step] += 5
    paths = (tmp_path / "plus.bw", tmp_path / "minus.bw")
    for path, of_strand in zip(paths, values, strict=True):
        bigwig = pyBigWig.open(str(path), "w")
        bigwig.addHeader([("chr1", 5000)])
        at = np.flatnonzero(of_strand)
        bigwig.addEntries("chr1", at, values=of_strand[at], span=1)
        bigwig.close()
    return paths


def write_dataset(path: Path, tracks: tuple[Path, Path]) -> Path:
    """Write the signal of both regions' 300 bp around the summit, in the layout of dataset.h5."""
    with h5py.File(path, "w") as file:
        file.attrs.update(format="cistill-dataset", format_version=2, tasks='["T"]', output_length=280, max_jitter=10)
        file.create_dataset("region_id", data=["r1", "r2"], dtype=h5py.string_dtype())
        file["summit"] = [1000, 3000]
        pieces = []
        for summit in (1000, 3000):
            for track in tracks:
                bigwig = pyBigWig.open(str(track))
                pieces.append(np.nan_to_num(bigwig.values("chr1", summit - 150, summit + 150, numpy=True)))
        entries = [np.flatnonzero(piece) for piece in pieces]
        file["signal/indptr"] = np.concatenate([[0], np.cumsum([len(entry) for entry in entries])])
        file["signal/position"] = np.concatenate(entries).astype(np.uint16)
        file["signal/value"] = np.concatenate([piece[entry] for piece, entry in zip(pieces, entries, strict=True)])
    return path


def test_footprints_are_read_along_each_hits_strand(tracks: tuple[Path, Path], tmp_path: Path) -> None:
    only = HitSet("one", ONE[ONE["motif_id"] == "A"].reset_index(drop=True), "confidence")
    for signal in (BigWigSignal([tracks[0]], [tracks[1]]), DatasetSignal(write_dataset(tmp_path / "d.h5", tracks))):
        average, score = footprint_scores(only, signal)
        assert average["n_hits"].unique().tolist() == [3]
        assert average.loc[average["same_strand"].idxmax(), "offset"] == -12
        assert average.loc[average["opposite_strand"].idxmax(), "offset"] == 15
        assert score.tolist() == pytest.approx([9 + 5, 7 + 5, 2 + 5])


def test_rank_footprints_by_hand(tracks: tuple[Path, Path]) -> None:
    signal = BigWigSignal([tracks[0]], [tracks[1]])
    sets = [HitSet("one", ONE[ONE["motif_id"] == "A"].reset_index(drop=True), "c"), HitSet("none", ONE.iloc[:0], "c")]
    found = rank_footprints(sets, signal, bins=3)
    assert found.strong == pytest.approx(12 + 0.8 * 2)  # 90th percentile of 7, 12, 14
    assert found.weak == pytest.approx(12)
    curve = found.curve
    assert curve["hit_set"].tolist() == ["one"] * 3
    assert curve["mean_footprint"].tolist() == pytest.approx([14, 12, 7])
    assert curve["running_sum"].tolist() == pytest.approx([14, 26, 33])
    assert curve["n_strong"].tolist() == [1, 1, 1]
    assert curve["n_weak"].tolist() == [0, 0, 1]
    assert curve["precision_strong"].tolist() == [1, 1, 0.5]
    assert found.summary["one"]["footprint_average_precision"] == 1
    assert found.summary["none"]["n_scored"] == 0


def test_hits_off_the_dataset_windows_are_left_out(tracks: tuple[Path, Path], tmp_path: Path) -> None:
    signal = DatasetSignal(write_dataset(tmp_path / "d.h5", tracks))
    far = HitSet("far", hit_table([(1000, "A", "+", 0.5), (1110, "A", "+", 0.5)]), "confidence")
    _, score = footprint_scores(far, signal)
    assert np.isnan(score).tolist() == [False, True]
    with pytest.raises(InputError, match="no task X; there are T"):
        DatasetSignal(tmp_path / "d.h5", "X")


def track(path: Path, values: dict[int, float]) -> Path:
    bigwig = pyBigWig.open(str(path), "w")
    bigwig.addHeader([("chr1", 5000)])
    at = sorted(values)
    bigwig.addEntries("chr1", at, values=[float(values[position]) for position in at], span=1)
    bigwig.close()
    return path


def test_sites_of_a_track_are_its_maxima_near_summits(tmp_path: Path) -> None:
    values = {950: 5, 960: 8, 990: 3, 1000: 6, 1001: 6, 1002: 6, 1100: 4, 1101: 9, 3010: 1, 4000: 50}
    found = sites_of_track([track(tmp_path / "t.bw", values)], SUMMITS, threshold=2)
    # 950 is below its neighbour 960, 1101 is out of reach and larger than 1100, 3010 is below the threshold
    assert found.sites["start"].tolist() == [960, 1001]
    assert found.sites["value"].tolist() == [8, 6]
    summed = sites_of_track([tmp_path / "t.bw"] * 2, SUMMITS, threshold=13)
    assert summed.sites["start"].tolist() == [960]
    smooth = sites_of_track([tmp_path / "t.bw"], SUMMITS, threshold=5, smoothing=3)
    assert smooth.sites["start"].tolist() == [1001]


def test_the_threshold_of_a_track_may_be_a_quantile(tmp_path: Path) -> None:
    file = track(tmp_path / "t.bw", {960: 8, 1001: 6, 3010: 1})
    found = sites_of_track([file], SUMMITS, quantile=400 / 401)
    assert found.threshold == pytest.approx(6)
    assert found.sites["start"].tolist() == [960, 1001]
    with pytest.raises(InputError, match="quantile of its values near summits is 0"):
        sites_of_track([file], SUMMITS, quantile=0.5)
    with pytest.raises(InputError, match="same genome"):
        sites_of_track([file], SUMMITS.assign(chrom="I"))


def test_labels_of_hit_sets(tmp_path: Path) -> None:
    odd = tmp_path / "a,b=c.hits.bed"
    odd.write_text("x")
    assert labelled_files(["x=1.bed,y=2.bed", "z=3.bed"]) == {
        "x": Path("1.bed"),
        "y": Path("2.bed"),
        "z": Path("3.bed"),
    }
    assert labelled_files([str(odd)]) == {"a,b=c": odd}
    with pytest.raises(InputError, match="label x is used twice"):
        labelled_files(["x=1.bed", "x=2.bed"])
    with pytest.raises(InputError, match="expected LABEL=FILE"):
        labelled_files(["x=1.bed,"])
    assert per_label(["score", "y=c"], ["x", "y"], "--rank_by", "d") == {"x": "score", "y": "c"}
    with pytest.raises(InputError, match="there is no hit set z"):
        per_label(["z=c"], ["x"], "--rank_by", "d")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, table in (("one", ONE), ("two", TWO)):
        bed = table[COLUMNS].assign(importance_total=[4, 3, 2, 1][: len(table)])
        bed.rename(columns={"chrom": "#chrom"}).to_csv(tmp_path / f"{name}.hits.bed", sep="\t", index=False)
    SUMMITS.assign(kind="peak", kept=True).to_csv(tmp_path / "regions.tsv", sep="\t", index=False)
    (tmp_path / "sites.bed").write_text("chr1\t1004\t1005\tp\nchr1\t3054\t3055\tp\nchr1\t2954\t2955\ts\n")
    return tmp_path


def compare(call_command: Run, folder: Path, *more: object) -> CompletedProcess[str]:
    regions = ("--regions", folder / "regions.tsv", "--outdir", folder / "out", "--prefix", "X")
    return call_command("comparehits", *regions, *more)


def both(folder: Path) -> str:
    return f"one={folder / 'one.hits.bed'},two={folder / 'two.hits.bed'}"


def test_the_command_compares_sets(run_command: Run, folder: Path, tracks: tuple[Path, Path]) -> None:
    options = ("--known_sites", folder / "sites.bed", "--signal", f"{tracks[0]},{tracks[1]}", "--top", "2,3")
    options += ("--recall_class", "p", "--rank_by", "two=importance_total")
    done = compare(run_command, folder, "--hits", both(folder), *options)
    assert done.returncode == 0, done.stderr
    sets = pd.read_csv(folder / "out" / "X.sets.tsv", sep="\t").set_index("hit_set")
    assert sets["n_hits"].tolist() == [4, 3]
    assert sets["n_called"].tolist() == [3, 3]  # the hit of confidence 0.2 counts in the ranking alone
    assert sets["ranked_by"].tolist() == ["confidence", "importance_total"]
    assert sets.loc["one", "average_precision"] == pytest.approx(0.875)
    assert sets.loc["one", "recall_called"] == 0.5
    assert sets.loc["two", "precision_top_3"] == pytest.approx(2 / 3)  # the centre of 1012-1022 is 12.5 off
    names = {path.name for path in (folder / "out").iterdir()}
    assert names == {
        "X.sets.tsv", "X.sets_hits_per_region.tsv", "X.sets_shared.tsv", "X.sets_examples.tsv", "X.sets_curve.tsv",
        "X.sets_recall.tsv", "X.sets_footprint.tsv", "X.sets_mean_footprint.tsv", "X.comparehits.json",
    }  # fmt: skip
    recall = pd.read_csv(folder / "out" / "X.sets_recall.tsv", sep="\t")
    assert recall["n_found"].tolist() == [1, 1, 2, 2, 0, 2]
    record = json.loads((folder / "out" / "X.comparehits.json").read_text())
    assert set(record["inputs"]) >= {"hits one", "hits two", "regions", "known_sites", "signal 1 plus"}


def test_a_track_is_a_truth(call_command: Run, folder: Path) -> None:
    file = track(folder / "t.bw", {1005: 9, 3055: 7, 2990: 2})
    done = compare(call_command, folder, "--hits", both(folder), "--truth_track", file, "--track_threshold", 5)
    assert done.returncode == 0, done.stderr
    sets = pd.read_csv(folder / "out" / "X.sets.tsv", sep="\t").set_index("hit_set")
    assert sets["n_sites"].tolist() == [2, 2]
    assert sets["largest_recall"].tolist() == [1, 1]
    record = json.loads((folder / "out" / "X.comparehits.json").read_text())
    assert record["results"]["track_sites"] == 2


def test_sets_are_compared_without_any_truth(call_command: Run, folder: Path) -> None:
    done = compare(call_command, folder, "--hits", f"one={folder / 'one.hits.bed'}", "--hits", folder / "two.hits.bed")
    assert done.returncode == 0, done.stderr
    shared = pd.read_csv(folder / "out" / "X.sets_shared.tsv", sep="\t")
    assert shared["other_set"].tolist() == ["two", "one"]


def test_a_set_without_hits_gives_whole_tables(call_command: Run, folder: Path, tracks: tuple[Path, Path]) -> None:
    (folder / "two.hits.bed").write_text("#" + "\t".join(COLUMNS) + "\n")
    options = ("--known_sites", folder / "sites.bed", "--signal", f"{tracks[0]},{tracks[1]}", "--top", "2")
    done = compare(call_command, folder, "--hits", both(folder), *options)
    assert done.returncode == 0, done.stderr
    sets = pd.read_csv(folder / "out" / "X.sets.tsv", sep="\t").set_index("hit_set")
    assert sets.loc["two", ["n_hits", "largest_recall", "average_precision"]].tolist() == [0, 0, 0]
    done = compare(call_command, folder, "--hits", folder / "two.hits.bed", *options)
    assert done.returncode == 0, done.stderr
    assert (folder / "out" / "X.site_recall.tsv").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--known_sites", "sites.bed", "--truth_track", "t.bw"), "not both"),
        (
            ("--known_sites", "sites.bed", "--recall_class", "x"),
            "no site in reach is of this class; there are p, s, any",
        ),
        (("--signal", "a.bw"), "expected PLUS,MINUS"),
        (("--rank_by", "strength"), "lacks the column(s) strength"),
        (("--top", "1.5"), "expected whole numbers"),
    ],
)
def test_what_is_wrong_is_said(call_command: Run, folder: Path, options: tuple[str, ...], message: str) -> None:
    given = [str(folder / part) if part == "sites.bed" else part for part in options]
    done = compare(call_command, folder, "--hits", both(folder), *given)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
