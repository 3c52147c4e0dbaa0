"""Sets of intervals."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cistill.data.intervals import Intervals, read_bed
from cistill.errors import InputError

intervals = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 10)), max_size=8)


@given(pairs=intervals, windows=intervals)
def test_overlap_equals_comparing_bases(pairs, windows):
    excluded = Intervals.merged(("c", start, start + length) for start, length in pairs)
    starts = np.array([start for start, _ in windows], dtype=np.int64)
    ends = np.array([start + length for start, length in windows], dtype=np.int64)
    covered = {base for start, length in pairs for base in range(start, start + length)}
    expected = [bool(covered & set(range(start, start + length))) for start, length in windows]
    assert excluded.overlap("c", starts, ends).tolist() == expected
    assert not excluded.overlap("other", starts, ends).any()


def test_neighbours_that_only_touch_do_not_overlap():
    excluded = Intervals.merged([("c", 10, 20)])
    assert excluded.overlap("c", np.array([5, 20, 19]), np.array([10, 25, 21])).tolist() == [False, False, True]


def test_bed_rows_are_read_and_comments_skipped(tmp_path):
    (tmp_path / "a.bed").write_text("track name=x\n# note\nchr1\t3\t9\tname\n\nchr2\t0\t1\n")
    assert read_bed(tmp_path / "a.bed", "excluded") == [("chr1", 3, 9), ("chr2", 0, 1)]


def test_malformed_bed_rows_are_named(tmp_path):
    (tmp_path / "a.bed").write_text("chr1\t3\t9\nchr1 3-9\nchr1\t9\t3\n")
    with pytest.raises(InputError, match=r"row 2: .*\n.*row 3: "):
        read_bed(tmp_path / "a.bed", "excluded")


def test_a_truncated_gzip_file_is_refused_with_advice(tmp_path):
    path = tmp_path / "gaps.bed.gz"
    path.write_bytes(gzip.compress(b"chr1\t5\t9\n" * 5000)[:-12])
    with pytest.raises(InputError, match=r"excluded intervals .*gaps.bed.gz: the compressed file is broken"):
        read_bed(path, "excluded intervals")
