"""Mean profiles around seqlets, by hand."""

from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from toy_run import OUTPUT, seqlet_rows, write_dataset, write_predictions

from cistill.errors import InputError
from cistill.motifs.motif_footprints import core_middle, footprints, open_profiles, write_footprints_of

WIDTH = 7


def test_minus_seqlets_are_turned_in_position_and_strand(tmp_path: Path) -> None:
    # cores at [18, 26) of the output window: the middle base is 22 on plus, 21 on minus
    windows = np.zeros((2, 1, 2, OUTPUT))
    windows[0, 0, 0, 22 - 2], windows[0, 0, 1, 22 + 1] = 3, 1  # on the same strand 2 before, on the other 1 behind
    windows[1, 0, 1, 21 + 2], windows[1, 0, 0, 21 - 1] = 6, 2  # the same as the minus strand reads it, twice as much
    profiles = open_profiles(write_dataset(tmp_path / "d.h5", windows), None)
    assert profiles is not None
    found = footprints(profiles, seqlet_rows("m", 2), WIDTH)["m"]
    expected = np.zeros((2, WIDTH))
    expected[0, 3 - 2], expected[1, 3 + 1] = 0.75, 0.25
    assert np.allclose(found.observed[0], expected)
    assert np.allclose(found.observed_reads[0], expected * 6)  # mean of 4 and 8
    assert np.isnan(found.predicted).all()
    assert (found.n.tolist(), found.n_seqlets, found.n_outside) == ([2], 2, 0)


def test_regions_without_reads_of_a_task_do_not_count_for_it(tmp_path: Path) -> None:
    windows = np.zeros((2, 2, 2, OUTPUT))
    windows[0, 0, 0, 22], windows[:, 1, 1, 21:23] = 5, 1
    profiles = open_profiles(write_dataset(tmp_path / "d.h5", windows, ("A", "B")), None)
    assert profiles is not None
    found = footprints(profiles, seqlet_rows("m", 2), WIDTH)["m"]
    assert found.n.tolist() == [1, 2]
    assert found.observed[0, 0, 3] == 1
    assert found.observed[1].sum() == pytest.approx(1)


def test_predictions_are_shares_of_expected_counts(tmp_path: Path) -> None:
    share = np.full((1, 1, 2, OUTPUT), 1e-9)
    share[0, 0, :, 22] = 1
    counts = np.array([[[3.0, 1.0]]])
    file = write_predictions(tmp_path / "p.h5", np.log1p(counts), np.log(share))
    profiles = open_profiles(None, file)
    assert profiles is not None
    found = footprints(profiles, seqlet_rows("m", 1), WIDTH)["m"]
    assert found.predicted_reads[0, :, 3].tolist() == pytest.approx([3, 1])
    assert found.predicted[0, :, 3].tolist() == pytest.approx([0.75, 0.25], rel=1e-5)
    # a region that the dataset has without reads counts for neither
    both = open_profiles(write_dataset(tmp_path / "d.h5", np.zeros((1, 1, 2, OUTPUT))), file)
    assert both is not None
    assert footprints(both, seqlet_rows("m", 1), WIDTH)["m"].n.tolist() == [0]


def test_seqlets_at_the_edge_and_in_unknown_regions_are_counted(tmp_path: Path) -> None:
    windows = np.ones((1, 1, 2, OUTPUT))
    file = write_dataset(tmp_path / "d.h5", windows)
    profiles = open_profiles(file, None)
    assert profiles is not None
    table = pd.concat([seqlet_rows("m", 2), seqlet_rows("m", 1, (0, 4)), seqlet_rows("edge", 1, (36, 40))])
    found = footprints(profiles, table, WIDTH)
    assert (found["m"].n_seqlets, found["m"].n_outside, found["m"].n.tolist()) == (3, 2, [1])
    assert (found["edge"].n_outside, found["edge"].n.tolist()) == (1, [0])
    assert np.isnan(found["edge"].observed).all()
    facts = write_footprints_of(tmp_path / "f.h5", profiles, table, 1000)
    assert facts == {"footprint_width": OUTPUT // 2, "seqlets_without_footprint": 3}
    with h5py.File(tmp_path / "f.h5") as written:
        assert written.attrs["width"] == OUTPUT // 2
        assert written["edge"].attrs["rank"] == 1


def test_the_middle_is_one_base_whatever_the_strand() -> None:
    table = pd.DataFrame({"core_start": [10, 10, 10], "core_end": [15, 14, 14], "strand": ["+", "+", "-"]})
    middle, reverse = core_middle(table)
    assert middle.tolist() == [12, 12, 11]
    assert reverse.tolist() == [False, False, True]


def test_files_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    assert open_profiles(None, None) is None
    dataset = write_dataset(tmp_path / "d.h5", np.ones((1, 1, 2, OUTPUT)))
    predictions = write_predictions(tmp_path / "p.h5", np.ones((1, 1, 2)), np.zeros((1, 1, 2, 30)))
    with pytest.raises(InputError, match="are not of one model: dataset has X and 40 bp; predictions has X and 30 bp"):
        open_profiles(dataset, predictions)
    with pytest.raises(InputError, match="not a file of predictions made by `cistill predict`"):
        open_profiles(None, dataset)
    (tmp_path / "text.h5").write_text("no HDF5")
    with pytest.raises(InputError, match="not an HDF5 file, or it is damaged"):
        open_profiles(tmp_path / "text.h5", None)
