"""The table of regions."""

import numpy as np
import pandas as pd
import pytest

from cistill.data.backgrounds import Candidates, WindowShape, match_gc
from cistill.data.intervals import Intervals
from cistill.data.loci import merge_peaks
from cistill.data.regions import background_regions, drop_reasons, in_genome_order, peak_regions, pool_per_peak
from cistill.data.splits import Split
from cistill.errors import InputError

SHAPE = WindowShape(input_length=100, output_length=20, max_jitter=10)
SPLIT = Split(train=("a",), valid=("b",), test=("c",))
ONE_FOLD = {"0": SPLIT}
# d trains in both folds, a in the first, b in the second
TWO_FOLDS = {"x": Split(("a", "d"), ("b",), ("c",)), "y": Split(("b", "d"), ("c",), ("a",))}


def peaks(*rows: tuple[str, int]) -> pd.DataFrame:
    return pd.DataFrame(
        [(chrom, summit - 5, summit + 5, summit) for chrom, summit in rows],
        columns=["chrom", "start", "end", "summit"],
    )


def test_reasons_name_what_is_wrong_with_the_place():
    sizes = {"a": 1000, "b": 1000, "M": 1000}
    rows = peaks(("a", 59), ("a", 60), ("a", 940), ("a", 941), ("a", 49), ("b", 50), ("b", 950), ("b", 49), ("b", 951))
    rows = pd.concat([rows, peaks(("M", 500), ("x", 500), ("a", 300), ("a", 319), ("a", 500))])
    merged = merge_peaks({"t": rows})
    gc = np.full(len(merged), 0.5)
    gc[-1] = np.nan
    excluded = Intervals.merged([("a", 309, 310)])
    end = "input window off the chromosome end"
    assert drop_reasons(merged, gc, sizes, ONE_FOLD, excluded, SHAPE) == [
        f"{end} when shifted in training",
        "",
        "",
        f"{end} when shifted in training",
        end,
        "",
        "",
        end,
        end,
        "chromosome in no split",
        "chromosome not in the genome",
        "output window overlaps an excluded interval",
        "output window overlaps an excluded interval",
        "no known base in the input window",
    ]


def test_the_table_says_split_kept_and_reason():
    end = "input window off the chromosome end"
    merged = merge_peaks({"t": peaks(("c", 500), ("M", 500), ("x", 5), ("c", 5))})
    reasons = [
        "",
        "chromosome in no split",
        "chromosome not in the genome",
        f"{end}; no known base in the input window",
    ]
    table = peak_regions(merged, reasons, ONE_FOLD, SHAPE)
    assert table["split"].tolist() == ["test", "none", "none", "none"]
    assert table["kept"].tolist() == [True, True, False, False]
    assert table["reason"].isna().tolist() == [True, False, False, False]


def test_regions_are_sorted_by_the_genomes_order_not_by_name():
    merged = merge_peaks({"t": peaks(("x", 5), ("c", 500), ("a", 300), ("b", 9), ("a", 100))})
    table = in_genome_order(peak_regions(merged, [""] * 5, ONE_FOLD, SHAPE), {"b": 1000, "a": 1000, "c": 1000})
    assert table["region_id"].tolist() == ["b:9", "a:100", "a:300", "c:500", "x:5"]


def test_a_chromosome_that_any_fold_trains_on_needs_room_for_the_shift():
    merged = merge_peaks({"t": peaks(("a", 55), ("b", 55), ("c", 55), ("e", 500))})
    reasons = drop_reasons(
        merged, np.full(4, 0.5), dict.fromkeys("abcde", 1000), TWO_FOLDS, Intervals.merged([]), SHAPE
    )
    shifted = "input window off the chromosome end when shifted in training"
    assert reasons == [shifted, shifted, "", "chromosome in no split"]


def test_regions_name_the_folds_that_test_them():
    merged = merge_peaks({"t": peaks(("a", 500), ("b", 500), ("c", 500), ("d", 500), ("c", 600))})
    table = peak_regions(merged, ["", "", "", "", "chromosome in no split"], TWO_FOLDS, SHAPE)
    assert table["split"].tolist() == ["test", "valid", "test", "train", "none"]
    assert table["tested_in"].fillna("NA").tolist() == ["y", "NA", "x", "NA", "NA"]
    both = peak_regions(merged, [""] * 5, {**TWO_FOLDS, "z": TWO_FOLDS["x"]}, SHAPE)
    assert both["tested_in"].tolist()[2] == "x,z"


def candidates(numbers: dict[str, int]) -> Candidates:
    """Candidates at 0, 1, 2, ... of every chromosome, with all GC fractions."""
    rng = np.random.default_rng(1)
    return Candidates.joined([(chrom, np.arange(n), rng.random(n).astype(np.float32)) for chrom, n in numbers.items()])


