"""The table of regions."""

import numpy as np
import pandas as pd

from cistill.data.backgrounds import WindowShape
from cistill.data.intervals import Intervals
from cistill.data.regions import drop_reasons, in_genome_order, merge_peaks, peak_regions
from cistill.data.splits import Split

SHAPE = WindowShape(input_length=100, output_length=20, max_jitter=10)
SPLIT = Split(train=("a",), valid=("b",), test=("c",))


def peaks(*rows: tuple[str, int]) -> pd.DataFrame:
    return pd.DataFrame(
        [(chrom, summit - 5, summit + 5, summit) for chrom, summit in rows],
        columns=["chrom", "start", "end", "summit"],
    )


def test_peaks_of_several_tasks_on_one_summit_are_one_region():
    merged = merge_peaks({"t1": peaks(("a", 100), ("a", 200)), "t2": peaks(("a", 200), ("b", 100))})
    assert dict(zip(merged["region_id"], merged["tasks"], strict=True)) == {
        "a:100": "t1",
        "a:200": "t1,t2",
        "b:100": "t2",
    }
    assert not merged["repeat"].any()


def test_a_tasks_second_peak_on_a_summit_gets_its_own_id_and_is_dropped():
    merged = merge_peaks({"t1": peaks(("a", 200), ("a", 200), ("a", 200)), "t2": peaks(("a", 200))})
    assert merged["region_id"].tolist() == ["a:200", "a:200#2", "a:200#3"]
    assert merged["tasks"].tolist() == ["t1,t2", "t1", "t1"]
    reasons = drop_reasons(merged, np.full(3, 0.5), {"a": 1000}, SPLIT, Intervals.merged([]), SHAPE)
    assert reasons == ["", *["second peak of a task on this summit"] * 2]


def test_reasons_name_what_is_wrong_with_the_place():
    sizes = {"a": 1000, "b": 1000, "M": 1000}
    rows = peaks(("a", 59), ("a", 60), ("a", 940), ("a", 941), ("a", 49), ("b", 50), ("b", 950), ("b", 49), ("b", 951))
    rows = pd.concat([rows, peaks(("M", 500), ("x", 500), ("a", 300), ("a", 319), ("a", 500))])
    merged = merge_peaks({"t": rows})
    gc = np.full(len(merged), 0.5)
    gc[-1] = np.nan
    excluded = Intervals.merged([("a", 309, 310)])
    end = "input window off the chromosome end"
    assert drop_reasons(merged, gc, sizes, SPLIT, excluded, SHAPE) == [
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
    table = peak_regions(merged, reasons, SPLIT)
    assert table["split"].tolist() == ["test", "none", "none", "none"]
    assert table["kept"].tolist() == [True, True, False, False]
    assert table["reason"].isna().tolist() == [True, False, False, False]


def test_regions_are_sorted_by_the_genomes_order_not_by_name():
    merged = merge_peaks({"t": peaks(("x", 5), ("c", 500), ("a", 300), ("b", 9), ("a", 100))})
    table = in_genome_order(peak_regions(merged, [""] * 5, SPLIT), {"b": 1000, "a": 1000, "c": 1000})
    assert table["region_id"].tolist() == ["b:9", "a:100", "a:300", "c:500", "x:5"]
