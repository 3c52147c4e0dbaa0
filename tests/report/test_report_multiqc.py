"""Figures for MultiQC: by the grammar that it publishes for custom content, equal to those of summary.json."""

import json
from pathlib import Path
from typing import Any

import pytest
from report_pages import report
from synthetic_regions import TF

from cistill.report.multiqc import write_multiqc

# https://docs.seqera.io/multiqc/custom_content/custom_content and .../development/plots (tables)
SECTION = {"id", "section_name", "description", "plot_type", "pconfig", "headers", "data", "parent_id", "parent_name"}
PLOTS = {"bargraph", "linegraph", "scatter", "table", "heatmap", "generalstats", "box", "violin", "html", "image"}
HEADER = {
    "namespace", "title", "description", "max", "min", "scale", "suffix", "format", "hidden", "placement", "shared_key",
    "modify", "cond_formatting_rules", "cond_formatting_colours", "bgcols", "bars_zero_centrepoint", "colour",
}  # fmt: skip
RULES = {"s_eq", "s_contains", "s_ne", "eq", "ne", "gt", "lt"}
SCALES = {"Blues", "Greens", "Purples", "RdYlGn"}


def written(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the content of the files by name without the TF's."""
    files = sorted(folder.glob("*_mqc.json"))
    return {file.name.removeprefix(f"{TF}."): json.loads(file.read_text()) for file in files}


@pytest.fixture(scope="module")
def made(interpreted_results: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """The summary and the files for MultiQC."""
    folder = tmp_path_factory.mktemp("multiqc")
    _, summary, _ = report(interpreted_results, folder)
    write_multiqc(folder, summary)
    return summary, written(folder)


def test_files_follow_the_grammar_of_custom_content(made: tuple[dict[str, Any], dict[str, Any]]) -> None:
    _, files = made
    assert set(files) == {"statistics_mqc.json", "tasks_mqc.json"}
    assert len({content["id"] for content in files.values()}) == 2
    for content in files.values():
        assert set(content) <= SECTION
        assert {"id", "plot_type", "data", "headers"} <= set(content)
        assert content["plot_type"] in PLOTS
        assert content["plot_type"] == "generalstats" or {"id", "title"} <= set(content["pconfig"])
        for header in content["headers"].values():
            assert set(header) <= HEADER
            assert {"title", "description"} <= set(header)
            assert header.get("scale", "Blues") in SCALES
            rules = header.get("cond_formatting_rules", {})
            assert set(rules) <= {"pass", "warn", "fail"}
            assert {name for each in rules.values() for rule in each for name in rule} <= RULES
        assert content["data"]
        for row in content["data"].values():
            assert set(row) <= set(content["headers"])
            assert all(isinstance(value, int | float | str) for value in row.values())


def test_figures_are_those_of_the_summary(made: tuple[dict[str, Any], dict[str, Any]]) -> None:
    summary, files = made
    (row,) = files["statistics_mqc.json"]["data"].values()
    assert row["peaks"] == summary["regions"]["peaks_given"] > 50
    assert row["auroc"] == summary["metrics"]["test"]["auroc"]
    assert row["pearson"] == summary["metrics"]["test"]["count_pearson_peaks"]
    assert row["motifs"] == sum(not motif["weak"] for motif in summary["merged_motifs"]) > 0
    assert row["hits"] == summary["syntax"]["hits"] > 0
    (row,) = files["tasks_mqc.json"]["data"].values()
    assert row["held_out"] == summary["metrics"]["certainty"]["tasks"][TF]["peaks"] > 0


def test_reads_and_their_share_in_peaks_come_from_the_verdict_on_the_data(tmp_path: Path) -> None:
    frip = {"measure": "frip", "value": 0.25, "n": 1000}
    tasks = {
        "one": {"verdict": "enough", "figures": [frip]},
        "two": {"verdict": "doubtful", "figures": [frip | {"value": 0.05, "n": 3000}]},
    }
    summary = {
        "tf": TF, "tasks": ["one", "two"], "regions": {"peaks_given": 9}, "motifs": None, "merged_motifs": None,
        "sufficiency": {"verdict": "doubtful", "tasks": tasks}, "metrics": {"test": {}}, "hits": {}, "syntax": None,
    }  # fmt: skip
    write_multiqc(tmp_path, summary)
    files = written(tmp_path)
    assert files["statistics_mqc.json"]["data"] == {
        TF: {"verdict": "doubtful", "reads": 4000, "frip": 10.0, "peaks": 9}
    }
    assert files["tasks_mqc.json"]["data"] == {
        f"{TF} | one": {"verdict": "enough", "reads": 1000, "frip": 25.0},
        f"{TF} | two": {"verdict": "doubtful", "reads": 3000, "frip": 5.0},
    }
