"""Energies distilled from scores alone: right where the site tells, steadied by the bases where it does not."""

import json
from pathlib import Path

import numpy as np
import pytest
from affinity_toys import CONSENSUS, RT, toy_library, toy_scores, write_library, write_scores
from scipy.stats import norm

from cistill.affinity.analyses.analyse_energies import analyse_energies
from cistill.affinity.analyses.analyse_psam import analyse_psam
from cistill.affinity.calibration.apply_calibrator import apply_calibrator
from cistill.affinity.calibration.calibrate import calibrate
from cistill.affinity.calibration.calibrators import fit_line
from cistill.affinity.calibration.distilled import distil_energies, from_parameters
from cistill.affinity.calibration.excess import fit_excess
from cistill.affinity.calibration.settings import CalibrateSettings, SampleSettings
from cistill.errors import InputError
from cistill.tables import read_table, write_table

LIBRARY = toy_library()
SEQUENCES = LIBRARY.table["sequence"].tolist()
LOG_AFFINITY = np.log(30) - LIBRARY.labels / RT


def rmse(x: np.ndarray, y: np.ndarray) -> float:
    return float(np.sqrt(np.mean((x - y) ** 2)))


def test_ln_affinities_are_found_without_a_label() -> None:
    found, errors = distilled_of(toy_scores(LIBRARY))
    strong = LOG_AFFINITY > 0
    assert rmse(found[strong], LOG_AFFINITY[strong]) < 0.15
    assert errors[strong].max() < 0.15
    # sites far below the background are ordered by what their bases do elsewhere
    weak = LOG_AFFINITY < -1
    assert np.corrcoef(found[weak], LOG_AFFINITY[weak])[0, 1] > 0.9


