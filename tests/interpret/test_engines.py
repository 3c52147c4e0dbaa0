"""The explicit rescale rule, captum and tangermeme on one model and the same references."""

import numpy as np
import pytest
import torch
from torch import nn

from cistill.errors import InputError
from cistill.interpret import engines
from cistill.interpret.attribution_arrays import Output
from cistill.interpret.shuffle import dinucleotide_shuffles
from cistill.model.network import NetworkConfig, build_network

SMALL = {"input_length": 66, "output_length": 40, "filters": 8, "layers": 2, "first_kernel": 7, "profile_kernel": 9}
FORMS = {
    "profile": {},
    "with controls": {"controls": True, "last_residual": True},
    "distill": {"family": "distill"},
    "bpnet v2": {"residual": "pre", "last_residual": True, "joint_profile": True, "joint_counts": True},
}


def explained(engine: str, form: str, weighting: str = "input") -> engines.Attributions:
    """Explain three outputs in double precision; the second sequence has unknown bases."""
    torch.manual_seed(0)
    network = build_network(NetworkConfig(**{**SMALL, **FORMS[form]}, tasks=2)).eval().double()
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.3)
    random = np.random.default_rng(1)
    codes = random.integers(0, 4, (3, 66), dtype=np.uint8)
    codes[1, 10:15] = 4
    references = dinucleotide_shuffles(codes, 4, ["a", "b", "c"], 0)
    control = torch.from_numpy(random.poisson(0.5, (3, 2, 2, 40)).astype(float)) if network.config.controls else None
    outputs = [Output("counts", (0, 1)), Output("profile", (0, 1)), Output("profile", (1,))]
    return engines.find_engine(engine)(network, codes, references, outputs, control, weighting)


@pytest.mark.filterwarnings("ignore:Setting forward", "ignore:X must be one-hot")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("engine", ["captum", "tangermeme"])
def test_all_engines_give_the_same_numbers(engine: str, form: str) -> None:
    if engine == "tangermeme":  # captum comes with cistill
        pytest.importorskip(engine, reason="tangermeme is not installed: pip install 'cistill[engines]'")
    own, other = explained("cistill", form), explained(engine, form)
    for a, b in zip(own[:3], other[:3], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-9 * np.abs(b).max())
    assert own.gap.max() < 1e-6
    assert other.gap.max() < 1e-6


def test_other_engines_refuse_weights_that_differ_by_reference() -> None:
    with pytest.raises(InputError, match="--weighting input"):
        explained("captum", "profile", "mean")


def test_an_engine_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'cistill\[engines\]'"):
        engines.find_engine("captum")
    with pytest.raises(InputError, match="unknown engine"):
        engines.find_engine("shap")
