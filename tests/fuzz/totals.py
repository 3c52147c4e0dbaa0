"""How many cases were run over time: what tools/fuzz counts, added to a table of the repository and to the docs."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

TABLE = Path(__file__).with_name("totals.tsv")
PAGE = Path(__file__).parents[2] / "docs" / "fuzzing.md"
BEGIN, END = "<!-- from tests/fuzz/totals.tsv -->\n", "<!-- end -->\n"
COUNTS, RECORDED = "counts.json", "recorded.json"
BARS = {"text": 1_000_000, "bytes": 100_000}
"""Cases asked for of each reader."""


@dataclass
class Row:
    """Cases of one reader, made by one seed, on one state of the code.

    Attributes
    ----------
    date : str
        Day of the first case.
    commit : str
        State of the code.
    reader, kind : str
        Kind is `text` or `bytes`.
    seed : int
    last : int
        Number of the last case of the seed so far.
    cases, refused : int
        All, and those that ended in a message; the others were read.
    contained : int
        Crashes and endless loops of C libraries that the product answered with a message.
    findings : int
        Kinds of findings that came up.
    """

    date: str
    commit: str
    reader: str
    kind: str
    seed: int
    last: int = -1
    cases: int = 0
    refused: int = 0
    contained: int = 0
    findings: int = 0

    @property
    def key(self) -> tuple[str, str, int]:
        """What rows are added up by."""
        return self.commit, self.reader, self.seed

    def add(self, other: "Row") -> None:
        """Add the cases of another row of the same key."""
        self.last = max(self.last, other.last)
        for name in ("cases", "refused", "contained", "findings"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def read(file: Path = TABLE) -> list[Row]:
    """Return the rows of the table; none if there is no table."""
    if not file.exists():
        return []
    kinds = {one.name: one.type for one in fields(Row)}
    with file.open(newline="") as handle:
        return [
            Row(**{name: int(value) if kinds[name] is int else value for name, value in row.items()})  # type: ignore[arg-type]
            for row in csv.DictReader(handle, delimiter="\t")
        ]


def merged(rows: Iterable[Row]) -> list[Row]:
    """Return one row for each commit, reader and seed, in the order of days, commits and readers."""
    found: dict[tuple[str, str, int], Row] = {}
    for row in rows:
        if row.key in found:
            found[row.key].add(row)
        else:
            found[row.key] = Row(**asdict(row))
    return sorted(found.values(), key=lambda row: (row.date, row.commit, row.reader, row.seed))


def write(rows: Iterable[Row], file: Path = TABLE) -> None:
    """Write the table."""
    with file.open("w", newline="") as handle:
        out = csv.DictWriter(handle, [one.name for one in fields(Row)], delimiter="\t", lineterminator="\n")
        out.writeheader()
        out.writerows(asdict(row) for row in rows)


def counted(folder: Path, name: str = COUNTS) -> list[Row]:
    """Return what tools/fuzz counted in a folder."""
    file = folder / name
    return [Row(**row) for row in json.loads(file.read_text())] if file.exists() else []


def keep(folder: Path, rows: Iterable[Row], name: str = COUNTS) -> None:
    """Write counts to a folder."""
    temporary = folder / f"{name}.tmp"
    temporary.write_text("[\n" + ",\n".join(json.dumps(asdict(row)) for row in rows) + "\n]\n")
    temporary.replace(folder / name)


def record(folder: Path, file: Path = TABLE) -> int:
    """Add the counts of a folder that were not added before to the table; return the number of cases added."""
    before = {row.key: row for row in counted(folder, RECORDED)}
    now = counted(folder)
    new = []
    for row in now:
        old = before.get(row.key)
        more = Row(**asdict(row))
        if old is not None:
            for name in ("cases", "refused", "contained", "findings"):
                setattr(more, name, getattr(row, name) - getattr(old, name))
        if more.cases:
            new.append(more)
    write(merged([*read(file), *new]), file)
    keep(folder, now, RECORDED)
    return sum(row.cases for row in new)


def tables(rows: Iterable[Row]) -> str:
    """Return the two tables of the docs: by reader, and by state of the code."""
    rows = list(rows)
    by_reader: dict[tuple[str, str], list[Row]] = defaultdict(list)
    by_commit: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_reader[row.kind, row.reader].append(row)
        by_commit[row.date, row.commit].append(row)
    newest = max(by_commit, default=("", ""))[1]
    lines = ["| state of the code | from | cases of text | cases of bytes | answered crashes | kinds of findings |"]
    lines.append("|---|---|---:|---:|---:|---:|")
    for (date, commit), some in sorted(by_commit.items()):
        text, of_bytes = (sum(row.cases for row in some if row.kind == kind) for kind in ("text", "bytes"))
        answered, findings = sum(row.contained for row in some), sum(row.findings for row in some)
        lines.append(f"| {commit} | {date} | {text:,} | {of_bytes:,} | {answered:,} | {findings} |")
    lines += ["", f"| reader | of | cases | of which at {newest} | goal | read | answered crashes |"]
    lines.append("|---|---|---:|---:|---:|---:|---:|")
    for (kind, reader), some in sorted(by_reader.items(), reverse=False):
        cases = sum(row.cases for row in some)
        at_newest = sum(row.cases for row in some if row.commit == newest)
        whole = 1 - sum(row.refused for row in some) / max(cases, 1)
        answered = sum(row.contained for row in some)
        lines.append(f"| {reader} | {kind} | {cases:,} | {at_newest:,} | {BARS[kind]:,} | {whole:.0%} | {answered:,} |")
    return "\n".join(lines) + "\n"


def page_with(page: str, rows: Iterable[Row]) -> str:
    """Return the page of the docs with its tables made again."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + tables(rows) + END + after
