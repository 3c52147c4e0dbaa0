"""Finding files by the names that the commands give them."""

import json

import pytest

from cistill.errors import InputError
from cistill.report.reading.result_files import find_inputs


def make(folder, *names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text(name)
    return folder


def test_files_take_their_roles_by_name_wherever_they_lie(tmp_path):
    make(tmp_path / "dataset", "A.regions.tsv", "A.dataset.h5", "A.dataset.json")
    make(tmp_path / "callhits", "A.counts.hits.bed", "A.counts.callhits.json", "AB.counts.hits.bed")
    inputs = find_inputs("A", [tmp_path])
    assert inputs.files["regions"] == tmp_path / "dataset" / "A.regions.tsv"
    assert inputs.head_file("counts", "hits") == tmp_path / "callhits" / "A.counts.hits.bed"
    assert inputs.head_file("profile", "hits") is None
    assert list(inputs.provenance) == ["A.counts.callhits.json", "A.dataset.json"]


def test_a_tf_name_may_hold_dots_and_dashes(tmp_path):
    make(tmp_path, "NR3C1-a.b.regions.tsv", "NR3C1-a.b.profile.motifs.tsv")
    inputs = find_inputs("NR3C1-a.b", sorted(tmp_path.iterdir()))
    assert inputs.head_file("profile", "motifs") == tmp_path / "NR3C1-a.b.profile.motifs.tsv"


def test_files_may_be_given_one_by_one_with_the_truth_among_them(tmp_path):
    make(tmp_path, "A.regions.tsv", "truth.json")
    inputs = find_inputs("A", [tmp_path / "truth.json", tmp_path / "A.regions.tsv"])
    assert inputs.truth == tmp_path / "truth.json"


def test_a_file_named_but_not_known_is_told_of(tmp_path, caplog):
    make(tmp_path, "A.regions.tsv", "B.regions.tsv")
    find_inputs("A", sorted(tmp_path.iterdir()))
    assert "B.regions.tsv" in caplog.text


def test_the_same_file_twice_is_no_problem_but_two_different_ones_are(tmp_path):
    make(tmp_path / "one", "A.regions.tsv")
    make(tmp_path / "two", "A.regions.tsv")
    assert find_inputs("A", [tmp_path]).files["regions"].parent.name == "one"
    (tmp_path / "two" / "A.regions.tsv").write_text("other")
    with pytest.raises(InputError, match=r"two different files called A\.regions\.tsv"):
        find_inputs("A", [tmp_path])


def test_without_regions_the_message_names_the_file(tmp_path):
    make(tmp_path, "A.metrics.tsv")
    with pytest.raises(InputError, match=r"no B\.regions\.tsv"):
        find_inputs("B", [tmp_path])


def test_a_path_that_does_not_exist_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no such file or folder"):
        find_inputs("A", [tmp_path / "nowhere"])


def test_coverage_of_other_read_sets_is_left_out(tmp_path):
    make(tmp_path, "A.regions.tsv", "own.coverage.json", "other.coverage.json")
    record = {"inputs": {"signal A 1 plus": {"name": "own.plus.bw"}}}
    (tmp_path / "A.dataset.json").write_text(json.dumps(record))
    assert "own.coverage.json" in find_inputs("A", [tmp_path]).provenance
    assert "other.coverage.json" not in find_inputs("A", [tmp_path]).provenance


def test_files_of_training_runs_go_to_their_runs(tmp_path):
    run = "all.fold_0.restart_2"
    make(tmp_path, "A.regions.tsv", f"A.{run}.history.tsv", f"A.{run}.train.json", f"A.{run}.finetuned.history.tsv")
    make(tmp_path, "A.task.x.fold_a.b.restart_12.finetuned.json", "A.trial_3.json", "A.tuning.tsv", "A.select.json")
    inputs = find_inputs("A", [tmp_path])
    assert {name: sorted(files) for name, files in inputs.runs.items()} == {
        run: ["finetuned_history", "history", "train"],
        "task.x.fold_a.b.restart_12": ["finetune"],
    }
    assert list(inputs.provenance) == [
        "A.all.fold_0.restart_2.train.json",
        "A.select.json",
        "A.task.x.fold_a.b.restart_12.finetuned.json",
        "A.trial_3.json",
    ]
    assert "tuning" in inputs.files


def test_every_file_of_a_training_may_be_named(tmp_path, caplog):
    run = "all.fold_0.restart_1"
    names = [f"A.{run}.model.safetensors", f"A.{run}.finetuned.model.safetensors", "A.tuning.json", "A.candidates.tsv"]
    make(tmp_path, "A.regions.tsv", *names)
    find_inputs("A", sorted(tmp_path.iterdir()))
    assert caplog.text == ""
