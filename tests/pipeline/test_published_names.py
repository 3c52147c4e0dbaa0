"""Names of files, from what a user gives to what a later run reads: functions of Nextflow by themselves."""

import csv
import json
import subprocess
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from pipeline_runs import PROJECT, environment

pytestmark = pytest.mark.nextflow
Script = Callable[..., str]


@pytest.fixture
def script(nextflow: str, tmp_path: Path) -> Script:
    """Run the body of a workflow with functions of the pipeline; returns what it printed."""

    def run(functions: str, names: str, body: str) -> str:
        text = f"include {{ {names} }} from '{PROJECT}/functions/{functions}'\nworkflow {{\n{body}\n}}\n"
        (tmp_path / "script.nf").write_text(text, encoding="utf-8")
        command = [nextflow, "-q", "run", "script.nf"]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_files_of_the_user_have_names_of_their_own_that_a_later_run_reads(script: Script, tmp_path: Path) -> None:
    given = {  # TF: known sites, truth
        "A": ("one/sites.bed", "two/sites.bed"),  # one name of two files
        "B": ("one/sites.bed", "two/Sites.BED"),  # names that differ in case; sites that another TF has, too
        "C": ('one/a,b;c"d.bed', "two/C.truth.json"),  # signs of a sheet; a name that starts with the TF's
        "D": ("one/D.D.bed", "one/l'été (1) [x]*.json"),
    }
    for number, name in enumerate({name for names in given.values() for name in names}):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"{number} {name}\n")
    rows = ",\n".join(
        f"tuple([id: '{tf}', tf: '{tf}'], ['given/known_sites': file({json.dumps(sites)}, glob: false), "
        f"'given/truth': file({json.dumps(truth)}, glob: false)])"
        for tf, (sites, truth) in given.items()
    )
    body = f"rows = channel.of({rows})\nkeep_given(rows, 'out')\nwrite_sheet(rows, 'datasets', 'out')"
    script("sheets.nf", "keep_given ; write_sheet", body)
    with (tmp_path / "out" / "sheets" / "datasets.csv").open() as handle:
        found = {row["tf"]: (row["given/known_sites"], row["given/truth"]) for row in csv.DictReader(handle)}
    assert found["A"] == ("given/A.known_sites.sites.bed", "given/A.truth.sites.bed")
    assert found["C"] == ("given/C.a_b_c_d.bed", "given/C.truth.json")
    published = [name for names in found.values() for name in names]
    assert len({name.lower() for name in published}) == 8
    for tf, names in given.items():
        for source, name in zip(names, found[tf], strict=True):
            assert (tmp_path / "out" / name).read_text() == (tmp_path / source).read_text()
    reading = "println(groovy.json.JsonOutput.toJson(read_sheet('datasets', 'out').collectEntries { meta, files ->\n"
    reading += "[meta.tf, files.values().collect { path -> path.text.trim() }] } +\n"
    reading += "[missing: missing_files('datasets', 'out')]))"
    read = json.loads(script("sheets.nf", "missing_files ; read_sheet", reading))
    assert read.pop("missing") == []
    assert read == {tf: [(tmp_path / name).read_text().strip() for name in names] for tf, names in given.items()}


def test_tables_of_checks_are_read_as_they_were_written(script: Script, tmp_path: Path) -> None:
    import pandas as pd

    from cistill.tables import write_table

    cells = ["NAME", 'a"b.bam', '"x"', "l'été, 1;2.bam", None, "\\ #"]
    write_table(tmp_path / "table.tsv", pd.DataFrame({"name": cells, "last": [None] * 6}))
    text = script("sheets.nf", "table_rows", "println(groovy.json.JsonOutput.toJson(table_rows(file('table.tsv'))))")
    assert json.loads(text) == [{"name": cell, "last": None} for cell in cells]


def test_motif_files_whose_names_hold_the_signs_of_their_list(script: Script, tmp_path: Path) -> None:
    for name in ("a.meme", "b,c.meme", "d#1.meme", "x=y.meme", "e f.meme"):
        (tmp_path / name).touch()
    text = "a.meme, fam=b,c.meme#M;N,d#1.meme,fam=d#1.meme#K,x=y.meme,e f.meme#P"
    body = f"found = matrix_files('{text}').collect {{ row -> row.spec + [row.file.name] }}\n"
    body += "println(groovy.json.JsonOutput.toJson(found))"
    assert json.loads(script("files.nf", "matrix_files", body)) == [
        ["", "", "a.meme"],
        ["fam", "M,N", "b,c.meme"],
        ["", "", "d#1.meme"],
        ["fam", "K", "d#1.meme"],
        ["", "", "x=y.meme"],
        ["", "P", "e f.meme"],
    ]


def test_accents_of_a_sheet_and_of_a_disk_may_be_written_in_two_ways(script: Script, tmp_path: Path) -> None:
    composed, apart = (unicodedata.normalize(form, "été.bam") for form in ("NFC", "NFD"))
    (tmp_path / apart).touch()
    (tmp_path / "$x.bam").touch()
    body = "println(groovy.json.JsonOutput.toJson(existing_files([%s, '$x.bam', 'no.bam'], file('s.csv')).first()))"
    text = script("files.nf", "existing_files", body % json.dumps(composed, ensure_ascii=False))
    assert json.loads(text) == [composed]


def test_the_command_of_calibrate_names_matrices_as_they_are(script: Script, tmp_path: Path) -> None:
    for name in ("scores.tsv", "library.tsv", "facts.json", "my motifs' #1 (1).meme"):
        (tmp_path / name).touch()
    row = (
        "[id: 'T.x', tf: 'T'], file('scores.tsv'), file('library.tsv'), file('facts.json'), [['own', 'A,B'], ['', '']]"
    )
    motifs = json.dumps("my motifs' #1 (1).meme")
    body = f"CALIBRATE(channel.of(tuple({row}, [file({motifs}, glob: false), file('scores.tsv')])), [seed: 1])\n"
    (tmp_path / "cistill").write_text("#!/bin/sh\nprintf '%s\\n' \"$@\" > arguments\nexit 2\n")
    (tmp_path / "cistill").chmod(0o755)
    with pytest.raises(AssertionError):
        script("../modules/calibrate/main.nf", "CALIBRATE", f"{body}")
    (commands,) = tmp_path.glob("work/*/*/.command.sh")
    listed = subprocess.run(
        ["bash", "-c", f"PATH={tmp_path}:$PATH; set +e; . {commands}; cat arguments"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "own=matrices/1/my motifs' #1 (1).meme#A,B" in listed.stdout.splitlines()
    assert "matrices/2/scores.tsv" in listed.stdout.splitlines()
