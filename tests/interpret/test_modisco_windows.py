"""Central windows of attribution files."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from planted_attributions import planted, write_attributions

from cistill.errors import InputError
from cistill.formats.attributions import open_windows


@pytest.fixture
def file(tmp_path: Path) -> Path:
    scores, bases, _ = planted(5, 101, 0)
    return write_attributions(tmp_path / "a.h5", scores, bases)


def test_the_window_is_the_centre_and_knows_its_place(file: Path) -> None:
    windows = open_windows(file, 40)
    assert (windows.tf, windows.head, len(windows), windows.length) == ("SYN", "counts", 5, 40)
    # input of 101 around 1000: [950, 1051); the window of 40 around 1000: [980, 1020)
    assert windows.start.tolist() == [980, 1980, 2980, 3980, 4980]
    scores, bases = windows.read(1, 3)
    with h5py.File(file) as handle:
        assert np.array_equal(scores, handle["hyp_scores"][1:3, 30:70].astype(np.float32))
        assert np.array_equal(bases, handle["input_seqs"][1:3, 30:70])
    assert scores.dtype == np.float32


def test_a_window_longer_than_the_input_is_clipped_and_made_even(file: Path) -> None:
    assert open_windows(file, 400).length == 100
    assert open_windows(file, 41).length == 40
    assert open_windows(file).length == 101


def test_blocks_cover_every_region_once(file: Path) -> None:
    windows = open_windows(file, 40)
    blocks = list(windows.blocks(2))
    assert [(rows.start, rows.stop) for rows, _, _ in blocks] == [(0, 2), (2, 4), (4, 5)]
    assert np.array_equal(np.concatenate([scores for _, scores, _ in blocks]), windows.read(0, 5)[0])


def test_files_that_do_not_fit_are_refused(tmp_path: Path, file: Path) -> None:
    (tmp_path / "text.h5").write_text("no HDF5")
    with pytest.raises(InputError, match="not a readable attribution file"):
        open_windows(tmp_path / "text.h5")
    with h5py.File(file, "r+") as handle:
        handle["coords_end"][2] += 1
    with pytest.raises(InputError, match=r"row 2 \(chr1:3000\) spans 102 bases"):
        open_windows(file)
    with h5py.File(file, "r+") as handle:
        del handle["input_seqs"]
    with pytest.raises(InputError, match="lacks input_seqs"):
        open_windows(file)


def test_a_region_id_given_twice_is_refused(file: Path) -> None:
    with h5py.File(file, "r+") as handle:
        handle["region_id"][1] = "chr1:1000"
    with pytest.raises(InputError, match="more than once"):
        open_windows(file)
