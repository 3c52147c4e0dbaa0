"""CRAM files are counted as the BAM files that they were made from."""

import numpy as np
import pysam
import pytest
from test_coverage import SIZES, any_reads, counts_of

from cistill.data.coverage import write_coverage
from cistill.data.cram import reference_problems, sequence_md5s
from cistill.data.input_checks import bam_problems
from cistill.data.read_filter import ReadFilter
from cistill.errors import InputError

FILTERS = (
    ReadFilter(),
    ReadFilter(0, "both", True, True, True, True, True),
    ReadFilter(mate="2", keep_supplementary=True, keep_duplicates=False),
)


@pytest.fixture(autouse=True)
def _no_references(monkeypatch, tmp_path):
    """No test finds a reference in the cache of this machine or in the network."""
    monkeypatch.setenv("REF_PATH", str(tmp_path / "none" / "%s"))
    monkeypatch.setenv("REF_CACHE", str(tmp_path / "none" / "%s"))


@pytest.fixture
def genome(tmp_path, make):
    """The sequences that reads are aligned to."""
    return make.fasta(tmp_path / "genome.fa", make.genome(SIZES))


def cram_of(bam, genome, *options):
    """Write a BAM file's reads as CRAM."""
    cram = bam.with_suffix(".cram")
    arguments = {"reference_filename": str(genome), "format_options": [option.encode() for option in options]}
    with (
        pysam.AlignmentFile(str(bam), check_sq=False) as reads,
        pysam.AlignmentFile(str(cram), "wc", template=reads, **arguments) as out,
    ):
        for read in reads.fetch(until_eof=True):
            out.write(read)
    return cram


def covered(tmp_path, reads, chosen, sizes=None):
    files = (tmp_path / f"{reads.name}.p.bw", tmp_path / f"{reads.name}.m.bw")
    return write_coverage(reads, *files, chosen, sizes), *map(counts_of, files)


@pytest.mark.parametrize("chosen", FILTERS)
@pytest.mark.parametrize("options", [(), ("version=2.1",), ("version=3.1",), ("no_ref=1",), ("seqs_per_slice=50",)])
def test_cram_equals_bam_without_any_reference(tmp_path, make, genome, chosen, options):
    bam = make.bam(tmp_path / "a.bam", SIZES, any_reads(3))
    cram = cram_of(bam, genome, *options)
    genome.unlink()
    assert covered(tmp_path, cram, chosen, SIZES) == covered(tmp_path, bam, chosen, SIZES)
    assert bam_problems(cram, SIZES) == []


def test_flags_of_mates_in_one_slice_are_those_of_bam(tmp_path, genome):
    header = pysam.AlignmentHeader.from_dict({"HD": {"SO": "coordinate"}, "SQ": [{"SN": "chr2", "LN": 3000}]})
    bam = tmp_path / "pairs.bam"
    with pysam.AlignmentFile(str(bam), "wb", header=header) as file:
        for number in range(40):
            for mate, flag in ((64, 1 + 64 + 8 * (number % 2)), (128, 1 + 128 + 16 + 4 * (number % 2))):
                read = pysam.AlignedSegment(header)
                read.query_name, read.flag, read.mapping_quality = f"pair{number}", flag, 60
                read.reference_id = read.next_reference_id = 0
                read.reference_start = read.next_reference_start = 10 * number
                read.query_sequence = "ACGTACGTAC"
                if not flag & 4:
                    read.cigarstring = "10M"
                assert flag & mate
                file.write(read)
    cram = cram_of(bam, genome)
    genome.unlink()
    for chosen in FILTERS:
        assert covered(tmp_path, cram, chosen) == covered(tmp_path, bam, chosen)
    assert covered(tmp_path, cram, ReadFilter())[0].left_out["mate_unmapped"] == 20


