"""Co-occurrence of motifs: the null distributions, and that shuffled hits have uniform p-values."""

from functools import lru_cache

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cistill.errors import InputError
from cistill.hits.statistics import cooccurrence as module
from cistill.hits.statistics.cooccurrence import cooccurrence
from cistill.hits.statistics.region_hits import RegionHits, count_by_region


def region_hits(places: dict[str, list[int]], n_regions: int, stratum: list[int] | None = None) -> RegionHits:
    """Return hits of motifs, each a list of region numbers; positions do not matter here."""
    region = np.concatenate([np.asarray(rows, dtype=np.int64) for rows in places.values()])
    motif = np.repeat(np.arange(len(places)), [len(rows) for rows in places.values()])
    zeros = np.zeros(len(region), dtype=np.int64)
    strata = np.zeros(n_regions, dtype=np.int64) if stratum is None else np.array(stratum)
    return RegionHits(sorted(places), n_regions, region, motif, zeros, zeros, zeros > 0, strata)


def row(table: pd.DataFrame, a: str, b: str) -> pd.Series:
    return table[(table["motif_a"] == a) & (table["motif_b"] == b)].iloc[0]


def test_numbers_worked_out_by_hand() -> None:
    # 4 regions; A in 0 and 1 (twice in 0), B in 0 and 1
    table = cooccurrence(region_hits({"A": [0, 0, 1], "B": [0, 1]}, 4))
    assert list(table["motif_a"]) == ["A", "A", "B"]
    assert list(table["motif_b"]) == ["A", "B", "B"]
    pair = row(table, "A", "B")
    assert (pair["n_a"], pair["n_b"], pair["n_both"], pair["n_regions"]) == (2, 2, 2, 4)
    assert pair["expected"] == pytest.approx(1)
    assert pair["enrichment"] == pytest.approx(2)
    assert pair["p_value"] == pytest.approx(1 / 6)  # one of the six subsets of two
    assert pair["p_value_mid"] == pytest.approx(1 / 12)
    assert pair["p_value_depleted"] == pytest.approx(1)
    own = row(table, "A", "A")  # three hits in four regions: all apart with 4*3*2/64
    assert own["n_both"] == 1
    assert own["p_value"] == pytest.approx(1 - 24 / 64)
    assert row(table, "B", "B")["p_value"] == pytest.approx(1)
    assert table["q_value"].tolist() == pytest.approx([0.9375, 0.5, 1])


def test_crowding_of_one_motif_is_no_cooccurrence_with_another() -> None:
    # 50 hits of A in one region: it is one region when B is compared
    places = {"A": [0] * 50 + [1, 2], "B": [3, 4, 5]}
    table = cooccurrence(region_hits(places, 20))
    assert row(table, "A", "B")["expected"] == pytest.approx(3 * 3 / 20)
    assert row(table, "A", "A")["p_value"] > 0.99  # one crowded region, fewer than chance has


def test_strata_take_away_what_strong_regions_explain() -> None:
    # both motifs are in all of the first 10 regions and in none of the other 90
    places = {"A": list(range(10)), "B": list(range(10))}
    hits = region_hits(places, 100)
    assert row(cooccurrence(hits), "A", "B")["p_value"] < 1e-12
    stratified = region_hits(places, 100, [0] * 10 + [1] * 90)
    pair = row(cooccurrence(stratified), "A", "B")
    assert pair["p_value"] == pytest.approx(1)
    assert pair["expected"] == pytest.approx(10)


def test_fisher_is_the_published_test() -> None:
    rng = np.random.default_rng(0)
    places = {name: sorted(rng.choice(60, 20, replace=False)) for name in "AB"}
    table = cooccurrence(region_hits(places, 60), "fisher")
    both = len(set(places["A"]) & set(places["B"]))
    expected = stats.fisher_exact([[both, 20 - both], [20 - both, 20 + both]], "greater").pvalue
    assert row(table, "A", "B")["p_value"] == pytest.approx(expected)
    assert np.isnan(row(table, "A", "A")["p_value"])
    assert np.isnan(row(table, "A", "A")["q_value"])


@pytest.mark.parametrize("stratum", [None, [0, 1] * 20])
def test_permutations_agree_with_the_exact_null(stratum: list[int] | None) -> None:
    rng = np.random.default_rng(1)
    hits = region_hits({"A": list(rng.integers(0, 40, 30)), "B": list(rng.integers(0, 40, 25))}, 40, stratum)
    exact, drawn = cooccurrence(hits), cooccurrence(hits, "permutation", 4000, seed=3)
    assert drawn["expected"].to_numpy() == pytest.approx(exact["expected"].to_numpy(), abs=0.15)
    assert drawn["sd"].to_numpy() == pytest.approx(exact["sd"].to_numpy(), rel=0.08)
    for column in ("p_value", "p_value_mid", "p_value_depleted"):
        assert drawn[column].to_numpy() == pytest.approx(exact[column].to_numpy(), abs=0.035)
    again = cooccurrence(hits, "permutation", 4000, seed=3)
    assert again.equals(drawn)


