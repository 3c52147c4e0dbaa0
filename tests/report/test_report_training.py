"""How the model came about: what the page and the summary tell of search, trainings, fine-tuning and choice."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from report_pages import check_drawings, remove, report
from synthetic_regions import TF
from synthetic_report_files import write_results
from synthetic_training_files import Training, criterion_of

from cistill.report.reading.training_runs import run_parts
from cistill.report.sections.training.charts import criterion_range
from cistill.report.sections.training.choice import Contest
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


def test_names_of_runs_are_taken_apart():
    assert run_parts("all.fold_0.restart_3") == ("all", "0", 3)
    assert run_parts("a.b.fold_x.y.restart_12") == ("a.b", "x.y", 12)
    assert run_parts("all.fold_0") is None


def test_one_training_is_told_as_one(tmp_path):
    page, summary, _ = report(write_results(tmp_path / "one"), tmp_path)
    assert summary["training"] == {
        "runs": [
            {
                "run": "all.fold_0.restart_1", "kind": "all", "fold": "0", "restart": 1, "epochs": 12, "best_epoch": 9,
                "criterion": 0.65, "learning_rate": 0.004, "count_weight": 151.0, "precision": "bf16", "divergences": 0,
                "parameters": 89284, "seconds": 61.5, "device": "cpu, 2 threads", "seed": 7001, "finetuned": None,
                "chosen": True,
            }
        ],
        "seconds": 61.5,
        "device": "cpu, 2 threads",
    }  # fmt: skip
    assert "12 epochs in 1 min 02 s on cpu, 2 threads; the weights of epoch 9 were kept." in page.text
    assert "There is a single network, so nothing was to be chosen." in page.text
    assert summary["tuning"] is None
    for words in ("Search for settings", "Fine-tuning", "Every training", "Fold 0", "Held-out regions by fold"):
        assert words not in page.text
    _, table = page.charts["criterion-0"]
    assert len(table) == 12
    assert table.loc[table["kept"], ["epoch", "criterion"]].values.tolist() == [[9, 0.65]]
    assert set(table["network_of"]) == {"all tasks"}
    assert [name for name in page.charts if name.startswith("criterion")] == ["criterion-0"]


def test_many_trainings_have_a_chart_for_each_fold(many_report):
    page, summary, text = many_report
    assert len(summary["training"]["runs"]) == 90
    charts = {name: table for name, (_, table) in page.charts.items() if name.startswith("criterion")}
    assert list(charts) == [f"criterion-{fold}" for fold in range(10)]
    assert {len(set(table["run"])) for table in charts.values()} == {9}
    assert set(charts["criterion-3"]["network_of"]) == {"all tasks", "one task"}
    assert charts["criterion-3"].groupby("run")["kept"].sum().tolist() == [1] * 9
    assert "90 networks trained: 10 folds, 3 restarts, for all tasks and for single ones" in page.text
    assert "started anew with half the learning rate: OTHER.fold_3.restart_1 (2 times)." in page.text
    assert "Best network of each fold and task (20 rows)" in page.text
    assert "All candidates (200 rows)" in page.text
    assert len(text) < 3_000_000  # without the scripts, which are the same on every page
    assert "nan" not in text.lower().replace("nanog", "")


def test_the_page_of_many_trainings_is_whole(many_report):
    page, _, text = many_report
    assert len(page.ids) == len(set(page.ids))
    assert [link for link in page.links if link.startswith("#") and link[1:] not in page.ids] == []
    check_drawings(text)


def test_settings_are_given_as_ranges_over_folds_and_restarts(many_report):
    assert "all tasks 30 151 – 153 0.004 bf16 12 of 15 9 89,284 1 min 02 s" in many_report[0].text


def test_the_search_tells_the_chosen_trial_beside_the_defaults(many_report):
    page, summary, _ = many_report
    chosen = summary["tuning"]["chosen"]
    assert (chosen["trial"], chosen["criterion"]) == (2, 0.61)
    assert summary["tuning"]["outcomes"] == {"finished": 14, "given up": 1, "diverged": 1}
    assert summary["tuning"]["default_criterion"] == 0.71
    assert "16 short trainings on fold 0" in page.text
    assert "14 finished, 1 given up, 1 diverged. Trial 2 was chosen" in page.text
    assert "criterion 0.610, with the defaults 0.710." in page.text


def test_a_search_that_chose_the_defaults_says_so(folder, tmp_path):
    spoil(folder, "tuning", lambda table: table.assign(chosen=table["trial"] == 1))
    page, _, _ = report(folder, tmp_path)
    assert "these are the defaults." in page.text


def test_the_trials_are_drawn_with_their_criteria(many_report):
    spec, table = many_report[0].charts["settings-tried"]
    assert len(table) == 16
    assert table.loc[table["chosen"], ["trial", "criterion"]].values.tolist() == [[2, 0.61]]
    finished = table[table["outcome"] == "finished"]["criterion"]
    fullness = spec["layer"][0]["encoding"]["fillOpacity"]["condition"]
    assert fullness["scale"] == {"domain": [finished.min(), finished.max()], "range": [1.0, 0.15]}  # small is full
    assert spec["layer"][0]["encoding"]["x"]["scale"]["type"] == "log"
    assert len(many_report[0].charts["losses-reached"][1]) == 14


def test_contests_are_within_a_fold_and_task(many_report):
    contests = many_report[1]["selection"]["contests"]
    assert [(one["fold"], one["task"]) for one in contests] == [(str(f), task) for task in TASKS for f in range(10)]
    # restarts differ by 0.05, 0, 0.02; fine-tuned are restarts 2 and 3, which gain 0.01, networks of one task 0.03
    assert contests[13] == {
        "fold": "3", "task": "OTHER", "candidates": 10, "best": "OTHER.fold_3.restart_2.finetuned",
        "criterion": round(criterion_of("OTHER", "3", 2, "OTHER", True), 6), "restarts": 3, "spread": 0.05,
        "finetuning_gain": 0.02, "all_tasks": 0.75, "own_task": 0.735, "chosen": ["OTHER.fold_3.restart_2.finetuned"],
    }  # fmt: skip


def test_the_choice_is_explained(many_report):
    page, summary, _ = many_report
    assert summary["selection"]["candidates"] == 150
    assert len(summary["selection"]["chosen"]) == 20
    assert "folds were never compared with each other" in page.text
    assert "The best network of each fold and task was kept. 20 of 150 candidates are in the model." in page.text
    assert "Fine-tuning lowered the criterion in 80 of 80 cases, by 0.0200 on average." in page.text
    assert (
        "than the best one of the task alone in 0 of 20 cases; on average its criterion is 0.0150 larger." in page.text
    )


def test_a_users_choice_is_told(tmp_path):
    folder = write_results(tmp_path / "user", (TF,), Training(("0",), 2, chosen_by="user"))
    spoil(folder, "candidates", lambda table: table.assign(chosen=table["restart"] == 1))
    page, summary, _ = report(folder, tmp_path)
    assert "The choice itself is the user's table." in page.text
    assert [run["chosen"] for run in summary["training"]["runs"]] == [True, False]
    assert "0.6500 chosen" in page.text
    assert "0.6000 best" in page.text


def test_restarts_of_the_best_kind_alone_make_the_spread():
    rows = [
        ("a1", "all", 1, "trained", 0.9),
        ("a2", "all", 2, "trained", 0.7),
        ("a2.finetuned", "all", 2, "finetuned", 0.6),
        ("t1", "T", 1, "trained", 0.65),
        ("t2", "T", 2, "trained", np.nan),
    ]
    table = pd.DataFrame(rows, columns=["candidate", "kind", "restart", "stage", "criterion"]).assign(chosen=False)
    contest = Contest("0", "T", table.sort_values("criterion", ignore_index=True))
    assert contest.best["candidate"] == "a2.finetuned"
    assert contest.spread == pytest.approx(0.2)
    assert contest.gain == pytest.approx(0.1)
    assert (contest.best_of(True), contest.best_of(False)) == (0.6, 0.65)


def test_fine_tuning_shows_before_and_after(many_report):
    page, summary, _ = many_report
    run = next(run for run in summary["training"]["runs"] if run["run"] == "all.fold_0.restart_2")
    assert run["finetuned"] == {"before": 0.65, "after": 0.64, "restarts": 3, "epochs": 12, "better_heads": 2}
    assert "all.fold_0.restart_2 0.6500 0.6400 0.0100 3 12 2 of 4" in page.text
    assert "Networks fine-tuned" in page.text


def test_without_the_table_of_candidates_nothing_is_said_of_a_choice(folder, tmp_path):
    remove(folder, f"{TF}.candidates.tsv", f"{TF}.select.json")
    page, summary, _ = report(folder, tmp_path)
    assert summary["selection"] is None
    assert summary["training"]["runs"][0]["chosen"] is None
    assert "Choice of networks" not in page.text
    assert "Losses of all networks" in page.text


def test_without_histories_the_settings_are_still_told(folder, tmp_path):
    remove(folder, "*.history.tsv")
    page, summary, _ = report(folder, tmp_path)
    assert "No history.tsv was given: no curves of the training." in page.text
    assert summary["training"]["runs"][0]["epochs"] == 12
    assert summary["training"]["runs"][1]["finetuned"]["epochs"] is None


def test_histories_alone_are_drawn_too(folder, tmp_path):
    remove(folder, "*.train.json", "*.finetuned.json", f"{TF}.candidates.tsv", f"{TF}.tuning.*", f"{TF}.trial_*")
    page, summary, _ = report(folder, tmp_path)
    run = summary["training"]["runs"][0]
    assert (run["epochs"], run["best_epoch"], run["criterion"], run["count_weight"]) == (12, 9, 0.65, None)
    assert "Fold 1" in page.text


def test_a_model_from_elsewhere_has_no_training(folder, tmp_path):
    remove(folder, f"{TF}.all.*", f"{TF}.candidates.tsv", f"{TF}.select.json", f"{TF}.tuning.*", f"{TF}.trial_*")
    page, summary, _ = report(folder, tmp_path)
    assert summary["training"] is None
    assert "nothing is known of the training" in page.text
    assert "AUROC" in page.text


def test_runs_without_validation_regions_are_drawn_without_marks(folder, tmp_path):
    for name in ("0", "1"):
        for restart in (1, 2):
            spoil(folder, f"all.fold_{name}.restart_{restart}.history", lambda table: table.assign(criterion=np.nan))
    _, _, text = report(folder, tmp_path)
    assert "nan" not in text.lower().replace("nanog", "")


def test_runs_of_a_tf_whose_name_begins_alike_are_left_out(folder, tmp_path, caplog):
    for file in list(folder.glob(f"{TF}.all.fold_0.restart_1.*")):
        (folder / file.name.replace(f"{TF}.all", f"{TF}.B.all")).write_bytes(file.read_bytes())
    _, summary, _ = report(folder, tmp_path)
    assert len(summary["training"]["runs"]) == 4
    assert f"{TF}.B.all.fold_0.restart_1: no run of this TF" in caplog.text
    assert summary["timings"]["stages"]["train"] == 4 * 65.0


def test_runs_of_one_command_are_timed_once(folder, tmp_path):
    for restart, seconds in ((1, 70.0), (2, 140.0)):  # each record holds the time since the command began
        file = folder / f"{TF}.all.fold_0.restart_{restart}.train.json"
        record = json.loads(file.read_text()) | {"arguments": ["--restarts", "2"], "seconds": seconds}
        file.write_text(json.dumps(record))
    _, summary, _ = report(folder, tmp_path)
    assert summary["timings"]["stages"]["train"] == 140.0 + 2 * 65.0


def test_the_range_of_curves_leaves_out_early_epochs_but_no_best_one():
    low, high = criterion_range([np.array([9.0, 5.0, 1.0, 0.9, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8])])
    assert low < 0.8
    assert 1.0 < high < 1.1
    low, high = criterion_range([np.array([3.0, 2.9, 2.8]), np.array([1.0, 0.7, 0.6])])
    assert low < 0.6
    assert high > 2.8
    assert criterion_range([np.array([np.nan])]) == (0.0, 2.0)
