"""Bad tables of measurements: one clear error, or a treatment that is recorded; and the command `library`."""

import json
import math
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cistill.affinity.tables.measurements import make_library
from cistill.affinity.tables.reader import load_reader
from cistill.errors import InputError
from cistill.formats.library import Library, read_library
from cistill.tables import read_table

Run = Callable[..., subprocess.CompletedProcess[str]]
PROJECT = Path(__file__).resolve().parents[2]
READERS = PROJECT / "assets" / "readers"
ROWS = [("AACC", "1"), ("AACG", "2"), ("AACT", "3"), ("CACG", "4"), ("GACG", "5")]


def read(folder: Path, rows: list[tuple[str, str]], reader: str = "tsv", header: str = "sequence\tlabel") -> Library:
    file = folder / "table.tsv"
    file.write_text("\n".join([header, *("\t".join(row) for row in rows)]) + "\n")
    return make_library(file, load_reader(reader, READERS))


def problem(folder: Path, rows: list[tuple[str, str]], reader: str = "tsv", header: str = "sequence\tlabel") -> str:
    with pytest.raises(InputError) as raised:
        read(folder, rows, reader, header)
    message = str(raised.value)
    assert str(folder / "table.tsv") in message
    return message


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    assert "no column 'label' for the label; the columns are 'sequence', 'value'" in problem(
        tmp_path, ROWS, header="sequence\tvalue"
    )
    assert "Is the separator right?" in problem(tmp_path, ROWS, "csv", header="sequence:label")


def test_lower_case_is_read_and_counted(tmp_path: Path) -> None:
    library = read(tmp_path, [("aacc", "1"), ("aacG", "2"), *ROWS[2:]])
    assert library.table["sequence"].tolist() == [sequence for sequence, _ in ROWS]
    assert library.notes["rows in lower case or with U, read as upper-case DNA"] == 2


def test_rows_with_other_letters_are_dropped_and_counted(tmp_path: Path) -> None:
    library = read(tmp_path, [*ROWS, ("AANC", "7"), ("AARC", "8")])
    assert len(library.table) == 5
    assert library.notes["rows with letters other than A, C, G, T"] == 2
    message = problem(tmp_path, [("NNNN", "1")] * 6)
    assert "no row of the sequence column holds a sequence of A, C, G, T" in message


def test_duplicates_of_different_labels_are_averaged_with_their_spread(tmp_path: Path) -> None:
    library = read(tmp_path, [*ROWS, ("AACC", "4")])
    first = library.table.iloc[0]
    assert (first["label"], first["n_replicates"]) == (2.5, 2)
    assert first["label_sd"] == pytest.approx(3 / math.sqrt(2))
    assert library.notes["rows merged with others of the same sequence"] == 1
    assert library.notes["sequence of the largest SD"] == "AACC"


def test_a_reader_may_forbid_duplicates(tmp_path: Path) -> None:
    own = tmp_path / "strict.yml"
    own.write_text((READERS / "tsv.yml").read_text().replace('unit: "{unit}"', 'replicates: error, unit: "{unit}"'))
    assert "the reader forbids replicates" in problem(tmp_path, [*ROWS, ("AACC", "4")], str(own))


@pytest.mark.parametrize(
    ("values", "unit", "words"),
    [
        (["2500", "3000", "100", "90", "80"], "ln intensity", "Then set the label's transform to ln"),
        (["2500", "3000", "100", "90", "80"], "kcal/mol", "are these J/mol, or intensities?"),
        (["0.4", "0.6", "0.1", "0", "-0.2"], "E-score", "E-scores lie between -0.5 and 0.5"),
        (["1.5", "1", "0.2", "0.1", "0"], "relative affinity", "the best being 1"),
        (["1", "2", "3", "4", "5"], "kcal", "unknown unit 'kcal'"),
    ],
)
def test_values_that_the_unit_cannot_have(tmp_path: Path, values: list[str], unit: str, words: str) -> None:
    rows = [(sequence, value) for (sequence, _), value in zip(ROWS, values, strict=True)]
    file = tmp_path / "table.tsv"
    file.write_text("sequence\tlabel\n" + "".join(f"{a}\t{b}\n" for a, b in rows))
    with pytest.raises(InputError, match=r".") as raised:
        make_library(file, load_reader(f"tsv:unit={unit}", READERS))
    assert words in str(raised.value)


def test_labels_that_are_no_numbers_are_shown_with_their_rows(tmp_path: Path) -> None:
    assert "1 value(s) are no numbers (row 3: 'strong')" in problem(tmp_path, [ROWS[0], ("AACG", "strong"), *ROWS[2:]])


def test_rows_without_a_value_are_dropped_and_counted(tmp_path: Path) -> None:
    library = read(tmp_path, [*ROWS, ("TTTT", "NA"), ("TTTA", ""), ("TTTC", "inf")])
    assert library.notes["rows without a value"] == 3


def test_constant_labels_are_refused(tmp_path: Path) -> None:
    message = problem(tmp_path, [(sequence, "2") for sequence, _ in ROWS])
    assert "all 5 labels are 2: nothing can be compared with a constant" in message


def test_fewer_than_five_sequences_are_refused_with_the_reasons(tmp_path: Path) -> None:
    message = problem(tmp_path, [*ROWS[:4], ("NNNN", "3")])
    assert "4 sequence(s) with a label are left, at least 5 are needed" in message
    assert "rows with letters other than A, C, G, T: 1" in message