def shuffled_p_values(monkeypatch: pytest.MonkeyPatch, n_hits: int, simulations: int) -> pd.DataFrame:
    """Return the co-occurrence of hits placed at random on 10,000 regions, many times over."""
    for name in ("crowded_boxes", "shared_boxes"):  # the same distributions are asked for again and again
        monkeypatch.setattr(module, name, lru_cache(None)(getattr(module, name)))
    rng = np.random.default_rng(n_hits)
    tables = []
    for simulation in range(simulations):
        places = {name: rng.integers(0, 10000, n_hits) for name in "AB"}
        tables.append(cooccurrence(region_hits(places, 10000), seed=simulation))
    return pd.concat(tables, ignore_index=True)


@pytest.mark.parametrize("n_hits", [200, 5000])
def test_shuffled_hits_have_uniform_p_values(monkeypatch: pytest.MonkeyPatch, n_hits: int) -> None:
    table = shuffled_p_values(monkeypatch, n_hits, 300)
    own = table["motif_a"] == table["motif_b"]
    for chosen in (table[own], table[~own]):
        n = len(chosen)
        assert stats.kstest(chosen["p_value_random"], "uniform").pvalue > 0.01
        assert chosen["p_value_mid"].mean() == pytest.approx(0.5, abs=4 * np.sqrt(1 / 12 / n))
        # so many or more: never too small, and at 5,000 hits, where ties are rare, uniform itself
        noise = 3 * np.sqrt(0.05 * 0.95 / n)
        assert (chosen["p_value"] < 0.05).mean() < 0.05 + noise
        if n_hits == 5000:
            assert (chosen["p_value"] < 0.05).mean() == pytest.approx(0.05, abs=noise + 0.01)
            assert stats.kstest(chosen["p_value_mid"], "uniform").pvalue > 0.01


def test_permuted_null_is_uniform_on_shuffled_hits_too() -> None:
    rng = np.random.default_rng(5)
    tables = []
    for simulation in range(150):
        places = {name: list(rng.integers(0, 300, 60)) for name in "AB"}
        tables.append(cooccurrence(region_hits(places, 300), "permutation", 99, simulation))
    table = pd.concat(tables)
    own = table["motif_a"] == table["motif_b"]
    for chosen in (table[own], table[~own]):
        assert stats.kstest(chosen["p_value_random"], "uniform").pvalue > 0.01


def test_planted_partners_are_found() -> None:
    rng = np.random.default_rng(0)
    a = rng.choice(2000, 300, replace=False)
    b = np.concatenate([rng.choice(a, 120, replace=False), rng.choice(2000, 100, replace=False)])
    table = cooccurrence(region_hits({"A": list(a), "B": list(b), "C": list(rng.choice(2000, 200))}, 2000))
    assert row(table, "A", "B")["q_value"] < 1e-20
    assert row(table, "A", "C")["q_value"] > 0.05
    assert row(table, "B", "C")["q_value"] > 0.05


@pytest.mark.parametrize("null", ["exact", "permutation", "fisher"])
def test_no_hits_one_motif_and_one_region(null: str) -> None:
    regions = pd.DataFrame({"region_id": ["r"]})
    columns = ["start", "end", "motif_id", "strand", "region_id"]
    nothing = count_by_region(pd.DataFrame([], columns=columns), regions)
    assert len(cooccurrence(nothing, null, 10)) == 0
    one = count_by_region(pd.DataFrame([(1, 5, "A", "+", "r"), (7, 9, "A", "-", "r")], columns=columns), regions)
    table = cooccurrence(one, null, 10)
    assert table["n_both"].tolist() == [1]
    assert null == "fisher" or table["p_value"].tolist() == pytest.approx([1])


def test_unknown_nulls_and_regions_are_refused() -> None:
    with pytest.raises(InputError, match="no null is called coin"):
        cooccurrence(region_hits({"A": [0]}, 1), "coin")
    hits = pd.DataFrame({"start": [1], "end": [2], "motif_id": ["A"], "strand": ["+"], "region_id": ["x"]})
    with pytest.raises(InputError, match="1 of 1 hits are in no kept peak"):
        count_by_region(hits, pd.DataFrame({"region_id": ["r"]}))
    with pytest.raises(InputError, match="has no column depth"):
        count_by_region(hits, pd.DataFrame({"region_id": ["x"]}), "depth")
