"""Contigs of a file compared with those of the genome."""

import pytest

from cistill.data.contigs import Remark, contig_problems, problems_of, remarks_of

GENOME = {"chr1": 100, "chr2": 80, "chrM": 16}


def test_nothing_is_said_of_contigs_that_fit():
    assert contig_problems({"chr2": 80, "chr1": None}, GENOME) == []
    assert contig_problems({"anything": 5}, None) == []


def test_unknown_contigs_become_a_remark():
    found = contig_problems({"chr1": 100, "chrEBV": 5, "hs37d5": 7}, GENOME)
    assert found == ["2 chromosome(s) are not in the genome: chrEBV, hs37d5; they are left out"]
    assert isinstance(found[0], Remark)
    assert problems_of(found) == []
    assert remarks_of([*found, "bad"]) == found


def test_unknown_contigs_are_refused_on_demand():
    found = contig_problems({"chr1": 100, "chrEBV": 5}, GENOME, "refuse")
    assert problems_of(found) == found
    assert "--unknown_contigs leave_out" in found[0]


def test_unknown_contigs_without_a_record_are_not_worth_a_line():
    assert contig_problems({"chr1": 100, "chrEBV": 5}, GENOME, "refuse", {"chr1": 9}, "reads") == []


@pytest.mark.parametrize(("on_unknown", "refused"), [(10, False), (11, True)])
def test_most_records_on_unknown_contigs_are_refused(on_unknown, refused):
    found = contig_problems({"chr1": 100, "chr9": 5}, GENOME, records={"chr1": 10, "chr9": on_unknown}, what="reads")
    assert bool(problems_of(found)) is refused
    assert f"chr9, with {on_unknown} of {10 + on_unknown} reads" in found[0]


@pytest.mark.parametrize(
    ("names", "hint"),
    [
        (["1", "2"], "the names differ by the prefix 'chr'"),
        (["chr1", "2"], "the names differ by the prefix 'chr'"),
        (["NC_000001.11"], "the file has no chromosome of the genome (chr1, chr2, chrM); these are accessions of NCBI"),
        (["CHR1", "CHR2"], "the names differ in letter case"),
    ],
)
def test_other_names_are_refused(names, hint):
    found = contig_problems(dict.fromkeys(names), GENOME)
    assert len(problems_of(found)) == 1
    assert hint in found[0]


def test_another_length_is_another_assembly_but_for_the_mitochondrion():
    assert "chr1 (101 bp here, 100 in the genome)" in problems_of(contig_problems({"chr1": 101, "chrM": 9}, GENOME))[0]
    found = contig_problems({"chr1": 100, "chrM": 17}, GENOME)
    assert found == [
        "the mitochondrial chromosome is another one than the genome's: chrM (17 bp here, 16 in the genome); "
        "no model uses it"
    ]
    assert problems_of(found) == []


def test_an_accession_or_another_case_next_to_known_chromosomes_is_left_out():
    found = contig_problems(dict.fromkeys(["chr1", "NC_007605", "CHR2"]), GENOME)
    assert problems_of(found) == []
    assert len(remarks_of(found)) == 1
