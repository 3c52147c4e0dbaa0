from pathlib import Path

import numpy as np
import pytest
import torch
from toy_dataset import write_toy_dataset

from cistill.model.network import Network, NetworkConfig
from cistill.model.training.finetuning import Finetuner
from cistill.model.training.settings import FinetuneSettings, TrainingSettings
from cistill.model.training.trainer import Trainer
from cistill.model.training.trunk_cache import TrunkCache
from cistill.model.windows.batches import take
from cistill.model.windows.dataset import Dataset, read_dataset

CPU = torch.device("cpu")
SETTINGS = FinetuneSettings(epochs=6, restarts=2, batch_size=8, profile_rate=0.01, count_rate=0.01)


def trained(folder: Path, family: str = "profile", tasks: int = 2, controls: bool = True) -> tuple[Network, Dataset]:
    dataset = read_dataset(write_toy_dataset(folder / "TOY.dataset.h5", tasks=tasks, controls=controls))
    config = NetworkConfig(
        66, 40, filters=8, layers=2, first_kernel=7, profile_kernel=9, tasks=tasks, controls=controls, family=family
    )
    settings = TrainingSettings(epochs=3, batch_size=8, learning_rate=0.01, precision="fp32")
    return Trainer(dataset, config, settings, CPU).run().network, dataset


@pytest.mark.parametrize("family", ["profile", "distill"])
@pytest.mark.parametrize("budget", [1e9, 1.0])
def test_cached_windows_are_those_of_the_network(tmp_path: Path, family: str, budget: float) -> None:
    network, dataset = trained(tmp_path, family)
    rows = np.array([3, 60, 7, 11])
    cache = TrunkCache(network, dataset, np.arange(len(dataset)), CPU, budget, dataset.max_jitter, True)
    assert cache.cached == (budget > 1)
    shift, flip = np.array([0, -4, 3, 2]), np.array([False, True, True, False])
    with torch.no_grad():
        expected = network.trunk(take(dataset, rows, shift, flip).to(CPU).sequence)
    torch.testing.assert_close(cache.windows(rows, shift, flip), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("family", ["profile", "distill"])
@pytest.mark.parametrize("number", [1, 2, 5])
def test_windows_that_are_not_kept_are_those_kept_bit_for_bit(tmp_path: Path, family: str, number: int) -> None:
    network, dataset = trained(tmp_path, family)
    every = np.arange(len(dataset))
    kept, computed = (TrunkCache(network, dataset, every, CPU, budget, dataset.max_jitter, True) for budget in (1e9, 1))
    assert kept.cached
    assert not computed.cached
    rows, shift = np.array([3, 60, 7, 11, 90])[:number], np.array([0, -4, 3, 2, 1])[:number]
    flip = np.arange(number) == 0  # a single window from the other strand
    one, other = kept.windows(rows, shift, flip), computed.windows(rows, shift, flip)
    assert torch.equal(one, other)
    assert one.transpose(1, 2).is_contiguous()
    assert other.transpose(1, 2).is_contiguous()  # sums over positions are ordered by the layout


@pytest.mark.parametrize("family", ["profile", "distill"])
def test_no_head_gets_worse_and_the_trunk_stays(tmp_path: Path, family: str) -> None:
    network, dataset = trained(tmp_path, family)
    result = Finetuner(network, dataset, SETTINGS, CPU).run()
    for name, before in result.before.tasks.items():
        after = result.after.tasks[name]
        assert after.profile_nll <= before.profile_nll
        assert after.count_mse <= before.count_mse
    assert result.after.criterion < result.before.criterion
    for one, other in zip(network.trunk_parameters(), result.network.trunk_parameters(), strict=True):
        assert torch.equal(one, other)


def test_same_seed_same_heads_with_and_without_a_cache(tmp_path: Path) -> None:
    network, dataset = trained(tmp_path)
    results = [
        Finetuner(network, dataset, FinetuneSettings(**{**SETTINGS.to_json(), "cache_gb": gb}), CPU).run()
        for gb in (4.0, 4.0, 0.0)
    ]
    states = [result.network.state_dict() for result in results]
    for state in states[1:]:
        for name, value in states[0].items():
            assert torch.equal(value, state[name]), name
    assert results[0].history == results[1].history == results[2].history


def test_the_start_is_kept_where_nothing_gets_better(tmp_path: Path) -> None:
    network, dataset = trained(tmp_path)
    settings = FinetuneSettings(epochs=2, restarts=1, batch_size=8, profile_rate=50.0, count_rate=50.0)
    result = Finetuner(network, dataset, settings, CPU).run()
    for name, value in network.state_dict().items():
        assert torch.equal(value, result.network.state_dict()[name])


def test_tasks_are_tuned_apart(tmp_path: Path) -> None:
    """The heads of a task become the same whether the other task is tuned beside them or not."""
    network, dataset = trained(tmp_path, controls=False)
    weights = []
    for muted in (False, True):
        tuner = Finetuner(network, dataset, SETTINGS, CPU)
        tuner.masks[:, 1] &= not muted
        groups = [
            {"params": list(tuner.network.head_parameters(head)), "lr": 0.01, "peak": 0.01}
            for head in ("profile", "counts")
        ]
        tuner._epoch(torch.optim.Adam(groups, eps=1e-7), 0, 0)
        weights.append(tuner.network.get_parameter("profile_weight").detach()[:2].clone())
    torch.testing.assert_close(weights[0], weights[1])
