"""The affinity sheet: what is accepted, and that everything wrong is told at once."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from cistill.affinity.libraries_sheet import COLUMNS, NEEDED_COLUMNS, Models, check_libraries
from cistill.data.named_files import FileFinder
from cistill.data.sheet_names import NAME
from cistill.errors import InputError

PROJECT = Path(__file__).resolve().parents[2]
READERS = PROJECT / "assets" / "readers"
OWN_READER = """assay: a reader of the user's own
format: {separator: comma}
sequence: {column: site}
label: {column: "{which}", unit: kcal/mol, higher_is_tighter: false}
parameters: {which: null}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    table = "\n".join(["sequence,label", *(f"ACGTACG{base},{k}.5" for k, base in enumerate("ACGT")), "CCCCCCCC,9"])
    (tmp_path / "table.csv").write_text(table + "\n")
    (tmp_path / "own.csv").write_text(table.replace("sequence,label", "site,ddG") + "\n")
    (tmp_path / "own.yml").write_text(OWN_READER)
    return tmp_path


def checked(folder: Path, text: str, models: str | None = "TF1/a,TF1/b,TF2") -> list[dict[str, str]]:
    sheet = folder / "affinity.csv"
    sheet.write_text(text)
    known = None if models is None else Models.from_text(models)
    check_libraries(sheet, known, FileFinder.make(sheet), READERS, folder)
    with (folder / "libraries.tsv").open() as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        checked(folder, text)
    assert not (folder / "libraries.tsv").exists()
    return [line.strip() for line in str(caught.value).splitlines()]


def test_tables_own_readers_and_generated_sequences_are_libraries(folder: Path) -> None:
    own = "own.yml:which=ddG"
    rows = checked(
        folder,
        f"tf,task,library,file,reader\nTF1,,one,table.csv,csv:unit=kcal/mol\nTF1,a,two,own.csv,{own}\n"
        "TF2,,all,,generate:kmers:3\n",
    )
    assert [row["library"] for row in rows] == ["one", "two", "all"]
    assert [row["task"] for row in rows] == ["NA", "a", "NA"]
    assert rows[0]["table"] == str(folder / "table.csv")
    assert (rows[0]["reader"], rows[0]["reader_file"]) == ("csv:unit=kcal/mol", "NA")
    # of a reader of the user's own the path, which may be put elsewhere, and the parameters apart
    assert (rows[1]["reader"], rows[1]["reader_file"]) == ("which=ddG", str(folder / "own.yml"))
    assert (rows[2]["table"], rows[2]["generate"]) == ("NA", "kmers:3")


def test_every_problem_of_the_sheet_is_told_at_once(folder: Path) -> None:
    told = problems(
        folder,
        "tf,library,file,reader,taks\nTF1,one,,csv,\nTF3,two,table.csv,csv,\nTF1,ONE,x.csv,generate:kmers:3,\n"
        "TF1,b c,table.csv,csv,\n,d,table.csv,,\n",
    )
    assert told[0] == "8 problems in the affinity sheet; nothing was run"
    assert told[1:] == [
        "affinity.csv, row 1: unknown column 'taks'; did you mean 'task'?",
        "affinity.csv, row 2, column file: is empty; give the table that the reader reads",
        "affinity.csv, row 3, column tf: there is no model of 'TF3'; the TFs are TF1, TF2",
        "affinity.csv, row 4, column file: is given though the sequences are generated; keep one of the two",
        "affinity.csv, row 5, column library: 'b c' is unfit for file names; use letters, digits, '-' and '_', "
        "the first a letter or digit",
        "affinity.csv, row 6, column tf: is empty; name the TF",
        "affinity.csv, row 6, column reader: is empty; name a reader of assets/readers, a YAML file, or what to "
        "generate",
        "affinity.csv, row 4, column library: 'ONE' of TF1 is also in row 2; name them apart",
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("TF1,c,one,table.csv,csv", "row 2, column task: TF1 has no task 'c'; its tasks are a, b"),
        ("TF1,,one,nowhere.csv,csv:unit=kcal/mol", "row 2, column file: nowhere.csv: no such file"),
        ("TF1,,one,own.csv,nowhere.yml", "row 2, column reader: nowhere.yml: no such file"),
        ("TF1,,one,table.csv,cvs", "row 2: reader 'cvs': no such reader; did you mean csv?"),
        ("TF1,,one,own.csv,csv:unit=kcal/mol", "no column 'sequence'"),
        ("TF1,,one,,generate:kmer:3", "row 2: cannot generate 'kmer:3'"),
    ],
)
def test_readers_and_tables_are_looked_into(folder: Path, row: str, message: str) -> None:
    told = problems(folder, f"tf,task,library,file,reader\n{row}\n")
    assert message in told[1], told


def test_tasks_of_a_tf_that_are_not_known_yet_are_accepted(folder: Path) -> None:
    (row,) = checked(folder, "tf,task,library,file,reader\nTF2,any,one,,generate:kmers:2\n")
    assert row["task"] == "any"


def test_the_schema_names_the_same_columns_and_names() -> None:
    items = json.loads((PROJECT / "assets" / "schema_affinity.json").read_text())["items"]
    assert tuple(items["properties"]) == COLUMNS
    assert tuple(items["required"]) == NEEDED_COLUMNS
    assert items["properties"]["library"]["pattern"] == NAME.pattern


def test_the_command_ends_with_2_and_writes_nothing(folder: Path) -> None:
    (folder / "affinity.csv").write_text("tf,library,file,reader\nTF1,one,nowhere.csv,csv\n")
    command = [sys.executable, PROJECT / "bin" / "checklibraries", "--input", "affinity.csv", "--outdir", "out"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no such file" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((folder / "out").iterdir())