def test_the_commands_take_cram(tmp_path, make, genome, command):
    cram = cram_of(make.bam(tmp_path / "a.bam", SIZES, any_reads(5)), genome)
    done = command("coverage", "--bam", cram, "--readset", "x", "--outdir", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    rows = "".join(f"{chrom}\t{at}\t{at + 20}\n" for chrom in ("chr1", "chr2", "empty") for at in (10, 60))
    (tmp_path / "peaks.bed").write_text(rows)
    (tmp_path / "sheet.csv").write_text("tf,bam,control_bam,peaks\nA,a.cram,,peaks.bed\n")
    split = ("--test_chroms", "chr1", "--valid_chroms", "empty")
    zipped = make.fasta(tmp_path / "genome.fa.gz", make.genome(SIZES))
    call = ("check", "--input", tmp_path / "sheet.csv", *split, "--outdir", tmp_path / "out")
    done = command(*call, "--fasta", zipped)
    assert done.returncode == 0, done.stderr
    other = make.fasta(tmp_path / "other.fa", make.genome(SIZES, seed=7))
    done = command(*call, "--fasta", other)
    assert done.returncode == 2
    assert "row 2, column bam: a.cram: 3 of 3 chromosomes have another sequence than in the genome (MD5)" in done.stderr
    assert "give the genome that the reads were aligned to" in done.stderr


def test_md5s_are_those_of_the_cram_header(tmp_path, make, genome):
    cram = cram_of(make.bam(tmp_path / "a.bam", SIZES, any_reads(1)), genome)
    with pysam.AlignmentFile(str(cram), "rc", check_sq=False) as file:
        expected = {line["SN"]: line["M5"] for line in file.header.to_dict()["SQ"]}
    assert sequence_md5s(genome) == expected
    lower = {name: letters.lower() for name, letters in make.genome(SIZES).items()}
    assert sequence_md5s(make.fasta(tmp_path / "soft.fa.gz", lower, 7)) == expected
    some = make.genome(SIZES) | {"chr1": "A" * 1000}
    found = reference_problems(cram, make.fasta(tmp_path / "some.fa", some))
    assert found == ["1 of 3 chromosomes have another sequence than in the genome (MD5): chr1"]


def test_cram_that_is_cut_short_broken_or_unsorted_is_one_message(tmp_path, make, genome, command):
    reads = make.reads({"chr2": 3000, "chr1": 1000}, 3000)
    whole = cram_of(make.bam(tmp_path / "a.bam", SIZES, reads), genome).read_bytes()
    cut = tmp_path / "cut.cram"
    cut.write_bytes(whole[:-38])
    done = command("coverage", "--bam", cut, "--readset", "x", "--outdir", tmp_path / "out")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "the CRAM file is truncated" in done.stderr
    for start in (b"CRAM", b"CRAM\x03", b"CRAM\x09\x00", b"CRAM\x03\x00"):
        cut.write_bytes(start + bytes(60))
        with pytest.raises(InputError, match="CRAM"):
            covered(tmp_path, cut, ReadFilter())
    cut.write_bytes(b"CRAM\x03\x00" + bytes(60) + whole[-38:])
    with pytest.raises(InputError, match="not a readable CRAM"):
        covered(tmp_path, cut, ReadFilter())
    unsorted = make.bam(tmp_path / "b.bam", SIZES, [("chr1", 5, 0, "20M", 60), ("chr2", 5, 0, "20M", 60)])
    with pytest.raises(InputError, match=r"not sorted by coordinate: a read at chr2:6"):
        covered(tmp_path, cram_of(unsorted, genome), ReadFilter())
    assert bam_problems(cram_of(make.bam(tmp_path / "c.bam", SIZES, []), genome), SIZES) == [
        "the CRAM file holds no reads"
    ]


def test_damage_is_a_message_or_in_bases_that_are_not_read(tmp_path, make, genome):
    reads = make.reads({"chr2": 3000, "chr1": 1000}, 3000)
    cram = cram_of(make.bam(tmp_path / "a.bam", SIZES, reads), genome)
    whole, expected = cram.read_bytes(), covered(tmp_path, cram, ReadFilter())
    rng = np.random.default_rng(0)
    messages = 0
    for at in rng.integers(6, len(whole) - 60, 60).tolist():
        cram.write_bytes(whole[:at] + rng.bytes(20) + whole[at + 20 :])
        try:
            assert covered(tmp_path, cram, ReadFilter()) == expected, at
        except InputError:
            messages += 1
    assert messages > 20
