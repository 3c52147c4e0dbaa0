"""The explicit rescale rule against an independent implementation (tangermeme) on the same network."""

import numpy as np
import pytest
import torch
from tangermeme.deep_lift_shap import deep_lift_shap
from torch import Tensor, nn

from cistill.dna.codes import ONE_HOT
from cistill.interpret import slopes
from cistill.interpret.attribution_arrays import Output
from cistill.interpret.deepshap import deepshap, explain_outputs
from cistill.interpret.shuffle import dinucleotide_shuffles
from cistill.model.network import NetworkConfig, ProfileNetwork

SMALL = {"input_length": 66, "output_length": 40, "filters": 8, "layers": 2, "first_kernel": 7, "profile_kernel": 9}


class Explained(nn.Module):
    """One explained scalar of a network, its ReLUs as modules of their own, as hook-based explainers need them."""

    def __init__(self, network: ProfileNetwork, tasks: list[int], head: str) -> None:
        super().__init__()
        self.network, self.tasks, self.head = network, tasks, head
        self.relus = nn.ModuleList(nn.ReLU() for _ in range(len(network.dilated) + 1))

    def forward(self, sequence: Tensor, weights: Tensor, control: Tensor) -> Tensor:
        network = self.network
        hidden = self.relus[0](network.first(sequence))
        for i, layer in enumerate(network.dilated):
            new = self.relus[i + 1](layer(hidden))
            if i < len(network.dilated) - 1 or network.config.last_residual:
                crop = (hidden.shape[-1] - new.shape[-1]) // 2
                new = new + hidden[..., crop : hidden.shape[-1] - crop]
            hidden = new
        profile = torch.nn.functional.conv1d(hidden, network.profile_weight, network.profile_bias)
        output = network.mix(profile, network.count(hidden.mean(-1)), control)
        if self.head == "counts":
            return output.log_counts[:, self.tasks].sum((1, 2))[:, None]
        centred = output.profile - output.profile.mean(-1, keepdim=True)
        return (centred * weights)[:, self.tasks].sum((1, 2, 3))[:, None]


def make(controls: bool, last_residual: bool = False, tasks: int = 2) -> ProfileNetwork:
    torch.manual_seed(0)
    network = ProfileNetwork(NetworkConfig(**SMALL, tasks=tasks, controls=controls, last_residual=last_residual))
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.3)
    return network.eval()


@pytest.mark.parametrize("head", ["counts", "profile"])
@pytest.mark.parametrize(("controls", "last_residual", "chosen"), [(False, False, [0, 1]), (True, True, [1])])
def test_attributions_equal_tangermemes(head: str, controls: bool, last_residual: bool, chosen: list[int]) -> None:
    network = make(controls, last_residual)
    random = np.random.default_rng(1)
    codes = random.integers(0, 4, (3, 66), dtype=np.uint8)
    references = dinucleotide_shuffles(codes, 4, ["a", "b", "c"], 0)
    control = torch.from_numpy(random.poisson(0.5, (3, 2, 2, 40)).astype(np.float32))
    result = deepshap(network, codes, references, control if controls else None, chosen)

    sequence = torch.from_numpy(ONE_HOT[codes]).transpose(1, 2).contiguous()
    weights = torch.softmax(network(sequence, control).profile, -1).detach()
    expected = deep_lift_shap(
        Explained(network, chosen, head),
        sequence,
        args=(weights, control),
        references=torch.from_numpy(ONE_HOT[references]).transpose(2, 3).contiguous(),
        hypothetical=True,
        device="cpu",
    )
    index = ["counts", "profile"].index(head)
    scale = float(expected.abs().max())
    np.testing.assert_allclose(
        result.hypothetical[index], expected.transpose(1, 2).numpy(), rtol=1e-5, atol=1e-6 * scale
    )


@pytest.mark.parametrize("weighting", ["input", "mean"])
def test_contributions_add_up_to_the_difference_of_outputs(weighting: str) -> None:
    network = make(controls=False)
    codes = np.random.default_rng(1).integers(0, 5, (4, 66), dtype=np.uint8)  # with unknown bases
    references = dinucleotide_shuffles(codes, 6, list("abcd"), 0)
    result = deepshap(network, codes, references, weighting=weighting)
    assert result.gap.max() < 1e-4
    sequence = torch.from_numpy(ONE_HOT[codes]).transpose(1, 2)
    shuffled = torch.from_numpy(ONE_HOT[references.reshape(24, 66)]).transpose(1, 2)
    with torch.no_grad():
        outputs = network(sequence).log_counts.sum((1, 2))
        mean = network(shuffled).log_counts.sum((1, 2)).view(4, 6).mean(1)
    np.testing.assert_allclose(result.difference[0], (outputs - mean).numpy(), rtol=1e-4, atol=1e-5)


