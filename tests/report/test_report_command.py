"""The command `report`, as a user or a workflow runs it."""

import json
import time

import pytest
from synthetic_regions import TF


def test_staged_files_in_any_order_make_the_page(plain_results, tmp_path, run_command):
    files = sorted(plain_results.glob(f"{TF}.*"), reverse=True)
    options = ("--tf", TF, "--motif_db", plain_results / "database.meme", "--truth", plain_results / "truth.json")
    done = run_command("report", *options, *files, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    written = sorted(file.name for file in tmp_path.iterdir())
    names = ("report.html", "report.json", "statistics_mqc.json", "summary.json", "tasks_mqc.json")
    assert written == [f"{TF}.{name}" for name in names]
    record = json.loads((tmp_path / f"{TF}.report.json").read_text())
    assert record["inputs"][f"{TF}.regions.tsv"]["bytes"] == (plain_results / f"{TF}.regions.tsv").stat().st_size
    assert "truth" in record["inputs"]


def test_a_folder_of_results_is_as_good(plain_results, tmp_path, run_command):
    done = run_command("report", "--tf", TF, "--outdir", tmp_path, plain_results)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / f"{TF}.summary.json").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--tf", "OTHER", "FOLDER"], "no OTHER.regions.tsv among the files given"),
        (["--tf", TF, "missing.tsv"], "no such file or folder: missing.tsv"),
        (["--tf", TF, "--motif_db", "missing.meme", "FOLDER"], "no such file: missing.meme"),
    ],
)
def test_bad_input_is_one_message_and_no_page(plain_results, tmp_path, run_command, arguments, message):
    given = [str(plain_results) if argument == "FOLDER" else argument for argument in arguments]
    done = run_command("report", *given, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_help_is_instant_and_names_every_option(run_command):
    times = []
    for _ in range(3):
        start = time.monotonic()
        done = run_command("report", "--help")
        times.append(time.monotonic() - start)
    assert done.returncode == 0
    assert all(option in done.stdout for option in ("--tf", "--motif_db", "--truth", "--link_root", "--outdir"))
    assert min(times) < 1.0  # 0.3 s on an idle machine
