"""Reading FASTA and counting bases in windows."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cistill.data import genome
from cistill.errors import InputError


def test_bases_are_coded_in_either_case_and_all_else_is_unknown(tmp_path):
    file = tmp_path / "g.fa"
    file.write_text(">chr1 some words\nACGT\nacgtN\n>chr2\nRYKM-\n")
    found = dict(genome.read_chromosomes(file))
    assert found["chr1"].tolist() == [0, 1, 2, 3, 0, 1, 2, 3, 4]
    assert found["chr2"].tolist() == [4] * 5


@pytest.mark.parametrize("block", [1, 2, 3, 7, 1 << 20])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_blocks_do_not_change_what_is_read(tmp_path, monkeypatch, block, newline):
    monkeypatch.setattr(genome, "BLOCK", block)
    file = tmp_path / "g.fa"
    file.write_bytes(newline.join([">a >b note", "AC", "", "GT", ">b", "T"]).encode())
    assert {name: codes.tolist() for name, codes in genome.read_chromosomes(file)} == {"a": [0, 1, 2, 3], "b": [3]}


def test_gzip_of_several_members_is_read_whole(tmp_path):
    file = tmp_path / "g.fa.gz"
    file.write_bytes(gzip.compress(b">a\nAC") + gzip.compress(b"GT\n>b\nA\n"))
    assert genome.chromosome_sizes(file) == {"a": 4, "b": 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"ACGT\n", "first character is not '>'"),
        (b">a\nAC\n>a\nGT\n", "two sequences are named 'a'"),
        (b">a\n>b\nGT\n", "the sequence 'a' is empty"),
        (b">\nGT\n", "header without a name"),
        (gzip.compress(b">a\nACGT\n" * 50, mtime=0)[:-9], "broken or cut short"),
        (b"\x1f\x8bnot really gzip", "broken or cut short"),
    ],
    ids=["no header", "name twice", "no bases", "no name", "gzip cut short", "not gzip"],
)
def test_what_is_no_genome_is_refused(tmp_path, content, message):
    file = tmp_path / "g.fa"
    file.write_bytes(content)
    with pytest.raises(InputError, match=message):
        genome.chromosome_sizes(file)


def test_windows_past_the_ends_hold_unknown_bases():
    codes = np.array([0, 1, 2, 3], dtype=np.uint8)
    windows = genome.window_codes(codes, np.array([-2, 1, 3, 9]), 3)
    assert windows.tolist() == [[4, 4, 0], [1, 2, 3], [3, 4, 4], [4, 4, 4]]


@given(
    codes=st.lists(st.integers(0, 4), min_size=1, max_size=60),
    starts=st.lists(st.integers(-10, 70), max_size=12),
    length=st.integers(1, 20),
    span=st.integers(1, 40),
)
def test_base_content_equals_counting_one_window_at_a_time(codes, starts, length, span):
    array = np.array(codes, dtype=np.uint8)
    starts = sorted(starts)
    before, genome.SPAN = genome.SPAN, span
    try:
        gc, unknown = genome.base_content(array, np.array(starts, dtype=np.int64), length)
    finally:
        genome.SPAN = before
    pieces = [codes[max(start, 0) : max(start + length, 0)] for start in starts]
    assert gc.tolist() == [sum(code in (1, 2) for code in piece) for piece in pieces]
    assert unknown.tolist() == [piece.count(4) for piece in pieces]


@pytest.mark.parametrize("name", ["chrM", "MT", "chrmit", "Mito", "chrMT"])
def test_mitochondrial_names(name):
    assert genome.is_mitochondrial(name)
    assert not genome.is_mitochondrial("chrXIII")