def test_the_wrong_reader_is_noticed_by_length_and_constants(tmp_path: Path) -> None:
    file = tmp_path / "probes.csv"
    file.write_text("Sequence,count,median\n" + "".join(f"{'ACGT' * 15},1,{n}\n" for n in range(1, 6)))
    with pytest.raises(InputError, match="do not end with GTCTTGATTCGCTTGACGCTGCTG"):
        make_library(file, load_reader("gcpbm_yeast_median", READERS))


def test_a_single_misfit_of_many_is_left_out_and_counted(tmp_path: Path) -> None:
    bases = "ACGT"
    good = [(a + b + c + d + "ACGT", str(n)) for n, (a, b, c, d) in enumerate(
        (a, b, c, d) for a in bases for b in bases for c in bases for d in bases)]  # fmt: skip
    rows = [(sequence, "x", f"0.{value}") for sequence, value in good] + [("ACG", "x", "0.1")]
    file = tmp_path / "8mers.txt"
    file.write_text("8-mer\tother\tE-score\n" + "".join("\t".join(row) + "\n" for row in rows))
    reader = load_reader("upbm_8mers:unit=arbitrary", READERS)
    library = make_library(file, reader)
    assert len(library.table) == 256
    assert library.notes["rows left out since they are not 8 bases long"] == 1


def test_files_that_are_no_tables(tmp_path: Path) -> None:
    file = tmp_path / "table.xlsx"
    file.write_bytes(b"PK\x03\x04 and so on")
    with pytest.raises(InputError, match="the workbook is broken or cut short"):
        make_library(file, load_reader("tsv", READERS))
    broken = tmp_path / "table.gz"
    broken.write_bytes(b"\x1f\x8b\x08\x00\x00")
    with pytest.raises(InputError, match="broken or cut short"):
        make_library(broken, load_reader("tsv", READERS))
    (tmp_path / "empty.tsv").write_text("sequence\tlabel\n")
    with pytest.raises(InputError, match="no rows below the header"):
        make_library(tmp_path / "empty.tsv", load_reader("tsv", READERS))
    with pytest.raises(InputError, match="no such file"):
        make_library(tmp_path / "nowhere.tsv", load_reader("tsv", READERS))


def test_a_library_that_was_edited_by_hand_is_checked(tmp_path: Path) -> None:
    file = tmp_path / "own.library.tsv"
    file.write_text("sequence\tlabel\nACGT\t1\nacgt\t2\n")
    with pytest.raises(InputError, match=r"row 3: 'acgt' is no sequence"):
        read_library(file)
    file.write_text("sequence\tlabel\nACGT\t1\nACGT\t2\n")
    with pytest.raises(InputError, match="more than once, such as ACGT"):
        read_library(file)


def test_the_command_writes_the_table_and_what_is_known_of_it(tmp_path: Path, run_command: Run) -> None:
    file = tmp_path / "table.tsv"
    file.write_text("sequence\tddG\n" + "".join(f"{a}\t{b}\n" for a, b in [*ROWS, ("ANAA", "1")]))
    done = run_command("library", "--table", file, "--reader", "energies", "--prefix", "x", "--outdir", tmp_path)
    assert done.returncode == 0, done.stderr
    table = read_table(tmp_path / "x.library.tsv")
    assert list(table.columns) == ["sequence", "label", "label_sd", "n_replicates", "class", "name"]
    assert table["label"].tolist() == [1, 2, 3, 4, 5]
    record = json.loads((tmp_path / "x.library.json").read_text())
    facts = record["results"]
    assert (facts["unit"], facts["higher_is_tighter"], facts["temperature_K"]) == ("kcal/mol", False, 298.15)
    assert facts["treated"]["rows with letters other than A, C, G, T"] == 1
    assert record["inputs"]["table"]["name"] == "table.tsv"
    again = read_library(tmp_path / "x.library.tsv")
    assert (again.unit, again.higher_is_tighter, again.labels.tolist()) == ("kcal/mol", False, [1, 2, 3, 4, 5])


def test_the_command_generates_libraries_and_refuses_two_sources(tmp_path: Path, call_command: Run) -> None:
    done = call_command("library", "--generate", "substitutions:ACGT:1", "--outdir", tmp_path)
    assert done.returncode == 0, done.stderr
    table = read_table(tmp_path / "affinity.library.tsv", dtype={"label": str})
    assert len(table) == 13
    assert table["label"].isna().all()
    done = call_command("library", "--generate", "kmers:2", "--reader", "tsv", "--outdir", tmp_path)
    assert (done.returncode, "either --table with --reader, or --generate" in done.stderr) == (2, True)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("column", ["label", "label_sd", "n_replicates"])
def test_a_value_of_a_library_that_is_no_number_is_refused(tmp_path: Path, column: str) -> None:
    file = tmp_path / "A.one.library.tsv"
    file.write_text(f"sequence\t{column}\nACGT\t1\nACGA\tmuch\n")
    with pytest.raises(InputError, match=f"row 2: the column {column} holds 'much', which is no number"):
        read_library(file)


@pytest.mark.parametrize("text", ["sequence\nACGT\n", "sequence\tlabel\nACGT\tNA\n"])
def test_labels_of_a_library_without_measurements_are_not_known(tmp_path: Path, text: str) -> None:
    file = tmp_path / "A.one.library.tsv"
    file.write_text(text)
    labels = read_library(file).labels
    assert labels.dtype == float
    assert math.isnan(labels[0])
