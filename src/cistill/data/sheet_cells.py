"""Cells of sheets as people and spreadsheet programs write them: what surrounds a text, and what stands for nothing."""

import re

NOT_GIVEN = frozenset(("na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "\u2013", "\u2014", "."))
"""Cells, in lower case, that people and programs write for what is not given."""
AROUND = " \t\r\n\v\f\u00a0\u1680\u3000\ufeff" + "".join(
    chr(code)
    for first, last in ((0x2000, 0x200F), (0x202A, 0x202F), (0x205F, 0x2064))
    for code in range(first, last + 1)
)
"""Characters around a cell that are no part of it; some of them are invisible."""
QUOTES = {"'": "'", "\u2018": "\u2019", "\u201c": "\u201d", "\u201e": "\u201c\u201d", "\u00ab": "\u00bb"}
"""Quotes that are no part of a cell that they enclose."""


def cell_text(value: str) -> str:
    """Return what a cell holds, without what surrounds it; empty for what is not given."""
    bare = value.strip(AROUND)
    if (formula := re.fullmatch(r'="([^"]*)"', bare)) is not None:
        bare = formula[1].strip(AROUND)
    if len(bare) > 1 and bare[-1] in QUOTES.get(bare[0], ""):
        bare = bare[1:-1].strip(AROUND)
    return "" if bare.lower() in NOT_GIVEN else bare
