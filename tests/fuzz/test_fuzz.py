"""A few seeded cases of every reader: nothing but a result or one message comes out. More by hand: tools/fuzz."""

from pathlib import Path

import pytest
from every_target import TARGETS
from workers import one_case, run

FOUND = Path(__file__).parent / "found"
SEED = 2026
CASES = {False: 1000, True: 100}
"""Of a reader of text, of one of bytes."""


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_files_give_a_result_or_one_message(name: str) -> None:
    target = TARGETS[name]
    outcome = run(target, SEED, 0, CASES[target.binary])
    assert outcome.cases == CASES[target.binary]
    assert not outcome.findings, "\n".join(
        f"{one.signature}, case {one.number}\n{one.text}" for one in outcome.findings
    )
    assert 0 < outcome.refused < outcome.cases  # damaged, but not always beyond reading


@pytest.mark.parametrize(
    "file", sorted(file for file in FOUND.glob("*/*")), ids=lambda file: f"{file.parent.name}-{file.stem}"
)
def test_what_was_found_once_stays_mended(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = TARGETS[file.parent.name]
    assert one_case(target, tmp_path / f"case{target.suffix}", file.read_bytes()) in ("read", "refused")
