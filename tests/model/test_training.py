from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from cistill.errors import InputError
from cistill.model.batches import read_dataset
from cistill.model.network import NetworkConfig, ProfileNetwork
from cistill.model.training import Trainer, TrainingInterrupted, TrainingResult, TrainingSettings, epochs_for

CONFIG = NetworkConfig(66, 40, filters=8, layers=2, first_kernel=7, profile_kernel=9)
SETTINGS = TrainingSettings(epochs=6, batch_size=8, learning_rate=0.01, seed=1)
CPU = torch.device("cpu")


def trainer(
    path: Path, state: Path | None = None, stop: Callable[[], bool] = lambda: False, **changes: object
) -> Trainer:
    return Trainer(read_dataset(path), CONFIG, replace(SETTINGS, **changes), CPU, state, stop)


def without_seconds(result: TrainingResult) -> list[dict[str, object]]:
    return [{k: v for k, v in row.items() if k != "seconds"} for row in result.history]


def same_weights(one: ProfileNetwork, other: ProfileNetwork) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def test_training_learns_and_keeps_the_best_epoch(toy_dataset: Path) -> None:
    result = trainer(toy_dataset, epochs=40, learning_rate=0.02).run()
    criteria = [row["criterion"] for row in result.history]
    assert criteria[result.best_epoch] == min(criteria) < 1.8 < criteria[0]
    assert [row["epoch"] for row in result.history if row["best"]][-1] == result.best_epoch + 1


def test_same_seed_same_weights(toy_dataset: Path) -> None:
    one, other = trainer(toy_dataset).run(), trainer(toy_dataset).run()
    assert same_weights(one.network, other.network)
    assert without_seconds(one) == without_seconds(other)
    assert not same_weights(one.network, trainer(toy_dataset, seed=2).run().network)


@pytest.mark.parametrize("batches", [1, 6, 14])
def test_a_stopped_training_goes_on_to_the_same_weights(toy_dataset: Path, tmp_path: Path, batches: int) -> None:
    unbroken = trainer(toy_dataset).run()
    calls = iter(range(1000))
    with pytest.raises(TrainingInterrupted):
        trainer(toy_dataset, tmp_path / "state.safetensors", lambda: next(calls) >= batches).run()
    resumed = trainer(toy_dataset, tmp_path / "state.safetensors").run()
    assert resumed.resumed_from == divmod(batches + 1, 6)
    assert same_weights(resumed.network, unbroken.network)
    assert without_seconds(resumed) == without_seconds(unbroken)


def test_a_finished_training_is_not_repeated(toy_dataset: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.safetensors"
    first = trainer(toy_dataset, state).run()
    again = trainer(toy_dataset, state).run()
    assert again.resumed_from == (6, 0)
    assert same_weights(first.network, again.network)


def test_early_stopping_waits_for_the_second_half(toy_dataset: Path) -> None:
    # a learning rate of nothing: the first epoch stays the best
    result = trainer(toy_dataset, learning_rate=1e-12, average_decay=0.0, epochs=12, patience=2).run()
    assert 6 < len(result.history) < 12


def test_small_data_get_more_epochs() -> None:
    assert [epochs_for(n) for n in (5, 26, 40, 900)] == [60, 31, 20, 15]


def test_divergence_is_reported_with_advice(toy_dataset: Path) -> None:
    with pytest.raises(InputError, match=r"diverged.*--learning_rate"):
        trainer(toy_dataset, learning_rate=1e6, epochs=30).run()
