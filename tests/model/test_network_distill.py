"""The distill family against its published description, written out with plain convolutions."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from cistill.model.network import DistillNetwork, NetworkConfig, build_network

SMALL = {"input_length": 66, "output_length": 40, "filters": 8, "layers": 2, "first_kernel": 7, "profile_kernel": 9}


def make(**arguments: object) -> DistillNetwork:
    torch.manual_seed(0)
    network = build_network(NetworkConfig(**{**SMALL, **arguments}, family="distill"))
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    assert isinstance(network, DistillNetwork)
    return network


def parameters(**arguments: object) -> int:
    network = build_network(NetworkConfig(**arguments, family="distill"))
    return sum(p.numel() for p in network.parameters())


def test_parameter_counts_are_the_published_ones() -> None:
    mammal = {"input_length": 1346, "output_length": 1000, "layers": 6}
    assert parameters(**mammal, controls=True) == 163_019
    assert parameters(**mammal) == 163_013
    assert parameters(layers=8, controls=True) == 212_299
    small = {"input_length": 546, "layers": 6, "filters": 25, "controls": True}
    assert parameters(**small, output_length=225, profile_kernel=50) == 27_336
    assert parameters(**small, output_length=250, profile_kernel=25) == 26_086


def test_each_further_task_adds_heads_alone() -> None:
    mammal = {"input_length": 1346, "output_length": 1000, "layers": 6, "controls": True}
    assert parameters(**mammal, tasks=3) == 163_019 + 2 * (131 + 9601 + 7)


@pytest.mark.parametrize("controls", [False, True])
def test_the_reverse_complement_gives_the_reversed_prediction(controls: bool) -> None:
    network = make(controls=controls, tasks=2)
    assert network.config.equivariant
    sequence, control = torch.rand(3, 4, 66), torch.rand(3, 2, 2, 40)
    with torch.no_grad():
        forward, backward = network(sequence, control), network(sequence.flip(1, 2), control.flip(2, 3))
    scale = forward.profile.abs().max()
    assert (forward.profile - backward.profile.flip(2, 3)).abs().max() < 1e-6 * scale
    assert (forward.log_counts - backward.log_counts.flip(2)).abs().max() < 1e-6 * forward.log_counts.abs().max()


def rc_convolution(x: Tensor, weight: Tensor, bias: Tensor, dilation: int = 1) -> Tensor:
    """F outputs, then those of the kernels reversed in width, input channel and output channel."""
    mirrored = torch.stack([torch.flip(kernel, (0, 1)) for kernel in weight])[torch.arange(len(weight)).flip(0)]
    both = functional.conv1d(x, torch.cat([weight, mirrored]), dilation=dilation)
    return both + torch.cat([bias, bias.flip(0)])[:, None]


def published(network: DistillNetwork, sequence: Tensor, control: Tensor) -> tuple[Tensor, Tensor]:
    """One task with controls as Affinity Distillation describes it: lists of layers, averages, concatenations."""
    layers = [torch.relu(rc_convolution(sequence, network.first.weight, network.first.bias))]
    for layer in network.dilated:
        average = torch.stack(layers).mean(0)
        new = torch.relu(rc_convolution(average, layer.weight, layer.bias, layer.dilation[0]))
        cut = layer.dilation[0]
        layers = [old[..., cut:-cut] for old in layers] + [new]
    hidden = torch.stack(layers).mean(0)

    both = control[:, 0].sum(1)  # (batch, length)
    total = torch.log1p(both.sum(-1, keepdim=True))
    weight = network.count_control_weight[0]
    kernel = torch.cat([weight[:1], network.count.weight[0], weight[1:]])[None, :, None]
    joined = torch.cat([total, hidden.mean(-1), total], 1)[..., None]
    counts = rc_convolution(joined, kernel, network.count.bias)[..., 0]

    tracks = rc_convolution(hidden, network.profile_weight, network.profile_bias)
    smooth = functional.pad(both[:, None], (24, 25), mode="replicate").unfold(2, 50, 1).mean(-1)[:, 0]
    controls = torch.stack([both, smooth], 1)
    joined = torch.cat([controls.flip(1), tracks, controls], 1)
    profile = rc_convolution(joined, network.profile_mix_weight[:, :, None], network.profile_mix_bias)
    return profile, counts


def test_predictions_equal_the_published_architecture() -> None:
    network = make(controls=True, profile_control="raw", control_smoothing=50)
    sequence, control = torch.rand(3, 4, 66), torch.poisson(torch.full((3, 1, 2, 40), 0.5))
    with torch.no_grad():
        output = network(sequence, control)
        profile, counts = published(network, sequence, control)
    torch.testing.assert_close(output.profile[:, 0], profile, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(output.log_counts[:, 0], counts, rtol=1e-5, atol=1e-5)


def test_gradients_equal_those_of_the_published_architecture() -> None:
    network = make(controls=True, profile_control="raw", control_smoothing=50).double()
    sequence, control = torch.rand(2, 4, 66).double(), torch.rand(2, 1, 2, 40).double()
    weights = torch.randn(2, 2, 40).double()
    gradients = []
    for profile, counts in ([x[:, 0] for x in network(sequence, control)], published(network, sequence, control)):
        network.zero_grad()
        ((profile * weights).sum() + counts.pow(2).sum()).backward()
        gradients.append([parameter.grad.clone() for parameter in network.parameters()])
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)
