"""Files of intervals as programs and spreadsheets write them: all readers take the same ones with the same result."""

import gzip
import logging
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from cistill.data.contigs import remarks_of
from cistill.data.input_checks import bed_problems, peaks_problems
from cistill.data.intervals import read_bed
from cistill.data.peaks import read_peaks
from cistill.errors import InputError
from cistill.hits.comparison.known_sites import read_known_sites
from cistill.interpret.imported.coordinates import Peaks, _peak_table
from cistill.model.prediction.own_regions import read_regions

ROWS = [("chr1", 100, 201), ("chr2", 5, 100000)]
TEXT = "chr1\t100\t201\nchr2\t5\t100000\n"
TABLES = {
    "BED": TEXT,
    "byte-order mark": "\ufeff" + TEXT,
    "CRLF": TEXT.replace("\n", "\r\n"),
    "CR": TEXT.replace("\n", "\r"),
    "no last line end": TEXT.rstrip(),
    "spaces": TEXT.replace("\t", " "),
    "aligned with spaces": TEXT.replace("\t", "    "),
    "commas": TEXT.replace("\t", ","),
    "semicolons": TEXT.replace("\t", ";"),
    "quoted": '"chr1"\t"100"\t"201"\n"chr2"\t"5"\t"100000"\n',
    "quoted, with spaces": '"chr1" 100 201\n"chr2" 5 100000\n',
    "quoted thousands": '"chr1","100","201"\n"chr2","5","100,000"\n',
    "R": "chr1\t100\t201\nchr2\t5\t1e+05\n",
    "pandas": "chr1\t100.0\t201.0\nchr2\t5.0\t100000.0\n",
    "header": "chrom\tstart\tend\n" + TEXT,
    "header with a mark": "#chrom\tchromStart\tchromEnd\n" + TEXT,
    "header with spaces": "Chromosome Start End\n" + TEXT,
    "row names of R": 'chr\tstart\tend\n"1"\tchr1\t100\t201\n"2"\tchr2\t5\t100000\n',
    "GRanges": '"seqnames","start","end","width","strand"\n"chr1",101,201,101,"*"\n"chr2",6,100000,99995,"*"\n',
    "GRanges with row names": "seqnames start end width strand\n1 chr1 101 201 101 *\n2 chr2 6 100000 99995 *\n",
    "track lines": 'browser position chr1:1-9\ntrack name="x" description="y"\n' + TEXT,
    "blank lines and trailing tabs": "\n\nchr1\t100\t201\t\t\n \t \nchr2\t5\t100000\t\t\n\n",
    "GFF": "##gff-version 3\nchr1\tx\tpeak\t101\t201\t.\t+\t.\tID=1\nchr2\tx\tpeak\t6\t100000\t9\t.\t.\tID=2\n",
    "HOMER": "#PeakID\tchr\tstart\tend\tstrand\nchr1-1\tchr1\t101\t201\t+\t3\nchr2-1\tchr2\t6\t100000\t-\t3\n",
    "annotatePeaks": "PeakID (cmd)\tChr\tStart\tEnd\tStrand\tS\np1\tchr1\t101\t201\t+\t3\np2\tchr2\t6\t100000\t+\t1\n",
    "SAF": "GeneID\tChr\tStart\tEnd\tStrand\nG1\tchr1\t101\t201\t.\nG2\tchr2\t6\t100000\t.\n",
    "interval list": "@HD\tVN:1.6\n@SQ\tSN:chr1\tLN:9999\nchr1\t101\t201\t+\ta\nchr2\t6\t100000\t+\tb\n",
    "broadPeak": "chr1\t100\t201\tp\t9\t.\t5\t4\t3\nchr2\t5\t100000\tp\t9\t.\t5\t4\t3\n",
    "BED12": "chr1\t100\t201\tp\t0\t+\t100\t201\t0\t1\t101,\t0,\nchr2\t5\t100000\tp\t0\t+\t5\t9\t0\t2\t5,6,\t0,9\n",
    "names with commas": "chr1 100 201 a,b;c\nchr2 5 100000 d\n",
}
SUMMITS = [150, 50002]


