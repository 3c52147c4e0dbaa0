"""Reading peaks."""

import gzip

import pytest

from cistill.data.contigs import Remark
from cistill.data.peaks import parse_peaks, read_peaks
from cistill.errors import InputError

NARROWPEAK = "chr1\t100\t200\tp1\t0\t.\t5\t-1\t-1\t30\n"


def test_narrowpeak_summit_counts_from_the_start(tmp_path):
    file = tmp_path / "p.narrowPeak"
    file.write_text("#comment\n" + NARROWPEAK)
    peaks = read_peaks(file)
    assert peaks.to_dict("records") == [{"chrom": "chr1", "start": 100, "end": 200, "summit": 130, "row": 2}]


@pytest.mark.parametrize(
    "row", ["chr1\t100\t201\n", "chr1\t100\t201\tname\t9\t+\n", "\t".join(["chr1", "100", "201", *"abcdefghi"])]
)
def test_bed_summit_is_the_middle(tmp_path, row):
    file = tmp_path / "p.bed"
    file.write_text(row)
    assert read_peaks(file)["summit"].tolist() == [150]


def test_gzipped_peaks_are_read(tmp_path):
    file = tmp_path / "p.bed.gz"
    file.write_bytes(gzip.compress(NARROWPEAK.encode()))
    assert len(read_peaks(file)) == 1


def test_summits_that_were_not_called_are_refused_with_advice(tmp_path):
    file = tmp_path / "p.narrowPeak"
    file.write_text(NARROWPEAK + NARROWPEAK.replace("\t30\n", "\t-1\n") * 2)
    with pytest.raises(InputError, match=r"summit\) is -1.* in 2 row\(s\) \(first: 2, 3\).*--call-summits"):
        read_peaks(file)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("chr1\t5\n", "row 1: 2 tab-separated column"),
        ("chr1 5\n", "row 1: 2 tab-separated column"),
        ("chr1\tx\t9\n", "row 1: column 2 is 'x'"),
        ("chr1\t5\t-9\n", "row 1: column 3 is '-9'"),
        ("chr1\t9\t9\n", "start 9 is not below end 9"),
        ("\t5\t9\n", "column 1 .chromosome. is empty"),
        (NARROWPEAK.replace("\t30\n", "\t100\n"), "summit. is 100, outside the peak of 100 bp"),
        (NARROWPEAK.replace("\t30\n", "\tmid\n"), "summit. is 'mid'"),
        ("# nothing\n", "there is no peak"),
    ],
)
def test_malformed_peaks_are_refused(tmp_path, row, message):
    file = tmp_path / "p.bed"
    file.write_text(row)
    with pytest.raises(InputError, match=message):
        read_peaks(file)


def test_many_malformed_rows_are_counted_not_listed(tmp_path):
    file = tmp_path / "p.bed"
    file.write_text("chr1\t1\t5\n" + "chr1\n" * 30)
    table, problems = parse_peaks(file)
    assert len(table) == 1
    assert problems[-1] == "... and 25 more malformed rows"


@pytest.mark.parametrize(
    "text",
    [
        "chr\tstart\tend\tlength\tabs_summit\tpileup\nchr1\t101\t200\t100\t131\t5\n",  # MACS, counted from 1
        "chr,start,end,abs_summit\nchr1,100,200,130\n",
        "chr1\t100\t200\t55.2\t9.1\tchr1:125-136\n",  # SEACR
        "\tchrom\tstart\tend\tname\tscore\tstrand\tsignal\tp\tq\tpeak\n0\t" + NARROWPEAK,  # pandas
    ],
)
def test_summits_in_tables_of_other_programs(tmp_path, text):
    file = tmp_path / "p.txt"
    file.write_text(text)
    found = read_peaks(file).iloc[0]
    assert found[["start", "end", "summit"]].tolist() == [100, 200, 130]


def test_coverage_as_bedgraph_is_no_list_of_peaks(tmp_path):
    file = tmp_path / "p.bdg"
    file.write_text("".join(f"chr1\t{at}\t{at + 10}\t2.5\n" for at in range(0, 400, 10)))
    with pytest.raises(InputError, match=r"100% of the intervals begin where the one before ends, as in bedGraph"):
        read_peaks(file)


def test_peaks_that_are_there_twice_are_remarked(tmp_path):
    file = tmp_path / "p.narrowPeak"
    file.write_text(NARROWPEAK * 2)
    table, (remark,) = parse_peaks(file)
    assert isinstance(remark, Remark)
    assert (len(table), remark) == (2, "1 of 2 peaks are there twice; each row counts as a peak")
