"""Windows of bigWig files, and files of counts."""

import errno
import os
import subprocess
import sys

import numpy as np
import pyBigWig
import pytest

from cistill.errors import InputError
from cistill.formats import bigwig, bigwig_writing

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
    monkeypatch.setattr(bigwig_writing, "ITEMS_PER_BLOCK", dict.fromkeys(range(4), 2))
    contents = []
    for name in ("a.bw", "b.bw"):
        with bigwig_writing.bigwig_output(tmp_path / name, {"chr2": 40, "chr1": 500}) as writer:
            writer.counts("chr2", np.array([0, 39]), np.array([7, 1]))
            writer.counts("chr1", np.array([3, 4, 9]), np.array([1, 2, 70000]))
        contents.append((tmp_path / name).read_bytes())
    assert contents[0] == contents[1]
    with pyBigWig.open(str(tmp_path / "a.bw")) as file:
        assert list(file.chroms()) == ["chr2", "chr1"]
        assert file.intervals("chr2") == ((0, 1, 7.0), (39, 40, 1.0))
        assert file.intervals("chr1") == ((3, 4, 1.0), (4, 5, 2.0), (9, 10, 70000.0))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not a bigWig", r"not a readable bigWig file: it is text \(bedGraph or wig\?\); convert it"),
        (b"chr1\t0\t5\t1\n", "it is text .*bedGraphToBigWig"),
        (b"\x1f\x8b\x08\x00rest", "it is compressed with gzip; decompress it first"),
        (b"\xeb\xf2\x89\x87" + bytes(100), "it is a bigBed"),
        (b"BAM\x01" + bytes(100), "it is a BAM file"),
        (bytes(500), "it does not begin like one"),
        (b"\x26\xfc\x8f\x88", "it is truncated"),
    ],
)
def test_what_is_no_bigwig_is_refused(tmp_path, content, message):
    (tmp_path / "a.bw").write_bytes(content)
    with pytest.raises(InputError, match=f"a.bw: not a readable bigWig file: .*{message.split('file: ')[-1]}"):
        bigwig.BigWigTrack(tmp_path / "a.bw")


def test_what_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="download the file first"):
        bigwig.BigWigTrack("https://example.org/a.bw")
    (tmp_path / "empty.bw").touch()
    with pytest.raises(InputError, match="the file is empty"):
        bigwig.BigWigTrack(tmp_path / "empty.bw")


def intervals_written(path, chrom, *entries, **more):
    """A bigWig by pyBigWig of any kind of intervals."""
    with pyBigWig.open(str(path), "w") as file:
        file.addHeader(list(SIZES.items()))
        file.addEntries(chrom, *entries, **more)
    return path


def whole(path, chrom="chr1"):
    """All values that pyBigWig and the track give for a chromosome."""
    with pyBigWig.open(str(path)) as file:
        expected = np.nan_to_num(file.values(chrom, 0, SIZES[chrom], numpy=True))
    with bigwig.BigWigTrack(path) as track:
        return expected, track.values(chrom, 0, SIZES[chrom])


def test_every_kind_of_interval_is_read_as_pybigwig_reads_it(tmp_path):
    bed = intervals_written(tmp_path / "a.bw", ["chr1"] * 3, [0, 7, 20], ends=[5, 8, 90], values=[1.0, 2.0, -3.0])
    variable = intervals_written(tmp_path / "b.bw", "chr1", [3, 17, 200], values=[1.0, 2.5, 3.0], span=9)
    fixed = intervals_written(tmp_path / "c.bw", "chr1", 10, values=[1.0, 0.0, 3.0], span=2, step=5)
    for path in (bed, variable, fixed):
        expected, found = whole(path)
        np.testing.assert_array_equal(found, expected)
        with bigwig.BigWigTrack(path) as track:
            assert track.sum_of("chr1") == expected.sum()
            assert track.largest == expected.max()


