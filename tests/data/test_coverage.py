"""5' counts of BAM files."""

import gzip
import json
import shutil
import subprocess
from collections import Counter

import numpy as np
import pyBigWig
import pytest

from cistill.data.coverage import write_coverage
from cistill.data.read_filter import ReadFilter
from cistill.errors import InputError

SIZES = {"chr2": 3000, "chr1": 1000, "empty": 100}


def counts_of(path):
    with pyBigWig.open(str(path)) as file:
        return {(c, start): value for c in file.chroms() for start, _, value in file.intervals(c) or ()}


def cover(tmp_path, bam, chosen=None):
    counts = write_coverage(bam, tmp_path / "p.bw", tmp_path / "m.bw", chosen or ReadFilter())
    return counts, counts_of(tmp_path / "p.bw"), counts_of(tmp_path / "m.bw")


def test_the_five_prime_end_is_the_first_base_forward_and_the_last_one_backward(tmp_path, make):
    reads = [
        ("chr2", 100, 0, "20M", 60),
        ("chr2", 100, 0, "5S15M", 60),  # soft-clipped bases are not aligned: still 100
        ("chr2", 100, 16, "20M", 60),  # 100..119
        ("chr2", 100, 16, "10M3D10M2I5M100N5M4S", 60),  # 10+3+10+5+100+5 = 133 bases of the reference
        ("chr1", 7, 16, "3H1M", 60),
    ]
    counts, plus, minus = cover(tmp_path, make.bam(tmp_path / "a.bam", SIZES, reads))
    assert plus == {("chr2", 100): 2}
    assert minus == {("chr2", 119): 1, ("chr2", 232): 1, ("chr1", 7): 1}
    assert (counts.reads, counts.plus, counts.minus) == (5, 2, 3)


def test_reads_are_left_out_by_the_first_reason_that_applies(tmp_path, make):
    flags = {"unmapped": 4, "secondary": 256, "supplementary": 2048, "qc_fail": 512, "mate_unmapped": 9}
    flags |= {"other_mate": 1 + 128, "kept": 0, "duplicate": 1024}
    reads = [("chr2", 10 + i, flag, "20M", 60) for i, flag in enumerate(flags.values())]
    reads += [("chr2", 90, 0, "20M", 29), ("chr2", 91, 0, "20M", 30), ("chr2", 92, 256 + 512, "20M", 0)]
    bam = make.bam(tmp_path / "a.bam", SIZES, reads)
    counts, plus, _ = cover(tmp_path, bam)
    assert counts.left_out == {
        "unmapped": 1,
        "secondary": 2,
        "supplementary": 1,
        "qc_fail": 1,
        "mate_unmapped": 1,
        "other_mate": 1,
        "low_mapq": 1,
    }
    assert set(plus) == {("chr2", 16), ("chr2", 17), ("chr2", 91)}
    everything = ReadFilter(0, "both", True, True, True, True, True)
    assert cover(tmp_path, bam, everything)[0].plus == 10
    assert cover(tmp_path, bam, ReadFilter(keep_duplicates=False))[0].left_out["duplicate"] == 1


@pytest.mark.parametrize(
    ("mate", "expected"),
    [("1", {10, 50}), ("2", {20, 50}), ("both", {10, 20, 50}), ("first", {10, 50}), ("second", {20, 50})],
)
def test_one_mate_of_a_pair_is_counted_and_all_single_reads(tmp_path, make, mate, expected):
    reads = [("chr2", 10, 1 + 2 + 64, "20M", 60), ("chr2", 20, 1 + 2 + 128, "20M", 60), ("chr2", 50, 0, "20M", 60)]
    _, plus, _ = cover(tmp_path, make.bam(tmp_path / "a.bam", SIZES, reads), ReadFilter(mate=mate))
    assert {position for _, position in plus} == expected


def test_a_read_without_cigar_counts_its_start(tmp_path, make):
    reads = [("chr2", 10, 16, "*", 60)]
    assert cover(tmp_path, make.bam(tmp_path / "a.bam", SIZES, reads))[2] == {("chr2", 10): 1}


@pytest.mark.parametrize("block", [100, 1 << 20])
def test_counts_equal_going_through_reads_one_by_one(tmp_path, make, monkeypatch, block):
    monkeypatch.setattr("cistill.data.bam.BLOCK", block)
    monkeypatch.setattr("cistill.data.coverage.PENDING", 17)
    reads = [read for read in make.reads(SIZES | {"empty": 1000}, 2000) if read[0] != "empty"]
    bam = make.bam(tmp_path / "a.bam", SIZES, reads)
    _, plus, minus = cover(tmp_path, bam)
    import pysam

    expected = Counter()
    with pysam.AlignmentFile(str(bam)) as file:
        for read in file.fetch(until_eof=True):
            if not read.flag & (2828 | 128) and read.mapping_quality >= 30:
                at = read.reference_end - 1 if read.is_reverse else read.reference_start
                expected[read.is_reverse, read.reference_name, at] += 1
    assert plus == {key[1:]: n for key, n in expected.items() if not key[0]}
    assert minus == {key[1:]: n for key, n in expected.items() if key[0]}


