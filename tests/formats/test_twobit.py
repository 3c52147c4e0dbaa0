"""2bit files, read back as https://genome.ucsc.edu/FAQ/FAQformat.html#format7 describes them."""

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cistill.dna.codes import encode
from cistill.errors import InputError
from cistill.formats import twobit
from cistill.formats.twobit import write_twobit


def read_twobit(path: Path) -> dict[str, str]:
    """Read all sequences, slowly."""
    data = path.read_bytes()
    signature, version, count, reserved = struct.unpack_from("<IIII", data)
    assert (signature, reserved) == (0x1A412743, 0)
    offset = {0: "<I", 1: "<Q"}[version]
    at, found = 16, {}
    for _ in range(count):
        name = data[at + 1 : at + 1 + data[at]].decode()
        at += 1 + data[at]
        (record,) = struct.unpack_from(offset, data, at)
        at += struct.calcsize(offset)
        size, blocks = struct.unpack_from("<II", data, record)
        runs = struct.unpack_from(f"<{2 * blocks}I", data, record + 8)
        here = record + 8 + 8 * blocks
        assert struct.unpack_from("<II", data, here) == (0, 0)
        packed = data[here + 8 : here + 8 + (size + 3) // 4]
        bases = ["TCAG"[byte >> shift & 3] for byte in packed for shift in (6, 4, 2, 0)][:size]
        for start, length in zip(runs[:blocks], runs[blocks:], strict=True):
            bases[start : start + length] = "N" * length
        found[name] = "".join(bases)
    return found


def write(path: Path, genome: dict[str, str]) -> None:
    sequences = ((name, encode(text)) for name, text in genome.items())
    write_twobit(path, list(genome), sum(map(len, genome.values())), sequences)


@given(st.dictionaries(st.text("abcé", min_size=1, max_size=9), st.text("ACGTN", min_size=1, max_size=40), min_size=1))
def test_sequences_come_back(tmp_path_factory: pytest.TempPathFactory, genome: dict[str, str]) -> None:
    path = tmp_path_factory.mktemp("twobit") / "genome.2bit"
    write(path, genome)
    assert read_twobit(path) == genome


def test_bytes_are_those_of_the_format(tmp_path: Path) -> None:
    write(tmp_path / "genome.2bit", {"c": "ACGTNNT"})
    record = struct.pack("<IIIIII", 7, 1, 4, 2, 0, 0) + bytes([0b10011100, 0b00000000])
    head = struct.pack("<IIII", 0x1A412743, 0, 1, 0) + b"\x01c" + struct.pack("<I", 22)
    assert (tmp_path / "genome.2bit").read_bytes() == head + record


def test_large_genomes_have_offsets_of_64_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twobit, "WIDE_FROM", 8)
    write(tmp_path / "genome.2bit", {"a": "ACGTN", "b": "TTTT"})
    assert struct.unpack_from("<I", (tmp_path / "genome.2bit").read_bytes(), 4) == (1,)
    assert read_twobit(tmp_path / "genome.2bit") == {"a": "ACGTN", "b": "TTTT"}


def test_a_name_that_is_too_long_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a 2bit file cannot hold the name xxx"):
        write(tmp_path / "genome.2bit", {"x" * 256: "A"})


def test_sequences_that_were_not_announced_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not those that were announced"):
        write_twobit(tmp_path / "genome.2bit", ["a"], 1, [("b", np.zeros(1, np.uint8))])
    assert list(tmp_path.iterdir()) == []
