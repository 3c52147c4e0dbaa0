from pathlib import Path

import pytest
import torch

from cistill.errors import InputError
from cistill.model.checkpoint import read_tensors, write_tensors
from cistill.model.device import find_device


def test_tensors_and_their_record_come_back(tmp_path: Path) -> None:
    tensors = {"b": torch.arange(6.0).view(2, 3).T, "a": torch.tensor(3)}
    write_tensors(tmp_path / "t", tensors, {"x": [1, 2]})
    loaded, record = read_tensors(tmp_path / "t")
    assert record == {"x": [1, 2]}
    assert all(torch.equal(loaded[name], tensor) for name, tensor in tensors.items())


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is visible here")
def test_a_gpu_that_is_not_there_is_an_error() -> None:
    with pytest.raises(InputError, match="no GPU is visible"):
        find_device("cuda")