def oracle(bam, strand, arguments):
    """5' counts by samtools and bedtools."""
    view = subprocess.run(["samtools", "view", "-b", *arguments, str(bam)], capture_output=True, check=True)
    call = ["bedtools", "genomecov", "-5", "-dz", "-strand", strand, "-ibam", "-"]
    lines = subprocess.run(call, input=view.stdout, capture_output=True, check=True).stdout.decode().splitlines()
    return {(c, int(start)): float(n) for c, start, n in (line.split("\t") for line in lines)}


needs_oracle = pytest.mark.skipif(
    not (shutil.which("samtools") and shutil.which("bedtools")),
    reason="samtools and bedtools, the oracle of coverage, are not installed",
)


@needs_oracle
def test_counts_equal_those_of_bedtools(tmp_path, make):
    bam = make.bam(tmp_path / "a.bam", SIZES, make.reads({"chr2": 3000, "chr1": 1000}, 3000))
    for chosen, arguments in (
        (ReadFilter(), ["-F", "2956", "-q", "30"]),
        (ReadFilter(0, "both", True, True, True, True, False), ["-F", "1028"]),
        (ReadFilter(mate="2", keep_supplementary=True), ["-F", str(780 + 64), "-q", "30"]),
    ):
        _, plus, minus = cover(tmp_path, bam, chosen)
        assert plus == oracle(bam, "+", arguments)
        assert minus == oracle(bam, "-", arguments)


@needs_oracle
def test_reb1_counts_equal_those_of_bedtools(tmp_path, shared_data):
    bam = shared_data / "reb1_chipexo" / "reb1_chipexo_rep2.sacCer3.pseudoreads.bam"
    _, plus, minus = cover(tmp_path, bam)
    assert plus == oracle(bam, "+", ["-F", "2956", "-q", "30"])
    assert minus == oracle(bam, "-", ["-F", "2956", "-q", "30"])


def test_the_command_writes_the_same_bytes_twice_and_says_what_it_counted(tmp_path, make, command):
    bam = make.bam(tmp_path / "a.bam", SIZES, make.reads({"chr2": 3000, "chr1": 1000}, 500))
    for name in ("one", "two"):
        done = command("coverage", "--bam", bam, "--readset", "TF.x.r1", "--outdir", tmp_path / name)
        assert done.returncode == 0, done.stderr
    for strand in ("plus", "minus"):
        files = [tmp_path / name / f"TF.x.r1.{strand}.bw" for name in ("one", "two")]
        assert files[0].read_bytes() == files[1].read_bytes()
        with pyBigWig.open(str(files[0])) as file:
            assert list(file.chroms().items()) == list(SIZES.items())
    record = json.loads((tmp_path / "one" / "TF.x.r1.coverage.json").read_text())
    results = record["results"]
    assert results["reads"] == 500
    assert results["plus"] + results["minus"] + sum(results["left_out"].values()) == 500
    assert record["settings"]["min_mapq"] == 30


def test_reads_on_contigs_that_the_genome_lacks_are_left_out_and_counted(tmp_path, make, caplog):
    header = {"chr2": 3000, "chrEBV": 400, "chr1": 1000, "chrUn": 50}
    reads = [
        ("chr2", 5, 0, "20M", 60),
        ("chr2", 9, 16, "20M", 60),
        ("chrEBV", 7, 0, "20M", 60),
        ("chr1", 5, 0, "9M", 60),
    ]
    bam = make.bam(tmp_path / "a.bam", header, reads)
    files = (tmp_path / "p.bw", tmp_path / "m.bw")
    counts = write_coverage(bam, *files, ReadFilter(), SIZES)
    assert (counts.plus, counts.minus, counts.unknown_contigs) == (2, 1, {"chrEBV": 1})
    assert counts.left_out["unknown_contig"] == 1
    assert "1 chromosome(s) are not in the genome: chrEBV, with 1 of 4 reads; they are left out" in caplog.text
    assert counts_of(files[0]) == {("chr2", 5): 1, ("chr1", 5): 1}
    with pyBigWig.open(str(files[0])) as file:
        assert list(file.chroms()) == ["chr2", "chr1"]
    with pytest.raises(InputError, match=r"with 1 of 4 reads.*--unknown_contigs leave_out"):
        write_coverage(bam, *files, ReadFilter(), SIZES, "refuse")
    mostly = [("chr2", 5, 0, "20M", 60)] + [("chrEBV", 7, 0, "20M", 60)] * 2
    with pytest.raises(InputError, match="with 2 of 3 reads; give the genome"):
        write_coverage(make.bam(tmp_path / "b.bam", header, mostly), *files, ReadFilter(), SIZES)
    with pytest.raises(InputError, match="another length than in the genome"):
        write_coverage(bam, *files, ReadFilter(), {"chr2": 3001})
    with pytest.raises(InputError, match="differ by the prefix 'chr'"):
        write_coverage(bam, *files, ReadFilter(), {"2": 3000, "1": 1000})


