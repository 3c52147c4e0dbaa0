"""A finished run as an object: every table of docs/output.md by name and typed, regions found by their names."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from affinity.marginal_toys import toy_model
from formats.files_of_formats import row_of
from synthetic_regions import CORE, TF

import cistill
from cistill.formats.published import ResultTable
from cistill.formats.tables import TABLES
from cistill.formats.typed_tables import dtype_of, read_typed
from cistill.tables import read_table

PROJECT = Path(__file__).resolve().parents[2]
PARTS = {"{tf}": TF, "{head}": "counts", "{run}": "all.fold_0.restart_1", "{library}": "variants"}
PUBLISHED = [table for table in TABLES if table.folder]


def published(folder: Path, table: ResultTable) -> Path:
    """Return where a table is published."""
    name = table.pattern
    for part, value in PARTS.items():
        name = name.replace(part, value)
    (folder / table.folder).mkdir(parents=True, exist_ok=True)
    return folder / table.folder / name


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder with every table that docs/output.md lists, two rows each."""
    folder = tmp_path_factory.mktemp("tables")
    for table in PUBLISHED:
        table.write(published(folder, table), row_of(table))
    return folder


@pytest.fixture(scope="module")
def run(tables: Path) -> cistill.Run:
    """The same, opened."""
    return cistill.open_run(tables)


@pytest.fixture(scope="module")
def results(published_results: Path) -> Path:
    """Files of the made-up TF as they are published, with a sheet that names another TF."""
    (published_results / "sheets").mkdir()
    sheet = published_results / "sheets" / "datasets.csv"
    sheet.write_text(f"tf,dataset/regions.tsv\n{TF},dataset/{TF}.regions.tsv\nTWO,\n")
    return published_results


def test_every_table_of_the_page_of_output_is_there_by_name(run: cistill.Run) -> None:
    named = re.findall(r"`([^`]+\.(?:tsv|bed))` \|", (PROJECT / "docs" / "output.md").read_text())
    assert len(named) == len(PUBLISHED) > 60
    for pattern in named:
        name = pattern
        for part, value in PARTS.items():
            name = name.replace(part, value)
        owner = run[TF] if name.startswith(TF) else run
        short = re.sub(r"\.(tsv|bed)$", "", name.removeprefix(f"{TF}."))
        assert len(owner.table(short)) == len(owner.table(name)) == 2
    assert len(run[TF].tables) + len(run.tables) == len(PUBLISHED)


@pytest.mark.parametrize("table", PUBLISHED, ids=lambda table: table.pattern)
def test_columns_have_the_type_that_is_declared(table: ResultTable, run: cistill.Run) -> None:
    owner = run[TF] if table.prefix else run
    name = published(run.folder, table).name
    frame, columns = owner.table(name), owner.columns(name)
    kinds = {"text": {"str", "object"}, "int": {"int64", "Int64"}, "float": {"float64"}, "bool": {"bool", "boolean"}}
    for column in table.columns:
        if column.pattern is None:
            assert str(frame[column.name].dtype) in kinds[column.kind], column.name
    assert columns["column"].tolist() == frame.columns.tolist()
    assert columns["meaning"].tolist() == [table.column(column).words for column in frame.columns]


@pytest.mark.parametrize("table", PUBLISHED, ids=lambda table: table.pattern)
def test_a_table_without_rows_has_the_same_types(table: ResultTable, tmp_path: Path) -> None:
    table.write(tmp_path / "full.tsv", row_of(table))
    table.write(tmp_path / "empty.tsv", row_of(table).iloc[:0])
    assert read_typed(table, tmp_path / "empty.tsv").dtypes.equals(read_typed(table, tmp_path / "full.tsv").dtypes)


