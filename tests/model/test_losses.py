import numpy as np
import pytest
import torch
from scipy import stats
from scipy.special import softmax

from cistill.model.network import NetworkOutput
from cistill.model.training.losses import multinomial_nll, region_losses


def test_multinomial_nll_is_scipys() -> None:
    random = np.random.default_rng(0)
    counts, logits = random.poisson(1.0, (4, 30)), random.normal(size=(4, 30))
    expected = [-stats.multinomial(c.sum(), p).logpmf(c) for c, p in zip(counts, softmax(logits, axis=1), strict=True)]
    nll = multinomial_nll(torch.tensor(counts, dtype=torch.float64), torch.tensor(logits))
    np.testing.assert_allclose(nll.numpy(), expected, rtol=1e-10)


def test_an_empty_strand_costs_nothing() -> None:
    assert multinomial_nll(torch.zeros(30), torch.randn(30)).item() == pytest.approx(0, abs=1e-6)


def test_region_losses_average_over_tasks_and_strands() -> None:
    signal = torch.zeros(1, 1, 2, 4)
    signal[0, 0, 0] = torch.tensor([1.0, 0, 0, 0])
    output = NetworkOutput(torch.zeros(1, 1, 2, 4), torch.tensor([[[0.0, 3.0]]]))
    losses = region_losses(output, signal)
    # + strand: one read among four equal positions, ln 4; - strand: none
    assert losses.profile_nll.item() == pytest.approx(np.log(4) / 2)
    # (0 - ln 2)^2 and (3 - 0)^2
    assert losses.count_mse.item() == pytest.approx((np.log(2) ** 2 + 9) / 2)
