"""Text files as users' programs write them: encodings, compression, line ends; what is none is named."""

import gzip
import os

import pytest

from cistill.errors import InputError
from cistill.files import require_file
from cistill.texts import read_json, read_object, read_text, text_lines

LINES = [(1, "tf,task"), (2, "Bäume,ü"), (3, ""), (4, "x")]
TEXT = "tf,task\nBäume,ü\n\nx"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("compressed", [False, True])
def test_lines_are_the_same_whatever_wrote_them(tmp_path, encoding, end, compressed):
    content = (TEXT + "\n").replace("\n", end).encode(encoding)
    file = tmp_path / "sheet.csv"
    file.write_bytes(gzip.compress(content) if compressed else content)
    assert [(n, line) for n, line in text_lines(file, "sheet") if n <= 4] == LINES


def test_last_line_needs_no_end(tmp_path):
    (tmp_path / "a").write_text("one\ntwo")
    assert read_text(tmp_path / "a", "table") == "one\ntwo"


def test_gzip_of_several_members_is_read_whole(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"one\n") + gzip.compress(b"two\n"))
    assert read_text(tmp_path / "a.gz", "table") == "one\ntwo"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04....", "zip archive"),
        (b"\xd0\xcf\x11\xe0....", "old Excel"),
        (b"BZh9....", "bzip2"),
        (b"a\x00b\n", "zero byte"),
        (b"\xff\xfea\x00\n\x00\x00\xd8\x00\xd8", "UTF-16"),
        (gzip.compress(bytes(range(256)) * 20, mtime=0)[:-20], "broken or cut short"),
    ],
)
def test_what_is_no_text_is_named(tmp_path, content, words):
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_text(tmp_path / "a", "table")


def test_file_that_is_not_there_empty_or_a_folder_is_told(tmp_path):
    (tmp_path / "empty").touch()
    os.mkfifo(tmp_path / "pipe")
    for name, words in (("none", "no such file"), ("empty", "is empty"), (".", "folder"), ("pipe", "pipe")):
        with pytest.raises(InputError, match=words):
            require_file(tmp_path / name, "table")


def test_json_that_is_none_or_too_deep_is_told(tmp_path):
    (tmp_path / "a").write_text("[" * 100_000)
    (tmp_path / "b").write_text("{")
    (tmp_path / "c").write_text("[1]")
    for name in "ab":
        with pytest.raises(InputError, match="not a JSON file"):
            read_json(tmp_path / name, "splits")
    with pytest.raises(InputError, match="expected a JSON object"):
        read_object(tmp_path / "c", "splits")
