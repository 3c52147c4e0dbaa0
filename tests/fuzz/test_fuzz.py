"""A few seeded cases of every reader: nothing but a result or one message comes out. More by hand: tools/fuzz."""

from pathlib import Path

import pytest
import totals
from every_target import TARGETS
from targets import files_of_block
from totals import Row
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


def test_page_shows_the_totals() -> None:
    page = totals.PAGE.read_text()
    assert page == totals.page_with(page, totals.read()), "run tools/fuzz --record"


def test_counts_are_added_once(tmp_path: Path) -> None:
    table = tmp_path / "totals.tsv"
    counts = Row("2026-01-02", "abc", "bed", "text", 1, last=99, cases=100, refused=40)
    totals.keep(tmp_path, [counts])
    assert totals.record(tmp_path, table) == 100
    assert totals.record(tmp_path, table) == 0
    counts.add(Row("2026-01-03", "abc", "bed", "text", 1, last=149, cases=50, refused=10, findings=1))
    totals.keep(tmp_path, [counts, Row("2026-01-03", "def", "bed", "text", 1, last=159, cases=10)])
    assert totals.record(tmp_path, table) == 60
    assert [(row.commit, row.last, row.cases, row.refused, row.findings) for row in totals.read(table)] == [
        ("abc", 149, 150, 50, 1),
        ("def", 159, 10, 0, 0),
    ]


def test_cases_of_a_seed_are_always_the_same() -> None:
    target = TARGETS["samplesheet"]
    before = [target.case(3, number) for number in (5, 59)]
    files_of_block.cache_clear()
    assert before == [target.case(3, number) for number in (5, 59)]
    assert before[1] != target.case(4, 59)
