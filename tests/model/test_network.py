import json
import math
from pathlib import Path

import pytest
import torch
from torch.nn import functional

from cistill.errors import InputError
from cistill.model.network import NetworkConfig, ProfileNetwork, build_network

SMALL = {"input_length": 66, "output_length": 40, "filters": 8, "layers": 2, "first_kernel": 7, "profile_kernel": 9}
PRESETS = sorted((Path(__file__).parents[2] / "assets" / "models").glob("*.json"))


def parameters(**arguments: object) -> int:
    return sum(p.numel() for p in build_network(NetworkConfig(**arguments)).parameters())


@pytest.mark.parametrize("tasks", [1, 3])
def test_parameter_count_is_the_published_one(tasks: int) -> None:
    assert parameters(tasks=tasks, controls=True) == 104_256 + 9_752 * tasks


def test_the_published_lengths_close() -> None:
    config = NetworkConfig(input_length=2114, output_length=1000, layers=8)
    assert config.trim == 1114
    config.check()


def test_receptive_fields_are_the_published_ones() -> None:
    assert (NetworkConfig().receptive_field, NetworkConfig().profile_receptive_field) == (1041, 1115)
    small = NetworkConfig(1346, 1000, layers=6)
    assert (small.receptive_field, small.profile_receptive_field, small.positions) == (273, 347, 1074)


def test_what_one_position_sees_is_the_receptive_field() -> None:
    config = NetworkConfig(**SMALL)
    network = ProfileNetwork(config)
    for parameter in network.parameters():
        torch.nn.init.constant_(parameter, 0.1)
    sequence = torch.rand(1, 4, 66, requires_grad=True)
    network.trunk(sequence)[0, :, 0].sum().backward()
    assert int((sequence.grad[0].abs().sum(0) > 0).sum()) == config.receptive_field
    sequence.grad = None
    network(sequence).profile[0, 0, 0, 0].backward()
    assert int((sequence.grad[0].abs().sum(0) > 0).sum()) == config.profile_receptive_field


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_presets_close(path: Path) -> None:
    preset = json.loads(path.read_text())
    preset.pop("description")
    config = NetworkConfig(**preset)
    config.check()
    family, length = path.stem.split("-")
    assert (config.family, config.input_length) == (family, int(length))


def test_lengths_that_do_not_close_are_refused_with_those_that_do() -> None:
    with pytest.raises(InputError, match=r"do not close.*input length 546.*output length 166.*no number of layers"):
        NetworkConfig(input_length=512, output_length=200, layers=6).check()


