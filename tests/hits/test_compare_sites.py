"""Hits against known sites."""

import numpy as np
import pandas as pd
import pytest

from cistill.hits.comparison.site_matching import compare_with_sites


def hits(rows: list[tuple[str, int, int, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["chrom", "start", "end", "confidence"])


def sites(rows: list[tuple[str, int, str]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["chrom", "start", "site_class"])
    return table.assign(end=table["start"] + 1)


SUMMITS = pd.DataFrame({"chrom": ["chr1", "chr1", "chr2"], "summit": [1000, 5000, 1000]})
SITES = sites(
    [
        ("chr1", 1000, "strong"),
        ("chr1", 1100, "strong"),  # 100 from the summit: in reach
        ("chr1", 1101, "strong"),  # 101: not
        ("chr1", 4950, "weak"),
        ("chr2", 9000, "weak"),  # out of reach, but a hit there is right
    ]
)
HITS = hits(
    [
        ("chr1", 986, 995, 0.9),  # centre 990.5 is exactly 10 from the site's 1000.5
        ("chr1", 1080, 1090, 0.8),  # centre 1085 is 15.5 from 1100.5: wrong
        ("chr1", 4946, 4955, 0.7),
        ("chr2", 8996, 9005, 0.6),
        ("chr2", 1000, 1001, 0.5),  # the site of chr1, on another chromosome: wrong
    ]
)


def test_recall_counts_sites_in_reach_by_class() -> None:
    recall = compare_with_sites(HITS, SUMMITS, SITES).recall
    assert recall["site_class"].tolist() == ["strong", "weak", "any"]
    assert recall["n_sites"].tolist() == [2, 1, 3]
    assert recall["n_found"].tolist() == [1, 1, 2]
    assert recall["recall"].tolist() == pytest.approx([0.5, 1.0, 2 / 3])


def test_precision_counts_every_hit_and_every_site() -> None:
    comparison = compare_with_sites(HITS, SUMMITS, SITES)
    assert comparison.n_hits == 5
    assert comparison.precision_any == pytest.approx(3 / 5)
    assert comparison.precision_in_reach == pytest.approx(2 / 4)


def test_a_site_one_base_further_than_the_tolerance_is_not_found() -> None:
    comparison = compare_with_sites(HITS, SUMMITS, SITES, tolerance=9)
    assert comparison.recall["n_found"].tolist() == [0, 1, 1]


def test_the_curve_runs_from_the_strictest_cut_to_all_hits() -> None:
    curve = compare_with_sites(HITS, SUMMITS, SITES).curve
    assert list(curve.columns) == ["cut", "n_hits", "precision_any", "recall_strong", "recall_weak"]
    assert curve["cut"].tolist() == [0.9, 0.8, 0.7, 0.6, 0.5]
    assert curve["n_hits"].tolist() == [1, 2, 3, 4, 5]
    assert curve["precision_any"].tolist() == pytest.approx([1, 1 / 2, 2 / 3, 3 / 4, 3 / 5])
    assert curve["recall_strong"].tolist() == [0.5] * 5
    assert curve["recall_weak"].tolist() == [0, 0, 1, 1, 1]


def test_hits_of_one_confidence_are_one_point_of_the_curve() -> None:
    tied = HITS.assign(confidence=[0.5, 0.5, 0.9, 0.9, 0.9])
    assert compare_with_sites(tied, SUMMITS, SITES).curve["n_hits"].tolist() == [3, 5]


def test_the_curve_of_many_hits_is_thinned_and_keeps_its_ends() -> None:
    many = pd.concat([HITS] * 200, ignore_index=True).assign(confidence=np.linspace(1, 0.1, 1000))
    curve = compare_with_sites(many, SUMMITS, SITES).curve
    assert len(curve) <= 200
    assert curve["n_hits"].iloc[0] == 1
    assert curve["n_hits"].iloc[-1] == 1000


def test_no_hits_and_no_sites_in_reach_are_no_error() -> None:
    nothing = compare_with_sites(HITS.iloc[:0], SUMMITS, SITES)
    assert nothing.recall["n_found"].tolist() == [0, 0, 0]
    assert np.isnan(nothing.precision_any)
    assert len(nothing.curve) == 0
    far = compare_with_sites(HITS, SUMMITS.iloc[:0], SITES)
    assert far.recall["site_class"].tolist() == ["any"]
    assert np.isnan(far.recall["recall"].iloc[0])


def test_best_hit_decides_at_which_cut_a_site_is_found() -> None:
    # an independent slow count over random hits and sites
    rng = np.random.default_rng(0)
    table = hits(
        [("chr1", int(p), int(p) + 9, float(c)) for p, c in zip(rng.integers(0, 3000, 80), rng.random(80), strict=True)]
    )
    known = sites([("chr1", int(p), "a") for p in rng.integers(900, 1101, 25)])
    curve = compare_with_sites(table, SUMMITS, known).curve
    for row in curve.itertuples():
        kept = table[table["confidence"] >= row.cut]
        centre = kept["start"] + 4.5
        found = [bool((abs(centre - (s + 0.5)) <= 10).any()) for s in known["start"]]
        correct = [bool((abs(known["start"] + 0.5 - c) <= 10).any()) for c in centre]
        assert row.recall_a == pytest.approx(np.mean(found))
        assert row.precision_any == pytest.approx(np.mean(correct))
