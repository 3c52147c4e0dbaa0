"""Fragment files and BED of reads, counted as BAM is."""

import gzip
import random
import re

import pysam
import pytest
from test_coverage import SIZES, counts_of

from cistill.data.coverage import write_coverage
from cistill.data.input_checks import reads_problems
from cistill.data.read_filter import ReadFilter
from cistill.errors import InputError

FRAGMENTS = ["chr2\t100\t180\tACGT-1\t3", "chr2\t100\t150\tAAAA-1\t1", "chr1\t0\t1000\tACGT-1\t1"]
READS = ["chr2\t100\t136\tN\t1000\t+", "chr1\t7\t8\tN\t1000\t-", "chr2\t100\t120\tr3\t0\t-", "chr2\t90\t126\tr4\t37\t+"]
FRAGMENT_COUNTS = (
    {("chr2", 100): 2, ("chr1", 0): 1},
    {("chr2", 179): 1, ("chr2", 149): 1, ("chr1", 999): 1},
)
READ_COUNTS = ({("chr2", 100): 1, ("chr2", 90): 1}, {("chr1", 7): 1, ("chr2", 119): 1})


def covered(tmp_path, path, sizes=SIZES, chosen=None):
    files = (tmp_path / "p.bw", tmp_path / "m.bw")
    return write_coverage(path, *files, chosen or ReadFilter(), sizes), tuple(map(counts_of, files))


def written(path, rows, end="\n"):
    text = "".join(f"{row}{end}" for row in rows).encode()
    if path.suffix == ".gz":
        text = gzip.compress(text)
    path.write_bytes(text)
    return path


def write_bgzf(path, rows):
    with pysam.BGZFile(str(path), "w") as file:
        file.write("".join(f"{row}\n" for row in rows).encode())


def test_a_fragment_has_an_end_on_either_strand_whatever_its_count(tmp_path):
    counts, found = covered(tmp_path, written(tmp_path / "f.tsv", FRAGMENTS))
    assert found == FRAGMENT_COUNTS
    assert (counts.reads, counts.plus, counts.minus, counts.left_out) == (6, 3, 3, {})
    three = [row.rsplit("\t", 2)[0] for row in FRAGMENTS]
    assert covered(tmp_path, written(tmp_path / "f.bed", three))[1] == FRAGMENT_COUNTS


def test_a_row_with_a_strand_is_a_read_with_one_end(tmp_path):
    counts, found = covered(tmp_path, written(tmp_path / "r.tagAlign.gz", READS))
    assert found == READ_COUNTS
    assert (counts.plus, counts.minus) == (2, 2)


@pytest.mark.parametrize(
    "write",
    [
        lambda path: written(path, ["# id=sample", "# reference_path=/ref", "", *FRAGMENTS]),
        lambda path: written(path, ["chrom\tstart\tend\tbarcode\treadSupport", *FRAGMENTS]),
        lambda path: written(path, ["track name=x", *FRAGMENTS], "\r\n"),
        lambda path: written(path, [row.replace("\t", " ") for row in FRAGMENTS]),
        lambda path: path.write_bytes(b"\xef\xbb\xbf" + "\n".join(FRAGMENTS).encode()),
        lambda path: path.write_bytes("\n".join(FRAGMENTS).encode("utf-16")),
        lambda path: path.write_bytes(b"".join(gzip.compress(f"{row}\n".encode()) for row in FRAGMENTS)),
        lambda path: write_bgzf(path, FRAGMENTS),
    ],
)
def test_fragments_are_read_as_programs_write_them(tmp_path, write):
    write(tmp_path / "f.tsv.gz")
    assert covered(tmp_path, tmp_path / "f.tsv.gz")[1] == FRAGMENT_COUNTS
    assert reads_problems(tmp_path / "f.tsv.gz", SIZES) == []


