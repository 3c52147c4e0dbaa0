"""The summary, example loci, averages and the comparison with the truth, on files with known answers."""

import json
from pathlib import Path

import h5py
import jsonschema
import numpy as np
import pandas as pd
import pytest
from synthetic_regions import CORE, OUTPUT, SUMMIT_TO_CORE, TF, footprint, stored_signal

from cistill.formats.profiles import cut_out, expected_ends
from cistill.formats.truth import read_truth
from cistill.report.page import SECTIONS, write_report
from cistill.report.reading.average_profiles import HitPlace, average_profiles
from cistill.report.reading.result_files import find_inputs
from cistill.report.reading.tf_results import read_results
from cistill.report.sections.loci.choice import choose_loci, read_loci
from cistill.report.sections.performance.section import roc_curve
from cistill.report.sections.performance.tables import place_between
from cistill.report.sections.truth import comparison as planted
from cistill.report.summary import summary_schema, write_summary


@pytest.fixture(scope="module")
def results(plain_results):
    return read_results(find_inputs(TF, [plain_results], truth=plain_results / "truth.json"))


@pytest.fixture(scope="module")
def summary(plain_results, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    write_report(find_inputs(TF, [plain_results], truth=plain_results / "truth.json"), out)
    return json.loads((out / f"{TF}.summary.json").read_text())


def test_regions_are_counted_by_split_and_reason(summary):
    assert summary["regions"]["peaks_given"] == 62
    assert summary["regions"]["peaks_kept"] == 60
    assert summary["regions"]["peaks_dropped"] == {"input window off the chromosome end": 2}
    assert summary["regions"]["peaks_explained_only"] == {}
    assert summary["regions"]["by_split"]["test"] == {"peaks": 20, "backgrounds": 20}


def test_headline_metrics_say_which_regions_they_are_of(summary):
    assert summary["metrics"]["test"] == {
        "auroc": 0.975, "count_pearson_all": 0.9, "count_pearson_peaks": 0.8, "count_spearman_peaks": 0.81,
        "profile_jsd": 0.38, "profile_jsd_mean": 0.53, "profile_jsd_uniform": 0.7, "profile_nll": 80.0,
        "profile_mse": 2.5e-6,
    }  # fmt: skip
    assert summary["metrics"]["normalised"]["auroc"] == 0.95
    assert summary["metrics"]["normalised"]["profile_jsd"] == pytest.approx(0.32 / 0.7, rel=1e-5)
    assert summary["metrics"]["held_out"] == {"regions": 40, "peaks": 20, "seen_regions": 0}
    assert summary["metrics"]["folds"] == []
    assert summary["metrics"]["tasks"][TF]["test"]["peaks"]["profile_jsd"] == {
        "value": 0.38, "lower": 0.7, "average": 0.53, "upper": 0.0, "normalised": 0.457143, "n": 20,
    }  # fmt: skip


def test_motifs_keep_the_tables_order_and_their_reasons(summary):
    assert [motif["motif_id"] for motif in summary["motifs"][:3]] == ["counts.pos_0", "counts.pos_1", "counts.neg_0"]
    first, weak = summary["motifs"][:2]
    assert (first["match"], first["match_p"], first["hits"]) == ("MA0363.3 REB1", 3.5e-12, 57)
    assert (weak["weak"], weak["weak_reason"], weak["match"]) == (True, "only 0.9 bits of information", None)
    assert summary["top_motif"] == {"counts": "counts.pos_0", "profile": "profile.pos_0"}


def test_hits_count_regions_without_any(summary):
    assert summary["hits"]["counts"] == {
        "n": 57, "regions_scored": 60, "regions_with_hit": 57, "fraction_with_hit": 0.95, "mean_per_region": 0.95,
        "median_confidence": 0.68, "cut": 0.5, "fdr": 0.05, "by_motif": {"counts.pos_0": 57},
    }  # fmt: skip


def test_known_sites_at_the_default_cut(summary):
    sites = summary["known_sites"]["counts"]
    assert sites["classes"]["primary"] == {"n_sites": 40, "n_found": 37, "recall": 0.925}
    assert (sites["cut"], sites["n_hits"], sites["precision_any"]) == (0.5, 57, 0.5)


def test_timings_are_those_of_the_stages(summary):
    assert summary["timings"]["stages"]["predict"] == 2.5
    assert summary["timings"]["stages"]["train"] == 65.0
    assert summary["timings"]["total"] == pytest.approx(2.0 + 65.0 + 1.0 + sum(1.5 + n for n in range(9)))


def test_the_schema_is_valid_and_refuses_what_is_not_in_it(summary, tmp_path):
    schema = summary_schema(SECTIONS)
    jsonschema.Draft202012Validator.check_schema(schema)
    write_summary(tmp_path / "good.json", summary, schema)
    for broken in ({**summary, "surprise": 1}, {**summary, "tf": 3}, {k: v for k, v in summary.items() if k != "hits"}):
        with pytest.raises(jsonschema.ValidationError):
            write_summary(tmp_path / "bad.json", broken, schema)
    assert not (tmp_path / "bad.json").exists()


def test_every_key_of_the_summary_is_documented(summary):
    text = (Path(__file__).parents[2] / "docs" / "output.md").read_text()
    section = text[text.index("## summary.json") :]
    missing = [key for key in summary if f"`{key}`" not in section]
    missing += [f"metrics.{key}" for key in summary["metrics"] if f"`{key}`" not in section]
    missing += [f"training.{key}" for key in summary["training"]["runs"][0] if f"`{key}`" not in section]
    missing += [f"metrics.test.{key}" for key in summary["metrics"]["test"] if f"`{key}`" not in section]
    assert missing == []


def test_loci_are_chosen_by_their_rules():
    observed = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    table = pd.DataFrame(
        {
            "region_id": list("abcdefgh"),
            "kind": "peak",
            "split": "test",
            "task": "t",
            "observed_log_count": observed,
            "predicted_log_count": np.add(observed, [0, 2, 0, 0, 0, -3, 0, 0]),
            "profile_jsd": [0.8, 0.1, 0.1, 0.1, 0.1, 0.1, 0.4, 0.1],
        }
    )
    chosen, split = choose_loci(table, "t")
    assert split == "test"
    assert chosen == {
        "h": ("strongest",),
        "f": ("upper quartile", "count too low"),
        "d": ("median",),
        "b": ("count too high",),
        "g": ("worst profile",),
    }


def test_loci_are_joined_by_region_not_by_row(results):
    locus = read_loci(results)[0]
    dataset = results.file("dataset")
    with h5py.File(dataset) as handle:
        row = handle["region_id"].asstr()[:].tolist().index(locus.region_id)
        assert np.array_equal(locus.observed, stored_signal(handle, row, len(results.tasks)))
    reverse = bool(row // 2 % 2)
    shape = footprint(reverse)
    assert np.corrcoef(locus.predicted.ravel(), shape.ravel())[0, 1] > 0.999  # of the same row, in another order
    assert np.log1p(locus.predicted.sum()) == pytest.approx(locus.predicted_log_count, rel=1e-3)
    contributions, start = locus.contributions["counts"]
    first = locus.summit + SUMMIT_TO_CORE - start
    core = contributions[first : first + len(CORE)].sum(axis=1)
    assert core.min() > 0.2


def test_expected_reads_are_the_count_times_the_profile():
    reads = expected_ends(np.log1p(np.array([10.0, 0.0])), np.log(np.array([[0.5, 0.5], [0.1, 0.9]])))
    assert reads == pytest.approx(np.array([[5, 5], [0, 0]]))


def test_a_reverse_anchor_turns_strands_and_positions():
    profile = np.array([[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]], dtype=float)
    assert cut_out(profile, 2, 3, False).tolist() == [[3, 4, 5], [8, 9, 10]]
    assert cut_out(profile, 2, 3, True).tolist() == [[10, 9, 8], [5, 4, 3]]


def test_the_same_base_of_a_motif_is_meant_on_either_strand():
    hits = pd.DataFrame({"start": [100, 100], "end": [107, 107], "strand": ["+", "-"]})
    base, reverse = HitPlace("counts", "m", 0).bases(hits)
    assert (base.tolist(), reverse.tolist()) == ([100, 106], [False, True])
    base, reverse = HitPlace("counts", "m", 6, turned=True).bases(hits)
    assert (base.tolist(), reverse.tolist()) == ([106, 100], [True, False])


def test_averages_around_hits_bring_both_strands_together(results):
    """Compared with a slow average over every hit of the test peaks, region by region."""
    found = average_profiles(results, {"core": HitPlace("counts", "counts.pos_0", 0)})["core"]
    hits = results.heads["counts"].hits
    sums, number = np.zeros((2, 2 * found.reach + 1)), 0
    with h5py.File(results.file("dataset")) as handle:
        names, splits = handle["region_id"].asstr()[:].tolist(), handle["split"].asstr()[:]
        for hit in hits.itertuples():
            row = names.index(hit.region_id)
            if splits[row] != "test":
                continue
            signal = stored_signal(handle, row, len(results.tasks))
            base = hit.start if hit.strand == "+" else hit.end - 1
            centre = base - (handle["summit"][row] - OUTPUT // 2)
            part = np.array(
                [
                    [signal[strand, centre + offset * (1 if hit.strand == "+" else -1)] for offset in range(-25, 26)]
                    for strand in ((0, 1) if hit.strand == "+" else (1, 0))
                ]
            )
            sums += part / signal.sum()
            number += 1
    assert (found.n, found.reach) == (number, 25)
    assert found.observed == pytest.approx(sums / number)
    assert (found.observed[0].argmax() - 25, found.observed[1].argmax() - 25) == (-11, 16)
    assert (found.predicted[0].argmax() - 25, found.predicted[1].argmax() - 25) == (-11, 16)


def test_the_planted_motif_is_recovered_and_the_absent_one_is_not(summary):
    truth = summary["truth"]
    assert truth["motifs"]["SIM1"]["recovered"]
    assert truth["motifs"]["SIM1"]["motif_id"] == "counts.pos_0"
    assert truth["motifs"]["SIM1"]["correlation"] == pytest.approx(1, abs=0.01)
    assert not truth["motifs"]["SIM2"]["recovered"]
    assert truth["site_recall"]["counts"]["primary"] == 0.925
    assert truth["footprint"]["planted_borders"] == truth["footprint"]["predicted_borders"] == [-11, 16]
    assert truth["footprint"]["predicted_correlation"] > 0.99


def test_distances_run_along_the_main_motif(results):
    """Hits of 7 bp; partners 12 bases downstream of the first bases at 100 (+) and 306 (-), one 15 upstream, turned."""
    truth = read_truth(results.inputs.truth)
    comparison = planted.compare(results, truth)
    main = comparison.per_head["counts"]["SIM1"]
    partner = main._replace(
        motif=main.motif.__class__("counts.partner", {"weak": False}, main.motif.matrices),
        alignment=main.alignment._replace(offset=3, reverse=False, correlation=1.0),
    )
    rows = [
        ("r1", 100, 107, "+", "counts.pos_0"),
        ("r1", 112, 119, "+", "counts.partner"),
        ("r2", 300, 307, "-", "counts.pos_0"),
        ("r2", 288, 295, "-", "counts.partner"),
        ("r3", 500, 507, "+", "counts.pos_0"),
        ("r3", 479, 486, "-", "counts.partner"),
    ]
    hits = pd.DataFrame(rows, columns=["region_id", "start", "end", "strand", "motif_id"])
    head = results.heads["counts"].__class__("counts", (), hits, None, None, None, None)
    found = planted.spacing_of(head, {"SIM1": [main], "SIM2": [partner]}, truth)
    assert np.flatnonzero(found.same).tolist() == [12 + planted.LARGEST_DISTANCE]
    assert found.same.sum() == 2
    assert np.flatnonzero(found.opposite).tolist() == [-15 + planted.LARGEST_DISTANCE]


def test_a_roc_curve_ranks_ties_together():
    false, true = roc_curve(np.array([3.0, 2.0, 2.0, 1.0]), np.array([True, True, False, False]))
    assert (false.tolist(), true.tolist()) == ([0, 0, 0.5, 1], [0, 0.5, 1, 1])
    assert np.trapezoid(true, false) == pytest.approx(0.875)


def test_a_value_is_placed_between_its_bounds_in_either_direction():
    assert place_between(0.9, 0.5, 1.0) == pytest.approx(0.8)
    assert place_between(0.6, 0.75, 0.0) == pytest.approx(0.2)
    assert place_between(0.6, np.nan, 0.0) is None
    assert place_between(0.6, 0.5, 0.5) is None
