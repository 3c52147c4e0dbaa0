"""The box computes in Chromium what this program computes: energies, profiles, log counts, effects."""

from collections.abc import Iterator

import numpy as np
import pytest
from box_browser import (
    INPUT,
    OUTPUT,
    SCORE,
    compare_effects,
    compare_energies,
    compare_predictions,
    keep,
    load_sums,
    opened,
    random_sequences,
    toy_page_model,
)
from playwright.sync_api import Page

from cistill.dna.codes import reverse_complement_text

FORMS = {
    "profile": {},
    "all layers added": {"last_residual": True},
    "control": {"controls": True},
    "raw control": {"controls": True, "profile_control": "raw", "count_control": "raw"},
    "wide control": {"controls": True, "profile_control": "wide", "count_control": "joint_wide", "joint_counts": True},
    "joint counts": {"controls": True, "count_control": "joint", "joint_counts": True, "count_control_pseudocount": 3},
    "joint profile": {"joint_profile": True, "joint_counts": True},
    "one strand": {"strands": 1},
    "pre": {"residual": "pre"},
    "sum": {"residual": "sum", "last_residual": True},
    "cropped": {"profile_crop": 3, "output_length": OUTPUT - 6},
    "distill": {"family": "distill"},
    "distill, control": {"family": "distill", "controls": True},
    "distill, even": {"family": "distill", "profile_kernel": 10, "output_length": OUTPUT - 1, "control_smoothing": 50},
}


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with opened() as empty:
        load_sums(empty)
        yield empty


@pytest.mark.parametrize("form", FORMS)
def test_profiles_and_log_counts_are_those_of_predict(page: Page, form: str) -> None:
    model = toy_page_model(**FORMS[form])
    keep(page, model)
    sequences = random_sequences(5, (INPUT, INPUT))
    sequences[0] = sequences[0][:20] + "N" * 9 + sequences[0][29:]
    found = compare_predictions(page, model, sequences)
    assert found.log_counts < 1e-4
    assert found.profile < 1e-4


@pytest.mark.parametrize("form", ["profile", "control", "joint counts", "distill"])
def test_effects_are_those_of_marginalize_in_the_same_backgrounds(page: Page, form: str) -> None:
    model = toy_page_model(**FORMS[form])
    keep(page, model)
    inserts = [*random_sequences(6, (1, 40), seed=2), *random_sequences(1, (INPUT, INPUT), seed=3), "ACGT"]
    assert compare_effects(page, model, inserts) < 1e-4


def ddg(length: int = 9, seed: int = 4) -> np.ndarray:
    """Return a matrix of energies whose consensus, all A, is not the best sequence."""
    rows = np.random.default_rng(seed).gamma(2.0, 0.7, (length, 4))
    rows[:, 0] = 0
    rows[2, 3] = -0.4
    return rows


def test_energies_are_those_of_the_matrix_scores_of_calibrate(page: Page) -> None:
    assert compare_energies(page, ddg(), 0.593, random_sequences(60, (9, 300))) < 1e-9


def test_the_best_site_its_strand_and_what_its_letters_cost(page: Page) -> None:
    matrix = ddg()
    site = "AATAAAAAA"  # the best: T at its third position
    changed = "AATAACAAA"
    text = "G" * 20 + reverse_complement_text(changed) + "G" * 11
    (found,) = page.evaluate(SCORE, [[text], {"ddG": matrix.tolist(), "rt": 0.593}])
    assert (found["start"], found["strand"], found["site"]) == (20, "−", changed)
    assert found["energy"] == pytest.approx(-0.4 + matrix[5, 1])
    costs = {cost["position"]: cost for cost in found["costs"] if cost["cost"] > 0}
    assert list(costs) == [6]
    assert (costs[6]["letter"], costs[6]["best"]) == ("C", "A")
    assert costs[6]["cost"] == pytest.approx(matrix[5, 1])
    assert found["all"] <= found["energy"]
    (best,) = page.evaluate(SCORE, [[site], {"ddG": matrix.tolist(), "rt": 0.593}])
    assert best["energy"] == pytest.approx(-0.4)


def test_all_sites_together_are_the_occupancy_of_calibrate(page: Page) -> None:
    from cistill.affinity.comparators.scoring_matrices import ScoringMatrix, matrix_scores

    sequences, rt = random_sequences(20, (9, 100), seed=5), 0.593
    (expected,) = matrix_scores(sequences, [ScoringMatrix("psam", "", 0, -ddg() / rt)])
    found = page.evaluate(SCORE, [sequences, {"ddG": ddg().tolist(), "rt": rt}])
    np.testing.assert_allclose([one["all"] for one in found], -rt * expected["occupancy"], rtol=1e-9)


@pytest.mark.parametrize(
    ("text", "names", "lengths", "problems"),
    [
        ("acgtn\nAC GT\n", ["sequence 1", "sequence 2"], [5, 4], ["", ""]),
        (">one\r\nACG\r\nT\r\n\r\n>two words\r\nUUU\r\n", ["one", "two words"], [4, 3], ["", ""]),
        ("ACGT\rGGG", ["sequence 1", "sequence 2"], [4, 3], ["", ""]),
        ("\ufeff>x\nACG", ["x"], [3], [""]),
        ("5'-ACGT-3'", ["sequence 1"], [4], [""]),
        (">\nACGT", ["sequence 1"], [4], [""]),
        (">empty\n>full\nA", ["empty", "full"], [0, 1], ["no sequence follows its name", ""]),
        ("ACG1", ["sequence 1"], [0], ["“1” at position 4 stands for no base"]),
        ("AC<b>", ["sequence 1"], [0], ["“<” at position 3 stands for no base"]),
        ("", [], [], []),
        (" \r\n\t\n", [], [], []),
    ],
)
def test_what_is_pasted_is_read(
    page: Page, text: str, names: list[str], lengths: list[int], problems: list[str]
) -> None:
    found = page.evaluate(
        "(text) => sequenceEnergies.read(text).sequences.map((s) => ({...s, n: s.codes.length}))", text
    )
    assert [one["name"] for one in found] == names
    assert [one["n"] for one in found] == lengths
    assert [one["problem"] for one in found] == problems


def test_too_much_is_refused_with_the_limit(page: Page) -> None:
    read = "(text) => sequenceEnergies.read(text)"
    assert page.evaluate(read, "A\n" * 1001)["problem"].startswith("1,001 sequences; the box takes 1,000 at most.")
    problem = page.evaluate(read, "A" * 2_000_001)["problem"]
    assert problem.startswith("The text has 2,000,001 characters; the box takes 2,000,000 at most.")


@pytest.mark.parametrize(
    ("text", "problem"),
    [("ACG", "shorter than the matrix (9 bp)"), ("ACGTN" * 5, "every window of 9 bp holds a letter other than")],
)
def test_sequences_without_an_energy_say_why(page: Page, text: str, problem: str) -> None:
    (found,) = page.evaluate(SCORE, [[text], {"ddG": ddg().tolist(), "rt": 0.593}])
    assert found["problem"].startswith(problem)


def test_windows_with_unknown_bases_are_left_out(page: Page) -> None:
    text = "AATAAAAAA" + "N" + "AAAAAAAAA"
    (found,) = page.evaluate(SCORE, [["N" + text], {"ddG": ddg().tolist(), "rt": 0.593}])
    assert (found["start"], found["strand"]) == (1, "+")
