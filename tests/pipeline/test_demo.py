"""The demo: an experiment that the pipeline simulates, and what it finds of what was planted."""

import csv
import json
from collections.abc import Callable
from typing import Any

import pytest
from pipeline_runs import Run

pytestmark = [pytest.mark.nextflow, pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def demo(run_pipeline: Callable[..., Run], tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = run_pipeline(tmp_path_factory.mktemp("demo"), "-profile", "demo")
    assert run.returncode == 0, run.output
    return run


@pytest.fixture(scope="module")
def summary(demo: Run) -> dict[str, Any]:
    return json.loads((demo.outdir / "report/SIM1.summary.json").read_text())


def test_the_model_tells_peaks_from_background(summary: dict[str, Any]) -> None:
    metrics = summary["metrics"]["test"]
    assert metrics["auroc"] > 0.9
    assert metrics["profile_jsd"] < metrics["profile_jsd_mean"]


def test_both_planted_motifs_and_their_spacing_are_found(summary: dict[str, Any]) -> None:
    truth = summary["truth"]
    assert {name: motif["recovered"] for name, motif in truth["motifs"].items()} == {"SIM1": True, "SIM2": True}
    assert truth["spacing"]["counts"]["most_frequent_distance"] == truth["planted_distance"]
    assert truth["site_recall"]["counts"]["strong"] > 0.9


def test_the_planted_footprint_is_predicted(summary: dict[str, Any]) -> None:
    footprint = summary["truth"]["footprint"]
    assert footprint["predicted_correlation"] > 0.9
    assert footprint["predicted_borders"] == footprint["planted_borders"]


def test_the_closing_words_lead_to_the_page(demo: Run) -> None:
    assert "Report of SIM1: results/report/SIM1.report.html" in demo.output
    assert (demo.folder / "results/report/SIM1.report.html").exists()


def test_planted_energies_are_distilled(summary: dict[str, Any]) -> None:
    energies = summary["affinity"]["variants"]
    own = energies["calibrators"][energies["calibrator"]]
    assert energies["unit"] == "kcal/mol"
    assert own["spearman"] >= 0.85
    assert own["rmse"] <= 0.5


def test_energies_of_the_network_are_better_than_those_of_the_motifs_found(demo: Run) -> None:
    with (demo.outdir / "calibrate/SIM1.variants.calibration.tsv").open() as handle:
        rows = [row for row in csv.DictReader(handle, delimiter="\t") if row["scored_on"] == "held_out"]

    def least(*families: str) -> float:
        return min(float(row["rmse"]) for row in rows if row["family"] in families and row["rmse"] != "NA")

    assert least("model") < least("cwm")
    # of sites too weak to be seen above the background only an additive model knows; that of the network is best
    assert least("additive") < least("pwm", "cwm", "kmers")


def test_callers_are_compared_and_the_default_finds_the_sites(demo: Run, summary: dict[str, Any]) -> None:
    assert set(summary["callers"]["counts"]) == {"cwm_scan", "finemo", "scan"}
    sites = summary["known_sites"]["counts"]
    assert sites["classes"]["strong"]["recall"] >= 0.9
    assert sites["classes"]["medium"]["recall"] >= 0.9
    assert sites["precision_any"] >= 0.9