def test_backgrounds_lie_where_every_fold_does_the_same_as_with_their_peak():
    merged = merge_peaks({"t": peaks(("a", 500), ("b", 500), ("c", 500), ("e", 500), ("d", 500), ("d", 600))})
    folds = {name: Split(split.train, split.valid, (*split.test, "e")) for name, split in TWO_FOLDS.items()}
    table = peak_regions(merged, [""] * 6, folds, SHAPE)
    table["gc"] = 0.5
    # e is tested in both folds, and trained on in none: one window each
    chosen = background_regions(table, candidates(dict.fromkeys("abcde", 20)), folds, 3, SHAPE, seed=0)
    assert chosen["region_id"].is_unique
    per_peak = chosen.groupby("matched_to")
    assert per_peak.size().to_dict() == {"a:500": 3, "b:500": 3, "c:500": 1, "e:500": 1, "d:500": 3, "d:600": 3}
    for peak, own in per_peak:
        assert set(own["chrom"]) == {peak[0]}
        assert own["match_rank"].tolist() == list(range(len(own)))
    part = {"a": "test", "b": "valid", "c": "test", "d": "train", "e": "test"}
    assert chosen["split"].tolist() == [part[chrom] for chrom in chosen["chrom"]]


def test_one_fold_chooses_within_each_part():
    merged = merge_peaks({"t": peaks(("a", 500), ("d", 500), ("b", 500), ("c", 500))})
    fold = {"0": Split(("a", "d"), ("b",), ("c",))}
    table = peak_regions(merged, [""] * 4, fold, SHAPE)
    table["gc"] = 0.5
    pool = candidates(dict.fromkeys("abcd", 9))
    chosen = background_regions(table, pool, fold, 9, SHAPE, seed=5)
    train = chosen[chosen["split"] == "train"]
    assert len(train) == 18
    assert set(train["chrom"]) == {"a", "d"}  # used up
    # what the generator of (seed, 0) gives
    at = np.flatnonzero(pool.chrom % 3 == 0)
    expected = match_gc(np.full(2, 0.5), pool.gc[at], 9, np.random.default_rng([5, 0]))
    assert train["summit"].tolist() == pool.summit[at[expected.ravel()]].tolist()
    with pytest.raises(InputError, match="background of the train chromosomes: 20 background windows are wanted"):
        background_regions(table, pool, fold, 10, SHAPE, seed=5)
    with pytest.raises(InputError, match="background of the a, d chromosomes: 20 background windows are wanted"):
        background_regions(table, pool, {**fold, "1": fold["0"]}, 10, SHAPE, seed=5)


@pytest.mark.parametrize(
    ("peaks_in_all", "own", "windows", "most", "always"),
    [
        (831, 831, 60_000, 30, 3),  # a small genome's
        (20_000, 14_000, 2_000_000, 5, 3),
        (300_000, 200_000, 2_000_000, 3, 3),
        (10, 10, 25, 30, 2),
        (10, 10, 5, 30, 1),  # one at least: that there are too few is told later
    ],
)
def test_the_pool_of_backgrounds_follows_the_numbers_of_peaks_and_windows(peaks_in_all, own, windows, most, always):
    assert pool_per_peak(peaks_in_all, own, windows) == (most, always)


def test_without_a_number_training_peaks_get_what_there_is_of_their_gc_content_and_others_one():
    merged = merge_peaks({"t": peaks(("a", 500), ("d", 500), ("b", 500), ("c", 500))})
    fold = {"0": Split(("a", "d"), ("b",), ("c",))}
    table = peak_regions(merged, [""] * 4, fold, SHAPE)
    table["gc"] = [0.5, 0.3, 0.5, 0.5]
    pool = candidates(dict.fromkeys("abcd", 40))
    pool.gc[:] = 0.5
    pool.gc[:5] = 0.3
    chosen = background_regions(table, pool, fold, 0, SHAPE, seed=5)
    per_peak = chosen.groupby("matched_to")
    assert per_peak.size().to_dict() == {"a:500": 30, "d:500": 5, "b:500": 1, "c:500": 1}
    assert np.allclose(chosen["gc"], table.set_index("region_id")["gc"].loc[chosen["matched_to"]])
    assert all(own["match_rank"].tolist() == list(range(len(own))) for _, own in per_peak)
    pool.gc[:5] = 0.9  # three all the same where none is like the peak
    chosen = background_regions(table, pool, fold, 0, SHAPE, seed=5)
    assert chosen.groupby("matched_to").size()["d:500"] == 3
