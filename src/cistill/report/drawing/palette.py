"""Colours by name: of series on white and on dark ground, told apart with any colour vision, and of ink and lines."""

from typing import NamedTuple


class Colour(NamedTuple):
    """One colour on white and on dark ground."""

    light: str
    dark: str


COLOURS = {
    "ink": Colour("#1f2a37", "#e3e8ee"),
    "muted": Colour("#56626f", "#a3aeba"),
    "rule": Colour("#dfe4ea", "#323c47"),
    "axis": Colour("#8995a3", "#76828e"),
    "pale": Colour("#c3d8ec", "#2c4a66"),
    "shade": Colour("#edf2f8", "#202b36"),
    "blue": Colour("#14558f", "#4aa8e6"),
    "gold": Colour("#da7506", "#f7ac1a"),
    "green": Colour("#1c9e73", "#3fd8a0"),
    "pink": Colour("#dd62b4", "#eeb5d6"),
    "red": Colour("#8f2a1c", "#e8553c"),
    "grey": Colour("#5c6872", "#848e96"),
}
"""Drawings use those on white ground; the page replaces them where its ground is dark (`colour_rules`)."""
INK, MUTED, RULE, AXIS, PALE, SHADE, BLUE, GOLD, GREEN, PINK, RED, GREY = (colour.light for colour in COLOURS.values())
SERIES = (BLUE, GOLD, GREEN, PINK, RED, GREY)


def colour_rules() -> str:
    """Return CSS: a variable for each colour, and rules that give drawings the colours of the page's ground."""
    names = "".join(f"--{name}:light-dark({colour.light},{colour.dark});" for name, colour in COLOURS.items())
    rules = [
        f'svg [{part}="{colour.light}"]{{{part}:var(--{name})}}'
        for name, colour in COLOURS.items()
        for part in ("fill", "stroke")
    ]
    return f":root{{{names}}}\n" + "\n".join(rules)
