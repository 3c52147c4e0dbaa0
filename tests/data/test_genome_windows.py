"""Windows of a genome: the same by random access and from chromosomes in turn, whatever the file is like."""

import gzip
from pathlib import Path

import numpy as np
import pysam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cistill.data.genome import read_chromosomes, window_codes
from cistill.data.genome_windows import Genome
from cistill.errors import InputError

LETTERS = np.frombuffer(b"ACGTacgtNR", np.uint8)


def fasta_text(sizes: dict[str, int], line: int = 60, end: str = "\n") -> str:
    """A FASTA text of random sequences, its lines `line` bases wide."""
    rng = np.random.default_rng(1)
    records = []
    for name, size in sizes.items():
        bases = rng.choice(LETTERS, size).tobytes().decode()
        records.append(end.join([f">{name} of a test", *(bases[at : at + line] for at in range(0, size, line))]))
    return end.join(records) + end


def compared(file: Path) -> Genome:
    """A file's genome, after its windows were compared with those of whole chromosomes."""
    genome = Genome(file)
    chromosomes = dict(read_chromosomes(file))
    assert genome.sizes == {name: len(codes) for name, codes in chromosomes.items()}
    rng = np.random.default_rng(2)
    for length in (1, 7, 500):
        for name in [*chromosomes, *reversed(chromosomes)]:
            starts = rng.integers(-length - 3, len(chromosomes[name]) + 3, 20)
            expected = window_codes(chromosomes[name], starts, length)
            np.testing.assert_array_equal(genome.windows(name, starts, length), expected)
    return genome


SIZES = {"chrI": 1000, "chrII": 60, "chrIII": 61, "chrIV": 1}


@pytest.mark.parametrize("line", [60, 13, 5000])
def test_plain_files_are_read_by_random_access(tmp_path: Path, line: int) -> None:
    file = tmp_path / "g.fa"
    file.write_text(fasta_text(SIZES, line))
    assert compared(file)._indexed is not None


def test_bgzf_is_read_by_random_access_across_its_blocks_whatever_its_name(tmp_path: Path) -> None:
    plain, file = tmp_path / "g.fa", tmp_path / "g.fasta"
    plain.write_text(fasta_text({"chr1": 200_000, "chr2": 65_280 * 2, "chr3": 5}))
    pysam.tabix_compress(str(plain), str(file))
    genome = compared(file)
    assert genome._indexed is not None
    codes = dict(read_chromosomes(file))["chr1"]
    starts = np.arange(65_280 - 200, 65_280 + 200)  # around the border of two blocks, wherever in the line it is
    np.testing.assert_array_equal(genome.windows("chr1", starts, 50), window_codes(codes, starts, 50))


@pytest.mark.parametrize(
    "text",
    [
        fasta_text(SIZES, end="\r\n"),
        ">a\nACG\nACGT\nA\n",
        ">a\nACGT\n\nACGT\n",
        ">a\nACG \nACG \nAC\n",
        ">a\nACé\nACG\n",
    ],
    ids=["carriage returns", "a longer line", "an empty line", "spaces", "not ASCII"],
)
def test_files_that_have_no_index_are_read_by_chromosome(tmp_path: Path, text: str) -> None:
    file = tmp_path / "g.fa"
    file.write_bytes(text.encode())
    assert compared(file)._indexed is None


def test_plain_gzip_is_read_by_chromosome(tmp_path: Path) -> None:
    file = tmp_path / "g.fa.gz"
    file.write_bytes(gzip.compress(fasta_text(SIZES).encode()))
    assert compared(file)._indexed is None


def test_joined_bgzf_files_are_read(tmp_path: Path) -> None:
    plain, one = tmp_path / "g.fa", tmp_path / "one.gz"
    plain.write_text(fasta_text({"chr1": 500}))
    pysam.tabix_compress(str(plain), str(one))
    both = tmp_path / "g.fa.gz"
    both.write_bytes(one.read_bytes() * 2)
    with pytest.raises(InputError, match="two sequences are named 'chr1'"):
        Genome(both)
    plain.write_text(fasta_text({"chr2": 500}))
    pysam.tabix_compress(str(plain), str(tmp_path / "two.gz"))
    both.write_bytes(one.read_bytes() + (tmp_path / "two.gz").read_bytes())
    compared(both)


@pytest.mark.parametrize("end", ["", "\n\n\n"], ids=["no line feed", "empty lines"])
def test_the_end_of_the_file_does_not_matter(tmp_path: Path, end: str) -> None:
    file = tmp_path / "g.fa"
    file.write_text(fasta_text({"a": 130, "b": 70}).rstrip("\n") + end)
    assert compared(file)._indexed is not None


def test_a_name_that_repeats_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "g.fa"
    file.write_text(">a\nAC\n>b\nA\n>a\nAC\n")
    with pytest.raises(InputError, match="two sequences are named 'a'"):
        Genome(file)


def test_nothing_is_left_beside_the_genome(tmp_path: Path) -> None:
    folder = tmp_path / "genome"
    folder.mkdir()
    file = folder / "g.fa"
    file.write_text(fasta_text(SIZES))
    folder.chmod(0o500)
    try:
        compared(file)
        assert [path.name for path in folder.iterdir()] == ["g.fa"]
    finally:
        folder.chmod(0o700)


@given(sizes=st.lists(st.integers(1, 90), min_size=1, max_size=5), line=st.integers(1, 20), text_end=st.booleans())
def test_random_access_equals_chromosomes_in_turn(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], line: int, text_end: bool
) -> None:
    file = tmp_path_factory.mktemp("genome") / "g.fa"
    text = fasta_text({f"s{number}": size for number, size in enumerate(sizes)}, line)
    file.write_text(text if text_end else text[:-1])
    assert compared(file)._indexed is not None
