"""Several commands in one process: `cistill A ... --then B ...`."""

import json
import time
from pathlib import Path

import pytest

import cistill
from cistill.cli import main


def ended(words: list[str]) -> object:
    with pytest.raises(SystemExit) as end:
        main(words)
    return end.value.code


def test_commands_run_one_after_the_other_with_their_own_arguments(tmp_path: Path) -> None:
    of = ["library", "--outdir", str(tmp_path), "--generate"]
    first, second = [*of, "substitutions:ACGT:1", "--prefix", "one"], [*of, "substitutions:ACG:1", "--prefix", "two"]
    assert not ended([*first, "--then", *second])
    assert {name.name for name in tmp_path.glob("*.tsv")} == {"one.library.tsv", "two.library.tsv"}
    assert len((tmp_path / "two.library.tsv").read_text().splitlines()) == 1 + 1 + 9
    record = json.loads((tmp_path / "two.library.json").read_text())
    assert (record["command"], record["arguments"]) == ("library", second[1:])


def test_each_command_says_its_own_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cistill.provenance._started", time.time() - 100)
    of = ["library", "--outdir", str(tmp_path), "--generate", "substitutions:ACGT:1", "--prefix"]
    assert not ended([*of, "one", "--then", *of, "two"])
    seconds = [json.loads((tmp_path / f"{name}.library.json").read_text())["seconds"] for name in ("one", "two")]
    assert seconds[0] >= 100 > seconds[1]


def test_the_first_command_that_fails_is_the_last(capsys: pytest.CaptureFixture[str]) -> None:
    assert not ended(["--version", "--then", "--version"])
    assert capsys.readouterr().out.split() == ["cistill", cistill.__version__] * 2
    assert ended(["--version", "--then", "nothing", "--then", "--version"]) == 2
    found = capsys.readouterr()
    assert found.out.split() == ["cistill", cistill.__version__]
    assert "no such command: nothing" in found.err
