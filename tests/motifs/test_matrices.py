"""Information, core, orientation and consensus of motif matrices."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cistill.dna.matrices import (
    consensus,
    contribution_core,
    information,
    is_purine_rich,
    probabilities,
    reverse_complement,
)

MATRIX = arrays(float, st.tuples(st.integers(1, 12), st.just(4)), elements=st.floats(0, 1, width=32))


def one_base(letters: str) -> np.ndarray:
    return np.eye(4)[["ACGT".index(letter) for letter in letters]]


@given(MATRIX)
def test_reverse_complement_twice_is_the_matrix_itself(matrix: np.ndarray) -> None:
    assert np.array_equal(reverse_complement(reverse_complement(matrix)), matrix)


def test_reverse_complement_mirrors_letters() -> None:
    assert consensus(reverse_complement(one_base("TTACCCG"))) == "CGGGTAA"


@given(MATRIX)
def test_information_lies_between_zero_and_two_bits(matrix: np.ndarray) -> None:
    bits = information(matrix)
    assert (bits >= -1e-12).all()
    assert (bits <= 2.0).all()


def test_information_is_two_bits_for_one_base_one_for_two_and_zero_for_four() -> None:
    pfm = np.array([[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.25] * 4])
    # with the pseudocount of 0.001: p = (1.001, 0.001, 0.001, 0.001) / 1.004
    first = (1.001 * np.log2(1.001 / 0.251) + 3 * 0.001 * np.log2(0.001 / 0.251)) / 1.004
    second = (2 * 0.501 * np.log2(0.501 / 0.251) + 2 * 0.001 * np.log2(0.001 / 0.251)) / 1.004
    assert np.allclose(information(pfm), [first, second, 0.0])


def test_information_against_a_background_is_zero_for_the_background_itself() -> None:
    background = probabilities(np.array([[0.3, 0.2, 0.2, 0.3]]))
    assert np.allclose(information(np.array([[0.3, 0.2, 0.2, 0.3]]), background[0]), 0)


def test_core_spans_the_positions_with_a_fifth_of_the_largest_contribution() -> None:
    cwm = np.zeros((8, 4))
    cwm[[1, 3, 4, 6], [0, 1, 2, 3]] = [0.15, 0.35, -1.0, 0.2]
    assert contribution_core(cwm) == (3, 7)


def test_purine_rich_is_by_contribution_of_a_and_g() -> None:
    assert is_purine_rich(one_base("GGGAA"))
    assert not is_purine_rich(one_base("TTCCC"))
    assert is_purine_rich(one_base("CATG"))  # half is enough


def test_consensus_letters() -> None:
    pfm = np.array(
        [
            [0.97, 0.01, 0.01, 0.01],
            [0.55, 0.43, 0.01, 0.01],  # A is less than twice C
            [0.4, 0.3, 0.29, 0.01],
            [0.26, 0.25, 0.25, 0.24],
        ]
    )
    assert consensus(pfm) == "AMVN"
