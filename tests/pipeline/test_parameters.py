"""Parameters are checked at the start of a run, at whichever step it starts."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from pipeline_runs import Run

pytestmark = pytest.mark.nextflow


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """Results of earlier steps, in name."""
    files = {
        "datasets": {"dataset/dataset.json": "dataset/A.dataset.json"},
        "models": {"select/select.json": "select/A.select.json"},
        "interpretations": {"shap/shap.json": "shap/A.shap.json"},
    }
    for sheet, roles in files.items():
        for name in ("sheets/x", *roles.values()):
            (tmp_path / "earlier" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "earlier" / name).write_text("{}")
        with (tmp_path / "earlier" / "sheets" / f"{sheet}.csv").open("w") as handle:
            csv.writer(handle).writerows([["tf", *roles], ["A", *roles.values()]])
    (tmp_path / "affinity.csv").write_text("tf,library,reader\nA,all,generate:kmers:2\n")
    return tmp_path / "earlier"


@pytest.mark.parametrize(
    ("step", "name", "value", "problem"),
    [
        ("interpret", "n_shuffles", -5, "is -5, but must be at least 1"),
        ("train", "restarts", "many", "is 'many', but must be of type integer"),
        ("affinity", "affinity_chunks", "abc", "is 'abc', but must be of type integer"),
        ("report", "hit_fdr", 7, "is 7, but must be at most 1"),
    ],
)
def test_a_value_out_of_range_is_told_at_the_start_of_each_step(
    run_pipeline: Callable[..., Run], tmp_path: Path, earlier: Path, step: str, name: str, value: object, problem: str
) -> None:
    sheet = ["--affinity", "affinity.csv"] if step == "affinity" else []
    run = run_pipeline(tmp_path, "--step", step, "--from", earlier, *sheet, f"--{name}", value)
    assert run.returncode == 1
    assert "1 problem in the parameters and options; nothing was run" in run.output
    assert f"parameter --{name} {problem}" in run.output
    assert run.names("COMPLETED") == ["CONFIGURE"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--profile", "test", "--resume"],
            "--profile, --resume: an option of Nextflow has one hyphen; write -profile, ",
        ),
        (["--params-file", "a.yml", "--work-dir", "w"], "hyphen; write -params-file, -work-dir."),
        (["--with-docker"], "--with-docker: an option of Nextflow has one hyphen; write -with-docker."),
        (["-work-dir", "a$b"], "a$b: Nextflow hands no path with '$' or a tab to a task; choose another folder."),
        (["--step", "report", "--from", "c$d"], "--from c$d: Nextflow hands no path with '$' or a tab to a task"),
    ],
)
def test_what_a_run_would_not_take_as_it_was_meant(
    run_pipeline: Callable[..., Run], tmp_path: Path, arguments: list[str], message: str
) -> None:
    run = run_pipeline(tmp_path, *arguments)
    assert run.returncode == 1
    assert message in run.output
    assert "Submitted" not in run.output


@pytest.mark.long
def test_lists_in_a_file_of_parameters_are_values_separated_by_commas(
    run_pipeline: Callable[..., Run], tiny: Path, tmp_path: Path
) -> None:
    (tmp_path / "run.yml").write_text(
        f"input: {tiny}/samplesheet.csv\nfasta: {tiny}/genome.fa.gz\nmodel: profile-546\nstep: [prepare]\n"
        f"test_chroms: [chr1]\nvalid_chroms: [chr2, chr9]\nhit_methods: [cwm_scan, scan]\n"
        f"affinity_matrices: [{tiny}/motifs.meme, 'own={tiny}/motifs.meme#SIM1']\n"
    )
    run = run_pipeline(tmp_path, "-params-file", "run.yml")
    assert run.returncode == 1
    assert "1 problem in the input" in run.output
    assert "chr9" in run.output
    (tmp_path / "run.yml").write_text((tmp_path / "run.yml").read_text().replace(", chr9", ""))
    run = run_pipeline(tmp_path, "-params-file", "run.yml", "-resume")
    assert run.returncode == 0, run.output
    assert (run.outdir / "dataset" / "SIM1.dataset.h5").is_file()