def test_lengths_that_another_number_of_layers_closes_are_refused_with_it() -> None:
    with pytest.raises(InputError, match=r"input length 1346.*output length 1768.*\(8 layers for both\)"):
        NetworkConfig(input_length=2114, output_length=1000, layers=6).check()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"family": "transformer"}, "family must be one of profile, distill"),
        ({"first_kernel": 20}, "first_kernel must be odd"),
        ({"strands": 3}, "strands must be 1 or 2"),
        ({"family": "distill", "last_residual": True, "strands": 1}, "no such option: last_residual, strands"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        NetworkConfig(**{**SMALL, **arguments}).check()


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


@pytest.mark.parametrize("last_residual", [False, True])
def test_gradients_equal_those_of_plain_convolutions(last_residual: bool) -> None:
    torch.manual_seed(0)
    network = ProfileNetwork(NetworkConfig(**SMALL, tasks=2, last_residual=last_residual)).double()
    sequence = torch.randn(3, 4, 66, dtype=torch.float64)
    weights = torch.randn(3, 2, 2, 40, dtype=torch.float64)

    def gradients(profile: torch.Tensor, counts: torch.Tensor) -> list[torch.Tensor]:
        network.zero_grad()
        ((profile * weights).sum() + counts.pow(2).sum()).backward()
        return [parameter.grad.clone() for parameter in network.parameters()]

    ours, plain = gradients(*network(sequence)), gradients(*same_padding_network(network, sequence))
    for one, other in zip(ours, plain, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)


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


@pytest.mark.parametrize("family", ["profile", "distill"])
def test_a_network_with_controls_refuses_to_run_without(family: str) -> None:
    network = build_network(NetworkConfig(**SMALL, controls=True, family=family))
    with pytest.raises(ValueError, match="pass `control`"):
        network(torch.zeros(1, 4, 66))


@pytest.mark.parametrize("family", ["profile", "distill"])
def test_counts_start_at_the_mean_with_half_of_the_control(family: str) -> None:
    network = build_network(NetworkConfig(**SMALL, tasks=2, controls=True, family=family))
    control = torch.rand(1, 1, 1, 40).expand(1, 2, 2, 40)
    totals = torch.log1p(control.sum(-1))
    network.start_counts_at(torch.tensor([[2.0, 2.0], [5.0, 5.0]]), totals[0])
    output = network(torch.zeros(1, 4, 66), control)  # all biases are zero: no sequence, no activation
    assert torch.equal(output.profile, torch.zeros(1, 2, 2, 40))
    torch.testing.assert_close(output.log_counts, torch.tensor([[[2.0, 2.0], [5.0, 5.0]]]))
    # e times the control: half a unit more is expected; in the distill family of the total of both strands
    more = network(torch.zeros(1, 4, 66), math.e * control).log_counts - output.log_counts
    assert more.min() > 0.4
    assert more.max() < 0.51


@pytest.mark.parametrize("family", ["profile", "distill"])
def test_initial_weights_come_from_the_generator_alone(family: str) -> None:
    network = build_network(NetworkConfig(**SMALL, controls=True, family=family))
    states = []
    for _ in range(2):
        network.reset(torch.Generator().manual_seed(3))
        states.append({name: value.clone() for name, value in network.state_dict().items()})
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    before = torch.random.get_rng_state()
    network.reset(torch.Generator().manual_seed(4))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert not torch.equal(network.first.weight, states[0]["first.weight"])


@pytest.mark.parametrize("family", ["profile", "distill"])
def test_every_parameter_belongs_to_trunk_or_one_head(family: str) -> None:
    network = build_network(NetworkConfig(**SMALL, controls=True, family=family))
    groups = [network.trunk_parameters(), network.head_parameters("profile"), network.head_parameters("counts")]
    seen = [id(parameter) for group in groups for parameter in group]
    assert sorted(seen) == sorted(id(parameter) for parameter in network.parameters())


@pytest.mark.parametrize("family", ["profile", "distill"])
def test_bfloat16_gives_float32_outputs_near_those_of_float32(family: str) -> None:
    torch.manual_seed(0)
    network = build_network(NetworkConfig(**SMALL, controls=True, family=family))
    sequence, control = torch.nn.functional.one_hot(torch.arange(66)[None] % 4, 4).float().mT, torch.rand(1, 1, 2, 40)
    exact = network(sequence, control)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        under_autocast = network(sequence, control)
    for output in (under_autocast, network(sequence.bfloat16(), control)):
        assert output.profile.dtype == output.log_counts.dtype == torch.float32
        torch.testing.assert_close(output.profile, exact.profile, rtol=0.05, atol=0.05)
        torch.testing.assert_close(output.log_counts, exact.log_counts, rtol=0.05, atol=0.05)
        output.profile.square().mean().backward()
        assert torch.isfinite(network.first.weight.grad).all()


@pytest.mark.parametrize("arguments", [SMALL, SMALL | {"family": "distill"}, SMALL | {"residual": "pre"}, {}])
def test_a_trunk_alone_in_its_batch_gives_the_same_bits(arguments: dict[str, object]) -> None:
    """Small sequences and a network of the default size, whose layers torch convolves by two kinds of kernels."""
    network = build_network(NetworkConfig(**arguments))
    bases = torch.randint(0, 4, (5, network.config.input_length), generator=torch.Generator().manual_seed(1))
    sequence = functional.one_hot(bases, 4).float().transpose(1, 2)
    with torch.no_grad():
        together = network.trunk(sequence)
        for size in (1, 2, 3):
            parts = [network.trunk(sequence[first : first + size]) for first in range(0, 5, size)]
            assert torch.equal(torch.cat(parts), together)


def test_trunk_then_heads_is_the_whole_network() -> None:
    torch.manual_seed(0)
    network = ProfileNetwork(NetworkConfig(**SMALL))
    sequence = torch.randn(2, 4, 66)
    hidden = network.trunk(sequence)
    assert hidden.shape == (2, 8, 48)
    with torch.no_grad():  # other code paths without gradients, and for activations of another layout
        again = network.heads(hidden.contiguous())
    torch.testing.assert_close(again.profile, network(sequence).profile, rtol=1e-5, atol=1e-6)


def test_joint_counts_start_at_the_total_of_both_strands() -> None:
    network = ProfileNetwork(NetworkConfig(**SMALL, joint_counts=True))
    network.start_counts_at(torch.tensor([[math.log1p(30), math.log1p(70)]]))
    output = network(torch.zeros(1, 4, 66))
    torch.testing.assert_close(torch.expm1(output.log_counts), torch.full((1, 1, 1), 100.0), rtol=1e-4, atol=0)