def test_missing_values_have_the_declared_types() -> None:
    matches = next(table for table in TABLES if table.name == "genomic_matches.tsv")
    assert [dtype_of(matches.column(name)) for name in ("unseen", "predicted", "start", "sequence")] == [
        "boolean", "float64", "int64", "str",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("summit", "NA", "row 2: the column summit has no value"),
        ("summit", "1.5", "row 2: the column summit holds 1.5, which is no whole number"),
        ("kept", "NA", "row 2: the column kept has no value"),
    ],
)
def test_a_value_that_is_not_as_declared_is_named(column: str, value: str, message: str, tables: Path) -> None:
    table = next(table for table in TABLES if table.name == "regions.tsv")
    frame = row_of(table).astype(object)
    frame.loc[1, column] = value
    frame.to_csv(tables / "wrong.tsv", sep="\t", index=False)
    with pytest.raises(cistill.InputError, match=message):
        read_typed(table, tables / "wrong.tsv")


def test_a_run_knows_its_factors_from_files_and_sheets(results: Path) -> None:
    run = cistill.open_run(str(results))
    assert run.tfs == (TF, "TWO")
    assert list(run) == [TF, "TWO"]
    assert len(run["TWO"].tables) == 0
    assert run.sheet("datasets")["tf"].tolist() == [TF, "TWO"]
    assert repr(run[TF]).startswith(f"<results of {TF}: ")
    assert {"regions", "counts.motifs", "profile.hits", "metrics", "all.fold_0.restart_1.history"} <= set(
        run[TF].tables["name"]
    )
    with pytest.raises(cistill.InputError, match="has no results of 'OTHER'; its TFs are TOY, TWO"):
        run["OTHER"]
    with pytest.raises(cistill.InputError, match="TOY has no table 'motives'; its tables are regions, "):
        run[TF].table("motives")
    with pytest.raises(cistill.InputError, match=r"no file 'counts\.modisco\.h5'"):
        run[TF].file("counts.modisco.h5")
    with pytest.raises(cistill.InputError, match="no such file"):
        run.sheet("models")


def test_stray_files_are_no_factors(results: Path) -> None:
    stray = [results / "dataset" / name for name in ("notes.txt", ".hidden.regions.tsv")]
    for file in stray:
        file.write_text("x")
    assert cistill.open_run(results).tfs == (TF, "TWO")
    for file in stray:
        file.unlink()


def test_motifs_come_with_their_matrices(results: Path) -> None:
    motifs = cistill.open_run(results)[TF].motifs("profile")
    assert [motif.motif_id for motif in motifs] == ["profile.pos_0", "profile.pos_1", "profile.neg_0"]
    assert motifs[0].pfm.shape == (13, 4)


