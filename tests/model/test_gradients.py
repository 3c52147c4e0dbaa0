from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from toy_dataset import write_toy_dataset

from cistill.model.network import NetworkConfig, build_network
from cistill.model.training.gradients import Gradients
from cistill.model.training.losses import region_losses
from cistill.model.windows.batches import TrainingBatches
from cistill.model.windows.dataset import read_dataset

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("family", ["profile", "distill"])
@pytest.mark.parametrize(("regions", "parts"), [(48, 3), (47, 3), (2, 3), (1, 3)])
def test_threads_with_regions_of_their_own_find_the_gradients_of_the_whole_batch(
    tmp_path: Path, family: str, regions: int, parts: int
) -> None:
    dataset = read_dataset(write_toy_dataset(tmp_path / "d.h5", tasks=2, controls=True))
    config = NetworkConfig(
        dataset.input_length, dataset.output_length, filters=8, layers=2, first_kernel=7, profile_kernel=9,
        tasks=2, controls=True, family=family,
    )  # fmt: skip
    network = build_network(config)
    network.reset(torch.Generator().manual_seed(1))
    batch = TrainingBatches(dataset, regions, seed=1).batch(0, 0).to(CPU)
    torch.set_num_threads(parts)
    side_by_side = Gradients(network, 3.0, torch.float32, 48, CPU)
    assert side_by_side.parts == parts
    losses = side_by_side.compute(batch)
    found = [parameter.grad for parameter in network.parameters()]
    torch.set_num_threads(1)
    alone = Gradients(network, 3.0, torch.float32, 48, CPU)
    assert alone.pool is None
    torch.testing.assert_close(losses, alone.compute(batch), rtol=1e-5, atol=1e-5)
    assert losses.loss.item() == pytest.approx((losses.profile_nll + 3 * losses.count_mse).item(), rel=1e-5)
    for parameter, one in zip(network.parameters(), found, strict=True):
        assert one is not None
        assert parameter.grad is not None
        assert one.stride() == parameter.stride() == parameter.grad.stride()  # what the fused optimizer relies on
        torch.testing.assert_close(one, parameter.grad, rtol=1e-4, atol=1e-5)


def test_gradients_are_those_of_backward(toy_dataset: Path) -> None:
    dataset = read_dataset(toy_dataset)
    network = build_network(NetworkConfig(66, 40, filters=8, layers=2, first_kernel=7, profile_kernel=9))
    network.reset(torch.Generator().manual_seed(1))
    batch = TrainingBatches(dataset, 8, seed=1).batch(0, 0).to(CPU)
    losses = region_losses(network(batch.sequence, batch.control), batch.signal)
    (losses.profile_nll.mean() + 3 * losses.count_mse.mean()).backward()
    expected = [parameter.grad for parameter in network.parameters()]
    Gradients(network, 3.0, torch.float32, 8, CPU).compute(batch)
    for parameter, one in zip(network.parameters(), expected, strict=True):
        torch.testing.assert_close(parameter.grad, one, rtol=1e-5, atol=1e-6)


def test_small_batches_are_not_cut_to_pieces() -> None:
    torch.set_num_threads(4)
    network = build_network(NetworkConfig(66, 40, filters=8, layers=2, first_kernel=7, profile_kernel=9))
    assert [Gradients(network, 1.0, torch.float32, size, CPU).parts for size in (1, 8, 16, 64)] == [1, 1, 2, 4]