def distilled_of(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    model = distil_energies(SEQUENCES, scores)
    assert not isinstance(model, str)
    return model.log_affinities(SEQUENCES, scores)


def test_they_are_nearer_the_energies_than_scores_one_by_one() -> None:
    scores, labels = toy_scores(LIBRARY, noise=0.1), LIBRARY.labels
    found, _ = distilled_of(scores)
    alone = fit_excess(scores, labels).apply(scores)
    assert rmse(fit_line(found, labels).apply(found), labels) < 0.6 * rmse(alone, labels)


def test_a_strong_site_keeps_what_does_not_add_up() -> None:
    changed = LOG_AFFINITY.copy()
    at = int(np.flatnonzero((LOG_AFFINITY > 1.0) & (LIBRARY.table["class"] == "substitution_2"))[0])
    changed[at] += 1.5
    random = np.random.default_rng(2).normal(0, 0.03, len(changed))
    model = distil_energies(SEQUENCES, np.log1p(np.exp(changed)) + random)
    assert not isinstance(model, str)
    found, _ = model.log_affinities(SEQUENCES, np.log1p(np.exp(changed)) + random)
    assert found[at] - model.expected(SEQUENCES)[at] > 1.0


def test_their_errors_cover_the_truth() -> None:
    inside = []
    for seed in range(20):
        random = np.random.default_rng(seed)
        true = LOG_AFFINITY + random.normal(0, 0.3, len(LOG_AFFINITY))
        found, errors = distilled_of(np.log1p(np.exp(true)) + random.normal(0, 0.05, len(true)))
        inside.append(np.abs(found - true) < norm.ppf(0.975) * errors)
    assert 0.88 < np.mean(inside) < 0.99


def test_the_order_of_sequences_does_not_matter() -> None:
    scores = toy_scores(LIBRARY)
    order = np.random.default_rng(3).permutation(len(SEQUENCES))
    model = distil_energies([SEQUENCES[i] for i in order], scores[order])
    assert not isinstance(model, str)
    np.testing.assert_allclose(
        model.log_affinities(SEQUENCES, scores)[0], distilled_of(scores)[0], rtol=1e-3, atol=1e-3
    )


def test_large_libraries_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cistill.affinity.calibration.distilled.MOST", 120)
    found, _ = distilled_of(toy_scores(LIBRARY))
    strong = LOG_AFFINITY > 0
    assert len(found) == len(SEQUENCES)
    assert rmse(found[strong], LOG_AFFINITY[strong]) < 0.2


def test_what_cannot_be_distilled_is_told() -> None:
    scores = toy_scores(LIBRARY)
    assert distil_energies([*SEQUENCES[1:], "ACG"], scores) == "the sequences have several lengths"
    assert distil_energies(SEQUENCES[:30], scores[:30]) == "30 sequences are too few for 19 parameters"
    assert distil_energies(SEQUENCES, np.ones(len(SEQUENCES))) == "the scores do not vary"
    # scores that go on falling below zero, where counts over a background level off
    assert "do not follow counts over a background" in str(distil_energies(SEQUENCES, 2 - 2 * LIBRARY.labels))


def test_parameters_make_the_same_model_and_bad_ones_are_errors() -> None:
    scores = toy_scores(LIBRARY)
    model = distil_energies(SEQUENCES, scores)
    assert not isinstance(model, str)
    again = from_parameters(json.loads(json.dumps(model.parameters())))
    for one, other in zip(
        again.log_affinities(SEQUENCES, scores), model.log_affinities(SEQUENCES, scores), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-4)
    with pytest.raises(InputError, match="distilled energies are of sequences of 6 bp"):
        model.expected(["ACGT"])
    for bad in (
        {},
        model.parameters() | {"effects": [[1, 2, 3]]},
        model.parameters() | {"noise": "small"},
        model.parameters() | {"covariance": [[1.0]]},
    ):
        with pytest.raises(InputError, match="not as `calibrate` writes them"):
            from_parameters(bad)


def test_calibrate_compares_them_and_applies_them_to_new_scores(tmp_path: Path) -> None:
    library = write_library(tmp_path / "x", LIBRARY)
    scores = write_scores(tmp_path / "x.scores.tsv", SEQUENCES, {"a": toy_scores(LIBRARY)})
    settings = CalibrateSettings(SampleSettings(seed=3), kmers=0, resamples=60, repeats=0)
    table = calibrate([str(scores)], library, [], settings, tmp_path / "x")
    held_out = table[table["scored_on"] == "held_out"].set_index(["method", "calibrator"])["rmse"]
    assert held_out["model", "distilled"] < held_out["model", "excess"]
    apply_calibrator(tmp_path / "x.calibrator.json", [str(scores)], None, tmp_path / "new")
    first, new = (read_table(tmp_path / f"{name}.calibrated.tsv").set_index("sequence") for name in ("x", "new"))
    np.testing.assert_allclose(new["model.distilled"][first.index], first["model.distilled"], rtol=1e-4)
    assert (new["model.distilled.standard_error"] > 0).all()
    # sequences of another length have scores alone
    shorter = write_scores(tmp_path / "short.scores.tsv", ["ACGT", "CCCC"], {"a": np.array([1.0, 2.0])})
    apply_calibrator(tmp_path / "x.calibrator.json", [str(shorter)], None, tmp_path / "short")
    columns = read_table(tmp_path / "short.calibrated.tsv").columns
    assert "model.ols" in columns
    assert not any("distilled" in column for column in columns)


def files_of(tmp_path: Path) -> tuple[str, Path]:
    library = write_library(tmp_path / "x", LIBRARY)
    return str(write_scores(tmp_path / "x.scores.tsv", SEQUENCES, {"a": toy_scores(LIBRARY)})), library


def test_energies_need_no_measurement(tmp_path: Path) -> None:
    scores, library = files_of(tmp_path)
    analyse_energies(tmp_path / "x", scores, library, 298.15, None)
    table = read_table(tmp_path / "x.energies.tsv").set_index("sequence")
    assert list(table.columns) == [
        "class", "name", "score", "ln_affinity", "standard_error", "expected", "deviation", "ddG",
    ]  # fmt: skip
    assert table["ddG"][SEQUENCES[0]] == 0  # the consensus
    strong = LOG_AFFINITY > 0
    assert rmse(table["ddG"][SEQUENCES].to_numpy()[strong], LIBRARY.labels[strong]) < 0.15
    record = json.loads((tmp_path / "x.energies.json").read_text())["results"]
    assert record["reference"] == SEQUENCES[0]
    # without a library the tightest is the reference
    analyse_energies(tmp_path / "y", scores, None, 298.15, None)
    assert read_table(tmp_path / "y.energies.tsv")["ddG"].min() == 0


def test_scores_without_energies_are_told_instead_where_asked(tmp_path: Path) -> None:
    scores = str(write_scores(tmp_path / "x.scores.tsv", SEQUENCES, {"a": 2 - 2 * LIBRARY.labels}))
    with pytest.raises(InputError, match=r"no energies can be distilled from .*x.scores.tsv: the scores do not follow"):
        analyse_energies(tmp_path / "x", scores, None, 298.15, None)
    analyse_energies(tmp_path / "x", scores, None, 298.15, None, if_possible=True)
    assert not (tmp_path / "x.energies.tsv").exists()
    assert "do not follow" in json.loads((tmp_path / "x.energies.json").read_text())["results"]["not_available"]


@pytest.mark.parametrize(("kind", "chosen"), [("auto", "distilled"), ("distilled", "distilled"), ("scores", "scores")])
def test_a_psam_without_a_calibrator_is_distilled(tmp_path: Path, kind: str, chosen: str) -> None:
    scores, library = files_of(tmp_path)
    analyse_psam(tmp_path / "x", scores, None, library, None, kind, 298.15, None)
    table = read_table(tmp_path / "x.psam.tsv")
    assert json.loads((tmp_path / "x.psam.json").read_text())["settings"]["kind"] == chosen
    lookup = dict(zip(SEQUENCES, LIBRARY.labels, strict=True))
    changed = [CONSENSUS[: p - 1] + b + CONSENSUS[p:] for p, b in zip(table["position"], table["base"], strict=True)]
    error = rmse(table["ddG"].to_numpy(), np.array([lookup[sequence] for sequence in changed]))
    of_scores = np.allclose(table["ddG"], -RT * table["score_change"], atol=1e-3)
    assert (error < 0.15, of_scores) == (True, chosen == "scores")


def test_a_psam_takes_calibrated_distilled_energies_first(tmp_path: Path) -> None:
    scores, library = files_of(tmp_path)
    settings = CalibrateSettings(SampleSettings(seed=3), kmers=0, resamples=0, repeats=0)
    calibrate([scores], library, [], settings, tmp_path / "x")
    made = {}
    for kind in ("auto", "excess"):
        analyse_psam(tmp_path / kind, scores, None, library, tmp_path / "x.calibrator.json", kind, 298.15, None)
        made[kind] = json.loads((tmp_path / f"{kind}.psam.json").read_text())
    assert [record["results"]["energies"] for record in made.values()] == [
        "calibrated (distilled)", "calibrated (excess)",
    ]  # fmt: skip


def test_a_psam_of_too_few_scores_is_of_the_scores(tmp_path: Path) -> None:
    singles = [i for i, kind in enumerate(LIBRARY.table["class"]) if kind != "substitution_2"]
    scores = write_scores(
        tmp_path / "x.scores.tsv", [SEQUENCES[i] for i in singles], {"a": toy_scores(LIBRARY)[singles]}
    )
    analyse_psam(tmp_path / "x", str(scores), CONSENSUS, None, None, "auto", 298.15, None)
    record = json.loads((tmp_path / "x.psam.json").read_text())
    assert record["results"]["energies"] == "-RT times the change of log counts"
    with pytest.raises(InputError, match="too few for 19 parameters"):
        analyse_psam(tmp_path / "y", str(scores), CONSENSUS, None, None, "distilled", 298.15, None)


def test_a_library_without_single_substitutions_has_no_psam_and_says_so_where_asked(tmp_path: Path) -> None:
    scores, library = files_of(tmp_path)
    table = read_table(tmp_path / "x.scores.tsv")
    single = [sum(a != b for a, b in zip(one, CONSENSUS, strict=True)) == 1 for one in table["sequence"]]
    write_table(tmp_path / "x.scores.tsv", table[[not one for one in single]])
    with pytest.raises(InputError, match=f"no single substitution of {CONSENSUS} has a score"):
        analyse_psam(tmp_path / "x", scores, None, library, None, "auto", 298.15, None)
    analyse_psam(tmp_path / "x", scores, None, library, None, "auto", 298.15, None, if_possible=True)
    assert not (tmp_path / "x.psam.tsv").exists()
    assert "no single substitution" in json.loads((tmp_path / "x.psam.json").read_text())["results"]["not_available"]
