"""Generated libraries, and inserts read from tables and FASTA."""

import gzip
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cistill.affinity.marginalization.inserts import generated_inserts, read_inserts
from cistill.affinity.tables.generate import (
    generated,
    kmer_inserts,
    pattern_inserts,
    repeat_inserts,
    repeat_units,
    spacer_inserts,
    substitution_inserts,
    write_inserts,
)
from cistill.dna.codes import decode_texts, encode_texts, reverse_complement_text, reverse_complement_texts
from cistill.errors import InputError
from cistill.formats.tables.libraries import SEQUENCES
from cistill.tables import read_table


def sequences(inserts: object) -> list[str]:
    return [insert.sequence for insert in inserts]


def test_a_pattern_gives_all_its_sequences_in_order() -> None:
    assert sequences(pattern_inserts("rCs")) == ["ACC", "ACG", "GCC", "GCG"]
    flanks = sequences(pattern_inserts("NNCACGTGNN"))
    assert len(set(flanks)) == 256
    assert all(s[2:8] == "CACGTG" for s in flanks)
    with pytest.raises(InputError, match="IUPAC letters"):
        pattern_inserts("ACX")
    with pytest.raises(InputError, match="at most"):
        pattern_inserts("N" * 15)


def test_kmers_between_flanks() -> None:
    assert sequences(kmer_inserts(1, "gg", "T")) == ["GGAT", "GGCT", "GGGT", "GGTT"]
    assert len(list(kmer_inserts(5))) == 1024


def test_all_single_and_double_substitutions() -> None:
    inserts = list(substitution_inserts("ATTACCCGGA"))
    kinds = pd.Series([insert.kind for insert in inserts]).value_counts()
    assert kinds.to_dict() == {"consensus": 1, "substitution_1": 30, "substitution_2": 9 * 45}
    assert len(set(sequences(inserts))) == 436
    named = {insert.name: insert.sequence for insert in inserts}
    assert named["A1C"] == "CTTACCCGGA"
    assert named["G9T,A10C"] == "ATTACCCGTC"
    assert sequences(substitution_inserts("AC", 0, "G", "T")) == ["GACT"]


def test_spacers_put_half_sites_in_all_orientations_at_all_distances() -> None:
    inserts = list(spacer_inserts("AGC", "TTT", 0, 2, "C"))
    assert [i.sequence for i in inserts if i.kind == "spacer_2"] == ["AGCCCTTT", "AGCCCAAA", "GCTCCTTT", "GCTCCAAA"]
    assert [(i.sequence, i.name) for i in inserts if i.kind == "half_site"] == [
        ("AGCCCCCC", "first"),
        ("CCCCCTTT", "second"),
    ]
    assert len(inserts) == 14


def test_repeats_flank_a_site_in_phase() -> None:
    assert list(repeat_units(2)) == ["A", "C", "G", "T", "AC", "AG", "AT", "CG", "CT", "GT"]
    named = {(i.kind, i.name): i.sequence for i in repeat_inserts("GGG", 2, 4)}
    assert named["repeat", "AC"] == "ACACGGGCACA"
    assert named["repeat_alone", "AC"] == "ACACACACACA"
    # 4 + 6 + 20 cycles of 1, 2 and 3 bases
    assert len(list(repeat_units(3))) == 30


@pytest.mark.parametrize(
    "text", ["", "kmers", "kmers:x", "kmers:0", "pattern:", "spacers:ACG", "repeats:ACG:0", "all:5", "kmers:3:N"]
)
def test_texts_that_ask_for_nothing_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        list(generated(text))


def test_texts_name_the_generators() -> None:
    assert sequences(generated("kmers:2:AA")) == sequences(kmer_inserts(2, "AA"))
    assert sequences(generated("spacers:AC:GT:1-3:T")) == sequences(spacer_inserts("AC", "GT", 1, 3, "T"))
    assert sequences(generated("substitutions:ACGT:1")) == sequences(substitution_inserts("ACGT", 1))
    assert sequences(generated("repeats:ACGT:1:5")) == sequences(repeat_inserts("ACGT", 1, 5))


