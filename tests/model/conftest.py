"""Fixtures of the model's tests."""

from pathlib import Path

import pytest
from toy_dataset import write_toy_dataset


@pytest.fixture
def toy_dataset(tmp_path: Path) -> Path:
    """A small dataset of one task without control."""
    return write_toy_dataset(tmp_path / "TOY.dataset.h5")