def sites(path: Path) -> list[tuple[str, int, int]]:
    return list(read_known_sites(path)[["chrom", "start", "end"]].itertuples(index=False, name=None))


def written(tmp_path: Path, text: str, name: str = "intervals.bed") -> Path:
    (tmp_path / name).write_bytes(text.encode())
    return tmp_path / name


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)
def test_what_check_takes_every_reader_reads_alike(tmp_path: Path, text: str) -> None:
    file = written(tmp_path, text)
    assert bed_problems(file, None) == []
    assert peaks_problems(file, None)[0] == []
    assert read_bed(file, "excluded intervals") == ROWS
    assert sites(file) == ROWS
    for peaks in (read_peaks(file), _peak_table(Peaks(file))):
        assert peaks["summit"].tolist() == SUMMITS
        assert list(peaks[["chrom", "start", "end"]].itertuples(index=False, name=None)) == ROWS
    assert read_regions(file)["region_id"].tolist() == ["chr1:150", "chr2:50002"]


def test_compressed_utf16_and_workbooks(tmp_path: Path) -> None:
    (tmp_path / "gzip").write_bytes(gzip.compress(b"chr1\t100\t201\n") + gzip.compress(b"chr2\t5\t100000\n"))
    (tmp_path / "utf16").write_bytes(TEXT.encode("utf-16"))
    book = openpyxl.Workbook()
    for row in [("chrom", "start", "end"), *ROWS]:
        book.active.append(row)
    book.save(tmp_path / "workbook")
    for name in ("gzip", "utf16", "workbook"):
        assert sites(tmp_path / name) == read_bed(tmp_path / name, "x") == ROWS
        assert read_regions(tmp_path / name)["summit"].tolist() == read_peaks(tmp_path / name)["summit"].tolist()


NARROW = "chr1\t100\t201\tp\t9\t.\t5.5\t4\t3\t30"
IDR = NARROW + "\t0.1\t3.2\t100\t201\t5\t30\t100\t201\t5\t30"


@pytest.mark.parametrize("row", [NARROW, IDR, NARROW + "\tsample 1", NARROW.replace("30", "30.0")])
def test_column_10_is_the_summit_in_narrowpeak_and_what_follows_it(tmp_path: Path, row: str) -> None:
    file = written(tmp_path, row + "\n")
    assert read_peaks(file)["summit"].tolist() == read_regions(file)["summit"].tolist() == [130]


def test_summits_not_called_are_refused_in_20_columns_as_in_10(tmp_path: Path) -> None:
    file = written(tmp_path, IDR.replace("\t30", "\t-1") + "\n")
    with pytest.raises(InputError, match=r"column 10 \(summit\) is -1"):
        read_peaks(file)
    assert read_regions(file)["summit"].tolist() == [150]


def test_the_summit_as_a_position_is_named(tmp_path: Path) -> None:
    file = written(tmp_path, NARROW.replace("\t30", "\t130") + "\n")
    with pytest.raises(InputError, match="is 130, outside the peak of 101 bp, as a position on the chromosome"):
        read_peaks(file)


def test_peaks_without_summits_are_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = written(tmp_path, NARROW + "\nchr1\t1\t9\n")
    with caplog.at_level(logging.INFO):
        read_peaks(file)
    text = "1 of 2 peaks have no summit (column 10 of narrowPeak); their middles are used"
    assert text in caplog.text
    assert remarks_of(peaks_problems(file, None)[0]) == [text]


