"""Genes of GTF, GFF3 and BED, by hand."""

import gzip
from pathlib import Path

import pytest

from cistill.data.annotation import Transcript, read_annotation
from cistill.errors import InputError

GTF = """#!genome-build toy
chr1\tx\tgene\t101\t900\t.\t+\t.\tgene_id "G1"; gene_name "ABC1";
chr1\tx\ttranscript\t101\t900\t.\t+\t.\tgene_id "G1"; transcript_id "T1"; gene_name "ABC1";
chr1\tx\texon\t801\t900\t.\t+\t.\tgene_id "G1"; transcript_id "T1"; gene_name "ABC1";
chr1\tx\texon\t101\t200\t.\t+\t.\tgene_id "G1"; transcript_id "T1"; gene_name "ABC1";
chr1\tx\tCDS\t151\t200\t.\t+\t0\tgene_id "G1"; transcript_id "T1"; gene_name "ABC1";
chr1\tx\tCDS\t801\t830\t.\t+\t0\tgene_id "G1"; transcript_id "T1"; gene_name "ABC1";
chr1\tx\tgene\t950\t990\t.\t-\t.\tgene_id "G2";
"""
GFF3 = """##gff-version 3
chrI\tx\tchromosome\t1\t9000\t.\t.\t.\tID=chrI
chrI\tx\tgene\t335\t649\t.\t+\t.\tID=YAL069W;Name=YAL069W;gene=X%20Y
chrI\tx\tCDS\t335\t649\t.\t+\t0\tParent=YAL069W_mRNA;Name=YAL069W_CDS
chrI\tx\tmRNA\t335\t649\t.\t+\t.\tID=YAL069W_mRNA;Name=YAL069W_mRNA;Parent=YAL069W
chrI\tx\ttRNA_gene\t700\t749\t.\t-\t.\tID=tR1;Name=tR(1)
###
##FASTA
>chrI
ACGT
"""


def read(tmp_path: Path, text: str) -> list[Transcript]:
    (tmp_path / "genes").write_text(text)
    return read_annotation(tmp_path / "genes")


def test_transcripts_of_gtf_have_exons_and_a_coding_part(tmp_path: Path) -> None:
    assert read(tmp_path, GTF) == [
        Transcript("chr1", 100, 900, "ABC1", "+", ((100, 200), (800, 900)), (150, 830)),
        Transcript("chr1", 949, 990, "G2", "-", ((949, 990),), (949, 949)),
    ]


def test_transcripts_of_gff3_have_the_names_of_their_genes(tmp_path: Path) -> None:
    assert read(tmp_path, GFF3) == [
        Transcript("chrI", 334, 649, "X Y", "+", ((334, 649),), (334, 649)),
        Transcript("chrI", 699, 749, "tR(1)", "-", ((699, 749),), (699, 699)),
    ]


def test_bed_of_twelve_columns_or_fewer(tmp_path: Path) -> None:
    text = "c\t100\t900\tg\t0\t-\t150\t800\t0\t2\t50,100,\t0,700,\nc\t20\t30\nc\t50\t60\th\t0\t+\n"
    assert read(tmp_path, text) == [
        Transcript("c", 20, 30, "c:21", ".", ((20, 30),), (20, 20)),
        Transcript("c", 50, 60, "h", "+", ((50, 60),), (50, 50)),
        Transcript("c", 100, 900, "g", "-", ((100, 150), (800, 900)), (150, 800)),
    ]


def test_compressed_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "genes.gtf.gz").write_bytes(gzip.compress(GTF.encode()))
    assert len(read_annotation(tmp_path / "genes.gtf.gz")) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        (GTF + "chr1\tx\texon\t9\t5\t.\t+\t.\n", r"row 9: start 9 and end 5 .* are no interval; they count from 1"),
        (GTF + "chr1\tx\texon\tnine\t5\t.\t+\t.\n", "row 9: column 4"),
        (GTF + "chr1 x exon\n", "row 9: 1 tab-separated column"),
        ("chr1\tx\tchromosome\t1\t9000\t.\t.\t.\tID=chr1\n", "lists no gene"),
        ("something else altogether\n", "genes"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read(tmp_path, text)
