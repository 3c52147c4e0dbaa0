"""The sub-commands of `motifs`: their files, on a run, on one that found nothing, and on bad input."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from toy_run import write_run
from typer import Typer
from typer.testing import CliRunner

from cistill.cli import app_of
from cistill.errors import InputError
from cistill.formats.meme import read_meme
from cistill.formats.motifs import read_motifs

Runs = Callable[..., Path]
PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def app() -> Typer:
    """The command, in this process: a process of its own takes seconds to import everything."""
    return app_of("motifs")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("run") / "toy")


@pytest.fixture
def motifs(app: Typer, tmp_path: Path) -> Runs:
    """Run a sub-command into a new folder and return it; an InputError comes through."""

    def run(*words: object) -> Path:
        folder = tmp_path / "out"
        done = CliRunner().invoke(app, [*map(str, words), "--outdir", str(folder)])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return folder

    return run


def table(file: Path) -> pd.DataFrame:
    return pd.read_csv(file, sep="\t", na_values=["NA"], keep_default_na=False)


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


EXPORTED = {f"X.counts.{end}" for end in ("meme", "pfm.tsv", "cwm.tsv", "hcwm.tsv", "export.tsv", "export.json")}
CLUSTERED = {
    "clusters.tsv", "similarity.tsv", "dendrogram.tsv", "motifs.h5", "motifs.tsv", "motifs.meme",
}  # fmt: skip


def test_export(files: Path, motifs: Runs) -> None:
    out = motifs("export", "--motifs", files / "X.counts.motifs.h5", "--orientation", "purine", "--weak", "drop")
    assert names(out) == EXPORTED
    rows = table(out / "X.counts.export.tsv")
    assert rows["motif_id"].tolist() == ["counts.pos_0", "counts.neg_0"]
    assert rows["consensus"].tolist() == ["CCGGGTAA", "ACGACGAC"]
    assert rows["turned"].tolist() == [True, False]
    assert [named.name for named in read_meme(out / "X.counts.meme")] == ["counts.pos_0", "counts.neg_0"]
    assert json.loads((out / "X.counts.export.json").read_text())["results"] == {"motifs": 2}


def test_match(files: Path, motifs: Runs) -> None:
    out = motifs(
        "match", "--motifs", files / "X.counts.motifs.h5", "--motif_db", files / "db.meme",
        "--others", f"p={files / 'X.profile.motifs.h5'}", "--others", f"none={files / 'empty/X.profile.motifs.h5'}",
    )  # fmt: skip
    assert names(out) == {f"X.counts.{end}" for end in ("matches.tsv", "set_matches.tsv", "match.json")}
    best = table(out / "X.counts.matches.tsv").iloc[0]
    assert best["motif_id":"target_name"].tolist() == ["counts.pos_0", 1, "M30", "KNOWN"]
    assert best["strand"] == "-"
    pairs = table(out / "X.counts.set_matches.tsv").set_index("motif_id")
    assert pairs["paired"].tolist() == [True, False, False]
    assert pairs.loc["counts.pos_0", "similarity"] == pytest.approx(1)
    assert pairs.loc["counts.pos_0", "strand"] == "-"


def test_cluster(files: Path, motifs: Runs) -> None:
    sets = (f"c={files / 'X.counts.motifs.h5'}", f"p={files / 'X.profile.motifs.h5'}")
    out = motifs("cluster", "--motifs", sets[0], "--motifs", sets[1], "--distance", 0.3, "--weak", "keep")
    assert names(out) == {f"sets.{end}" for end in (*CLUSTERED, "cluster.json")}
    assert table(out / "sets.clusters.tsv")["cluster"].tolist() == ["cluster_1", "cluster_1", "cluster_2"]
    first = read_motifs(out / "sets.motifs.h5")[0]
    assert (first.head, first.n_seqlets) == ("cluster", 14)
    assert set(first.members) == {"c:counts.pos_0", "p:profile.pos_0"}


def test_merge_heads_records_that_no_duplicates_are_left(files: Path, motifs: Runs) -> None:
    heads = ("--counts", files / "X.counts.motifs.h5", "--profile", files / "X.profile.motifs.h5")
    out = motifs("merge-heads", *heads, "--motif_db", files / "db.meme")
    assert names(out) == {
        "X.merged.tsv", "X.merge.json", "X.merged.motifs.h5", "X.merged.motifs.tsv", "X.merged.motifs.meme"
    }  # fmt: skip
    assert table(out / "X.merged.motifs.tsv")["motif_id"].tolist() == ["C.pos_0:P.pos_0", "C.pos_1", "C.neg_0"]
    assert table(out / "X.merged.motifs.tsv")["match_1"][0] == "M30 KNOWN"
    results = json.loads((out / "X.merge.json").read_text())["results"]
    assert (results["motifs"], results["in_both_heads"]) == (3, 1)
    assert results["largest_similarity"] < 0.85


@pytest.mark.parametrize("method", ["stored", "leiden"])
def test_subclusters(files: Path, motifs: Runs, method: str) -> None:
    run = [f"--{name}={files / f'X.counts.{name}'}" for name in ("modisco", "motifs", "seqlets")]
    run = [f"{word}.tsv" if "seqlets" in word.split("=")[0] else f"{word}.h5" for word in run]
    out = motifs("subclusters", *run, "--method", method)
    assert names(out) == {
        f"X.counts.{end}"
        for end in (
            "subclusters.tsv", "subcluster_seqlets.tsv", "subclusters.json", "subclusters.motifs.h5",
            "subclusters.motifs.tsv", "subclusters.motifs.meme",
        )
    }  # fmt: skip
    rows = table(out / "X.counts.subclusters.tsv")
    assert set(rows["motif_id"]) == {"counts.pos_0", "counts.neg_0"}  # the other is weak
    assert rows.groupby("motif_id")["share"].sum().tolist() == pytest.approx([1, 1])
    seqlets = table(out / "X.counts.subcluster_seqlets.tsv")
    assert seqlets.columns[:2].tolist() == ["motif_id", "subcluster"]
    assert len(seqlets) == 10


def test_subclusters_take_seqlets_with_fewer_and_with_further_columns(
    files: Path, motifs: Runs, tmp_path: Path
) -> None:
    given = table(files / "X.counts.seqlets.tsv")
    for name, seqlets in {"fewer": given.iloc[:, :6], "further": given.assign(name="x", depth=3)}.items():
        seqlets.to_csv(tmp_path / f"{name}.tsv", sep="\t", index=False)
        folder = motifs(
            "subclusters", "--modisco", files / "X.counts.modisco.h5", "--motifs", files / "X.counts.motifs.h5",
            "--seqlets", tmp_path / f"{name}.tsv",
        )  # fmt: skip
        columns = list(seqlets.columns)
        columns.insert(1, "subcluster")
        assert list(table(folder / "X.counts.subcluster_seqlets.tsv").columns) == columns


def test_reproducibility(files: Path, motifs: Runs) -> None:
    words = [f"--motifs={name}={files / f'X.{head}.motifs.h5'}" for name, head in (("a", "counts"), ("b", "profile"))]
    out = motifs("reproducibility", *words, f"--motifs=c={files / 'empty/X.counts.motifs.h5'}")
    assert names(out) == {
        f"sets.{end}"
        for end in ("reproducibility.tsv", "best_matches.tsv", "reproducibility_by_set.tsv", "reproducibility.json")
    }
    # each is found in one of two other sets
    assert table(out / "sets.reproducibility.tsv")["reproducibility"].tolist() == pytest.approx([0.5, 0.5])
    assert table(out / "sets.reproducibility_by_set.tsv")["n_motifs"].tolist() == [1, 1, 0, 2]


def sheet(folder: Path, rows: list[tuple[str, Path, str]]) -> Path:
    """Write a sheet of tasks; its files are `{folder}/X.{head}.*`."""
    lines = [f"{task}\t{own}/X.{head}.motifs.h5\t{own}/X.{head}.seqlets.tsv" for task, own, head in rows]
    file = folder / "sheet.tsv"
    file.write_text("\n".join(["task\tmotifs\tinstances", *lines, ""]))
    return file


def test_across_tasks(files: Path, motifs: Runs, tmp_path: Path) -> None:
    rows = sheet(tmp_path, [("A", files, "counts"), ("B", files, "profile"), ("C", files / "empty", "counts")])
    out = motifs("across-tasks", "--sheet", rows, "--k", 1)
    assert names(out) == {f"tasks.{end}" for end in (*CLUSTERED, "prevalence.tsv", "across_tasks.json")}
    found = table(out / "tasks.prevalence.tsv").set_index("task")
    assert found["n_instances"].tolist() == [6, 8, 0]
    assert found["n_regions"].tolist() == [6, 8, 0]
    assert found["prevalence_any"].fillna(-1).tolist() == [1, 1, -1]


def test_footprints(files: Path, motifs: Runs) -> None:
    words = ("--seqlets", files / "X.counts.seqlets.tsv", "--dataset", files / "X.dataset.h5")
    out = motifs("footprints", *words, "--width", 11)
    assert names(out) == {"X.counts.footprints.h5", "X.counts.footprints.json"}
    with h5py.File(out / "X.counts.footprints.h5") as file:
        assert list(file) == ["counts.neg_0", "counts.pos_0", "counts.pos_1"]
        assert (file.attrs["width"], file.attrs["centre"]) == (11, 5)
        assert file["counts.pos_0"].attrs["n_seqlets"] == 6
        assert np.isnan(file["counts.pos_0/predicted"][:]).all()


@pytest.mark.parametrize("outline", [
    ["export", "--motifs", "X.counts.motifs.h5"],
    ["match", "--motifs", "X.counts.motifs.h5", "--motif_db", "../db.meme", "--others", "p=X.profile.motifs.h5"],
    ["cluster", "--motifs", "a=X.counts.motifs.h5", "--k", "3", "--motif_db", "../db.meme"],
    ["merge-heads", "--counts", "X.counts.motifs.h5", "--profile", "X.profile.motifs.h5"],
    ["subclusters", "--modisco", "X.counts.modisco.h5", "--motifs", "X.counts.motifs.h5", "--seqlets",
     "X.counts.seqlets.tsv"],
    ["reproducibility", "--motifs", "a=X.counts.motifs.h5", "--motifs", "b=X.profile.motifs.h5"],
    ["across-tasks", "--sheet", "sheet.tsv", "--k", "2"],
    ["footprints", "--seqlets", "X.counts.seqlets.tsv", "--dataset", "X.dataset.h5"],
], ids=lambda outline: outline[0])  # fmt: skip
def test_without_motifs_every_file_is_there_and_empty(
    files: Path, motifs: Runs, monkeypatch: pytest.MonkeyPatch, outline: list[str]
) -> None:
    empty = files / "empty"
    monkeypatch.chdir(empty)
    sheet(empty, [("A", empty, "counts"), ("B", empty, "profile")])
    out = motifs(*outline)
    kinds = {file.suffix for file in out.iterdir()}
    assert ".json" in kinds
    assert len(kinds) > 1
    for file in out.glob("*.tsv"):
        rows = table(file)
        assert len(rows.columns) > 0
        assert len(rows) == (3 if file.name.endswith("_by_set.tsv") else 0), file  # one per set, and all
    for file in out.glob("*.motifs.h5"):
        assert read_motifs(file) == []
    for file in out.glob("*.meme"):
        assert file.read_text().startswith("MEME version")


def test_empty_tables_have_the_columns_of_full_ones(files: Path, app: Typer, tmp_path: Path) -> None:
    for place, out in ((files, tmp_path / "full"), (files / "empty", tmp_path / "none")):
        own, other = f"{place}/X.counts", f"{place}/X.profile"
        for words in (
            ["export", "--motifs", f"{own}.motifs.h5"],
            ["match", f"--motifs={own}.motifs.h5", f"--motif_db={files}/db.meme", f"--others=p={other}.motifs.h5"],
            ["merge-heads", f"--counts={own}.motifs.h5", f"--profile={other}.motifs.h5"],
            ["subclusters", f"--modisco={own}.modisco.h5", f"--motifs={own}.motifs.h5", f"--seqlets={own}.seqlets.tsv"],
            ["reproducibility", f"--motifs=a={own}.motifs.h5", f"--motifs=b={other}.motifs.h5"],
            ["across-tasks", f"--sheet={sheet(place, [('A', place, 'counts'), ('B', place, 'profile')])}", "--k=1"],
        ):
            done = CliRunner().invoke(app, [*words, "--outdir", str(out)])
            assert done.exit_code == 0, (words, done.exception)
    full, none = tmp_path / "full", tmp_path / "none"
    assert names(full) == names(none)
    for file in sorted(full.glob("*.tsv")):
        if not file.name.endswith(".similarity.tsv"):  # its columns are the motifs
            assert table(file).columns.tolist() == table(none / file.name).columns.tolist(), file.name


def test_bad_input_is_told_in_one_message(files: Path, motifs: Runs, tmp_path: Path) -> None:
    own = files / "X.counts.motifs.h5"
    seqlets = ("--seqlets", files / "X.counts.seqlets.tsv")
    bad: list[tuple[str, tuple[object, ...]]] = [
        ("no such file", ("export", "--motifs", tmp_path / "none.h5")),
        ("not a motifs.h5", ("export", "--motifs", files / "X.counts.modisco.h5")),
        ("give --motif_db", ("match", "--motifs", own)),
        ("give one of --k", ("cluster", "--motifs", f"a={own}")),
        ("give one of --k", ("cluster", "--motifs", f"a={own}", "--k", 1, "--distance", 0.2)),
        ("9 clusters asked for, but there are 1", ("cluster", "--motifs", f"a={own}", "--k", 9)),
        (r"already has counts.neg_0.*\n.*no such file",
         ("reproducibility", "--motifs", f"a={own}", "--motifs", f"a={own}", "--motifs", "b=/none", "--sign", "all")),
        ("at least two sets", ("reproducibility", "--motifs", f"a={own}")),
        ("its motifs are of the head counts, not profile", ("merge-heads", "--counts", own, "--profile", own)),
        ("no motif counts.pos_9; there are counts.neg_0, counts.pos_0, counts.pos_1",
         ("subclusters", "--modisco", files / "X.counts.modisco.h5", "--motifs", own, *seqlets,
          "--motif", "counts.pos_9")),
        ("give the two files of one run",
         ("subclusters", "--modisco", files / "X.profile.modisco.h5", "--motifs", own, *seqlets)),
        ("lacks the column", ("across-tasks", "--sheet", seqlets[1], "--k", 1)),
        ("give --dataset, --predictions or both", ("footprints", *seqlets)),
        ("not a dataset made by", ("footprints", *seqlets, "--dataset", own)),
    ]  # fmt: skip
    for message, words in bad:
        with pytest.raises(InputError, match=message):
            motifs(*words)


def test_as_a_user_runs_it(
    files: Path, run_command: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    heads = ("--counts", files / "X.counts.motifs.h5", "--profile", files / "X.profile.motifs.h5")
    done = run_command("motifs", "merge-heads", *heads, "--outdir", tmp_path, "--prefix", "Y")
    assert done.returncode == 0, done.stderr
    assert "C.pos_0:P.pos_0" in done.stderr
    done = run_command("motifs", "export", "--motifs", tmp_path / "none.h5", "--outdir", tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("motifs: error: ")
    assert done.stderr.count("\n") == 1
    done = run_command("motifs", "--help")
    assert done.returncode == 0
    for name in ("export", "match", "cluster", "merge-heads", "subclusters", "reproducibility", "across-tasks"):
        assert name in done.stdout


def test_the_same_inputs_give_the_same_bytes(files: Path, app: Typer, tmp_path: Path) -> None:
    words = ["merge-heads", f"--counts={files}/X.counts.motifs.h5", f"--profile={files}/X.profile.motifs.h5"]
    for folder in ("one", "two"):
        assert CliRunner().invoke(app, [*words, "--outdir", str(tmp_path / folder)]).exit_code == 0
    for name in names(tmp_path / "one") - {"X.merge.json"}:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
