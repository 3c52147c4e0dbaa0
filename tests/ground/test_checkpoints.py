"""Checkpoints: parts of a computation are kept whole, read back with their types, and computed again if damaged."""

import errno
import io
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from cistill.checkpoints import checkpoint_folder, kept, kept_array
from cistill.system_errors import WriteError


class Part(NamedTuple):
    """A number and an array."""

    first: int
    scores: NDArray[np.float16]


def counted(made: list[int]) -> Callable[[], Iterator[Part]]:
    """Return a computation of two parts that notes how often it ran."""

    def compute() -> Iterator[Part]:
        made.append(1)
        yield Part(0, np.array([1.5, np.nan], np.float16))
        yield Part(2, np.array([], np.float16))

    return compute


def test_a_kept_part_is_computed_once_and_read_back_as_it_was(tmp_path: Path) -> None:
    made: list[int] = []
    for _ in range(2):
        one, two = kept(tmp_path / "0.npz", Part, counted(made))
        assert (one.first, two.first) == (0, 2)
        assert one.scores.dtype == np.float16
        np.testing.assert_array_equal(one.scores, np.array([1.5, np.nan], np.float16))
        assert two.scores.shape == (0,)
    assert len(made) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["0.npz"]


def test_without_a_file_results_come_as_they_are_made() -> None:
    made: list[int] = []
    parts = kept(None, Part, counted(made))
    assert next(parts).first == 0
    assert next(parts).first == 2


@pytest.mark.parametrize("damage", ["cut short", "a byte changed", "not an archive", "empty"])
def test_a_damaged_part_is_computed_again(damage: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "block.npz"
    numbers = np.arange(1000.0)
    kept_array(file, lambda: numbers)
    content = bytearray(file.read_bytes())
    if damage == "a byte changed":
        content[len(content) // 2] ^= 0xFF
    file.write_bytes({"cut short": content[:4000], "not an archive": b"damaged", "empty": b""}.get(damage, content))
    with caplog.at_level(logging.WARNING):
        np.testing.assert_array_equal(kept_array(file, lambda: numbers), numbers)
    assert "is damaged; this part is computed again" in caplog.text
    np.testing.assert_array_equal(kept_array(file, lambda: pytest.fail("computed again")), numbers)


def test_another_key_has_another_folder_and_none_keeps_nothing(tmp_path: Path) -> None:
    folders = []
    for key in (["data", 1], ["data", 2], ["data", 1]):
        with checkpoint_folder(tmp_path, "X.shap", key) as folder:
            folders.append(folder)
    assert folders[0] == folders[2] != folders[1]
    with checkpoint_folder(None, "X.shap", []) as folder:
        assert folder is None


def test_a_part_that_cannot_be_opened_once_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed: list[Path] = []
    usual = io.open

    def once(file: Any, mode: str = "r", *given: Any, **named: Any) -> Any:
        if "w" in mode and ".tmp" in str(file) and not failed:
            failed.append(Path(file))
            raise OSError(errno.EIO, "Input/output error", str(file))
        return usual(file, mode, *given, **named)

    monkeypatch.setattr(io, "open", once)
    with pytest.raises(WriteError):
        list(kept(tmp_path / "0.npz", Part, counted([])))
    assert failed
    assert list(tmp_path.iterdir()) == []
