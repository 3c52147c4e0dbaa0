"""Reading FASTA and counting bases in windows."""

import gzip

import numpy as np
import pysam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cistill.data import genome
from cistill.data.contig_names import is_mitochondrial
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
    assert is_mitochondrial(name)
    assert not is_mitochondrial("chrXIII")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"BZh91AY", "compressed with bzip2: decompress it"),
        (bytes.fromhex("4327411a") + bytes(20), "a 2bit file: convert it with twoBitToFa"),
        (b"PK\x03\x04ab", "a zip archive: unpack it"),
        (b"@read\nACGT\n+\nIIII\n", "in FASTQ or SAM format"),
        (b"LOCUS       NC_1\n", "in GenBank format"),
        (b"\xef\xbb\xbf>a\nACGT\n", "a text with a byte-order mark"),
        (b"\n\n>a\nACGT\n", "empty lines or blanks stand before the first '>'"),
        (b">a\rACGT\r>b\rAC\r", "lines end in carriage returns alone"),
        (b">sp|P1|X\nMKTLLVAGEEILFQPRD\n", "'sp|P1|X' holds what is no base ('E', 'F', 'I', 'L', 'P'); these are prot"),
        (b">a\nACGT\n>b\n1 acgt acgt\n", "the sequence 'b' holds what is no base ('1')"),
    ],
)
def test_what_is_no_genome_is_named(tmp_path, content, message):
    (tmp_path / "g.fa").write_bytes(content)
    with pytest.raises(InputError) as refused:
        genome.chromosome_sizes(tmp_path / "g.fa")
    assert message in str(refused.value)


def test_letters_of_iupac_gaps_and_windows_line_ends_are_read(tmp_path):
    (tmp_path / "g.fa").write_bytes(b">a some words\r\nACGTURYSWKMBDHVN\r\nacgt-.*x\r\n>gi|5|ref|NC_1|\r\nAC\r\n")
    assert genome.chromosome_sizes(tmp_path / "g.fa") == {"a": 24, "gi|5|ref|NC_1|": 2}


def test_a_bgzf_file_that_was_cut_between_two_blocks_is_refused(tmp_path):
    (tmp_path / "g.fa").write_bytes(b">a\n" + b"ACGT" * 50_000 + b"\n")
    pysam.tabix_compress(str(tmp_path / "g.fa"), str(tmp_path / "g.fa.gz"))
    assert genome.chromosome_sizes(tmp_path / "g.fa.gz") == {"a": 200_000}
    (tmp_path / "g.fa.gz").write_bytes((tmp_path / "g.fa.gz").read_bytes()[:-28])
    with pytest.raises(InputError, match="no end-of-file block of bgzip"):
        genome.chromosome_sizes(tmp_path / "g.fa.gz")


@pytest.mark.parametrize("text", ["#chrom\tsize\nc\t9\nd\t5\n", "c 9\nd  5\n", "c\t9\t6\t60\t61\nd\t5\t9\t60\t61\n"])
def test_sizes_of_other_programs(tmp_path, text):
    (tmp_path / "sizes").write_text(text)
    assert genome.read_sizes(tmp_path / "sizes") == {"c": 9, "d": 5}


def test_a_bed_file_gives_no_sizes(tmp_path):
    (tmp_path / "sizes").write_text("c\t0\t9\n")
    with pytest.raises(InputError, match="row 1: expected the name of a chromosome, once, and its length"):
        genome.read_sizes(tmp_path / "sizes")