def test_a_region_is_found_by_its_name_whatever_the_order_of_rows(results: Path, tmp_path: Path) -> None:
    toy = cistill.open_run(results)[TF]
    regions = toy.table("regions")
    region = regions[regions["kept"] & (regions["kind"] == "peak")].iloc[7]
    made = toy.prediction(region["region_id"])
    row = read_table(toy.file("region_predictions.tsv")).set_index("region_id").loc[region["region_id"]]
    assert (made.chrom, (made.start + made.end) // 2) == (region["chrom"], region["summit"])
    assert made.profile.shape == made.predicted.shape == made.observed.shape == (1, 2, 100)
    np.testing.assert_allclose(made.profile.sum(axis=-1), 1, atol=0.01)
    assert np.log1p(np.expm1(made.log_counts).sum()) == pytest.approx(row["predicted_log_count"], abs=0.01)
    np.testing.assert_allclose(made.predicted.sum(axis=-1), np.expm1(made.log_counts), rtol=0.01)
    assert np.log1p(made.observed.sum()) == pytest.approx(row["observed_log_count"], abs=1e-4)
    _turn_rows(results / "predict" / f"{TF}.predictions.h5", tmp_path / "predict" / f"{TF}.predictions.h5")
    turned = cistill.open_run(tmp_path)[TF].prediction(region["region_id"])
    np.testing.assert_array_equal(turned.profile, made.profile)
    assert turned.observed is None


def test_contributions_of_a_region_are_those_of_its_bases(results: Path, tmp_path: Path) -> None:
    toy = cistill.open_run(results)[TF]
    hit = toy.table("counts.hits").query("strand == '+'").iloc[3]
    made = toy.contributions(hit["region_id"], "counts")
    inside = slice(hit["start"] - made.start, hit["end"] - made.start)
    assert made.sequence[inside] == CORE
    assert made.chrom == hit["chrom"]
    assert made.hypothetical.shape == (300, 4)
    codes = np.array(["ACGT".index(base) for base in made.sequence])
    np.testing.assert_allclose(made.contributions, made.hypothetical[np.arange(300), codes])
    _turn_rows(results / "shap" / f"{TF}.counts.attributions.h5", tmp_path / "shap" / f"{TF}.counts.attributions.h5")
    turned = cistill.open_run(tmp_path)[TF].contributions(hit["region_id"])
    np.testing.assert_array_equal(turned.contributions, made.contributions)
    with pytest.raises(cistill.InputError, match="the region chr9:1 was not explained; there are 60 regions, "):
        toy.contributions("chr9:1")
    with pytest.raises(cistill.InputError, match="head 'count': use one of counts, profile"):
        toy.contributions("chr9:1", "count")


def _turn_rows(source: Path, target: Path) -> None:
    """Copy a file of regions with its rows in the opposite order."""
    target.parent.mkdir()
    with h5py.File(source) as old, h5py.File(target, "w") as new:
        new.attrs.update(old.attrs)
        for name, data in old.items():
            new.create_dataset(name, data=data[:][::-1], dtype=data.dtype)


def test_models_are_loaded_when_asked_for(tmp_path: Path) -> None:
    for folder, name in (("select", "TOY"), ("train", "TOY.all.fold_0.restart_1"), ("train", "TOY.a.fold_0.restart_2")):
        (tmp_path / folder).mkdir(exist_ok=True)
        toy_model(tmp_path / folder / f"{name}.model.safetensors", ("0", "1"))
    toy = cistill.open_run(tmp_path)["TOY"]
    assert toy.models == ("chosen", "a.fold_0.restart_2", "all.fold_0.restart_1")
    assert len(toy.model().members) == len(toy.model("all.fold_0.restart_1").members) == 2
    with pytest.raises(cistill.InputError, match=r"TOY has no model 'best'; its models are chosen, a\.fold"):
        toy.model("best")


def test_tables_are_read_without_torch(tables: Path) -> None:
    code = f"""
import sys
import cistill
run = cistill.open_run({str(tables)!r})
assert len(run["TOY"].table("regions")) == 2
assert not {{"torch", "numba"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(PROJECT / "src")})


def test_a_folder_without_results_is_refused(results: Path, tmp_path: Path) -> None:
    with pytest.raises(cistill.InputError, match="no such folder; give"):
        cistill.open_run(tmp_path / "nowhere")
    with pytest.raises(cistill.InputError, match=r"no results of cistill; give the folder that --outdir named$"):
        cistill.open_run(tmp_path)
    (tmp_path / "demo" / "report").mkdir(parents=True)
    (tmp_path / "demo" / "report" / "TOY.summary.json").write_text("{}")
    with pytest.raises(cistill.InputError, match=r"did you mean .*demo\?"):
        cistill.open_run(tmp_path)
    with pytest.raises(cistill.InputError, match=rf"did you mean {re.escape(str(results))}\?"):
        cistill.open_run(results / "dataset")


def test_the_example_of_the_page_runs_as_it_stands(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    block = re.findall(r"```python\n(.*?)```", (PROJECT / "docs" / "python.md").read_text(), re.DOTALL)[0]
    assert "open_run" in block
    monkeypatch.chdir(results.parent)
    toy = block.replace("REB1", TF).replace("> 0.9", "> 0.6").replace('"results"', repr(results.name))
    names: dict[str, object] = {}
    exec(toy, names)
    assert len(names["strong"]) > 5
    assert names["peak"].observed.shape == (1, 2, 100)
    assert len(names["bases"].sequence) == 300


def test_the_question_of_hits_and_peaks_is_answered_by_lines_that_run(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (PROJECT / "docs" / "questions" / "hits_of_peaks.md").read_text()
    (block,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    copy = shutil.copytree(results, tmp_path / "results")
    (copy / "collapse").mkdir()
    shutil.copy(copy / "callhits" / f"{TF}.counts.hits.bed", copy / "collapse" / f"{TF}.hits.bed")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(block.replace("REB1", TF), names)
    assert names["table"]["hits"].sum() == len(names["hits"]) > 50
    assert (names["table"]["hits"] == 0).any()
