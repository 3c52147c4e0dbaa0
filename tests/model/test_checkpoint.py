import errno
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from toy_dataset import write_toy_dataset

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


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 100 kB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here: that needs root")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_one_message_and_leaves_nothing(small_disk: Path, tmp_path: Path, run_command) -> None:
    with pytest.raises(OSError, match="No space left") as caught:
        write_tensors(small_disk / "m.safetensors", {"a": torch.zeros(100_000)}, {})
    assert caught.value.errno == errno.ENOSPC
    assert list(small_disk.iterdir()) == []
    write_toy_dataset(tmp_path / "TOY.dataset.h5")
    (small_disk / "ballast").write_bytes(bytes(90_000))
    network = ("--filters", 64, "--layers", 2, "--first_kernel", 7, "--profile_kernel", 9, "--epochs", 1)
    done = run_command("train", "--dataset", "TOY.dataset.h5", *network, "--outdir", small_disk, cwd=tmp_path)
    assert done.returncode == 1
    assert "train: error: the disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(small_disk.glob("*.safetensors"))
