import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cistill.interpret.shuffle import dinucleotide_shuffles


def dinucleotides(codes: np.ndarray) -> np.ndarray:
    return np.bincount(codes[:-1].astype(int) * 5 + codes[1:], minlength=25)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.integers(0, 3))
def test_shuffles_keep_dinucleotides_and_ends(bases: list[int], seed: int) -> None:
    codes = np.array([bases], dtype=np.uint8)
    shuffles = dinucleotide_shuffles(codes, 4, ["chr1:1"], seed)
    assert shuffles.shape == (1, 4, len(bases))
    for shuffle in shuffles[0]:
        assert np.array_equal(dinucleotides(shuffle), dinucleotides(codes[0]))
        assert (shuffle[0], shuffle[-1]) == (bases[0], bases[-1])


def test_shuffles_depend_on_the_region_and_not_on_its_neighbours() -> None:
    codes = np.random.default_rng(0).integers(0, 4, (3, 100), dtype=np.uint8)
    together = dinucleotide_shuffles(codes, 5, ["a", "b", "c"], 7)
    alone = dinucleotide_shuffles(codes[1:2], 5, ["b"], 7)
    assert np.array_equal(together[1], alone[0])
    assert not np.array_equal(alone, dinucleotide_shuffles(codes[1:2], 5, ["b"], 8))


def test_shuffles_of_a_sequence_differ() -> None:
    codes = np.random.default_rng(0).integers(0, 4, (1, 200), dtype=np.uint8)
    shuffles = dinucleotide_shuffles(codes, 10, ["a"], 0)[0]
    assert len(np.unique(shuffles, axis=0)) == 10
    assert (shuffles == codes).mean() < 0.45