def test_order_and_pieces_do_not_matter(tmp_path, monkeypatch):
    rng = random.Random(0)
    rows = [f"chr2\t{rng.randrange(1000)}\t{rng.randrange(1001, 3000)}" for _ in range(500)] + FRAGMENTS[2:]
    expected = covered(tmp_path, written(tmp_path / "a.bed", rows))
    rng.shuffle(rows)
    monkeypatch.setattr("cistill.data.read_rows.ROWS", 7)
    monkeypatch.setattr("cistill.data.coverage.PENDING", 5)
    assert covered(tmp_path, written(tmp_path / "b.bed.gz", rows)) == expected
    assert sum(expected[1][0].values()) == sum(expected[1][1].values()) == 501


def test_bed_of_a_bam_file_gives_its_counts(tmp_path, make):
    """As `bedtools bamtobed` writes it, worked out here."""
    bam = make.bam(tmp_path / "a.bam", SIZES, make.reads({"chr2": 3000, "chr1": 1000}, 400))
    rows = []
    with pysam.AlignmentFile(str(bam)) as file:
        for read in file.fetch(until_eof=True):
            if not read.is_unmapped:
                place = (read.reference_name, read.reference_start, read.reference_end, read.query_name)
                rows.append("\t".join(map(str, (*place, read.mapping_quality, "-" if read.is_reverse else "+"))))
    every = ReadFilter(0, "both", True, True, True, True, True)
    assert covered(tmp_path, written(tmp_path / "a.bed", rows))[1] == covered(tmp_path, bam, chosen=every)[1]


def test_rows_on_contigs_that_the_genome_lacks_are_left_out_and_counted(tmp_path, caplog):
    path = written(tmp_path / "f.bed", ["chrEBV\t5\t9", *FRAGMENTS])
    counts, found = covered(tmp_path, path)
    assert found == FRAGMENT_COUNTS
    assert (counts.left_out, counts.unknown_contigs) == ({"unknown_contig": 2}, {"chrEBV": 2})
    assert "chrEBV, with 2 of 8 reads; they are left out" in caplog.text
    assert ["with 2 of 8 5' ends; they are left out" in text for text in reads_problems(path, SIZES)] == [True]
    for sizes, what in (({"2": 3000, "1": 1000}, "prefix 'chr'"), ({"Z": 9}, "no chromosome of the genome|not in the")):
        with pytest.raises(InputError, match=what):
            covered(tmp_path, path, sizes)
        assert "not in the genome" in reads_problems(path, sizes)[0]
    assert "past the end of chr1" in reads_problems(path, SIZES | {"chr1": 999})[0]
    with pytest.raises(InputError, match="chr1 reaches past its end"):
        covered(tmp_path, path, SIZES | {"chr1": 999})
    with pytest.raises(InputError, match="--sizes"):
        covered(tmp_path, path, None)


def test_the_check_reads_on_until_a_contig_of_the_genome(tmp_path, monkeypatch):
    monkeypatch.setattr("cistill.data.input_checks.ROWS_LOOKED_AT", 10)
    monkeypatch.setattr("cistill.data.read_rows.ROWS", 10)
    rows = [f"chr{number}\t5\t9" for number in (3, 4) for _ in range(20)] + ["chr2\t5\t9"] * 100
    found = reads_problems(written(tmp_path / "f.bed", rows), SIZES)
    assert found == ["2 chromosome(s) are not in the genome: chr3, chr4; they are left out"]


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ([*FRAGMENTS, "chr2\t9\t5"], r"row 4: start 9 is not below end 5"),
        ([*FRAGMENTS, "chr2\t9"], "row 4: 2 tab-separated"),
        ([*FRAGMENTS, READS[0]], r"row 4: column 6 \(strand\) is '\+'; fragments"),
        ([*READS, FRAGMENTS[0]], "row 5: the strand .* is missing"),
        ([*READS, READS[0].replace("+", ".")], r"row 5: column 6 \(strand\) is '\.'; reads have \+ or -"),
        (["chr2\t5\t90\tpeak\t9\t.\t1\t2\t3\t4"], "as in peaks"),
        (["chr2\t5\t90\tchr2\t100\t150\tpair\t60\t+\t-", "chr2\t5\t90"], "row 2: .*each row before is a pair"),
        (["0\t5\t1900\t308\t200\t5000"], "index of a CRAM file"),
        (["chr2\t5\t90\t2.5"], "bedGraph"),
        (["chr2\t5\t90\t2"], "bedGraph"),
    ],
)
def test_rows_that_are_no_reads_are_refused_with_row_and_reason(tmp_path, rows, what, command):
    path = written(tmp_path / "f.bed", rows)
    with pytest.raises(InputError, match=what):
        covered(tmp_path, path)
    assert any(re.search(what, problem) for problem in reads_problems(path, SIZES))
    assert not any(str(tmp_path) in problem for problem in reads_problems(path, SIZES))


