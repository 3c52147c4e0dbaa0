"""The command `shap`, from files to files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
from toy_shap import read, run_shap, write_fasta, write_toys

from cistill.dna.codes import ONE_HOT
from cistill.errors import InputError
from cistill.interpret import shap
from cistill.interpret.engines import find_engine
from cistill.interpret.ensembles import explain
from cistill.interpret.shap import Regions
from cistill.interpret.shuffle import dinucleotide_shuffles
from cistill.model.ensemble import load_ensemble
from cistill.model.windows.dataset import read_dataset


def test_attributions_of_both_heads_are_written_with_their_records(
    tmp_path: Path, run_command: Callable[..., Any]
) -> None:
    dataset, model = write_toys(tmp_path, networks=2)
    result = run_command(
        "shap", "--dataset", dataset, "--model", model, "--outdir", tmp_path, "--n_shuffles", 4, "--seed", 3
    )
    assert result.returncode == 0, result.stderr
    data = read_dataset(dataset)
    codes = data.sequence[:12, 4:-4]
    names = list(data.region_id[:12])
    expected = explain(
        load_ensemble(model),
        find_engine("cistill"),
        codes,
        dinucleotide_shuffles(codes, 4, names, 3),
        [("counts", ("task0",)), ("profile", ("task0",))],
    )
    table = pd.read_csv(tmp_path / "TOY.region_contributions.tsv", sep="\t")
    assert list(table.region_id) == names
    for index, head in enumerate(["counts", "profile"]):
        file = tmp_path / f"TOY.{head}.attributions.h5"
        scores = read(file)
        assert scores.dtype == np.float16
        np.testing.assert_allclose(scores, expected.hypothetical[index], rtol=2e-3, atol=1e-5)
        np.testing.assert_array_equal(read(file, "input_seqs"), ONE_HOT[codes])
        np.testing.assert_allclose(read(file, "completeness_gap"), table[f"{head}_gap"], rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(table[f"{head}_difference"], expected.difference[index], rtol=1e-4, atol=1e-6)
        with h5py.File(file) as h5:
            assert (h5.attrs["head"], h5.attrs["weighting"], h5.attrs["tasks"]) == (head, "input", '["task0"]')
    results = json.loads((tmp_path / "TOY.shap.json").read_text())["results"]
    assert (results["regions"], results["members"], results["regions_at_contig_edges"]) == (12, 2, 0)


def test_tasks_by_themselves_add_up_to_their_sum(tmp_path: Path) -> None:
    dataset, model = write_toys(tmp_path, tasks=3, controls=True)
    for folder, options in {"sum": {}, "each": {"each_task": True}}.items():
        (tmp_path / folder).mkdir()
        run_shap(Regions(dataset), model, tmp_path / folder, tasks=("task0", "task2"), **options)
    for head in ("counts", "profile"):
        parts = [read(tmp_path / "each" / f"TOY.{task}.{head}.attributions.h5") for task in ("task0", "task2")]
        whole = read(tmp_path / "sum" / f"TOY.{head}.attributions.h5")
        np.testing.assert_allclose(parts[0] + parts[1], whole, rtol=1e-4, atol=1e-6)
    table = pd.read_csv(tmp_path / "each" / "TOY.region_contributions.tsv", sep="\t")
    assert list(table.task[:4]) == ["task0", "task2", "task0", "task2"]
    assert len(table) == 24
    outputs = pd.read_csv(tmp_path / "each" / "TOY.shap.tsv", sep="\t")
    expected = [(task, head) for task in ("task0", "task2") for head in ("counts", "profile")]
    assert list(zip(outputs.task, outputs["head"], strict=True)) == expected
    np.testing.assert_allclose(outputs.gap_max[3], table.profile_gap[table.task == "task2"].max(), rtol=1e-4)


def test_contributions_that_do_not_add_up_leave_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset, model = write_toys(tmp_path)

    def broken(*arguments: Any, **options: Any) -> Any:
        made = explain(*arguments, **options)
        return made._replace(total=made.total + 0.06 * made.scale)

    monkeypatch.setattr(shap, "explain", broken)
    with pytest.raises(InputError, match=r"do not add up to the difference of outputs \(by 6.0%\)"):
        run_shap(Regions(dataset), model, tmp_path / "out")
    assert not list(tmp_path.glob("out/*"))


def test_one_head_alone_writes_no_other(tmp_path: Path) -> None:
    dataset, model = write_toys(tmp_path)
    both, one = tmp_path / "both", tmp_path / "one"
    run_shap(Regions(dataset), model, both)
    run_shap(Regions(dataset), model, one, heads=("counts",))
    assert sorted(path.name for path in one.iterdir()) == [
        "TOY.counts.attributions.h5",
        "TOY.region_contributions.tsv",
        "TOY.shap.json",
        "TOY.shap.tsv",
    ]
    name = "TOY.counts.attributions.h5"
    np.testing.assert_allclose(read(one / name), read(both / name), rtol=1e-5, atol=1e-7)


def test_own_regions_may_reach_off_contigs_and_hold_unknown_or_repetitive_sequence(tmp_path: Path) -> None:
    _, model = write_toys(tmp_path)
    letters = np.array(list("ACGT"))[np.random.default_rng(0).integers(0, 4, 300)]
    letters[200:210] = "N"
    fasta = write_fasta(tmp_path / "genome.fa", chrB="A" * 100, chrA="".join(letters))
    bed = tmp_path / "regions.bed"
    bed.write_text("chrA\t100\t101\nchrA\t200\t210\nchrA\t10\t11\nchrB\t50\t51\n")
    results = run_shap(Regions(bed=bed, fasta=fasta), model, tmp_path, tf="own")["results"]
    table = pd.read_csv(tmp_path / "own.region_contributions.tsv", sep="\t")
    assert list(table.region_id) == ["chrB:50", "chrA:100", "chrA:205", "chrA:10"]  # in the genome's order
    assert list(table.unknown_bases) == [0, 0, 10, 23]  # windows of 66 bp: 33 to the left of the summit
    assert list(table.bases_off_contig) == [0, 0, 0, 23]
    assert list(table.shuffles_equal) == [3, 0, 0, 0]
    assert table.counts_difference[0] == 0
    assert table.filter(like="_gap").max(axis=None) < 1e-3
    assert (results["regions_at_contig_edges"], results["regions_with_unknown_bases"]) == (1, 2)
    assert (results["shuffles_equal_to_sequence"], results["regions_with_shuffles_equal_to_sequence"]) == (3, 1)
    bases = read(tmp_path / "own.counts.attributions.h5", "input_seqs")
    assert bases[3, :23].sum() == 0
    assert list(read(tmp_path / "own.counts.attributions.h5", "coords_start")) == [17, 67, 172, -23]


def test_one_region_is_enough(tmp_path: Path) -> None:
    _, model = write_toys(tmp_path)
    fasta = write_fasta(tmp_path / "genome.fa", chr1="ACGGTACATT" * 20)
    bed = tmp_path / "regions.bed"
    bed.write_text("chr1\t100\t101\n")
    assert run_shap(Regions(bed=bed, fasta=fasta), model, tmp_path, n_shuffles=1)["results"]["regions"] == 1
    bed.write_text("")
    with pytest.raises(InputError, match="empty"):
        run_shap(Regions(bed=bed, fasta=fasta), model, tmp_path)


def test_another_engine_gives_the_same_files(tmp_path: Path) -> None:
    pytest.importorskip("tangermeme", reason="tangermeme is not installed: pip install 'cistill[engines]'")
    dataset, model = write_toys(tmp_path, controls=True)
    for engine in ("cistill", "tangermeme"):
        run_shap(Regions(dataset), model, tmp_path / engine, engine=engine)
    for head in ("counts", "profile"):
        own, other = (read(tmp_path / engine / f"TOY.{head}.attributions.h5") for engine in ("cistill", "tangermeme"))
        np.testing.assert_allclose(own, other, rtol=1e-4, atol=1e-6)


def test_a_killed_run_goes_on_and_ends_with_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset, model = write_toys(tmp_path)
    monkeypatch.setattr(shap, "BLOCKS_PER_SEGMENT", 2)  # of two regions each: three segments
    whole, resumed, states = tmp_path / "whole", tmp_path / "resumed", tmp_path / "states"
    run_shap(Regions(dataset), model, whole)
    explained: list[int] = []

    def dies(*arguments: Any, **options: Any) -> Any:
        explained.append(len(arguments[2]))
        if len(explained) == 4:
            raise KeyboardInterrupt
        return explain(*arguments, **options)

    monkeypatch.setattr(shap, "explain", dies)
    with pytest.raises(KeyboardInterrupt):
        run_shap(Regions(dataset), model, resumed, checkpoint_dir=states)
    assert not list(resumed.glob("*.h5"))
    before = len(explained)
    run_shap(Regions(dataset), model, resumed, checkpoint_dir=states)
    assert len(explained) - before == 4  # two blocks of six were kept
    arrays = [f"TOY.{head}.attributions.h5" for head in ("counts", "profile")]
    for name in (*arrays, "TOY.shap.tsv", "TOY.region_contributions.tsv"):
        assert (whole / name).read_bytes() == (resumed / name).read_bytes()
    assert not list(states.rglob("*.npz"))


def test_no_more_than_a_segment_of_regions_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset, model = write_toys(tmp_path)
    monkeypatch.setattr(shap, "BLOCKS_PER_SEGMENT", 2)
    taken, written = [], []
    cut = shap.dinucleotide_shuffles
    monkeypatch.setattr(
        shap, "dinucleotide_shuffles", lambda codes, *rest: taken.append(len(codes)) or cut(codes, *rest)
    )
    add = shap.Outcome.add

    def counted(self: shap.Outcome, made: shap.Explained) -> Any:
        written.append(len(made.codes))
        assert sum(taken) - sum(written) <= 4
        return add(self, made)

    monkeypatch.setattr(shap.Outcome, "add", counted)
    run_shap(Regions(dataset), model, tmp_path)
    assert sum(written) == sum(taken) == 12


def test_sources_of_regions_are_one_or_the_other(tmp_path: Path, run_command: Callable[..., Any]) -> None:
    for arguments, message in (
        (["--dataset", "x.h5", "--bed", "x.bed"], "give either --dataset or --bed"),
        (["--bed", "x.bed"], "--bed needs --fasta"),
    ):
        result = run_command("shap", "--model", "x", "--outdir", tmp_path, *arguments)
        assert result.returncode == 2
        assert result.stderr.startswith(f"shap: error: {message}")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tasks": ("task0", "other")}, r"--tasks must name tasks of the model, each once \(task0\)"),
        ({"tasks": ("task0", "task0")}, "each once"),
        ({"engine": "captum", "weighting": "mean"}, "use --weighting input|needs the package captum"),
        ({"engine": "nonsense"}, "unknown engine"),
    ],
)
def test_bad_settings_leave_no_file(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    dataset, model = write_toys(tmp_path)
    with pytest.raises(InputError, match=message):
        run_shap(Regions(dataset), model, tmp_path / "out", **options)
    assert not list(tmp_path.glob("out/*"))