def test_mean_weighting_is_half_the_input_and_half_the_references() -> None:
    """With one reference and its roles exchanged, the two weightings by input average to the mean weighting."""
    network = make(controls=False, tasks=1)
    codes = np.random.default_rng(2).integers(0, 4, (1, 66), dtype=np.uint8)
    reference = dinucleotide_shuffles(codes, 1, ["a"], 0)
    forward = deepshap(network, codes, reference)
    backward = deepshap(network, reference[0], codes[None])
    mean = deepshap(network, codes, reference, weighting="mean")
    # multipliers of a pair do not depend on its direction; totals change sign
    np.testing.assert_allclose(
        mean.difference[1], (forward.difference[1] - backward.difference[1]) / 2, rtol=1e-4, atol=1e-6
    )


def test_attributions_do_not_depend_on_the_batch() -> None:
    network = make(controls=False)
    codes = np.random.default_rng(3).integers(0, 4, (4, 66), dtype=np.uint8)
    references = dinucleotide_shuffles(codes, 3, list("abcd"), 0)
    together = deepshap(network, codes, references).hypothetical
    alone = np.concatenate(
        [deepshap(network, codes[i : i + 1], references[i : i + 1]).hypothetical for i in range(4)], 1
    )
    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-6)


def test_a_reference_equal_to_the_sequence_explains_nothing() -> None:
    network = make(controls=False)
    codes = np.random.default_rng(4).integers(0, 4, (1, 66), dtype=np.uint8)
    result = deepshap(network, codes, codes[:, None])
    actual = (result.hypothetical[:, 0] * ONE_HOT[codes[0]]).sum(-1)
    assert np.abs(actual).max() < 1e-6 * np.abs(result.hypothetical).max()
    assert (result.difference == 0).all()
    assert result.gap.max() < 1e-3  # rounding is measured against what the outputs are sums of, not against zero


def test_a_network_that_predicts_nothing_from_the_sequence_has_no_gap() -> None:
    network = make(controls=False)
    for parameter in (*network.first.parameters(), network.profile_weight, network.count.weight):
        nn.init.zeros_(parameter)
    codes = np.random.default_rng(5).integers(0, 5, (2, 66), dtype=np.uint8)
    result = deepshap(network, codes, dinucleotide_shuffles(codes, 3, ["a", "b"], 0))
    assert (result.hypothetical == 0).all()
    assert (result.gap == 0).all()


@pytest.mark.parametrize("weighting", ["input", "mean"])
def test_any_number_of_pairs_at_once_gives_the_same_numbers(weighting: str) -> None:
    network = make(controls=False).double()
    codes = np.random.default_rng(6).integers(0, 4, (3, 66), dtype=np.uint8)
    references = dinucleotide_shuffles(codes, 5, list("abc"), 0)
    outputs = [Output("counts", (0, 1)), Output("profile", (1,))]
    whole = explain_outputs(network, codes, references, outputs, weighting=weighting, pairs_at_once=15)
    for pairs in (1, 2, 5, 11):
        parts = explain_outputs(network, codes, references, outputs, weighting=weighting, pairs_at_once=pairs)
        for one, other in zip(whole, parts, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_the_counts_head_alone_never_asks_for_a_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    network = make(controls=True)
    random = np.random.default_rng(7)
    codes = random.integers(0, 4, (2, 66), dtype=np.uint8)
    references = dinucleotide_shuffles(codes, 3, list("ab"), 0)
    control = torch.from_numpy(random.poisson(0.5, (2, 2, 2, 40)).astype(np.float32))
    both = deepshap(network, codes, references, control)
    monkeypatch.setattr(network, "profile_logits", None)
    counts = deepshap(network, codes, references, control, heads=["counts"])
    np.testing.assert_allclose(counts.hypothetical[0], both.hypothetical[0], rtol=1e-5, atol=1e-7)


def test_the_torch_form_that_gpus_run_gives_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels for the CPU stand beside plain tensor operations; both are tried here, on the CPU."""
    random = torch.Generator().manual_seed(0)
    last = {"memory_format": torch.channels_last}
    above = torch.randn(12, 8, 1, 20, generator=random).contiguous(**last)  # 2 sequences, 3 references, 2 outputs
    pre = torch.randn(2, 8, 1, 20, generator=random).contiguous(**last)
    reference = torch.randn(6, 8, 1, 20, generator=random).contiguous(**last)
    reference[0] = pre[0]  # equal inputs: the gradient
    added = torch.randn(12, 8, 1, 14, generator=random).contiguous(**last)
    fused = slopes.times_slopes(above.clone(), pre, reference, added)
    hidden = slopes.activated(reference, above[:6])
    monkeypatch.setattr(slopes, "_on_cpu", lambda x: False)
    plain = slopes.times_slopes(above.clone(), pre, reference, added)
    for one, other in zip(fused, plain, strict=True):
        assert torch.equal(one, other)
    assert torch.equal(hidden, slopes.activated(reference, above[:6]))
    assert torch.equal(fused[1][:2], fused[0][:2] * (pre[:1] > 0))
