"""The fast path against full passes: the same numbers, for both families and every insert that fits."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from marginal_toys import INPUT, PROJECT, random_codes, toy_network

from cistill.affinity.marginalization.changes import Changes, count_coefficients, known
from cistill.affinity.marginalization.full_passes import FullPasses
from cistill.affinity.marginalization.reach import Reach
from cistill.model.network import DistillNetwork, Network, NetworkConfig, build_network
from cistill.model.network.presets import read_preset

FORMS = [
    {},
    {"last_residual": True},
    {"controls": True, "count_control": "raw"},
    {"residual": "pre"},
    {"residual": "pre", "last_residual": True},
    {"residual": "sum"},
    {"residual": "sum", "last_residual": True},
    {"joint_counts": True, "strands": 1},
    {"dilated_kernel": 1, "output_length": 100},
    {"dilated_kernel": 5, "layers": 3, "output_length": 44},
    {"layers": 0, "output_length": 100},
    {"family": "distill"},
    {"family": "distill", "controls": True},
    {"family": "distill", "tasks": 3},
]


def full(network: Network, backgrounds: np.ndarray) -> FullPasses:
    config = network.config
    control = (config.tasks, 2, config.control_length) if config.controls else None
    return FullPasses(network, backgrounds, control)


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_changes_are_those_of_full_passes(form: dict) -> None:
    network, backgrounds = toy_network(**{"tasks": 2, **form}), random_codes(3, INPUT)
    fast, slow = Changes(network, backgrounds, INPUT), full(network, backgrounds)
    for length in (1, 2, 7, 16, 36, 99, 100, INPUT - 1, INPUT):
        inserts = random_codes(5, length, seed=length)
        changes = fast.log_counts(inserts)
        assert changes.shape == (5, network.config.tasks, 3)
        np.testing.assert_allclose(changes, slow.log_counts(inserts), atol=1e-5)
        assert np.abs(changes).max() > 1e-3


@given(length=st.integers(1, INPUT), number=st.integers(1, 9), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_any_length_and_number_in_any_order_share_one_cache(length: int, number: int, seed: int) -> None:
    inserts = random_codes(number, length, seed)
    np.testing.assert_allclose(SHARED.log_counts(inserts), SHARED_FULL.log_counts(inserts), atol=1e-5)


@pytest.mark.parametrize("preset", ["distill-546", "profile-546", "distill-1346"])
def test_changes_of_the_published_sizes_too(preset: str) -> None:
    torch.manual_seed(1)
    arguments = read_preset(PROJECT / f"assets/models/{preset}.json")
    network = build_network(NetworkConfig(**arguments)).eval()
    backgrounds = random_codes(1, network.config.input_length)
    fast, slow = Changes(network, backgrounds, 100), full(network, backgrounds)
    for length in (1, 22, 35, 100):
        inserts = random_codes(2, length, seed=length)
        np.testing.assert_allclose(fast.log_counts(inserts), slow.log_counts(inserts), atol=1e-5)


NETWORK = toy_network(family="distill")
SHARED, SHARED_FULL = Changes(NETWORK, random_codes(2, INPUT), INPUT), full(NETWORK, random_codes(2, INPUT))


def test_an_insert_equal_to_the_background_changes_nothing() -> None:
    backgrounds = random_codes(1, INPUT)
    for form in ({}, {"family": "distill"}):
        start = (INPUT - 20) // 2
        own = backgrounds[:, start : start + 20]
        assert np.abs(Changes(toy_network(**form), backgrounds, 20).log_counts(own)).max() < 1e-6


def test_numbers_do_not_depend_on_threads() -> None:
    network, inserts = toy_network(family="distill"), random_codes(40, 16)
    changes = Changes(network, random_codes(5, INPUT), 16)
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = changes.log_counts(inserts)
        torch.set_num_threads(3)
        assert np.array_equal(one, changes.log_counts(inserts))
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(threads)


def test_reverse_complements_score_alike_in_reverse_complement_backgrounds() -> None:
    network, backgrounds, inserts = toy_network(family="distill"), random_codes(3, INPUT), random_codes(6, 16, 1)
    forward = Changes(network, backgrounds, 16).log_counts(inserts)
    other = Changes(network, 3 - backgrounds[:, ::-1], 16).log_counts(3 - inserts[:, ::-1])
    np.testing.assert_allclose(forward, other, atol=1e-6)


def test_positions_that_count_differently_are_weighed() -> None:
    class Weighed(DistillNetwork):
        def pooled_counts(self, hidden: torch.Tensor) -> torch.Tensor:
            return super().pooled_counts(hidden * torch.linspace(0, 2, hidden.shape[-1]))

    network = toy_network(family="distill")
    weighed = Weighed(network.config).eval()
    weighed.load_state_dict(network.state_dict())
    backgrounds, inserts = random_codes(2, INPUT), random_codes(4, 16)
    changes = Changes(weighed, backgrounds, 16)
    assert not changes.uniform
    np.testing.assert_allclose(changes.log_counts(inserts), full(weighed, backgrounds).log_counts(inserts), atol=1e-5)
    assert known(network)
    assert not known(weighed)  # what a subclass changes elsewhere cannot be known


def test_coefficients_of_the_published_head_are_its_weights_over_the_positions() -> None:
    network = toy_network(family="distill")
    weight = network.count.weight[0].detach()
    expected = (weight + weight.flip(0)) / 2 / network.config.positions
    coefficients = count_coefficients(network, random_codes(1, INPUT)[0])
    torch.testing.assert_close(coefficients, expected[None, :, None].expand_as(coefficients))


@pytest.mark.parametrize(
    ("input_length", "length", "widths"),
    [
        (1346, 36, (56, 60, 68, 84, 116, 180, 308)),
        (1346, 22, (42, 46, 54, 70, 102, 166, 294)),
        (1346, 16, (36, 40, 48, 64, 96, 160, 288)),
        (546, 36, (56, 60, 68, 84, 116, 180, 274)),
        (546, 16, (36, 40, 48, 64, 96, 160, 274)),
    ],
)
def test_changed_widths_of_the_published_networks(input_length: int, length: int, widths: tuple[int, ...]) -> None:
    config = NetworkConfig(family="distill", input_length=input_length, output_length=input_length - 346, layers=6)
    assert Reach(config, length).widths == widths


def test_a_longer_insert_than_announced_is_refused() -> None:
    with pytest.raises(ValueError, match="an insert of 17 bp, longer than the 16 bp announced"):
        Changes(toy_network(), random_codes(1, INPUT), 16).log_counts(random_codes(1, 17))


def test_bfloat16_keeps_to_a_hundredth() -> None:
    network, backgrounds, inserts = toy_network(family="distill"), random_codes(3, INPUT), random_codes(50, 16)
    exact = Changes(network, backgrounds, 16).log_counts(inserts)
    rounded = Changes(network, backgrounds, 16, "bf16").log_counts(inserts)
    assert not np.array_equal(exact, rounded)
    assert np.abs(exact - rounded).max() < 0.03 * exact.std()