def test_sam_is_not_taken_for_rows(tmp_path):
    sam = "read\t16\t1\t500\t60\t10M\t*\t0\t0\tACGTACGTAC\t*"
    for rows in ([sam], ["@HD\tVN:1.6", "@SQ\tSN:1\tLN:1000", sam]):
        assert "text, SAM?" in reads_problems(written(tmp_path / "a.sam", rows), None)[0]


def test_what_else_is_compressed_in_blocks_is_named(tmp_path):
    for content, what in (
        (b"TBI\1", "index of tabix"),
        (b"CSI\1", "index of a BAM file"),
        (b"BCF\2", "of another format"),
    ):
        with pysam.BGZFile(str(tmp_path / "a.tbi"), "w") as file:
            file.write(content + bytes(50))
        with pytest.raises(InputError, match=what):
            covered(tmp_path, tmp_path / "a.tbi")


def test_the_commands_take_fragments(tmp_path, make, command):
    written(tmp_path / "f.tsv.gz", FRAGMENTS)
    written(tmp_path / "c.bed", READS)
    make.fasta(tmp_path / "genome.fa", make.genome(SIZES))
    rows = "".join(f"{chrom}\t{at}\t{at + 20}\n" for chrom in ("chr1", "chr2", "empty") for at in (10, 60))
    (tmp_path / "peaks.bed").write_text(rows)
    (tmp_path / "sheet.csv").write_text("tf,bam,control_bam,peaks\nA,f.tsv.gz,c.bed,peaks.bed\n")
    split = ("--test_chroms", "chr1", "--valid_chroms", "empty", "--outdir", tmp_path)
    done = command("check", "--input", tmp_path / "sheet.csv", "--fasta", tmp_path / "genome.fa", *split)
    assert done.returncode == 0, done.stderr
    call = ("coverage", "--bam", tmp_path / "f.tsv.gz", "--readset", "x", "--outdir", tmp_path)
    done = command(*call, "--sizes", tmp_path / "genome.sizes")
    assert done.returncode == 0, done.stderr
    assert counts_of(tmp_path / "x.plus.bw") == FRAGMENT_COUNTS[0]
    done = command(*call)
    assert done.returncode == 2
    assert "give them (--sizes genome.sizes)" in done.stderr


PAIRS = ["chr2\t5\t90\tchr2\t100\t150\tp\t60\t+\t-", "chr1\t30\t60\tchr2\t7\t40\tq\t60\t-\t+"]


@pytest.mark.parametrize(
    ("mate", "plus", "minus"),
    [
        ("1", {("chr2", 5): 1}, {("chr1", 59): 1}),
        ("second", {("chr2", 7): 1}, {("chr2", 149): 1}),
        ("both", {("chr2", 5): 1, ("chr2", 7): 1}, {("chr2", 149): 1, ("chr1", 59): 1}),
    ],
)
def test_pairs_of_bedpe_are_two_reads_each(tmp_path, mate, plus, minus):
    path = written(tmp_path / "pairs.bedpe", PAIRS)
    assert reads_problems(path, SIZES) == []
    assert covered(tmp_path, path, chosen=ReadFilter(mate=mate))[1] == (plus, minus)


def test_pairs_without_strands_are_fragments_if_on_one_chromosome(tmp_path):
    path = written(tmp_path / "pairs.bedpe", ["\t".join(row.split("\t")[:6]) for row in PAIRS])
    assert covered(tmp_path, path)[1] == ({("chr2", 5): 1}, {("chr2", 149): 1})
