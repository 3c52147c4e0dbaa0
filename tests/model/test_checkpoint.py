from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from cistill.errors import InputError
from cistill.model.checkpoint import load_model, save_model, write_tensors
from cistill.model.device import find_device
from cistill.model.network import NetworkConfig, ProfileNetwork

CONFIG = NetworkConfig(66, 40, filters=8, layers=2, first_kernel=7, profile_kernel=9, tasks=2, controls=True)


def test_a_model_comes_back_as_it_was(tmp_path: Path) -> None:
    network = ProfileNetwork(CONFIG)
    save_model(tmp_path / "m.safetensors", network, {"tf": "TOY", "tasks": ["a", "b"]})
    loaded, record = load_model(tmp_path / "m.safetensors")
    assert loaded.config == CONFIG
    assert record["tasks"] == ["a", "b"]
    assert all(torch.equal(a, b) for a, b in zip(network.parameters(), loaded.parameters(), strict=True))


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    network = ProfileNetwork(CONFIG)
    for name in ("a", "b"):
        save_model(tmp_path / name, network, {"tf": "TOY"})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    with pytest.raises(InputError, match="no such file"):
        load_model(path)
    path.write_bytes(b"\x80\x04 a pickle, perhaps")
    with pytest.raises(InputError, match="not a safetensors file"):
        load_model(path)
    save_file({"x": torch.zeros(1)}, path)
    with pytest.raises(InputError, match="not one that cistill wrote"):
        load_model(path)
    write_tensors(path, {"x": torch.zeros(1)}, {"state": {}})
    with pytest.raises(InputError, match="no trained model"):
        load_model(path)


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is visible here")
def test_a_gpu_that_is_not_there_is_an_error() -> None:
    with pytest.raises(InputError, match="no GPU is visible"):
        find_device("cuda")