READERS: dict[str, Callable[[Path], object]] = {
    "peaks": read_peaks,
    "excluded": lambda path: read_bed(path, "excluded intervals"),
    "known sites": read_known_sites,
    "regions": read_regions,
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# This file is generated by MACS version 2\n", r"_peaks.xls of MACS.*give the file x_peaks.narrowPeak"),
        ("##fileformat=VCFv4.2\n#CHROM\nchr1\t5\t.\tA\tG\t9\tPASS\t.\n", "variants .VCF.*bcftools query"),
        ("chr1\t5\trs1\tA\tG\t9\tPASS\t.\n", "variants .VCF"),
        ("chr1\t5\t9\tchr1\t20\t30\tp\t9\t+\t-\n", "pairs of intervals .BEDPE."),
        ("Position\tIP\tControl\n1:5\t9\t1\n", "GEM"),
        ("chr1:100-200\n", "regions such as chr1:100-200"),
        ("@HD\tVN:1\nr1\t0\tchr1\t5\t60\t4M\t*\t0\t0\tACGT\tIIII\n", "reads .SAM."),
        ("fixedStep chrom=chr1 start=1\n1\n", "wiggle"),
        ("track type=wiggle_0\n", "wiggle"),
        (">chr1\nACGT\n", "FASTA"),
        ("<!DOCTYPE html>\n", "web page"),
        ("version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        ('{"a": 1}\n', "JSON"),
        ("chr1\t-5\t20\n", "column 2 is '-5', not a whole number from 0; cut intervals"),
        ("chr1\t1.23E+08\t1.24E+08\n", "a spreadsheet has rounded"),
        ("chr1\t1.5\t20\n", "column 2 is '1.5', not a whole number"),
        ("chr1\t5\t99999999999999999999\n", "column 3 is '99999999999999999999', not a whole number"),
        ("chr1\t1e400\t1e401\n", "not a whole number"),
        ("chr1\t5\n", "2 tab-separated column.s. where chrom, start, end are needed"),
        ("seqname\tx\tpeak\t0\t9\t.\t+\t.\t\n", "column 4 is '0', but GFF counts bases from 1"),
        ("\xeb\xf2\x89\x87", "a bigBed file"),
        ("BAM\x01", "a BAM file"),
        ("PK\x03\x04", "the workbook is broken"),
        ("", "empty"),
    ],
)
def test_what_is_no_list_of_intervals_is_named(tmp_path: Path, reader: Callable, text: str, message: str) -> None:
    (tmp_path / "x_peaks.xls").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=message):
        reader(tmp_path / "x_peaks.xls")


def test_the_narrowpeak_beside_the_table_of_macs_is_named(tmp_path: Path) -> None:
    written(tmp_path, TEXT, "x_peaks.narrowPeak")
    file = written(tmp_path, "# This file is generated by MACS version 2.2.7.1\n", "x_peaks.xls")
    problems = peaks_problems(file, None)[0]
    assert len(problems) == 1
    assert problems[0].startswith("this is the table _peaks.xls of MACS")
    assert f"{tmp_path / 'x_peaks.narrowPeak'}, which is there, of the same MACS run" in problems[0]


def test_classes_of_quoted_and_foreign_sites(tmp_path: Path) -> None:
    file = written(tmp_path, '"chr1"\t1\t9\t"strong site"\n"chr1"\t20\t29\t"weak"\n')
    assert read_known_sites(file)["site_class"].tolist() == ["strong site", "weak"]
    file = written(tmp_path, "chr1\tx\tstrong\t2\t9\t.\t+\t.\tID=1\nchr1\tx\tweak\t21\t29\t.\t+\t.\tID=2\n")
    assert read_known_sites(file)["site_class"].tolist() == ["strong", "weak"]


def test_sites_of_fimo_are_read(tmp_path: Path) -> None:
    names = "motif_id\tmotif_alt_id\tsequence_name\tstart\tstop\tstrand\tscore\tp-value\tq-value\tmatched_sequence"
    path = written(tmp_path, f"{names}\nM1\tx\tchr1\t6\t9\t+\t11.2\t1e-5\t0.1\tACGT\n", "fimo.tsv")
    assert read_bed(path, "sites") == [("chr1", 5, 9)]