def test_strands_without_reads_or_of_unequal_depth_are_warned_of(tmp_path, make, caplog):
    cover(tmp_path, make.bam(tmp_path / "a.bam", SIZES, [("chr2", 5, 16, "20M", 60)]))
    assert "no read is on the plus strand" in caplog.text
    caplog.clear()
    reads = [("chr2", at, 16 * (at % 4 == 0), "20M", 60) for at in range(1000)]
    cover(tmp_path, make.bam(tmp_path / "a.bam", SIZES, reads))
    assert "one strand has 3.0 times as many reads as the other" in caplog.text
    caplog.clear()
    cover(tmp_path, make.bam(tmp_path / "a.bam", SIZES, [("chr2", 5, f, "20M", 60) for f in (0, 0, 0, 16)]))
    assert "times as many" not in caplog.text  # chance


def test_a_file_of_another_format_is_named(tmp_path):
    for content, what in (
        (b"CRAM\x03", "the CRAM file is truncated"),
        (b"BAI\x01", "the index of a BAM file"),
        (b"\x1f\x8b\x08\0", "gzip"),
    ):
        (tmp_path / "a.bam").write_bytes(content + bytes(99))
        with pytest.raises(InputError, match=what):
            cover(tmp_path, tmp_path / "a.bam")


FLAGS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)


def any_reads(seed, n=400):
    """Reads of all flags, kinds of CIGARs and mapping qualities."""
    rng = np.random.default_rng(seed)
    reads = []
    for _ in range(n):
        paired = bool(rng.integers(2))
        flag = sum(bit for bit in FLAGS if rng.random() < (0.5 if bit in (16, 32) else 0.12))
        flag = (flag & ~(1 | 2 | 8 | 32 | 64 | 128)) | paired * (1 | (flag & 10) | int(rng.choice([64, 128])))
        middle = "".join(
            f"{rng.integers(1, 9)}M"
            + (f"{rng.integers(1, 60)}{rng.choice(list('IDNX='))}" if rng.random() < 0.6 else "")
            for _ in range(rng.integers(1, 5))
        )
        ends = [rng.choice(["", "3H", "4S", "2H5S"]), rng.choice(["", "2M", "4S", "5S2H", "6H"])]
        chrom = str(rng.choice(["chr2", "chr1"]))
        start = int(rng.integers(SIZES[chrom] - 330))
        reads.append(
            (chrom, start, flag, f"{ends[0]}{middle}1M{ends[1]}", int(rng.choice([0, 1, 29, 30, 31, 60, 254, 255])))
        )
    return sorted(reads, key=lambda read: (list(SIZES).index(read[0]), read[1]))


@needs_oracle
@pytest.mark.parametrize("seed", range(50))
def test_counts_of_generated_files_equal_those_of_samtools_and_bedtools(tmp_path, make, seed):
    rng = np.random.default_rng([seed, 1])
    bam = make.bam(tmp_path / "a.bam", SIZES, any_reads(seed))
    keep = {
        name: bool(rng.integers(2)) for name in ("secondary", "supplementary", "qc_fail", "mate_unmapped", "duplicates")
    }
    mate, least = ("1", "2", "both")[seed % 3], int(rng.choice([0, 1, 30, 255]))
    chosen = ReadFilter(least, mate, **{f"keep_{name}": value for name, value in keep.items()})
    bits = {"secondary": 256, "supplementary": 2048, "qc_fail": 512, "mate_unmapped": 8, "duplicates": 1024}
    excluded = 4 + sum(bits[name] for name, kept in keep.items() if not kept) + {"1": 128, "2": 64, "both": 0}[mate]
    arguments = ["-F", str(excluded), "-q", str(least)]
    counts, plus, minus = cover(tmp_path, bam, chosen)
    assert plus == oracle(bam, "+", arguments)
    assert minus == oracle(bam, "-", arguments)
    assert counts.plus + counts.minus == sum(plus.values()) + sum(minus.values())
    assert counts.plus + counts.minus + sum(counts.left_out.values()) == counts.reads == 400