def test_bases_that_hold_nan_are_without_data(tmp_path):
    """pyBigWig ends the process when it reads such a file."""
    values = np.array([1.0, np.nan, 2.0, np.nan])
    path = intervals_written(tmp_path / "a.bw", "chr1", np.array([3, 4, 9, 11]), values=values, span=1)
    with bigwig.BigWigTrack(path) as track:
        assert track.values("chr1", 2, 12).tolist() == [0, 1, 0, 0, 0, 0, 0, 2, 0, 0]
        assert (track.smallest, track.largest, track.sum_of("chr1")) == (1, 2, 3)
    path = intervals_written(tmp_path / "b.bw", "chr1", np.array([3, 4]), values=np.full(2, np.nan), span=1)
    with bigwig.BigWigTrack(path) as track:
        assert track.values("chr1", 0, 9).sum() == 0
        assert track.largest == 0


def read_all(path):
    """Go through everything that is read of a bigWig."""
    with bigwig.BigWigTrack(path) as track:
        for chrom, size in list(track.sizes.items())[:9]:
            track.values(chrom, 0, min(size, 1000))
        return track.smallest, track.largest


def test_truncated_and_damaged_files_give_a_message_or_the_values(tmp_path):
    rng = np.random.default_rng(0)
    path = intervals_written(
        tmp_path / "a.bw", "chr1", np.arange(500), values=rng.poisson(1, 500).astype(float), span=1
    )
    content = path.read_bytes()
    refused = 0
    for trial in range(1500):
        damaged = bytearray(content)
        if trial % 3 == 0:
            del damaged[int(rng.integers(len(content))) :]
        else:
            for _ in range(int(rng.integers(1, 4))):
                # the header, the tree of chromosomes and the index are damaged as often as the values
                at = int(rng.integers(len(content) if trial % 3 == 1 else 460))
                damaged[at] = int(rng.integers(256))
        (tmp_path / "b.bw").write_bytes(bytes(damaged))
        try:
            read_all(tmp_path / "b.bw")
        except InputError:
            refused += 1
    assert refused > 700


def written(path):
    """A bigWig of counts by the writer."""
    with bigwig_writing.bigwig_output(path, {"chr1": 100_000}) as writer:
        writer.counts("chr1", np.arange(0, 100_000, 3), np.arange(33_334) % 97 + 1)
    return path


def test_a_file_that_cannot_be_written_to_its_end_is_an_error_and_is_not_left(tmp_path):
    """At a limit of the size of files, which stands for a full disk, any number of bytes before the end."""
    size = written(tmp_path / "whole.bw").stat().st_size
    (tmp_path / "whole.bw").unlink()
    script = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)\n"
        "import numpy as np; from pathlib import Path; from cistill.formats.bigwig_writing import bigwig_output\n"
        "limits = [int(text) for text in sys.argv[3:]]\n"
        "for limit in limits:\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, int(sys.argv[2])))\n"
        "    try:\n"
        "        with bigwig_output(Path(sys.argv[1]), {'chr1': 100_000}) as writer:\n"
        "            writer.counts('chr1', np.arange(0, 100_000, 3), np.arange(33_334) % 97 + 1)\n"
        "    except OSError as error:\n"
        "        print(limit, error.errno, error.strerror)\n"
    )
    limits = sorted({0, 1, 64, 500, 4096, 8192, size // 3, size // 2, size - 5000, size - 4096, size - 5, size - 1})
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "a.bw"), str(2 * size), *map(str, limits)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [int(line.split()[0]) for line in lines] == limits
    assert all(int(line.split()[1]) == errno.EFBIG for line in lines)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("at", [20, 26, 1000, -3000, -500, -2])
def test_what_does_not_read_back_as_what_was_written_gets_no_name(tmp_path, monkeypatch, at):
    holds = bigwig_writing.holds

    def spoiled(path, *more):
        content = bytearray(path.read_bytes())
        content[at] ^= 0xFF
        path.write_bytes(bytes(content))
        return holds(path, *more)

    monkeypatch.setattr(bigwig_writing, "holds", spoiled)
    with pytest.raises(OSError, match="does not read back as what was written"):
        written(tmp_path / "a.bw")
    assert list(tmp_path.iterdir()) == []


def test_an_error_while_writing_leaves_nothing(tmp_path):
    with pytest.raises(InputError), bigwig_writing.bigwig_output(tmp_path / "a.bw", SIZES):
        raise InputError("of the reads")
    assert list(tmp_path.iterdir()) == []