def test_a_written_library_has_the_columns_of_all_libraries(tmp_path: Path) -> None:
    write_inserts(tmp_path / "library.tsv", substitution_inserts("ACGT", 1))
    table = read_table(tmp_path / "library.tsv")
    assert tuple(table.columns) == SEQUENCES.names
    assert table["sequence"].tolist() == sequences(substitution_inserts("ACGT", 1))
    assert table["label"].isna().all()
    assert read_inserts(tmp_path / "library.tsv").sequences.tolist() == [s.encode() for s in table["sequence"]]


def test_each_sequence_is_taken_once_and_what_cannot_be_inserted_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "library.csv"
    path.write_text("probe,value\nACGT,1\nacg,2\nACNT,3\nACG,4\nTTTTT,5\nACGT,6\n")
    inserts = read_inserts(path, "probe")
    assert inserts.sequences.tolist() == [b"ACGT", b"ACG", b"TTTTT"]
    assert inserts.lengths.tolist() == [4, 3, 5]
    assert inserts.rows == 6
    assert inserts.treated == {
        "lower case read as upper case": 1,
        "left out, letters other than A, C, G, T": 1,
        "same sequence as an earlier row, scored once": 2,
    }


def test_fasta_plain_or_compressed(tmp_path: Path) -> None:
    text = ">one\nACG\nTAA\n>two x\nccc\n"
    (tmp_path / "library.fa").write_text(text)
    with gzip.open(tmp_path / "library.fa.gz", "wt") as handle:
        handle.write(text)
    for name in ("library.fa", "library.fa.gz"):
        assert read_inserts(tmp_path / name).sequences.tolist() == [b"ACGTAA", b"CCC"]


FORMS = {
    "semicolons.csv": "sequence;value\nACGTAA;1,5\nCCC;2,5\n",
    "marked.tsv": "# by hand\n#Sequence\tvalue\nACGTAA\t1\nccc\t2\n",
    "mark.tsv": "\ufeffsequence\r\nACGTAA\r\nCCC\r\n",
    "ends.csv": "sequence\n5'-ACG UAA-3'\nCCC\n",
    "windows.fa": "\ufeff>one \xb5\r\nACG\r\nTAA\r\n>two\r\nCCC\r\n",
    "blank.fa": "\n\n>one\rACGTAA\r>two\rCCC\r",
}


@pytest.mark.parametrize("name", FORMS)
def test_files_as_other_programs_write_them(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(FORMS[name].encode())
    assert read_inserts(tmp_path / name).sequences.tolist() == [b"ACGTAA", b"CCC"]


def test_a_workbook_of_inserts(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["sequence", "n"], ["ACGTAA", 1], ["CCC", 2]):
        book.active.append(row)
    book.save(tmp_path / "library.xlsx")
    assert read_inserts(tmp_path / "library.xlsx").sequences.tolist() == [b"ACGTAA", b"CCC"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sequence\tlabel\nACGT\t1\t3\n", "row 2 has 3 cells where the header has 2"),
        ("name\tlabel\nACGT\t1\n", "no column 'sequence' for the sequences; the columns are 'name', 'label'"),
        ("sequence\tlabel\nACGT\t1\n\t2\n", "1 of 2 rows hold no sequence"),
        ("sequence\nNNN\nACX\n", "none of 2 rows is a sequence of A, C, G and T .row 1: 'NNN', row 2: 'ACX'."),
        ("sequence\n", "none of 0 rows"),
        ('sequence\tb\n"ACGT\n', "not a readable table"),
    ],
)
def test_bad_tables_are_one_message(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "library.tsv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_inserts(tmp_path / "library.tsv")


def test_a_missing_or_empty_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_inserts(tmp_path / "nothing.tsv")
    (tmp_path / "empty.tsv").touch()
    with pytest.raises(InputError, match="empty"):
        read_inserts(tmp_path / "empty.tsv")


@given(st.lists(st.text("ACGT", min_size=1, max_size=9), min_size=1, max_size=20))
def test_reverse_complements_of_mixed_lengths(texts: list[str]) -> None:
    turned = reverse_complement_texts(np.array([text.encode() for text in texts]))
    assert [text.decode() for text in turned] == [reverse_complement_text(text) for text in texts]


def test_codes_and_texts_are_each_others_inverse() -> None:
    inserts = generated_inserts(kmer_inserts(3))
    assert len(inserts) == 64
    assert decode_texts(encode_texts(inserts.sequences)).tolist() == inserts.sequences.tolist()
