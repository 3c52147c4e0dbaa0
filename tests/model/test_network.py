import pytest
import torch
from torch.nn import functional

from cistill.errors import InputError
from cistill.model.network import NetworkConfig, ProfileNetwork

SMALL = {"input_length": 66, "output_length": 40, "filters": 8, "layers": 2, "first_kernel": 7, "profile_kernel": 9}


def parameters(**arguments: object) -> int:
    return sum(p.numel() for p in ProfileNetwork(NetworkConfig(**arguments)).parameters())


@pytest.mark.parametrize("tasks", [1, 3])
def test_parameter_count_is_the_published_one(tasks: int) -> None:
    assert parameters(tasks=tasks, controls=True) == 104_256 + 9_752 * tasks


def test_the_published_lengths_close() -> None:
    config = NetworkConfig(input_length=2114, output_length=1000, layers=8)
    assert config.trim == 1114
    config.check()


def test_lengths_that_do_not_close_are_refused_with_those_that_do() -> None:
    with pytest.raises(InputError, match=r"do not close.*input length 546.*output length 166"):
        NetworkConfig(input_length=512, output_length=200, layers=6).check()


def same_padding_network(network: ProfileNetwork, sequence: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The published form: zero-padded layers, a crop to what saw no padding, an ordinary profile convolution."""
    hidden = torch.relu(functional.conv1d(sequence, network.first.weight, network.first.bias, padding="same"))
    last = len(network.dilated) - 1
    for i, layer in enumerate(network.dilated):
        new = torch.relu(functional.conv1d(hidden, layer.weight, layer.bias, padding="same", dilation=layer.dilation))
        hidden = new + hidden if i < last or network.config.last_residual else new
    length = network.config.output_length + network.config.profile_kernel - 1
    crop = (hidden.shape[-1] - length) // 2
    hidden = hidden[..., crop : crop + length]
    profile = functional.conv1d(hidden, network.profile_weight, network.profile_bias)
    return profile.unflatten(1, (-1, 2)), network.count(hidden.mean(-1)).unflatten(1, (-1, 2))


@pytest.mark.parametrize("last_residual", [False, True])
def test_valid_convolutions_equal_the_published_padding_and_crop(last_residual: bool) -> None:
    torch.manual_seed(0)
    network = ProfileNetwork(NetworkConfig(**SMALL, tasks=2, last_residual=last_residual))
    sequence = torch.randn(3, 4, 66)
    output = network(sequence)
    profile, counts = same_padding_network(network, sequence)
    torch.testing.assert_close(output.profile, profile, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(output.log_counts, counts, rtol=1e-5, atol=1e-5)


def test_controls_of_one_task_do_not_reach_another() -> None:
    torch.manual_seed(0)
    network = ProfileNetwork(NetworkConfig(**SMALL, tasks=2, controls=True))
    torch.nn.init.normal_(network.profile_mix.weight)
    torch.nn.init.normal_(network.count_mix.weight)
    sequence, control = torch.randn(1, 4, 66), torch.zeros(1, 2, 2, 40)
    before = network(sequence, control)
    control[:, 1] = 5
    after = network(sequence, control)
    assert torch.equal(before.profile[:, 0], after.profile[:, 0])
    assert torch.equal(before.log_counts[:, 0], after.log_counts[:, 0])
    assert not torch.equal(before.log_counts[:, 1], after.log_counts[:, 1])


def test_a_network_with_controls_refuses_to_run_without() -> None:
    network = ProfileNetwork(NetworkConfig(**SMALL, controls=True))
    with pytest.raises(ValueError, match="pass `control`"):
        network(torch.zeros(1, 4, 66))
