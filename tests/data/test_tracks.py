"""Signal and control tracks of tasks."""

import numpy as np
import pytest

from cistill.data.signals import Signals, Tracks, distinct_controls
from cistill.errors import InputError

SIZES = {"chr1": 50, "chr2": 30}


def windows(files, allow_fractional=False):
    with Tracks(files, SIZES, allow_fractional) as tracks:
        return tracks.windows("chr1", np.array([-2, 0]), 4)


def test_rows_are_grouped_by_task_in_order_of_appearance():
    signals = Signals.from_rows([["b", "1+", "1-"], ["a", "2+", "2-"], ["b", "3+", "3-"]], [["a", "c+", "c-"]])
    assert signals.tasks == ["b", "a"]
    assert signals.signal["b"] == [("1+", "1-"), ("3+", "3-")]
    assert signals.files_of_tasks([["a", "pa"], ["b", "pb"]]) == {"b": "pb", "a": "pa"}
    assert signals.inputs()["control a 1 minus"] == "c-"


def test_rows_that_do_not_fit_together_are_refused():
    with pytest.raises(InputError, match="given twice"):
        Signals.from_rows([["a", "1", "2"], ["a", "1", "2"]], [])
    with pytest.raises(InputError, match=r"without signal: t9"):
        Signals.from_rows([["a", "1", "2"]], [["t9", "1", "2"]])
    signals = Signals.from_rows([["a", "1", "2"], ["b", "3", "4"]], [])
    with pytest.raises(InputError, match="two files of peaks"):
        signals.files_of_tasks([["a", "p"], ["a", "q"], ["b", "r"]])
    with pytest.raises(InputError, match="peaks without signal: c; signal without peaks: b"):
        signals.files_of_tasks([["a", "p"], ["c", "q"]])


def test_replicates_are_summed_and_a_track_without_files_is_zero(tmp_path, make):
    for name, value in (("x", 1.0), ("y", 2.0)):
        make.bigwig(tmp_path / name, SIZES, {"chr1": np.full(50, value)})
    x, y = tmp_path / "x", tmp_path / "y"
    found = windows([[(x, x), (x, y)], []])
    assert found[:, 0, 0].tolist() == [[0, 0, 2, 2], [2, 2, 2, 2]]
    assert found[:, 0, 1].tolist() == [[0, 0, 3, 3], [3, 3, 3, 3]]
    assert found[:, 1].sum() == 0


def test_a_control_that_tasks_share_is_one_track_whatever_its_name(tmp_path, make):
    for name, value in (("x", 1.0), ("copy_of_x", 1.0), ("y", 2.0)):
        make.bigwig(tmp_path / name, SIZES, {"chr1": np.full(50, value)})
    x, copy, y = ((tmp_path / name, tmp_path / name) for name in ("x", "copy_of_x", "y"))
    signal = {task: [x] for task in "abcde"}
    controls, of_task = distinct_controls(Signals(signal, {"b": [y, x], "c": [x], "d": [copy], "e": [copy, y]}))
    assert of_task == [-1, 0, 1, 1, 0]
    assert controls == [[y, x], [x]]


@pytest.mark.parametrize(
    ("value", "message"), [(-1.0, r"negative values \(down to -1\)"), (0.25, "0.25 at chr1:0 is not a whole number")]
)
def test_values_that_are_no_counts_are_refused_with_their_place(tmp_path, make, value, message):
    make.bigwig(tmp_path / "x.bw", SIZES, {"chr1": np.full(50, value)})
    with pytest.raises(InputError, match=message):
        windows([[(tmp_path / "x.bw", tmp_path / "x.bw")]])


def test_fractions_pass_where_allowed(tmp_path, make):
    make.bigwig(tmp_path / "x.bw", SIZES, {"chr1": np.full(50, 0.25)})
    pair = (tmp_path / "x.bw", tmp_path / "x.bw")
    assert windows([[pair]], allow_fractional=True)[1, 0, 0].tolist() == [0.25] * 4


def test_chromosomes_of_another_genome_are_refused(tmp_path, make):
    make.bigwig(tmp_path / "x.bw", {"chr1": 51, "chrZ": 5}, {})
    with pytest.raises(InputError, match=r"chr1 \(51 bp here, 50 in the genome\)"):
        windows([[(tmp_path / "x.bw", tmp_path / "x.bw")]])
    make.bigwig(tmp_path / "y.bw", {"1": 50, "2": 30}, {})
    with pytest.raises(InputError, match=r"the names differ by the prefix 'chr'"):
        windows([[(tmp_path / "y.bw", tmp_path / "y.bw")]])


def test_contigs_that_the_genome_lacks_are_left_out_with_the_number_of_their_counts(tmp_path, make, caplog):
    values = {"chr1": np.ones(50), "chrEBV": np.ones(5)}
    make.bigwig(tmp_path / "x.bw", {"chr1": 50, "chrEBV": 5, "chrUn": 7}, values)
    assert windows([[(tmp_path / "x.bw", tmp_path / "x.bw")]])[1].sum() == 8
    assert "chrEBV, chrUn" not in caplog.text  # nothing is lost with chrUn
    assert "are not in the genome: chrEBV, with 5 of 55 5' ends; they are left out" in caplog.text
    pair = (tmp_path / "x.bw", tmp_path / "x.bw")
    with pytest.raises(InputError, match="--unknown_contigs leave_out"), Tracks([[pair]], SIZES, False, "refuse"):
        pass
    make.bigwig(tmp_path / "x.bw", {"chr1": 50, "other": 99}, {"chr1": np.ones(50), "other": np.ones(99)})
    with pytest.raises(InputError, match="with 99 of 149 5' ends; give the genome"):
        windows([[pair]])


def test_negative_counts_of_the_minus_strand_are_read_as_positive_ones(tmp_path, make, caplog):
    make.bigwig(tmp_path / "plus.bw", SIZES, {"chr1": np.full(50, 2.0)})
    make.bigwig(tmp_path / "minus.bw", SIZES, {"chr1": np.full(50, -3.0)})
    found = windows([[(tmp_path / "plus.bw", tmp_path / "minus.bw")]])
    assert found[:, 0].tolist() == [[[0, 0, 2, 2], [0, 0, 3, 3]], [[2] * 4, [3] * 4]]
    assert "minus.bw: the counts of the minus strand are negative; their absolute values are used" in caplog.text
    make.bigwig(tmp_path / "minus.bw", SIZES, {"chr1": np.full(50, -3.0), "chr2": np.ones(30)})
    with pytest.raises(InputError, match=r"negative values \(down to -3\) and positive ones \(up to 1\)"):
        windows([[(tmp_path / "plus.bw", tmp_path / "minus.bw")]])
