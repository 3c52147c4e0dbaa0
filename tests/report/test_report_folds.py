"""Several folds and several tasks: what the page and the summary tell of each."""

import shutil

import numpy as np
import pytest
from report_pages import report
from synthetic_regions import TF

from cistill.report.reading.average_profiles import average_profiles
from cistill.report.reading.result_files import find_inputs
from cistill.report.reading.tf_results import read_results
from cistill.report.sections.loci.choice import read_loci
from cistill.statistics import auroc, pearson
from cistill.tables import read_table, write_table

TASKS = (TF, "OTHER")


@pytest.fixture
def template(folded_results):
    return folded_results


@pytest.fixture
def copy(many_results, tmp_path):
    """A copy of the results of many trainings, which a test may spoil."""
    return shutil.copytree(many_results, tmp_path / "results")


def spoil(folder, name, change):
    """Rewrite a table after a change."""
    table = read_table(folder / f"{TF}.{name}.tsv", dtype={"fold": str, "tested_in": str})
    write_table(folder / f"{TF}.{name}.tsv", change(table))


def test_metrics_of_each_fold_are_those_of_the_regions_it_tests(many_results, many_report):
    """Compared with a slow computation over the tables: first backgrounds only, one fold and task at a time."""
    rows = read_table(many_results / f"{TF}.region_predictions.tsv", dtype={"region_id": str})
    regions = read_table(many_results / f"{TF}.regions.tsv", dtype={"tested_in": str}).set_index("region_id")
    found = {(scores["fold"], scores["task"]): scores for scores in many_report[1]["metrics"]["folds"]}
    assert len(found) == 20
    for fold, task, peaks in (("0", TF, 20), ("7", "OTHER", 10)):
        own = [
            row
            for row in rows[rows["task"] == task].to_dict("records")
            if regions.at[row["region_id"], "tested_in"] == fold and regions.at[row["region_id"], "match_rank"] == 0
        ]
        peak = [row for row in own if row["kind"] == "peak"]
        background = [row for row in own if row["kind"] != "peak"]
        scores = found[fold, task]
        assert (scores["regions"], scores["peaks"], len(peak)) == (2 * peaks, peaks, peaks)
        predicted = [np.array([row["predicted_log_count"] for row in part]) for part in (peak, background)]
        assert scores["auroc"] == pytest.approx(auroc(*predicted), rel=1e-5)
        observed = np.array([row["observed_log_count"] for row in peak])
        assert scores["count_pearson_peaks"] == pytest.approx(pearson(predicted[0], observed), rel=1e-5)
        assert scores["profile_jsd"] == pytest.approx(np.mean([row["profile_jsd"] for row in peak]), rel=1e-5)


def test_folds_that_are_not_in_the_model_have_no_metrics(copy, tmp_path):
    spoil(copy, "candidates", lambda table: table.assign(chosen=table["chosen"] & (table["fold"] != "4")))
    _, summary, _ = report(copy, tmp_path)
    assert {scores["fold"] for scores in summary["metrics"]["folds"]} == set("012356789")


def test_regions_that_networks_saw_stand_apart(copy, tmp_path):
    def see(table):
        return table.assign(unseen=~table["region_id"].str.contains("chr5:"))

    spoil(copy, "region_predictions", see)
    page, summary, _ = report(copy, tmp_path)
    assert summary["metrics"]["held_out"] == {"regions": 360, "peaks": 180, "seen_regions": 40}
    assert "Metrics are of 360 regions (180 of them peaks) predicted by networks that never saw" in page.text
    assert "A further 40 test regions lie on chromosomes that every network of the model saw" in page.text
    assert not any(locus["region_id"].startswith("chr5:") for locus in summary["loci"])


def test_where_everything_was_seen_the_page_warns(folder, tmp_path):
    spoil(folder, "region_predictions", lambda table: table.assign(unseen=False))
    spoil(folder, "metrics", lambda table: table.assign(split=table["split"].replace("test", "seen")))
    page, summary, _ = report(folder, tmp_path)
    assert summary["metrics"]["test"] == {}
    assert "There are no held-out test regions: what follows was seen in training." in page.text
    assert "Metrics on test regions that networks saw" in page.text


def test_tasks_stand_side_by_side_with_normalised_values(many_report):
    page, summary, _ = many_report
    assert "TOY 20 0.975 0.95 0.900 0.90 0.800 0.80 0.810 0.81 0.380 0.46 80.000 0.80" in page.text
    assert summary["metrics"]["test"]["auroc"] == 0.95  # mean of both
    assert "Task OTHER: every metric between its bounds, by strand too" in page.text


def test_every_task_has_loci_of_its_own(many_results, many_report):
    _, summary, _ = many_report
    by_task = {task: [locus for locus in summary["loci"] if locus["task"] == task] for task in TASKS}
    assert all(found[0]["rules"][0] == "strongest" for found in by_task.values())
    regions = read_table(many_results / f"{TF}.regions.tsv").set_index("region_id")
    assert all("OTHER" in regions.at[locus["region_id"], "tasks"] for locus in by_task["OTHER"])


def test_predictions_are_joined_by_task_and_not_by_place(many_results):
    """The tasks of predictions.h5 stand in another order than those of dataset.h5."""
    results = read_results(find_inputs(TF, [many_results]))
    for locus in read_loci(results):
        assert np.log1p(locus.predicted.sum()) == pytest.approx(locus.predicted_log_count, rel=1e-3)
        assert np.log1p(locus.observed.sum()) == pytest.approx(locus.observed_log_count, rel=1e-5)
    averages = average_profiles(results, {})
    assert {name: (found.task, found.n) for name, found in averages.items()} == {
        "summit": (TF, 200),
        "summit OTHER": ("OTHER", 100),
    }


def test_the_many_records_of_runs_go_under_one_stage(many_report):
    page, summary, _ = many_report
    assert summary["timings"]["stages"]["train"] == 90 * 65.0
    assert summary["timings"]["stages"]["tune"] == 160.0
    assert summary["timings"]["stages"]["finetune"] == 60 * 5.0
    assert "train (90 records)" in page.text
    assert "count_weight = 3 values" in page.text


def test_chromosomes_of_the_folds_are_listed(many_report):
    page, summary, _ = many_report
    assert summary["folds"]["9"]["valid"] == ["chr1"]
    assert summary["folds"]["9"]["test_peaks"] == 20
    assert "9 chr1 chr10 20" in page.text
