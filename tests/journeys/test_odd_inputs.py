"""Inputs as other programs and other systems write them, all in one run, to the page: nothing of them is lost."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pysam
import pytest
from journeys import SMALL, summary_of
from pipeline_runs import Run

pytestmark = [pytest.mark.nextflow, pytest.mark.long]
EBV = "chrEBV"


def with_foreign_header(source: Path, target: Path) -> None:
    """Copy reads under a header that says `unsorted` and names a contig that the genome lacks."""
    with pysam.AlignmentFile(str(source)) as reads:
        header = reads.header.to_dict()
        header["HD"] = {"VN": "1.6", "SO": "unsorted"}
        header["SQ"] = [*header["SQ"], {"SN": EBV, "LN": 171_823}]
        with pysam.AlignmentFile(str(target), "wb", header=pysam.AlignmentHeader.from_dict(header)) as copy:
            for read in reads:
                copy.write(pysam.AlignedSegment.from_dict(read.to_dict(), copy.header))


def as_idr(source: Path, target: Path) -> int:
    """Write peaks as IDR does, in 20 columns, gzipped, and one on a contig that the genome lacks; their number."""
    rows = [line.split("\t") for line in source.read_text().splitlines()]
    more = ["1.2", "1.5", "0", "1", "5.0", "10", "0", "1", "5.0", "10"]
    lines = ["\t".join([*row[:10], *more]) for row in [*rows, [EBV, "500", "700", *rows[0][3:9], "100"]]]
    target.write_bytes(gzip.compress(("\r\n".join(lines) + "\r\n").encode()))
    return len(rows)


def as_jaspar(source: Path, target: Path) -> None:
    """Write the matrices of a MEME file as JASPAR's counts, gzipped."""
    parts, name, rows = [], "", []
    for line in [*source.read_text().splitlines(), "MOTIF end"]:
        words = line.split()
        if words[:1] == ["MOTIF"]:
            if rows:
                counts = [[round(1000 * float(value)) for value in column] for column in zip(*rows, strict=True)]
                body = [f"{base} [ {' '.join(map(str, row))} ]" for base, row in zip("ACGT", counts, strict=True)]
                parts.append("\n".join([f">{name}\t{name}", *body]))
            name, rows = words[1], []
        elif len(words) == 4 and name and words[0][0].isdigit():
            rows.append(words)
    target.write_bytes(gzip.compress(("\n".join(parts) + "\n").encode()))


@pytest.fixture(scope="module")
def odd(run_pipeline: Callable[..., Run], tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, int]:
    folder = tmp_path_factory.mktemp("odd")
    for name in ("reads.rep1", "reads.rep2"):
        with_foreign_header(tiny / f"{name}.bam", folder / f"{name}.bam")
    number = as_idr(tiny / "peaks.narrowPeak", folder / "idr.narrowPeak.gz")
    as_jaspar(tiny / "motifs.meme", folder / "jaspar.pfm.gz")
    sites = (tiny / "truth/sites.bed").read_text()
    (folder / "sites.bed.gz").write_bytes(gzip.compress(f"track name=sites\n{sites}".encode("utf-8-sig")))
    # a sheet of a European Excel: semicolons, quotes, an empty column, Windows-1252
    (folder / "Blatt.csv").write_bytes(
        '"TF";"task";"bam";"control_bam";"peaks";"known_sites";\r\n'
        f'"SIM1";"sim1";"reads.rep1.bam";"{tiny}/control.bam";"idr.narrowPeak.gz";"sites.bed.gz";\r\n'
        f'"SIM1";"sim1";"reads.rep2.bam";"{tiny}/control.bam";"idr.narrowPeak.gz";"sites.bed.gz";\r\n'
        ";;;;;;\r\n".encode("cp1252")
    )
    (folder / "fold_0.json").write_text(json.dumps({"train": ["chr1"], "valid": ["chr2"], "test": ["chr3"]}))
    (folder / "parameters.json").write_text(json.dumps({"hit_methods": ["cwm_scan", "scan"]}))
    run = run_pipeline(
        folder,
        *("--input", "Blatt.csv", "--fasta", tiny / "genome.fa.gz", "--motif_db", "jaspar.pfm.gz"),
        *("--splits", "fold_0.json", "-params-file", "parameters.json", *SMALL),
    )
    return run, number


def test_they_come_to_the_page(odd: tuple[Run, int]) -> None:
    run, number = odd
    summary = summary_of(run, "SIM1")
    assert summary["regions"]["peaks_kept"] == number
    facts = json.loads((run.outdir / "dataset/SIM1.dataset.json").read_text())["results"]
    assert list(facts["folds"]) == ["fold_0"]


def test_what_is_left_out_is_counted(odd: tuple[Run, int]) -> None:
    run, _ = odd
    reason = "chromosome not in the genome"
    regions = (run.outdir / "dataset/SIM1.regions.tsv").read_text().splitlines()
    left_out = [line for line in regions if line.startswith(f"{EBV}:")]
    assert len(left_out) == 1
    assert reason in left_out[0]
    assert reason in (run.outdir / "report/SIM1.report.html").read_text()


def test_both_callers_of_the_list_ran(odd: tuple[Run, int]) -> None:
    run, _ = odd
    names = {file.name for file in (run.outdir / "callhits").glob("*.hits.bed")}
    assert names == {f"SIM1.{head}.{caller}hits.bed" for head in ("counts", "profile") for caller in ("", "scan.")}
