"""Marginalization as a function: arrays for any sequences in any backgrounds, the command's numbers."""

from pathlib import Path

import numpy as np
import pytest
from marginal_toys import INPUT, in_process, letters, random_codes, toy_model

from cistill.affinity.marginalization.marginalize import marginalize
from cistill.affinity.marginalization.settings import EngineSettings
from cistill.dna.codes import encode_all, reverse_complement_text
from cistill.errors import InputError
from cistill.model.ensemble import Ensemble, load_ensemble
from cistill.tables import read_table

SEQUENCES = ["CACGTG", "TTTTCACGTGAAA", "GGG", "cacgtg", "GTT", "AAC"]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy_model(tmp_path_factory.mktemp("model") / "TOY.model.safetensors", ("0", "1"), ("a", "b"))


@pytest.fixture
def model(file: Path) -> Ensemble:
    return load_ensemble(file)


@pytest.fixture
def backgrounds() -> list[str]:
    return [letters(codes) for codes in random_codes(6, INPUT, 5)]


@pytest.mark.parametrize("orientations", ["forward", "both"])
def test_the_function_and_the_command_give_the_same_numbers(
    file: Path, model: Ensemble, backgrounds: list[str], tmp_path: Path, orientations: str
) -> None:
    fasta, library = tmp_path / "b.fa", tmp_path / "l.tsv"
    fasta.write_text("".join(f">b{i}\n{text}\n" for i, text in enumerate(backgrounds)))
    library.write_text("sequence\n" + "\n".join(SEQUENCES) + "\n")
    done = in_process(
        "marginalize", "--model", file, "--backgrounds", fasta, "--library", library, "--n_backgrounds", 6,
        "--orientations", orientations, "--outdir", tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    table = read_table(tmp_path / "TOY.scores.tsv").set_index(["sequence", "task"])
    found = marginalize(
        model, SEQUENCES, backgrounds, settings=EngineSettings(both_orientations=orientations == "both")
    )
    assert found.tasks == ["a", "b"]
    columns = ("score", "standard_error", "sd_backgrounds", "sd_networks")
    # blocks of other sizes round otherwise
    for row, sequence in enumerate(SEQUENCES):
        for column, task in enumerate(found.tasks):
            of_command = table.loc[(sequence.upper(), task), list(columns)].to_numpy(float)
            assert [values[row, column] for values in found[:4]] == pytest.approx(of_command, rel=1e-4, abs=1e-6)
    assert (found.scores[0] == found.scores[3]).all()


def test_backgrounds_may_be_codes_and_longer_than_the_input(model: Ensemble, backgrounds: list[str]) -> None:
    plain = marginalize(model, ["CACGTG"], backgrounds, ["b"])
    assert plain.scores.shape == (1, 1)
    codes = np.pad(encode_all(backgrounds), ((0, 0), (3, 3)))
    assert marginalize(model, ["CACGTG"], codes, ["b"]).scores == plain.scores


def test_both_orientations_score_a_sequence_and_its_reverse_complement_alike(
    model: Ensemble, backgrounds: list[str]
) -> None:
    sequences = ["AACCT", reverse_complement_text("AACCT")]
    found = marginalize(model, sequences, backgrounds, settings=EngineSettings(both_orientations=True))
    assert (found.scores[0] == found.scores[1]).all()


@pytest.mark.parametrize(
    ("sequences", "given", "tasks", "message"),
    [
        (["ACN"], None, None, "1 of 1 sequences are not of A, C, G and T, for example 'ACN'"),
        ([], None, None, "0 of 0 sequences"),
        (["A" * (INPUT + 1)], None, None, "1 of 1 inserts are longer than the 114 bp"),
        (["A"], [], None, "give at least one background"),
        (["A"], ["ACGT"], None, "background 0 has 4 bp, the model reads 114 bp"),
        (["A"], ["N" * INPUT], None, "background 0 holds letters other than A, C, G, T"),
        (["A"], None, ["c"], "has no task c; its tasks are a, b"),
    ],
)
def test_what_does_not_fit_is_one_message(
    model: Ensemble,
    backgrounds: list[str],
    sequences: list[str],
    given: list[str] | None,
    tasks: list[str] | None,
    message: str,
) -> None:
    with pytest.raises(InputError, match=message):
        marginalize(model, sequences, backgrounds if given is None else given, tasks)
