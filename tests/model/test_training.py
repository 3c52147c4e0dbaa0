from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from cistill.model.network import Network, NetworkConfig
from cistill.model.training.endings import TrainingDiverged, TrainingInterrupted, TrainingResult
from cistill.model.training.settings import TrainingSettings, epochs_for, restart_seed
from cistill.model.training.trainer import Trainer
from cistill.model.windows.dataset import read_dataset

CONFIG = NetworkConfig(66, 40, filters=8, layers=2, first_kernel=7, profile_kernel=9)
SETTINGS = TrainingSettings(epochs=6, batch_size=8, learning_rate=0.01, precision="fp32", seed=1)
CPU = torch.device("cpu")


def trainer(
    path: Path, state: Path | None = None, stop: Callable[[], bool] = lambda: False, **changes: object
) -> Trainer:
    return Trainer(read_dataset(path), CONFIG, replace(SETTINGS, **changes), CPU, state, stop)


def without_seconds(result: TrainingResult) -> list[dict[str, object]]:
    return [{k: v for k, v in row.items() if k != "seconds"} for row in result.history]


def same_weights(one: Network, other: Network) -> bool:
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
    assert [epochs_for(n) for n in (5, 26, 40, 900)] == [120, 62, 40, 15]
    assert [epochs_for(40, tasks) for tasks in (1, 2, 3, 20)] == [40, 80, 120, 120]


def test_a_diverged_training_starts_anew_with_half_the_learning_rate(
    toy_dataset: Path, caplog: pytest.LogCaptureFixture
) -> None:
    result = trainer(toy_dataset, learning_rate=1e12, epochs=3, divergences=60).run()
    assert result.divergences > 0
    assert result.settings.learning_rate == 1e12 * 0.5**result.divergences
    assert len(result.history) == 3
    assert "starting anew with a learning rate of" in caplog.text


def test_divergence_without_end_is_reported_with_advice(toy_dataset: Path) -> None:
    with pytest.raises(TrainingDiverged, match=r"diverged.*Lower --learning_rate"):
        trainer(toy_dataset, learning_rate=1e12, epochs=30).run()


def test_a_hopeless_training_is_given_up_half_way(toy_dataset: Path) -> None:
    result = trainer(toy_dataset, learning_rate=1e-12, epochs=8, patience=0, hopeless_after=0.5).run()
    assert len(result.history) == 4


def test_a_damaged_state_is_told_and_the_training_starts_from_the_beginning(
    toy_dataset: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    state = tmp_path / "state.safetensors"
    first = trainer(toy_dataset, state).run()
    state.write_bytes(state.read_bytes()[:2000])
    again = trainer(toy_dataset, state).run()
    assert again.resumed_from == (0, 0)
    assert "a saved state cannot be used" in caplog.text
    assert same_weights(first.network, again.network)


def test_a_full_disk_does_not_stop_a_training(
    toy_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cistill.model.training.state.write_tensors", full)
    result = trainer(toy_dataset, tmp_path / "state.safetensors").run()
    assert len(result.history) == 6
    assert "state of the training was not saved: [Errno 28] No space left on device" in caplog.text


def test_bfloat16_learns_what_float32_learns(toy_dataset: Path) -> None:
    best = {}
    for precision in ("fp32", "bf16"):
        result = trainer(toy_dataset, epochs=40, learning_rate=0.02, precision=precision).run()
        best[precision] = result.scores.criterion
    assert best["bf16"] == pytest.approx(best["fp32"], rel=0.1)
    assert best["bf16"] < 1.6


def test_restarts_of_different_seeds_share_no_seed() -> None:
    assert len({restart_seed(seed, restart) for seed in range(5) for restart in range(1, 20)}) == 5 * 19
