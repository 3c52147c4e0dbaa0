"""Windows of bigWig files, and files of counts."""

import numpy as np
import pyBigWig
import pytest

from cistill.errors import InputError
from cistill.formats import bigwig

SIZES = {"chr1": 500, "chr2": 40}


@pytest.mark.parametrize("span", [20, 64, 1 << 20])
def test_windows_equal_slices_and_are_zero_outside(tmp_path, make, monkeypatch, span):
    monkeypatch.setattr(bigwig, "SPAN", span)
    rng = np.random.default_rng(1)
    values = {name: rng.poisson(0.3, size).astype(float) for name, size in SIZES.items()}
    make.bigwig(tmp_path / "a.bw", SIZES, values)
    starts = np.array([-30, -5, 0, 3, 3, 100, 420, 495, 600])
    padded = np.concatenate([np.zeros(30), values["chr1"], np.zeros(200)])
    with bigwig.BigWigTrack(tmp_path / "a.bw") as track:
        assert track.sizes == SIZES
        windows = track.windows("chr1", starts, 17)
        assert track.windows("chrNone", starts, 17).sum() == 0
    np.testing.assert_array_equal(windows, [padded[30 + start : 47 + start] for start in starts])


def test_a_file_without_values_gives_zeros(tmp_path, make):
    make.bigwig(tmp_path / "empty.bw", SIZES, {})
    with bigwig.BigWigTrack(tmp_path / "empty.bw") as track:
        assert track.largest == 0
        assert track.windows("chr1", np.array([0, 10]), 5).tolist() == [[0] * 5] * 2


def test_counts_are_written_at_single_bases_in_the_headers_order(tmp_path, monkeypatch):
    monkeypatch.setattr(bigwig, "ENTRIES_AT_ONCE", 2)
    contents = []
    for name in ("a.bw", "b.bw"):
        with bigwig.CountsBigWig(tmp_path / name, {"chr2": 40, "chr1": 500}) as writer:
            writer.add("chr2", np.array([0, 39]), np.array([7, 1]))
            writer.add("chr1", np.array([3, 4, 9]), np.array([1, 2, 70000]))
        contents.append((tmp_path / name).read_bytes())
    assert contents[0] == contents[1]
    with pyBigWig.open(str(tmp_path / "a.bw")) as file:
        assert list(file.chroms()) == ["chr2", "chr1"]
        assert file.intervals("chr2") == ((0, 1, 7.0), (39, 40, 1.0))
        assert file.intervals("chr1") == ((3, 4, 1.0), (4, 5, 2.0), (9, 10, 70000.0))


def test_what_is_no_bigwig_is_refused(tmp_path):
    (tmp_path / "a.bw").write_text("not a bigWig")
    with pytest.raises(InputError, match=r"a\.bw: not a readable bigWig file"):
        bigwig.BigWigTrack(tmp_path / "a.bw")