def refused(tmp_path, command, bam):
    done = command("coverage", "--bam", bam, "--readset", "x", "--outdir", tmp_path / "out")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert list((tmp_path / "out").iterdir()) == []
    return done.stderr


def test_unsorted_reads_are_refused(tmp_path, make, command):
    reads = [("chr1", 5, 0, "20M", 60), ("chr2", 5, 0, "20M", 60)]
    with pytest.raises(InputError, match="not sorted by coordinate"):
        cover(tmp_path, make.bam(tmp_path / "a.bam", SIZES, reads))
    reads = [("chr2", 6, 0, "20M", 60), ("chr2", 5, 0, "20M", 60)]
    assert "samtools sort" in refused(tmp_path, command, make.bam(tmp_path / "a.bam", SIZES, reads))


def test_truncated_bam_is_refused(tmp_path, make, command):
    whole = make.bam(tmp_path / "a.bam", SIZES, make.reads({"chr2": 3000}, 3000)).read_bytes()
    (tmp_path / "cut.bam").write_bytes(whole[: len(whole) // 2])
    assert "truncated" in refused(tmp_path, command, tmp_path / "cut.bam")
    middle = len(whole) // 2
    (tmp_path / "hole.bam").write_bytes(whole[:middle] + b"\0" * 200 + whole[middle + 200 :])
    with pytest.raises(InputError, match="truncated or broken"):
        cover(tmp_path, tmp_path / "hole.bam")


def test_what_is_no_bam_is_refused(tmp_path, command):
    (tmp_path / "a.bam").write_text("read1\t0\tchr1\n")
    assert "not a BAM file" in refused(tmp_path, command, tmp_path / "a.bam")
    with pytest.raises(InputError, match="no such file"):
        cover(tmp_path, tmp_path / "b.bam")


def test_a_file_of_which_no_read_counts_is_refused_with_the_reasons(tmp_path, make, command):
    bam = make.bam(tmp_path / "a.bam", SIZES, [("chr2", 5, 0, "20M", 3), ("chr2", 5, 1024 + 4, "20M", 3)])
    message = refused(tmp_path, command, bam)
    assert "no read passes the filters (2 reads in the file: 1 unmapped, 1 low_mapq)" in message


def test_a_read_past_the_chromosomes_end_is_refused(tmp_path, make):
    bam = make.bam(tmp_path / "a.bam", SIZES, [("chr1", 990, 16, "20M", 60)])
    with pytest.raises(InputError, match="chr1 reaches past its end"):
        cover(tmp_path, bam)


def test_help_is_quick_and_names_the_options(command):
    done = command("coverage", "--help")
    assert done.returncode == 0
    for option in ("--min_mapq", "--drop_duplicates", "--mate"):
        assert option in done.stdout


def test_values_are_single_bases(tmp_path, make):
    reads = [("chr2", 10, 0, "20M", 60), ("chr2", 11, 0, "20M", 60)]
    cover(tmp_path, make.bam(tmp_path / "a.bam", SIZES, reads))
    with pyBigWig.open(str(tmp_path / "p.bw")) as file:
        assert file.intervals("chr2") == ((10, 11, 1.0), (11, 12, 1.0))
        assert np.isnan(file.values("chr2", 12, 13)[0])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"@r1\nACGT\n+\nIIII\n", "FASTQ; align the reads first"),
        (gzip.compress(b"@r1 1:N:0\nACGTN\n+\nIIIII\n" * 500, mtime=0), "FASTQ; align the reads first"),
        (b"<!DOCTYPE html>\n", "a web page or XML"),
    ],
)
def test_other_files_given_for_reads_are_named(tmp_path, content, words):
    (tmp_path / "a.bam").write_bytes(content)
    with pytest.raises(InputError, match=words):
        write_coverage(tmp_path / "a.bam", tmp_path / "p.bw", tmp_path / "m.bw", ReadFilter())


@pytest.mark.parametrize(
    ("flag", "mapq", "chosen", "words"),
    [
        (1 + 128, 60, ReadFilter(), "choose the other mate"),
        (1024, 60, ReadFilter(keep_duplicates=False), "count duplicates too"),
        (0, 3, ReadFilter(), "lower --min_mapq"),
        (4, 0, ReadFilter(), "check that reads were aligned"),
    ],
)
def test_the_way_out_is_that_of_the_reason(tmp_path, make, flag, mapq, chosen, words):
    bam = make.bam(tmp_path / "a.bam", SIZES, [("chr2", 10, flag, "20M", mapq)] * 3)
    with pytest.raises(InputError, match=words):
        cover(tmp_path, bam, chosen)
