"""The notebook that is written with the page, run as a script on results as they are published."""

import ast
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from formats.files_of_formats import row_of
from report_pages import remove
from synthetic_regions import TF

from cistill.formats.tables.regions import SUFFICIENCY
from cistill.report.notebook import TEMPLATE, write_notebook

NAMES = {"cell_type", "id", "metadata", "source"}


def write(results: Path, names: set[str] | None = None) -> dict[str, Any]:
    """Write the notebook of some results beside their page; return its content."""
    (results / "report").mkdir(exist_ok=True)
    found = {file.name for file in results.rglob("*")} if names is None else names
    file = results / "report" / f"{TF}.explore.ipynb"
    write_notebook(file, TF, "..", found)
    return dict(json.loads(file.read_text()))


def code(notebook: dict[str, Any]) -> list[str]:
    """Return the text of the code cells."""
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def run(notebook: dict[str, Any]) -> dict[str, Any]:
    """Run the code cells one after another; the last expression of each is shown as a notebook shows it."""
    names: dict[str, Any] = {"_shown": []}
    for text in code(notebook):
        tree = ast.parse(text)
        last = tree.body[-1]
        if isinstance(last, ast.Expr):
            call = ast.Call(ast.Attribute(ast.Name("_shown", ast.Load()), "append", ast.Load()), [last.value], [])
            tree.body[-1] = ast.Expr(call)
        exec(compile(ast.fix_missing_locations(tree), "cell", "exec"), names)
    return names


def test_every_cell_runs_on_a_finished_run(
    published_results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = shutil.copytree(published_results, tmp_path / "results")
    SUFFICIENCY.write(results / "dataset" / f"{TF}.sufficiency.tsv", row_of(SUFFICIENCY).assign(measure="overall"))
    (results / "select" / f"{TF}.model.safetensors").touch()  # which no cell opens
    notebook = write(results)
    assert len(notebook["cells"]) == len(json.loads(TEMPLATE.read_text()))
    monkeypatch.chdir(results / "report")
    names = run(notebook)
    shown = names["_shown"]
    assert len(shown) == len(code(notebook)) == 11
    assert names["factor"].tf == TF
    assert names["peak"].region_id == names["region"]
    assert all(chart.to_dict()["data"] for chart in shown if hasattr(chart, "to_dict") and hasattr(chart, "mark_bar"))
    assert len(names["letters"]) == 61


def test_the_notebook_is_of_the_published_format(published_results: Path) -> None:
    notebook = write(published_results)
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert set(notebook) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert notebook["metadata"]["kernelspec"]["language"] == "python"
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in notebook["cells"]:
        assert set(cell) == NAMES | ({"execution_count", "outputs"} if cell["cell_type"] == "code" else set())
        assert all(line.endswith("\n") for line in cell["source"][:-1])
        assert "{{" not in "".join(cell["source"])


def test_cells_that_a_partial_run_cannot_fill_are_left_out(
    published_results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(published_results / "dataset", tmp_path / "dataset")
    remove(tmp_path / "dataset", "*.h5")
    notebook = write(tmp_path)
    monkeypatch.chdir(tmp_path / "report")
    names = run(notebook)
    assert len(names["_shown"]) in (1, 2)  # the tables, and the verdict where there is one
    assert "factor.motifs" not in "".join(code(notebook))


def test_a_run_of_the_profile_head_alone_shows_that_head(published_results: Path) -> None:
    names = {file.name for file in published_results.rglob("*") if ".counts." not in file.name}
    texts = "".join(code(write(published_results, names)))
    assert 'factor.table("profile.motifs")' in texts
    assert "counts" not in texts.replace("log_count", "").replace("count_pearson", "")
