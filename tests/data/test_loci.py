"""Peaks of several tasks on one locus."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from cistill.data.loci import merge_peaks


def peaks(*summits: int, chrom: str = "a") -> pd.DataFrame:
    return pd.DataFrame({"chrom": chrom, "start": [s - 5 for s in summits], "end": [s + 6 for s in summits],
                         "summit": summits})  # fmt: skip


def loci(given: dict[str, pd.DataFrame], distance: int) -> dict[str, str]:
    merged = merge_peaks(given, distance)
    return dict(zip(merged["region_id"], merged["tasks"], strict=True))


def test_peaks_of_several_tasks_on_one_summit_are_one_region():
    merged = merge_peaks({"t1": peaks(100, 200), "t2": pd.concat([peaks(200), peaks(100, chrom="b")])})
    assert merged["region_id"].tolist() == ["a:100", "a:200", "b:100"]
    assert merged["tasks"].tolist() == ["t1", "t1,t2", "t2"]
    assert not merged["repeat"].any()


def test_a_tasks_second_peak_on_a_summit_gets_its_own_id_and_is_marked():
    merged = merge_peaks({"t1": peaks(200, 200, 200), "t2": peaks(200)})
    assert merged["region_id"].tolist() == ["a:200", "a:200#2", "a:200#3"]
    assert merged["tasks"].tolist() == ["t1,t2", "t1", "t1"]
    assert merged["repeat"].tolist() == [False, True, True]


def test_a_locus_has_the_median_summit_and_reaches_over_all_its_peaks():
    merged = merge_peaks({"t1": peaks(100), "t2": peaks(131), "t3": peaks(104)}, 50)
    assert merged[["region_id", "start", "end", "summit"]].to_numpy().tolist() == [["a:104", 95, 137, 104]]
    assert loci({"t1": peaks(100), "t2": peaks(131)}, 50) == {"a:115": "t1,t2"}  # 115.5, rounded down


def test_the_distance_is_reached_but_not_passed():
    assert loci({"t1": peaks(100), "t2": peaks(150)}, 50) == {"a:125": "t1,t2"}
    assert loci({"t1": peaks(100), "t2": peaks(151)}, 50) == {"a:100": "t1", "a:151": "t2"}
    assert loci({"t1": peaks(100), "t2": peaks(101)}, 0) == {"a:100": "t1", "a:101": "t2"}


def test_a_chain_of_peaks_is_cut_where_it_is_widest():
    given = {"t1": peaks(100), "t2": peaks(130), "t3": peaks(165)}
    assert loci(given, 50) == {"a:115": "t1,t2", "a:165": "t3"}


def test_two_peaks_of_one_task_stay_apart_and_the_closer_one_is_joined():
    assert loci({"t1": peaks(100, 120), "t2": peaks(112)}, 50) == {"a:100": "t1", "a:116": "t1,t2"}
    assert loci({"t1": peaks(100, 120)}, 50) == {"a:100": "t1", "a:120": "t1"}
    # equally close: the leftmost pair
    assert loci({"t1": peaks(100, 120), "t2": peaks(110)}, 50) == {"a:105": "t1,t2", "a:120": "t1"}


def test_two_loci_may_share_their_median():
    assert loci({"t1": peaks(100, 109), "t2": peaks(111, 120)}, 20) == {"a:110": "t1,t2", "a:110#2": "t1,t2"}


SUMMITS = st.lists(st.integers(0, 300), max_size=8, unique=True)


@settings(max_examples=100, deadline=None)
@given(st.tuples(SUMMITS, SUMMITS, SUMMITS), st.integers(0, 60))
def test_loci_are_narrow_hold_no_task_twice_and_do_not_depend_on_the_order_of_tasks(summits, distance):
    tables = {f"t{i}": peaks(*own) for i, own in enumerate(summits)}
    merged = merge_peaks(tables, distance)
    backwards = merge_peaks(dict(reversed(tables.items())), distance)
    as_sets = [
        sorted(zip(t["summit"], t["start"], t["end"], t["tasks"].map(lambda x: "".join(sorted(x))), strict=True))
        for t in (merged, backwards)
    ]
    assert as_sets[0] == as_sets[1]
    assert (merged["end"] - merged["start"] - 11 <= distance).all()
    assert sum(len(set(tasks.split(","))) for tasks in merged["tasks"]) == sum(map(len, summits))
    # nothing more could have been joined
    for i, one in merged.iterrows():
        for _, other in merged.iloc[:i].iterrows():
            apart = set(one["tasks"].split(",")).isdisjoint(other["tasks"].split(","))
            span = max(one["end"], other["end"]) - min(one["start"], other["start"]) - 11
            assert not (apart and span <= distance)


@settings(max_examples=50, deadline=None)
@given(SUMMITS.filter(bool), st.integers(0, 60))
def test_one_task_alone_is_left_as_it_is(summits, distance):
    merged = merge_peaks({"t": peaks(*summits)}, distance)
    assert merged["summit"].tolist() == summits
    assert np.array_equal(merged["start"], peaks(*summits)["start"])
