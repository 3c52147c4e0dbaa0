"""Matrices as inline SVG: coloured cells with their values written in them, and a scale of the colours."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from cistill.report.drawing.axes import number, text_width
from cistill.report.drawing.palette import BLUE, INK, RED

WIDEST = 900
SMALLEST_CELL, LARGEST_CELL = 26.0, 92.0
LINE = 15
SCALE_STEPS = 9
WHITE = "#ffffff"
UNKNOWN = "#eef0f3"
HATCHED = "#e3e6ea"


class Cell(NamedTuple):
    """What a cell shows.

    Attributes
    ----------
    place : float
        Where its colour lies: -1 to 1 for a diverging scale, 0 to 1 for a plain one; NaN for none.
    lines : tuple of str
        What is written in it, as far as there is room.
    muted : bool
        Whether it is drawn grey, whatever its value.
    """

    place: float
    lines: tuple[str, ...] = ()
    muted: bool = False


class Scale(NamedTuple):
    """The legend of the colours: lowest place, words at its ends and in its middle."""

    low: float
    words: tuple[str, str, str]


def mixed(place: float, low: float = -1.0) -> str:
    """Return the colour of a place: white at zero, red at 1, blue at -1 (or at 1 where the scale begins at zero)."""
    if not math.isfinite(place):
        return UNKNOWN
    share = min(abs(place), 1.0)
    full = BLUE if place < 0 or low >= 0 else RED
    parts = [int(full[at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(255 + share * (part - 255)):02x}" for part in parts)


def heatmap(
    cells: Sequence[Sequence[Cell]], rows: Sequence[str], columns: Sequence[str], label: str, scale: Scale | None = None
) -> Markup:
    """Draw a matrix.

    Parameters
    ----------
    cells : sequence of sequences of Cell, (rows, columns)
    rows, columns : sequence of str
        Names beside the rows and, slanted, above the columns.
    label : str
        What a reader who cannot see it is told.
    scale : Scale, optional
        Drawn below.
    """
    lines = max((len(cell.lines) for row in cells for cell in row), default=0)
    words = max((text_width(line) for row in cells for cell in row for line in cell.lines), default=0.0)
    left = max((text_width(name) for name in rows), default=0.0) + 14
    slant = max((text_width(name) for name in columns), default=0.0) * 0.72 + 8
    room = (WIDEST - left - slant) / max(len(columns), 1)
    wide = min(max(min(words + 10, LARGEST_CELL), SMALLEST_CELL), max(room, SMALLEST_CELL))
    high = max(SMALLEST_CELL, LINE * lines + 8)
    top = slant + 6
    width = left + wide * len(columns) + slant
    height = top + high * len(rows) + (40 if scale else 6)
    parts = []
    for column, name in enumerate(columns):
        x = number(left + (column + 0.5) * wide)
        parts.append(
            f'<text class="name" transform="translate({x} {number(top - 6)})rotate(-45)">{escape(name)}</text>'
        )
    for row, name in enumerate(rows):
        y = top + row * high
        parts.append(
            f'<text class="name" x="{number(left - 8)}" y="{number(y + high / 2 + 4)}" text-anchor="end">'
            f"{escape(name)}</text>"
        )
        for column, cell in enumerate(cells[row]):
            parts.append(_cell(cell, left + column * wide, y, wide, high, -1.0 if scale is None else scale.low))
    if scale is not None:
        parts.append(_scale(scale, left, top + high * len(rows) + 12))
        width = max(width, left + 330)
    size = f'viewBox="0 0 {number(width)} {number(height)}" width="{number(width)}" height="{number(height)}"'
    head = f'<svg class="heat" role="img" {size}><title>{escape(label)}</title>'
    return Markup(head + "".join(parts) + "</svg>")


def _cell(cell: Cell, x: float, y: float, wide: float, high: float, low: float) -> str:
    fill = HATCHED if cell.muted else mixed(cell.place, low)
    dark = not cell.muted and math.isfinite(cell.place) and abs(cell.place) > 0.62
    parts = [
        f'<rect x="{number(x)}" y="{number(y)}" width="{number(wide)}" height="{number(high)}" fill="{fill}" '
        f'stroke="{WHITE}"/>'
    ]
    shown = [line for line in cell.lines if text_width(line) * 0.94 <= wide]
    first = y + high / 2 + 4 - LINE * (len(shown) - 1) / 2
    for index, line in enumerate(shown):
        colour = WHITE if dark else INK
        parts.append(
            f'<text class="tick" x="{number(x + wide / 2)}" y="{number(first + LINE * index)}" text-anchor="middle" '
            f'style="fill:{colour}">{escape(line)}</text>'
        )
    return "".join(parts)


def _scale(scale: Scale, left: float, y: float) -> str:
    places = np.linspace(scale.low, 1, SCALE_STEPS)
    parts = [
        f'<rect x="{number(left + 22 * step)}" y="{number(y)}" width="22" height="9" fill="{mixed(place, scale.low)}"/>'
        for step, place in enumerate(places)
    ]
    ends = (left, left + 11 * SCALE_STEPS, left + 22 * SCALE_STEPS)
    for x, words, anchor in zip(ends, scale.words, ("start", "middle", "end"), strict=True):
        parts.append(
            f'<text class="tick" x="{number(x)}" y="{number(y + 22)}" text-anchor="{anchor}">{escape(words)}</text>'
        )
    return "".join(parts)


def cells_of(
    values: NDArray[np.float64], place: Callable[[float], float], words: Callable[[float], tuple[str, ...]]
) -> list[list[Cell]]:
    """Return the cells of a matrix; those without a value are empty."""
    return [
        [Cell(place(value), words(value)) if math.isfinite(value) else Cell(math.nan) for value in row]
        for row in values.tolist()
    ]
