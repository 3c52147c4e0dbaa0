"""The network that a page keeps: which one, its weights in 16 bits, its backgrounds, and how far it is off."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from marginal_toys import FOLDS, INPUT, in_process, letters, random_codes, toy_model, toy_network, write_dataset

from cistill.affinity.marginalization.panel import ensemble_panels
from cistill.affinity.marginalization.settings import PanelSettings
from cistill.affinity.page_model import chosen_member, network_of, page_ensemble, page_model
from cistill.affinity.page_model_settings import PageModelSettings
from cistill.api.sequence_functions import predict
from cistill.errors import InputError
from cistill.formats.page_model import LARGEST, PageModel, read_page_model, text_size, write_page_model
from cistill.model.ensemble import Ensemble
from cistill.model.member import Member
from cistill.model.windows.dataset import Dataset, read_dataset


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return read_dataset(write_dataset(tmp_path / "TOY.dataset.h5"))


def member(number: int, criteria: dict[str, float], votes: list[str] | None = None, **arguments: object) -> Member:
    tasks = list(criteria)
    record = {"run": f"run{number}", "validation": {task: {"criterion": value} for task, value in criteria.items()}}
    network = toy_network(number, tasks=len(tasks), **arguments)
    return Member(network, tasks, "0", FOLDS["0"], record, votes or tasks)


def test_the_network_that_predicts_most_tasks_and_has_the_best_criterion_is_chosen() -> None:
    both = [member(0, {"a": 0.5, "b": 0.9}), member(1, {"a": 0.6, "b": 0.7}), member(2, {"a": 0.9, "b": 0.9})]
    single = member(3, {"a": 0.1})
    chosen, why = chosen_member(Ensemble("T", ["a", "b"], [single, *both]))
    assert chosen is both[1]
    assert why == "the network of the best validation criterion"
    assert chosen_member(Ensemble("T", ["a"], [single])) == (single, "the model's only network")
    unknown = [Member(toy_network(seed), ["a"], "0", FOLDS["0"]) for seed in (0, 1)]
    assert chosen_member(Ensemble("T", ["a"], unknown))[0] is unknown[0]


def test_a_page_model_comes_back_with_the_same_16_bits(dataset: Dataset, tmp_path: Path) -> None:
    one = member(1, {"a": 0.5})
    made = page_model(Ensemble("TOY", ["a"], [one]), dataset, PageModelSettings(3))
    for name in ("x.json", "y.json"):
        write_page_model(tmp_path / name, made)
    assert (tmp_path / "x.json").read_bytes() == (tmp_path / "y.json").read_bytes()
    back = read_page_model(tmp_path / "x.json")
    assert (back.tf, back.tasks, back.votes, back.not_available) == ("TOY", ["a"], ["a"], "")
    for name, tensor in one.network.state_dict().items():
        assert back.weights[name].tobytes() == tensor.numpy().astype(np.float16).tobytes()
        assert torch.equal(network_of(back).state_dict()[name], tensor.half().float())
    assert text_size(back.weights) == sum(
        len(stored["float16"]) for stored in json.loads((tmp_path / "x.json").read_text())["weights"].values()
    )


def test_backgrounds_are_those_of_marginalization_for_the_chosen_network(dataset: Dataset) -> None:
    ensemble = Ensemble("TOY", ["a"], [member(1, {"a": 0.5})])
    made = page_model(ensemble, dataset, PageModelSettings(3, seed=5))
    panel = ensemble_panels(ensemble, dataset, PanelSettings(3, seed=5))[0][0]
    assert made.backgrounds == [letters(codes) for codes in panel.codes]
    assert made.record["background_regions"] == panel.names


def test_the_record_says_how_far_the_network_is_from_the_whole_model(dataset: Dataset) -> None:
    first, second = member(1, {"a": 0.5}), member(2, {"a": 0.6})
    alone = page_model(Ensemble("TOY", ["a"], [first]), dataset, PageModelSettings(1)).record
    assert alone["compared_peaks"] == 10  # those of the test chromosome
    assert 0 < alone["rounding_log_counts"] < 0.01
    assert alone["log_counts_r"] > 0.999
    assert alone["profile_js_distance"] < 0.01
    both = page_model(Ensemble("TOY", ["a"], [first, second]), dataset, PageModelSettings(1)).record
    assert (both["networks"], both["run"]) == (2, "run1")
    assert both["log_counts_r"] < alone["log_counts_r"]
    assert abs(both["log_counts_difference"]) > abs(alone["log_counts_difference"])


def test_a_page_model_predicts_in_this_program_as_its_network_does(dataset: Dataset) -> None:
    made = page_model(Ensemble("TOY", ["b"], [member(1, {"a": 0.5, "b": 0.5}, ["b"])]), dataset, PageModelSettings(1))
    sequences = random_codes(3, INPUT)
    found = predict(page_ensemble(made), sequences)
    assert found.tasks == ["b"]
    exact = predict(Ensemble("TOY", ["b"], [member(1, {"a": 0.5, "b": 0.5}, ["b"])]), sequences)
    np.testing.assert_allclose(found.log_counts, exact.log_counts, atol=0.01)


@pytest.mark.parametrize(
    ("arguments", "scale", "words"),
    [({"filters": 300}, 1, "the weights of one network take"), ({}, 1e7, "some weights are too large for 16 bits")],
)
def test_a_network_that_does_not_fit_is_left_out_with_the_reason(
    dataset: Dataset, arguments: dict[str, object], scale: float, words: str
) -> None:
    one = member(1, {"a": 0.5}, **arguments)
    with torch.no_grad():
        one.network.profile_weight.mul_(scale)
    made = page_model(Ensemble("TOY", ["a"], [one]), dataset, PageModelSettings(1))
    assert made.not_available.startswith(words)
    assert (made.weights, made.backgrounds) == ({}, [])
    assert LARGEST == 1_400_000


def test_the_command_writes_the_file_and_says_what_it_chose(tmp_path: Path) -> None:
    model = toy_model(tmp_path / "TOY.model.safetensors", ("0", "1"))
    data = write_dataset(tmp_path / "TOY.dataset.h5")
    done = in_process("pagemodel", "--model", model, "--dataset", data, "--n_backgrounds", 2, "--outdir", tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(read_page_model(tmp_path / "TOY.page_model.json").backgrounds) == 2
    results = json.loads((tmp_path / "TOY.pagemodel.json").read_text())["results"]
    assert results["run"] == "fold_0"
    assert results["chosen_by"] == "the first network of the model, which has no validation scores"


def test_damaged_page_models_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    write_page_model(file, PageModel("T", weights={"w": np.ones((2, 3), np.float16)}))
    whole = json.loads(file.read_text())
    for change, words in (
        ({"format": "other"}, "no page model of version 1"),
        ({"weights": {"w": {"shape": [2, 4], "float16": whole["weights"]["w"]["float16"]}}}, "12 bytes for weights"),
        ({"tasks": 3}, "damaged, or not a page model"),
    ):
        file.write_text(json.dumps(whole | change))
        with pytest.raises(InputError, match=words):
            read_page_model(file)
