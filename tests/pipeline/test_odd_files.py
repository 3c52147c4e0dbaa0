"""Files whose names hold every sign that Nextflow can hand to a task, and what it cannot."""

import csv
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from pipeline_runs import PROJECT, Run, environment

pytestmark = pytest.mark.nextflow
SIGNS = """ ;,#'"(){}[]*?&|<>!`~%=@^+\\é:"""


def odd(folder: Path, source: Path, name: str) -> str:
    """Link a file under a name of all signs, a hyphen and a comma first."""
    link = folder / f"-,{SIGNS}{name}"
    link.symlink_to(source)
    return link.name


def counts(tiny: Path, folder: Path, readset: str, bam: str) -> list[Path]:
    command = [PROJECT / "bin" / "coverage", "--bam", tiny / bam, "--readset", readset, "--outdir", folder]
    subprocess.run(command, env=environment(), check=True, capture_output=True)
    return [folder / f"{readset}.{strand}.bw" for strand in ("plus", "minus")]


@pytest.mark.long
def test_names_of_all_signs_are_read_from_the_sheet_and_the_parameters(
    run_pipeline: Callable[..., Run], tiny: Path, tmp_path: Path
) -> None:
    folder = tmp_path / f"data {SIGNS}"
    folder.mkdir()
    plus, minus = (odd(folder, file, file.name) for file in counts(tiny, tmp_path, "b", "reads.rep2.bam"))
    others = counts(tiny, tmp_path, "c", "reads.rep1.bam")
    bam, control = (odd(folder, tiny / name, name) for name in ("reads.rep1.bam", "control.bam"))
    peaks = odd(folder, tiny / "peaks.narrowPeak", "peaks.narrowPeak")
    sites = odd(folder, tiny / "truth" / "sites.bed", "sites")
    (tmp_path / "sites").mkdir()
    shutil.copy(tiny / "truth" / "truth.json", tmp_path / "sites" / sites)  # the name of another file
    columns = ["tf", "task", "bam", "bigwig_plus", "bigwig_minus", "control_bam", "peaks", "known_sites", "truth"]
    truth = str(tmp_path / "sites" / sites)
    sheet = folder / f"-sheet {SIGNS}.csv"
    with sheet.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, quoting=csv.QUOTE_ALL)
        writer.writerows(
            [columns, ["A", "a", f"{folder}/{bam}", "", "", f"./{control}", f"./{peaks}", f"./{sites}", truth]]
        )
        writer.writerow(["A", "b", "", f"./{plus}", f"./{minus}", f"./{control}", f"./{peaks}", f"./{sites}", truth])
        writer.writerow(["B", "b", "", *others, "", f"./{peaks}", f"./{sites}", ""])
    (tmp_path / "gaps.bed").write_text("chr1\t0\t100\n")
    splits = tmp_path / "splits.json"
    splits.write_text('{"one": {"train": ["chr1"], "valid": ["chr2"], "test": ["chr3"]}}')
    given = {
        "fasta": odd(folder, tiny / "genome.fa.gz", "genome.fa.gz"),
        "exclude": odd(folder, tmp_path / "gaps.bed", "problems.txt"),
        "splits": odd(folder, splits, "splits"),
    }
    arguments = [word for name, file in given.items() for word in (f"--{name}", folder / file)]
    run = run_pipeline(tmp_path, "--step", "prepare", "--model", "profile-546", "--input", sheet, *arguments)
    assert run.returncode == 0, run.output
    assert (tmp_path / "gaps.bed").read_text() == "chr1\t0\t100\n"
    with (run.outdir / "sheets" / "datasets.csv").open() as handle:
        rows = list(csv.DictReader(handle))
    assert [row["tf"] for row in rows] == ["A", "B"]
    named = [path for row in rows for role in row if role != "tf" for path in row[role].split(";") if path]
    assert all((run.outdir / path).is_file() for path in named)
    assert len({row["given/known_sites"] for row in rows} | {rows[0]["given/truth"]}) == 3
    assert (run.outdir / rows[0]["given/truth"]).read_bytes() == (tiny / "truth" / "truth.json").read_bytes()


@pytest.mark.parametrize("name", ["a$b.bam", "a\tb.bam"])
def test_what_nextflow_cannot_hand_to_a_task_is_named_with_its_row(
    run_pipeline: Callable[..., Run], tiny: Path, tmp_path: Path, name: str
) -> None:
    shutil.copy(tiny / "control.bam", tmp_path / name)
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(f'tf,bam,peaks\nA,"{name}",{tiny}/peaks.narrowPeak\n')
    run = run_pipeline(tmp_path, "--input", sheet, "--fasta", tiny / "genome.fa.gz")
    assert run.returncode == 1
    assert "1 problem in the input; nothing was run" in run.output
    assert f"sheet.csv, row 2, column bam: {name}: the path holds {name[1]!r}, and Nextflow cannot" in run.output


@pytest.mark.parametrize("option", ["input", "fasta", "motif_db", "affinity", "affinity_matrices", "choice", "options"])
def test_parameters_that_nextflow_cannot_hand_to_a_task(
    run_pipeline: Callable[..., Run], tiny: Path, tmp_path: Path, option: str
) -> None:
    shutil.copy(tiny / "genome.fa.gz", tmp_path / "a$b")
    given = {"input": tiny / "samplesheet.csv", "fasta": tiny / "genome.fa.gz", option: tmp_path / "a$b"}
    run = run_pipeline(tmp_path, *(word for name, file in given.items() for word in (f"--{name}", file)))
    assert run.returncode == 1
    assert f"--{option} {tmp_path}/a$b: Nextflow hands no path with '$' or a tab to a task" in run.output
    assert "Submitted" not in run.output
