"""One reader takes the motif files of every program, and says of a bad one what is wrong where."""

import gzip
import io
from pathlib import Path

import numpy as np
import pytest
from Bio import motifs as biopython
from hypothesis import given, settings
from hypothesis import strategies as st
from motif_texts import (
    BAD,
    COUNTS,
    FOUR_COLUMNS,
    FOUR_ROWS,
    GOOD,
    HOCOMOCO,
    JASPAR,
    JASPAR_RAW,
    MEME_MINIMAL,
    PSAM,
    TRANSFAC,
)

from cistill.errors import InputError
from cistill.formats.meme import read_meme
from cistill.formats.motif_files.reader import motif_file_problems, read_database, read_motif_file
from cistill.formats.motifs import Motif, write_motifs

BACKGROUND = "A 0.25 C 0.25 G 0.25 T 0.25"
EXPECTED = np.array([COUNTS[base] for base in "ACGT"]).T / 10


def written(folder: Path, text: str, name: str = "my file.txt") -> Path:
    file = folder / name
    file.write_text(text)
    return file


@pytest.mark.parametrize("kind", GOOD)
def test_every_format_is_recognised_and_read(tmp_path: Path, kind: str) -> None:
    text, form, labels = GOOD[kind]
    read = read_motif_file(written(tmp_path, text))
    assert (read.format, [motif.label for motif in read.motifs]) == (form, labels)
    assert np.allclose(read.motifs[0].matrix, EXPECTED)
    assert all(np.allclose(motif.matrix.sum(axis=1), 1) for motif in read.motifs)


@pytest.mark.parametrize("kind", GOOD)
def test_files_of_other_systems_are_the_same(tmp_path: Path, kind: str) -> None:
    text = GOOD[kind][0]
    plain = read_database(written(tmp_path, text, "my_file.txt"))
    ends = tmp_path / "my_file.crlf"
    ends.write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    packed = tmp_path / "my_file.txt.gz"
    packed.write_bytes(gzip.compress(text.encode("utf-16")))
    unended = written(tmp_path, text.rstrip("\n"), "my_file.unended")
    for file in (ends, packed, unended):
        again = read_database(file)
        assert [motif.label for motif in again] == [motif.label for motif in plain]
        assert all(np.array_equal(a.matrix, b.matrix) for a, b in zip(again, plain, strict=True))


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_refused_with_file_and_line(tmp_path: Path, kind: str) -> None:
    text, words = BAD[kind]
    file = written(tmp_path, text, "my_file.txt")
    with pytest.raises(InputError) as raised:
        read_database(file)
    assert words in str(raised.value)
    assert str(raised.value).startswith(f"motif database {file}")
    assert motif_file_problems(file) == [str(raised.value)]


def test_number_of_sites_is_kept_of_counts_alone(tmp_path: Path) -> None:
    sites = {kind: read_database(written(tmp_path, GOOD[kind][0]))[0].n_sites for kind in GOOD}
    assert {kind for kind, number in sites.items() if number == 10} >= {"jaspar", "transfac", "meme full", "hocomoco"}
    assert {sites[kind] for kind in ("homer", "cisbp", "weeder", "uniprobe")} == {0}


def test_a_psam_is_the_probabilities_of_sites_drawn_by_affinity(tmp_path: Path) -> None:
    read = read_motif_file(written(tmp_path, PSAM))
    assert read.format == "psam"
    assert np.allclose(read.motifs[0].matrix, [[0.8, 0, 0, 0.2], [0, 0.4, 0.4, 0.2], [0.4, 0.2, 0.2, 0.2]])


def test_a_matrix_of_four_by_four_is_read_as_its_sums_say(tmp_path: Path) -> None:
    square = np.array([[8, 0, 0, 2], [0, 4, 4, 2], [4, 2, 2, 2], [1, 1, 1, 7]])
    for header in ("", ">a\n"):
        for array in (square, square.T):
            text = header + "\n".join(" ".join(map(str, row)) for row in array) + "\n"
            assert np.allclose(read_database(written(tmp_path, text))[0].matrix, square / 10)


def test_the_cores_of_our_own_motifs_are_a_database(tmp_path: Path) -> None:
    pfm = np.vstack([np.full((3, 4), 0.25), np.eye(4), np.full((3, 4), 0.25)])
    motif = Motif("counts.pos_0", "counts", "pos", "pos_patterns/pattern_0", False, 50, pfm, pfm, pfm, (3, 7))
    write_motifs(tmp_path / "m.h5", [motif], "TF", "counts")
    read = read_motif_file(tmp_path / "m.h5")
    assert (read.format, read.motifs[0].label, read.motifs[0].n_sites) == ("motifs.h5", "counts.pos_0", 50)
    assert np.allclose(read.motifs[0].matrix, np.eye(4), atol=0.005)
    write_motifs(tmp_path / "none.h5", [], "TF", "counts")
    with pytest.raises(InputError, match="no motif in the file"):
        read_database(tmp_path / "none.h5")


def test_headers_that_share_their_first_word_are_told_apart_by_all_words(tmp_path: Path) -> None:
    text = JASPAR.replace("MA0001.1", "Motif 1").replace("MA0002.3", "Motif 2")
    assert [motif.name for motif in read_database(written(tmp_path, text))] == ["Motif_1_ABC", "Motif_2_X::Y(var.2)"]


def test_the_reader_of_one_format_and_of_all_read_the_same(tmp_path: Path) -> None:
    file = written(tmp_path, MEME_MINIMAL)
    (one,), (other,) = read_meme(file), read_database(file)
    assert (one.label, one.n_sites) == (other.label, other.n_sites)
    assert np.array_equal(one.matrix, other.matrix)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (JASPAR, "jaspar"),
        (JASPAR_RAW, "jaspar"),
        (MEME_MINIMAL.replace("MOTIF", f"Background letter frequencies\n{BACKGROUND}\n\nMOTIF"), "minimal"),
        (HOCOMOCO, "clusterbuster"),
        (FOUR_ROWS, "pfm-four-rows"),
        (FOUR_COLUMNS, "pfm-four-columns"),
    ],
)
def test_biopython_reads_the_same_numbers(tmp_path: Path, text: str, form: str) -> None:
    ours = read_database(written(tmp_path, text))
    theirs = biopython.parse(io.StringIO(text), form)
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        counts = np.array([other.counts[base] for base in "ACGT"], dtype=float).T
        assert np.allclose(one.matrix, counts / counts.sum(axis=1, keepdims=True))


def test_a_hundred_thousand_motifs_are_read(tmp_path: Path) -> None:
    record = "A [ 8 0 4 ]\nC [ 0 4 2 ]\nG [ 0 4 2 ]\nT [ 2 2 2 ]\n"
    file = written(tmp_path, "".join(f">M{number} x\n{record}" for number in range(100_000)))
    assert len(read_database(file)) == 100_000


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ACGT>acgtU[]0123456789.,;|:-eE \t\n#MOTIFPos/", max_size=200), st.sampled_from(sorted(GOOD)))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str, kind: str) -> None:
    file = tmp_path_factory.mktemp("any") / "m.txt"
    for content in (text, GOOD[kind][0][: len(text)] + text, text + GOOD[kind][0], TRANSFAC[: len(text) * 3] + text):
        file.write_text(content)
        try:
            found = read_database(file)
        except InputError:
            continue
        assert found
        assert all(np.isfinite(motif.matrix).all() and np.allclose(motif.matrix.sum(axis=1), 1) for motif in found)
