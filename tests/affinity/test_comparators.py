"""What scores are compared with: matrices over both strands, their files, the additive model, k-mers."""

import itertools
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from cistill.affinity.comparators.additive import additive_model, substitution_matrix
from cistill.affinity.comparators.kmers import KmerRidge, kmer_counts
from cistill.affinity.comparators.matrix_files import read_matrices, split_spec
from cistill.affinity.comparators.scoring_matrices import ScoringMatrix, matrix_scores, published_trim
from cistill.errors import InputError
from cistill.formats.motifs import Motif, write_motifs
from cistill.formats.psam import read_psam, write_psam

COMPLEMENT = str.maketrans("ACGT", "TGCA")


def random_sequences(number: int, length: int, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return ["".join(rng.choice(list("ACGT"), length)) for _ in range(number)]


def slow_scores(sequence: str, values: np.ndarray, to_ln: float) -> tuple[float, float, float]:
    """Return max, sum and occupancy by loops over strands, windows and positions."""
    if len(values) > len(sequence):
        start = (len(values) - len(sequence)) // 2
        values = values[start : start + len(sequence)]
    per_strand = []
    for strand in (sequence, sequence.translate(COMPLEMENT)[::-1]):
        windows = []
        for start in range(len(strand) - len(values) + 1):
            windows.append(sum(values[i]["ACGT".index(strand[start + i])] for i in range(len(values))))
        per_strand.append(windows)
    both = per_strand[0] + per_strand[1]
    occupancy = math.log(sum(math.exp(to_ln * score) for score in both))
    return max(both), max(sum(per_strand[0]), sum(per_strand[1])), occupancy


def test_max_sum_and_occupancy_are_those_of_a_slow_loop() -> None:
    rng = np.random.default_rng(1)
    sequences = random_sequences(12, 20) + random_sequences(5, 9, 1) + random_sequences(3, 4, 2)
    matrix = ScoringMatrix("f", "m", 0, rng.normal(size=(6, 4)), float(np.log(2)))
    (found,) = matrix_scores(sequences, [matrix])
    expected = np.array([slow_scores(sequence, matrix.values, matrix.to_ln) for sequence in sequences])
    assert found["max"] == pytest.approx(expected[:, 0])
    assert found["sum"] == pytest.approx(expected[:, 1])
    assert found["occupancy"] == pytest.approx(expected[:, 2])


def test_a_sequence_and_its_reverse_complement_score_the_same() -> None:
    rng = np.random.default_rng(2)
    sequences = random_sequences(20, 15)
    matrix = ScoringMatrix("f", "m", 0, rng.normal(size=(13, 4)), 0.7)
    turned = [sequence.translate(COMPLEMENT)[::-1] for sequence in sequences]
    for name, values in matrix_scores(sequences, [matrix])[0].items():
        assert matrix_scores(turned, [matrix])[0][name].tolist() == values.tolist(), name


def test_the_occupancy_of_one_strong_site_is_its_score() -> None:
    values = np.full((4, 4), -20.0)
    values[np.arange(4), [0, 1, 2, 2]] = 0.0  # ACGG
    (found,) = matrix_scores(["TTACGGTT", "TTCCGTTT", "ACGGACGG"], [ScoringMatrix("f", "m", 0, values)])
    assert found["max"] == pytest.approx([0, 0, 0])
    assert found["occupancy"] == pytest.approx([0, 0, math.log(2)], abs=1e-6)


MEME = """MEME version 4

ALPHABET= ACGT

MOTIF M1 first
letter-probability matrix: alength= 4 w= 2 nsites= 20 E= 0
0.5 0.25 0.125 0.125
1.0 0.0 0.0 0.0

MOTIF M2 second
letter-probability matrix: alength= 4 w= 1 nsites= 20 E= 0
0.25 0.25 0.25 0.25
"""
WEEDER = "".join(
    f">Matrix {n}\tmotif\nA\t0.7\t0.1\nC\t0.1\t0.1\nG\t0.1\t0.{n}\nT\t0.1\t{0.8 - n / 10:.1f}\n" for n in (1, 2, 3)
)
JASPAR = ">MA0001.1\tABC\nA [ 8 0 ]\nC [ 0 4 ]\nG [ 0 4 ]\nT [ 2 2 ]\n"


def test_meme_text_becomes_log_odds_in_bits(tmp_path: Path) -> None:
    (tmp_path / "m.meme").write_text(MEME)
    first, second = read_matrices(str(tmp_path / "m.meme"))
    assert (first.family, first.name, first.rank, second.rank) == ("meme", "M1", 0, 1)
    expected = [[1.0, 0.0, -1.0, -1.0], [2.0, math.log2(1e-4), math.log2(1e-4), math.log2(1e-4)]]
    assert first.values == pytest.approx(np.array(expected), abs=1e-3)
    assert first.to_ln == pytest.approx(math.log(2))
    (only,) = read_matrices(f"mine={tmp_path / 'm.meme'}#second")
    assert (only.family, only.name) == ("mine", "M2")
    with pytest.raises(InputError, match="no motif named other"):
        read_matrices(f"{tmp_path / 'm.meme'}#other")


def test_streme_is_known_by_its_first_line(tmp_path: Path) -> None:
    (tmp_path / "streme.txt").write_text("STREME - Sensitive, Thorough\n" + MEME)
    assert {matrix.family for matrix in read_matrices(str(tmp_path / "streme.txt"))} == {"streme"}


def test_weeder_matrices_are_all_read_the_last_one_too(tmp_path: Path) -> None:
    (tmp_path / "x.matrix.w2").write_text(WEEDER)
    found = read_matrices(str(tmp_path / "x.matrix.w2"))
    by_family = {family: [m for m in found if m.family == family] for family in ("weeder", "weeder_log_odds")}
    assert [len(matrices) for matrices in by_family.values()] == [3, 3]
    assert by_family["weeder"][2].values[1] == pytest.approx([0.1, 0.1, 0.3, 0.5])
    assert by_family["weeder_log_odds"][0].values[0, 0] == pytest.approx(math.log2(2.8), abs=1e-3)
    assert len({matrix.name for matrix in by_family["weeder"]}) == 3
    assert len(read_matrices(str(tmp_path / "x.matrix.w2"), most=1)) == 2


def test_jaspar_counts_with_and_without_brackets(tmp_path: Path) -> None:
    (tmp_path / "a.jaspar").write_text(JASPAR)
    (tmp_path / "b.pfm").write_text(">MA0001.1\tABC\n8 0\n0 4\n0 4\n2 2\n")
    for name in ("a.jaspar", "b.pfm"):
        (matrix,) = read_matrices(str(tmp_path / name))
        assert (matrix.family, matrix.name) == ("jaspar", "MA0001.1")
        assert matrix.values[:, 0] == pytest.approx([math.log2(3.2), math.log2(1e-4)], abs=1e-3)


def test_a_psam_scores_by_its_logarithm_and_zeros_are_not_skipped(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(",1,2\nA,1,0\nC,0.5,1\nG,0.25,0.2\nT,0.1,0.5\n")
    (matrix,) = read_matrices(str(tmp_path / "p.csv"))
    assert matrix.family == "psam"
    assert matrix.values[0] == pytest.approx(np.log([1, 0.5, 0.25, 0.1]))
    assert matrix.values[1, 0] == pytest.approx(math.log(1e-6))
    again = tmp_path / "again.csv"
    write_psam(again, read_psam(tmp_path / "p.csv"))
    assert read_psam(again) == pytest.approx(read_psam(tmp_path / "p.csv"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (",1\nA,-1\nC,0\nG,2\nT,1\n", "are these energies?"),
        (",1\nA,0.4\nC,0.3\nG,0.2\nT,0.1\n", "are these frequencies?"),
        (",1,2\nA,1,1\nC,1\nG,1,1\nT,1,1\n", "one row of equal length"),
        ("nothing of the kind\n", "none of the known formats"),
        (">a\nA\t1\nC\t0\nG\t0\n", "one row of equal length for each"),
        (">a\nA\t-1\nC\t0\nG\t0\nT\t3\n", "negative numbers"),
    ],
)
def test_broken_matrix_files_are_one_clear_error(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "bad.txt").write_text(text)
    with pytest.raises(InputError, match=str(tmp_path)) as raised:
        read_matrices(str(tmp_path / "bad.txt"))
    assert words in str(raised.value)


def test_modisco_motifs_give_contributions_and_log_odds_of_one_span(tmp_path: Path) -> None:
    cwm = np.zeros((20, 4))
    cwm[8:12, 1] = [0.2, 1.0, 0.6, 0.31]
    pfm = np.full((20, 4), 0.25)
    pfm[9] = [0, 1, 0, 0]
    motif = Motif("counts.pos_0", "counts", "pos", "pos_patterns/pattern_0", False, 50, pfm, cwm, cwm, (8, 12))
    lowering = Motif("counts.neg_0", "counts", "neg", "neg_patterns/pattern_0", False, 50, pfm, -cwm, -cwm, (8, 12))
    write_motifs(tmp_path / "m.h5", [motif, lowering], "TF", "counts")
    assert published_trim(cwm) == (5, 16)  # 9 to 11 reach 0.3 of the largest; four more on either side
    contributions, odds = read_matrices(str(tmp_path / "m.h5"))
    assert (contributions.family, odds.family) == ("cwm", "pwm")
    assert contributions.values == pytest.approx(cwm[5:16])
    assert odds.values[4, 1] == pytest.approx(2, abs=1e-3)
    with pytest.raises(InputError, match=r"positive sign named counts\.neg_0"):
        read_matrices(f"{tmp_path / 'm.h5'}#counts.neg_0")


def test_specifications_of_matrix_files() -> None:
    assert split_spec("a/b.meme") == ("", "a/b.meme", [])
    assert split_spec("mine=a/b.meme#X, Y") == ("mine", "a/b.meme", ["X", "Y"])
    assert split_spec("dir/x=y/b.meme") == ("", "dir/x=y/b.meme", [])


def additive_truth(sequences: Sequence[str], matrix: np.ndarray) -> np.ndarray:
    return np.array([sum(matrix[i]["ACGT".index(base)] for i, base in enumerate(s)) for s in sequences])


def variants(consensus: str, most: int) -> list[str]:
    found = []
    for sequence in map("".join, itertools.product("ACGT", repeat=len(consensus))):
        if sum(a != b for a, b in zip(sequence, consensus, strict=True)) <= most:
            found.append(sequence)
    return found


def test_the_additive_model_recovers_an_additive_truth_from_single_substitutions() -> None:
    matrix = np.random.default_rng(3).normal(size=(5, 4))
    sequences = variants("ACGTA", 2)
    truth = additive_truth(sequences, matrix)
    made = additive_model(sequences, truth, "ACGTA")
    assert not isinstance(made, str)
    assert made.how == "substitutions"
    assert made.scores(sequences) == pytest.approx(truth)


def test_the_additive_model_recovers_an_additive_truth_by_regression() -> None:
    matrix = np.random.default_rng(4).normal(size=(6, 4))
    sequences = random_sequences(300, 6)
    truth = additive_truth(sequences, matrix)
    made = additive_model(sequences, truth, None)
    assert not isinstance(made, str)
    assert made.how == "regression"
    assert made.scores(sequences) == pytest.approx(truth, abs=1e-3)


def test_the_additive_model_says_why_there_is_none() -> None:
    assert additive_model(["ACG", "AC"], np.zeros(2), None) == "the sequences have several lengths"
    reason = additive_model(random_sequences(20, 6), np.zeros(20), None)
    assert isinstance(reason, str)
    assert "20 sequences are too few for 19 parameters" in reason


def test_missing_substitutions_are_nan() -> None:
    found = substitution_matrix(["AC", "CC", "AG"], np.array([1.0, 0.5, 3.0]), "AC")
    assert found is not None
    assert found[0] == pytest.approx(np.array([[0, -0.5, np.nan, np.nan], [np.nan, 0, 2, np.nan]]), nan_ok=True)
    assert substitution_matrix(["CC"], np.array([1.0]), "AC") is None


def test_a_kmer_and_its_reverse_complement_are_one_feature() -> None:
    sequences = random_sequences(10, 12)
    turned = [sequence.translate(COMPLEMENT)[::-1] for sequence in sequences]
    assert (kmer_counts(sequences, 4) != kmer_counts(turned, 4)).nnz == 0
    counts = kmer_counts(["AACG"], 2).toarray()[0]
    # 1-mers: A 2, C (and G) 2; 2-mers AA (0), AC (1), CG (6), after the four 1-mers
    assert {i: int(n) for i, n in enumerate(counts) if n} == {0: 2, 1: 2, 4: 1, 5: 1, 10: 1}


def test_kmers_learn_a_kmer_and_their_own_rows_are_left_out() -> None:
    sequences = random_sequences(200, 16)
    labels = np.array([float("GCG" in s or "CGC" in s) for s in sequences])
    model = KmerRidge(sequences[:120], labels[:120], 3)
    assert np.corrcoef(model.scores(sequences[120:]), labels[120:])[0, 1] > 0.7
    shuffled = np.random.default_rng(0).permutation(labels[:120])
    noise = KmerRidge(sequences[:120], shuffled, 3)
    # a fit of noise does not look like a fit on the rows that it was made from
    assert np.corrcoef(noise.left_out, shuffled)[0, 1] < 0.3


def test_the_closed_form_of_rows_left_out_is_that_of_leaving_them_out() -> None:
    sequences = random_sequences(25, 8)
    labels = np.random.default_rng(1).normal(size=25)
    model = KmerRidge(sequences, labels, 2)
    counts = kmer_counts(sequences, 2).toarray()
    row = 7
    others = np.arange(25) != row
    x, y = counts[others], labels[others]
    centre = x.mean(axis=0)
    gram = (x - centre) @ (x - centre).T
    dual = np.linalg.solve(gram + model.penalty * np.eye(24), y - y.mean())
    expected = (counts[row] - centre) @ (x - centre).T @ dual + y.mean()
    assert model.left_out[row] == pytest.approx(expected, rel=1e-6)


def test_a_run_that_found_no_motif_gives_no_matrix(tmp_path: Path) -> None:
    write_motifs(tmp_path / "none.h5", [], "TF", "counts")
    assert read_matrices(str(tmp_path / "none.h5")) == []
