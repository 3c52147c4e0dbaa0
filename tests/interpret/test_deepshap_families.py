"""The explicit rescale rule in every form of trunk and head, against an independent implementation (tangermeme)."""

import numpy as np
import pytest
import torch
from tangermeme.deep_lift_shap import deep_lift_shap
from torch import Tensor, nn
from torch.nn import functional

from cistill.dna.codes import ONE_HOT
from cistill.interpret.deepshap import deepshap
from cistill.interpret.shuffle import dinucleotide_shuffles
from cistill.model.network import Network, NetworkConfig, build_network

SMALL = {"input_length": 66, "output_length": 40, "filters": 8, "layers": 2, "first_kernel": 7, "profile_kernel": 9}
FORMS = {
    "distill": {"family": "distill", "controls": True},
    "bpnet v2": {
        "residual": "pre",
        "last_residual": True,
        "joint_profile": True,
        "joint_counts": True,
        "controls": True,
        "profile_control": "raw",
        "count_control": "joint",
    },
    "bpnet v2, sums activated": {"residual": "sum", "last_residual": True},
    "bpnet-lite": {
        "last_residual": True,
        "joint_profile": True,
        "joint_counts": True,
        "controls": True,
        "profile_control": "wide",
        "count_control": "joint_wide",
    },
    "chrombpnet": {"last_residual": True, "strands": 1, "joint_counts": True, "output_length": 30, "profile_crop": 5},
}


class Explained(nn.Module):
    """One explained scalar, with plain convolutions and its ReLUs as modules of their own."""

    def __init__(self, network: Network, head: str) -> None:
        super().__init__()
        self.network, self.head = network, head
        self.relus = nn.ModuleList(nn.ReLU() for _ in range(network.config.layers + 1))

    def trunk(self, x: Tensor) -> Tensor:
        config, relus = self.network.config, self.relus
        layers = [self.network.first, *self.network.dilated]
        if config.family == "distill":
            outputs: list[Tensor] = []
            for relu, layer in zip(relus, layers, strict=True):
                weight = torch.cat([layer.weight, layer.weight.flip(0, 1, 2)])
                bias = torch.cat([layer.bias, layer.bias.flip(0)])
                seen = sum(outputs) / len(outputs) if outputs else x
                new = relu(functional.conv1d(seen, weight, bias, dilation=layer.dilation))
                outputs = [middle(old, new) for old in outputs] + [new]
            return sum(outputs) / len(outputs)
        if config.residual == "pre":
            x = layers[0](x)
            for relu, layer in zip(relus, layers[1:], strict=False):
                new = layer(relu(x))
                x = new + middle(x, new)
            return relus[-1](x)
        x = relus[0](layers[0](x))
        for relu, layer in zip(relus[1:], layers[1:], strict=True):
            new = layer(x)
            x = relu(new + middle(x, new)) if config.residual == "sum" else relu(new) + middle(x, new)
        return x

    def forward(self, sequence: Tensor, weights: Tensor, control: Tensor) -> Tensor:
        output = self.network.heads(self.trunk(sequence), control)
        if self.head == "counts":
            return output.log_counts.sum((1, 2))[:, None]
        mean = output.profile.mean((-2, -1) if self.network.config.joint_profile else -1, keepdim=True)
        return ((output.profile - mean) * weights).sum((1, 2, 3))[:, None]


def middle(x: Tensor, like: Tensor) -> Tensor:
    cut = (x.shape[-1] - like.shape[-1]) // 2
    return x[..., cut : x.shape[-1] - cut]


@pytest.mark.parametrize("head", ["counts", "profile"])
@pytest.mark.parametrize("form", FORMS)
def test_attributions_equal_tangermemes(form: str, head: str) -> None:
    torch.manual_seed(0)
    network = build_network(NetworkConfig(**{**SMALL, **FORMS[form]}, tasks=2)).eval()
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.3)
    random = np.random.default_rng(1)
    codes = random.integers(0, 4, (3, 66), dtype=np.uint8)
    references = dinucleotide_shuffles(codes, 4, ["a", "b", "c"], 0)
    control = torch.from_numpy(random.poisson(0.5, (3, 2, 2, network.config.output_length)).astype(np.float32))
    result = deepshap(network, codes, references, control if network.config.controls else None)
    assert result.gap.max() < 1e-4

    sequence = torch.from_numpy(ONE_HOT[codes]).transpose(1, 2).contiguous()
    profile = network(sequence, control).profile.detach()
    joint = network.config.joint_profile
    weights = torch.softmax(profile.flatten(2) if joint else profile, -1).view(profile.shape)
    expected = deep_lift_shap(
        Explained(network, head),
        sequence,
        args=(weights, control),
        references=torch.from_numpy(ONE_HOT[references]).transpose(2, 3).contiguous(),
        hypothetical=True,
        device="cpu",
    )
    index, scale = ["counts", "profile"].index(head), float(expected.abs().max())
    np.testing.assert_allclose(
        result.hypothetical[index], expected.transpose(1, 2).numpy(), rtol=1e-5, atol=1e-6 * scale
    )


def test_contributions_of_the_reverse_complement_are_the_reversed_ones() -> None:
    torch.manual_seed(0)
    network = build_network(NetworkConfig(**SMALL, family="distill")).eval()
    codes = np.random.default_rng(2).integers(0, 4, (1, 66), dtype=np.uint8)
    references = dinucleotide_shuffles(codes, 3, ["a"], 0)
    forward = deepshap(network, codes, references).hypothetical
    backward = deepshap(network, 3 - codes[:, ::-1], 3 - references[..., ::-1]).hypothetical
    np.testing.assert_allclose(backward[:, :, ::-1, ::-1], forward, rtol=1e-4, atol=1e-6 * np.abs(forward).max())
