"""Motif files in MEME's format."""

from pathlib import Path

import numpy as np
import pytest

from cistill.errors import InputError
from cistill.formats.meme import NamedMatrix, read_meme, write_meme

TEXT = """MEME version 4

ALPHABET= ACGT

strands: + -

Background letter frequencies
A 0.31 C 0.19 G 0.19 T 0.31

MOTIF MA0001.1 ONE
letter-probability matrix: alength= 4 w= 2 nsites= 20 E= 0
0.5 0.5 0.0 0.0
 0.00 0.25 0.25 0.50

URL http://example.org/

MOTIF second
letter-probability matrix:
1 0 0 0
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "db.meme"
    file.write_text(text)
    return file


def test_names_matrices_and_sites_are_read(tmp_path: Path) -> None:
    first, second = read_meme(written(tmp_path, TEXT))
    assert (first.name, first.alternative, first.label, first.n_sites) == ("MA0001.1", "ONE", "MA0001.1 ONE", 20)
    assert np.array_equal(first.matrix, [[0.5, 0.5, 0, 0], [0, 0.25, 0.25, 0.5]])
    assert (second.label, second.n_sites, second.matrix.shape) == ("second", 0, (1, 4))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    motifs = read_meme(written(tmp_path, TEXT))
    write_meme(tmp_path / "copy.meme", motifs)
    again = read_meme(tmp_path / "copy.meme")
    assert [(m.name, m.alternative, m.n_sites) for m in again] == [(m.name, m.alternative, m.n_sites) for m in motifs]
    for one, other in zip(motifs, again, strict=True):
        assert np.allclose(one.matrix, other.matrix, atol=1e-6)


def test_a_file_without_motifs_can_be_written(tmp_path: Path) -> None:
    write_meme(tmp_path / "none.meme", [], np.array([0.3, 0.2, 0.2, 0.3]))
    text = (tmp_path / "none.meme").read_text()
    assert "A 0.3000 C 0.2000 G 0.2000 T 0.3000" in text
    assert "MOTIF" not in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hello\n", "MEME version 4"),
        ("MEME version 4\n", "no motif"),
        (TEXT.replace("ACGT", "ACDEFGHIKLMNPQRSTVWY"), "alphabet must be ACGT"),
        (TEXT.replace("0.5 0.5 0.0 0.0", "0.5 0.5 0.0"), "line 12: a row of a matrix"),
        (TEXT.replace("0.5 0.5 0.0 0.0", "0.5 0.9 0.0 0.0"), "sum to one"),
        (TEXT.replace("second", "MA0001.1"), "more than once: MA0001.1"),
        (TEXT.replace("MOTIF second\n", ""), "before any MOTIF"),
    ],
)
def test_a_bad_file_is_refused_with_its_reason(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_meme(written(tmp_path, text))


def test_alternative_names_are_kept_with_the_label() -> None:
    assert NamedMatrix("a", "", np.eye(4)).label == "a"
