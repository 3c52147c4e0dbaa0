"""Calibrating and comparing: what is held out stays out, files apply to new sequences, tables say what they should."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from affinity_toys import CONSENSUS, toy_library, toy_scores, variants, write_library, write_scores

from cistill.affinity.calibration.additivity import additivity_summary, additivity_table
from cistill.affinity.calibration.apply_calibrator import apply_calibrator
from cistill.affinity.calibration.calibrate import calibrate
from cistill.affinity.calibration.calibrators import KINDS, OF_SCORES, fit_line
from cistill.affinity.calibration.evaluation import evaluate, repeated_samples
from cistill.affinity.calibration.methods import (
    Method,
    ScoreTable,
    fixed,
    kmer_method,
    read_scores,
    table_methods,
)
from cistill.affinity.calibration.settings import CalibrateSettings, SampleSettings
from cistill.affinity.calibration.study import consensus_of, make_study
from cistill.errors import InputError
from cistill.formats.library import Library
from cistill.tables import read_table

Run = Callable[..., subprocess.CompletedProcess[str]]
FEW = CalibrateSettings(SampleSettings(seed=3), resamples=60, repeats=3, kmers=3)
TABLES = (
    "calibration", "calibrated", "repeats", "rmse_bars", "residuals", "largest_residuals", "dynamic_range",
    "histograms", "classes", "additivity", "additivity_summary",
)  # fmt: skip


@pytest.fixture
def library() -> Library:
    return toy_library()


def table_of(library: Library, values: np.ndarray, name: str = "model") -> ScoreTable:
    index = pd.Index(library.table["sequence"], name="sequence")
    scores = pd.DataFrame({"a": values}, index=index)
    return ScoreTable(name, Path("scores.tsv"), scores, scores * np.nan)


def test_calibrators_never_see_labels_of_sequences_held_out(library: Library) -> None:
    scores = table_of(library, toy_scores(library))
    study, _ = make_study(library, [scores], SampleSettings(seed=1))
    changed = study.labels.copy()
    changed[study.held_out] = np.random.default_rng(0).uniform(0, 9, len(study.held_out))
    other = replace(study, labels=changed)
    methods = [*table_methods(scores, study.sequences, None), kmer_method(study.sequences, study.labels, 3)]
    for method in methods:
        again = kmer_method(other.sequences, other.labels, 3) if method.name == "kmers" else method
        one, two = evaluate(method, study), evaluate(again, other)
        for kind in one.calibrators:
            assert one.predicted(kind).tolist() == two.predicted(kind).tolist(), (method.name, kind)


def test_all_methods_share_one_sample_of_the_published_size(library: Library) -> None:
    study, notes = make_study(library, [table_of(library, toy_scores(library))], SampleSettings(seed=1))
    assert (len(study.sequences), len(study.sample), len(study.held_out)) == (154, 16, 138)
    assert not set(study.sample) & set(study.held_out)
    assert notes["in the calibration sample"] == 16
    x, y = toy_scores(library)[study.sample], study.labels[study.sample]
    found = evaluate(Method("m", "m", fixed(toy_scores(library))), study).calibrators["ols"]
    assert found == fit_line(x, y)


def test_repeated_samples_score_what_each_leaves_out(library: Library) -> None:
    scores = table_of(library, toy_scores(library))
    study, _ = make_study(library, [scores], SampleSettings(seed=1))
    table = repeated_samples(table_methods(scores, study.sequences, None), study, 4)
    assert set(table["n"]) == {138}
    assert sorted(set(table["repeat"])) == [1, 2, 3, 4]
    assert table[table["calibrator"] == "ols"]["rmse"].nunique() == 4
    assert set(table["calibrator"]) == set(OF_SCORES)


def test_energies_in_rt_are_turned_into_kcal(library: Library) -> None:
    in_rt = replace(library, unit="RT", temperature=298.15)
    study, notes = make_study(in_rt, [table_of(library, toy_scores(library))], SampleSettings())
    assert study.unit == "kcal/mol"
    assert study.labels == pytest.approx(library.labels * 1.9872036e-3 * 298.15)
    assert "from RT into kcal/mol" in notes["unit"]
    joules = replace(library, unit="kJ/mol")
    study, _ = make_study(joules, [table_of(library, toy_scores(library))], SampleSettings())
    assert study.labels == pytest.approx(library.labels / 4.184)


def test_studies_that_cannot_be(library: Library) -> None:
    scores = table_of(library, toy_scores(library))
    few = replace(scores, scores=scores.scores.iloc[:4])
    with pytest.raises(InputError, match=r"4 sequence\(s\) have a label and a score in every table; at least 5"):
        make_study(library, [few], SampleSettings())
    constant = replace(library, table=library.table.assign(label=1.0))
    with pytest.raises(InputError, match="nothing can be calibrated to a constant"):
        make_study(constant, [scores], SampleSettings())
    study, _ = make_study(library, [scores], SampleSettings())
    assert consensus_of(study, None) == CONSENSUS
    with pytest.raises(InputError, match="--consensus tttttt: not among"):
        consensus_of(study, "tttttt")


def test_excess_is_for_log_counts_and_energies_alone(library: Library) -> None:
    scores = table_of(library, toy_scores(library))
    study, _ = make_study(library, [scores], SampleSettings(seed=1))
    (method,) = table_methods(scores, study.sequences, None)
    assert "excess" in evaluate(method, study).calibrators
    assert "excess" not in evaluate(replace(method, log_counts=False), study).calibrators
    intensities = replace(library, unit="ln intensity", higher_is_tighter=True)
    study, _ = make_study(intensities, [scores], SampleSettings(seed=1))
    assert "excess" not in evaluate(method, study).calibrators
    large = table_of(library, 100 * toy_scores(library))
    assert not table_methods(large, study.sequences, None)[0].log_counts


def test_score_tables_of_tasks_and_bad_ones(tmp_path: Path, library: Library) -> None:
    sequences = library.table["sequence"].tolist()
    file = write_scores(tmp_path / "s.tsv", sequences, {"a": np.arange(154.0), "b": np.ones(154)})
    table = read_scores(f"mine={file}", "model")
    names = [method.name for method in table_methods(table, sequences, None)]
    assert names == ["mine", "mine.a", "mine.b"]
    everything = np.arange(154)
    assert table_methods(table, sequences, None)[0].scores(everything, everything)[3] == 2.0
    assert table_methods(table, sequences, "a")[0].scores(everything, everything)[3] == 3.0
    with pytest.raises(InputError, match="no task 'c'; the tasks are a, b"):
        table_methods(table, sequences, "c")
    file.write_text("sequence\tscore\nAC\tx\n")
    with pytest.raises(InputError, match="row 2, column score: 1 value"):
        read_scores(str(file), "model")
    file.write_text("sequence\tscore\nAC\t1\nAC\t2\n")
    with pytest.raises(InputError, match="more than one score of a task, such as AC"):
        read_scores(str(file), "model")
    file.write_text("sequence\tvalue\nAC\t1\n")
    with pytest.raises(InputError, match=r"lacks the column\(s\) score"):
        read_scores(str(file), "model")


@pytest.fixture
def calibrated(tmp_path: Path, library: Library) -> Path:
    """The tables of a calibration with a motif, in a folder."""
    sequences = library.table["sequence"].tolist()
    scores = write_scores(tmp_path / "x.scores.tsv", sequences, {"a": toy_scores(library)})
    rows = "\n".join(" ".join("0.7" if b == base else "0.1" for b in "ACGT") for base in CONSENSUS)
    (tmp_path / "m.meme").write_text(
        f"MEME version 4\n\nALPHABET= ACGT\n\nMOTIF M1\nletter-probability matrix: alength= 4 w= 6 nsites= 9\n{rows}\n"
    )
    calibrate([str(scores)], write_library(tmp_path / "x", library), [f"{tmp_path}/m.meme"], FEW, tmp_path / "x")
    return tmp_path


def test_every_table_is_written_and_the_model_comes_first(calibrated: Path) -> None:
    tables = {name: read_table(calibrated / f"x.{name}.tsv") for name in TABLES}
    assert all(len(table) for table in tables.values())
    main = tables["calibration"]
    assert list(main.columns[:4]) == ["method", "calibrator", "scored_on", "n"]
    assert main["method"].iloc[0] == "model"
    expected = {"model", "additive", "meme.max.M1", "meme.sum.M1", "meme.occupancy.M1", "kmers"}
    assert set(main["method"]) == expected
    assert set(main["unit"]) == {"kcal/mol"}
    held_out = main[(main["scored_on"] == "held_out") & (main["method"] == "model")].set_index("calibrator")
    assert set(held_out["n"]) == {138}
    assert (held_out["rmse_low"] < held_out["rmse"]).all()
    assert (held_out["rmse"] < held_out["rmse_high"]).all()
    assert held_out.loc["excess", "rmse"] < held_out.loc["ols", "rmse"]
    assert held_out["rmse_repeats_mean"].notna().all()


def test_figures_of_the_table_are_those_of_the_calibrated_values(calibrated: Path) -> None:
    values = read_table(calibrated / "x.calibrated.tsv")
    main = read_table(calibrated / "x.calibration.tsv").set_index(["method", "calibrator", "scored_on"])
    for kind in KINDS:
        for scored_on, rows in (("all", values), ("held_out", values[~values["in_sample"]])):
            error = float(np.sqrt(((rows["label"] - rows[f"model.{kind}"]) ** 2).mean()))
            assert main.loc[("model", kind, scored_on), "rmse"] == pytest.approx(error, rel=1e-4)
    residuals = read_table(calibrated / "x.residuals.tsv")
    assert set(residuals.groupby(["method", "calibrator"])["n"].sum()) == {138}
    histograms = read_table(calibrated / "x.histograms.tsv")
    assert histograms[histograms["source"] == "observed"]["count"].sum() == 138
    ranges = read_table(calibrated / "x.dynamic_range.tsv").set_index("source")
    held_out = values.loc[~values["in_sample"], "label"]
    assert ranges.loc["observed", "sd"] == pytest.approx(held_out.std(ddof=0), rel=1e-4)


def test_bars_give_top_mean_sd_and_best(calibrated: Path) -> None:
    bars = read_table(calibrated / "x.rmse_bars.tsv")
    row = bars[(bars["family"] == "meme") & (bars["statistic"] == "max") & (bars["measure"] == "rmse")].iloc[0]
    assert (row["n_motifs"], row["top"], row["best_motif"]) == (1, row["mean"], "M1")


def test_a_calibrator_file_gives_the_same_numbers_again(calibrated: Path) -> None:
    apply_calibrator(calibrated / "x.calibrator.json", [str(calibrated / "x.scores.tsv")], None, calibrated / "again")
    again = read_table(calibrated / "again.calibrated.tsv").set_index("sequence")
    first = read_table(calibrated / "x.calibrated.tsv").set_index("sequence")
    for kind in KINDS:
        assert again[f"model.{kind}"][first.index].tolist() == first[f"model.{kind}"].tolist()
    slope = json.loads((calibrated / "x.calibrator.json").read_text())["methods"]["model"]["ols"]["slope"]
    assert again["model.ols.standard_error"].iloc[0] == pytest.approx(abs(slope) * 0.05, rel=1e-4)


def test_a_calibration_is_the_same_byte_by_byte_and_another_seed_another(calibrated: Path, library: Library) -> None:
    scores, table = str(calibrated / "x.scores.tsv"), calibrated / "x.library.tsv"
    calibrate([scores], table, [f"{calibrated}/m.meme"], FEW, calibrated / "y")
    for name in TABLES:
        assert (calibrated / f"x.{name}.tsv").read_bytes() == (calibrated / f"y.{name}.tsv").read_bytes(), name
    other = replace(FEW, sample=SampleSettings(seed=4))
    calibrate([scores], table, [], other, calibrated / "z")
    samples = [
        set(json.loads((calibrated / f"{name}.calibrator.json").read_text())["sample"]) for name in ("x", "y", "z")
    ]
    assert samples[0] == samples[1] != samples[2]


def test_additivity_compares_double_variants_with_their_single_ones() -> None:
    sequences = ["AA", "CA", "AC", "CC", "GA"]
    values = {"observed": np.array([0.0, 1.0, 2.0, 5.0, 7.0]), "m": np.array([0.0, 1.0, 2.0, 3.5, 0.0])}
    table = additivity_table(sequences, ["AA"], values)
    assert table["sequence"].tolist() == ["CC", "CC"]
    assert table["additive"].tolist() == [3, 3]
    assert table["deviation"].tolist() == [2, 0.5]
    summary = additivity_summary(table).set_index(["source", "n_substitutions"])
    assert summary.loc[("observed", 0), "rmse"] == 2
    assert summary.loc[("m", 2), "mean_deviation"] == 0.5


def test_an_additive_truth_has_no_deviations(library: Library) -> None:
    sequences = [sequence for sequence, _ in variants()]
    table = additivity_table(sequences, [CONSENSUS], {"observed": library.labels})
    assert len(table) == 135
    assert np.abs(table["deviation"]).max() < 1e-9


def test_the_command_and_its_errors(calibrated: Path, run_command: Run, call_command: Run) -> None:
    folder = calibrated / "out"
    few = ("--resamples", 0, "--repeats", 0, "--kmers", 0, "--prefix", "c", "--outdir", folder)
    scores = calibrated / "x.scores.tsv"
    done = run_command("calibrate", "--scores", scores, "--library", calibrated / "x.library.tsv", *few)
    assert done.returncode == 0, done.stderr
    written = {file.name for file in folder.iterdir()}
    assert written == {f"c.{name}.tsv" for name in TABLES} | {"c.calibrator.json", "c.calibrate.json"}
    record = json.loads((folder / "c.calibrate.json").read_text())
    assert record["results"]["headline"]["ols"]["n"] == 138
    assert record["seed"] == 1
    done = call_command("calibrate", "--scores", scores, "--apply", folder / "c.calibrator.json", "--outdir", folder)
    assert done.returncode == 0, done.stderr
    for arguments, words in (
        (("--scores", scores), "give either --library, to calibrate, or --apply"),
        (("--scores", scores, "--apply", scores), "not a JSON file"),
        (("--scores", f"other={scores}", "--apply", folder / "c.calibrator.json"), "no calibrator of 'other'"),
        (("--scores", scores, "--library", calibrated / "x.library.tsv", "--matrices", "none.meme"), "no such file"),
    ):
        done = call_command("calibrate", *arguments, "--outdir", folder)
        assert (done.returncode, words in done.stderr) == (2, True), done.stderr
