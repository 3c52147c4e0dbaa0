"""Laying one matrix over another."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cistill.dna.matrices import reverse_complement
from cistill.formats.meme import NamedMatrix
from cistill.report.drawing.alignment import align, laid_over, matrices_of


def matrix(sequence):
    return np.eye(4)[["ACGT".index(base) for base in sequence]]


def test_a_part_is_found_where_it_is():
    found = align(matrix("GGTTACCCGATC"), matrix("TTACCCG"))
    assert (found.offset, found.reverse) == (2, False)
    assert found.correlation == pytest.approx(1)


def test_a_part_of_the_other_strand_is_turned():
    found = align(matrix("GGTTACCCGATC"), matrix("CGGGTAA"))
    assert (found.offset, found.reverse) == (2, True)
    assert np.array_equal(laid_over(12, matrix("CGGGTAA"), found)[2:9], matrix("TTACCCG"))


def test_what_sticks_out_counts_against_the_correlation():
    found = align(matrix("ACCCG"), matrix("TTACCCG"))
    assert found.offset == -2
    assert found.correlation == pytest.approx(np.sqrt(5 / 7))
    assert np.array_equal(laid_over(5, matrix("TTACCCG"), found), matrix("ACCCG"))


@settings(max_examples=30, deadline=None)
@given(st.text("ACGT", min_size=8, max_size=14), st.integers(0, 5), st.integers(0, 5), st.booleans())
def test_a_copy_in_uniform_flanks_correlates_fully(core, before, after, turned):
    flanked = np.vstack([np.full((before, 4), 0.25), matrix(core), np.full((after, 4), 0.25)])
    target = reverse_complement(matrix(core)) if turned else matrix(core)
    found = align(flanked, target)
    assert found.correlation == pytest.approx(1)
    laid = laid_over(len(flanked), target, found)
    assert np.array_equal(laid[before : before + len(core)], matrix(core))


def test_database_motifs_are_found_by_label_or_name():
    database = [NamedMatrix("MA1", "REB1", matrix("ACGT")), NamedMatrix("MA2", "", matrix("TTTT"))]
    assert set(matrices_of(database, ["MA1 REB1", "MA2", "MA3"])) == {"MA1 REB1", "MA2"}
