"""Sequence logos as inline SVG: four letter shapes drawn once a page, placed by reference and stretched."""

from collections.abc import Iterator

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from cistill.dna.codes import BASES
from cistill.dna.matrices import Matrix, information, probabilities
from cistill.report.drawing.axes import number, tick_text

COLOURS = {"A": "#178a3c", "C": "#1f5fa8", "G": "#ef9b0f", "T": "#d0252f"}

# Each letter fills a box of 100 x 100, y downwards, so that a stretch gives any width and height.
OUTLINES = {
    "A": "M0 100L38 0H62L100 100H77L69 76H31L23 100ZM37 57H63L50 18Z",
    "C": "M100 37C97 14 80 0 54 0C22 0 0 20 0 50C0 80 22 100 54 100C80 100 97 86 100 63L76 60"
    "C74 73 66 81 53 81C36 81 25 69 25 50C25 31 36 19 53 19C66 19 74 27 76 40Z",
    "G": "M98 31C93 12 77 0 53 0C21 0 0 20 0 50C0 80 21 100 53 100C72 100 88 94 100 83V45H54V63H77V73"
    "C71 78 64 81 55 81C36 81 25 69 25 50C25 31 36 19 53 19C65 19 72 25 75 36Z",
    "T": "M0 0H100V19H61V100H39V19H0Z",
}
SMALLEST_LETTER = 0.25
"""Letters lower than this many pixels are left out: nobody can see them, and the page stays small."""
LOGO_SIZE = {"width": 420, "height": 128}
PAD = 5
LEAST_SHOWN = 20
"""Positions drawn on either side of a core, and in all, at least."""


def letter_shapes() -> Markup:
    """Return the hidden SVG that holds the four letters; every page with logos needs it once."""
    shapes = "".join(
        f'<path id="base-{base}" d="{OUTLINES[base]}" fill="{COLOURS[base]}" fill-rule="evenodd"/>' for base in BASES
    )
    return Markup(
        f'<svg class="shapes" width="0" height="0" aria-hidden="true" focusable="false"><defs>{shapes}</defs></svg>'
    )


def information_logo(pfm: Matrix) -> Matrix:
    """Return letter heights in bits, (length, 4): a base's probability times its position's information.

    Information is taken against a uniform background (Schneider & Stephens 1990, without the small-sample correction).
    """
    return np.asarray(probabilities(pfm) * information(pfm)[:, None])


def letters(
    heights: NDArray[np.floating], left: float, zero: float, column: float, pixels_per_unit: float
) -> Iterator[str]:
    """Place the letters of a logo: per position, positive ones stacked upwards, negative ones hung downwards.

    Parameters
    ----------
    heights : array (length, 4)
        Signed heights of A, C, G, T in any unit. The largest ends up farthest from the zero line.
    left, zero : float
        Pixel of the left edge and of the zero line.
    column : float
        Pixels per position.
    pixels_per_unit : float
        Pixels per unit of height.

    Yields
    ------
    str
        One `<use>` element per letter; negative letters stand on their heads.
    """
    gap = min(0.08 * column, 0.6)
    for position, values in enumerate(np.asarray(heights, dtype=np.float64)):
        up = down = zero
        x = number(left + position * column + gap / 2, 2)
        width = number((column - gap) / 100, 4)
        for index in np.argsort(np.abs(values), kind="stable"):
            size = abs(values[index]) * pixels_per_unit
            if not size >= SMALLEST_LETTER:
                continue
            stretch = number(size / 100, 4)
            if values[index] > 0:
                up -= size
                place = f"{width} 0 0 {stretch} {x} {number(up, 2)}"
            else:
                down += size
                place = f"{width} 0 0 -{stretch} {x} {number(down, 2)}"
            yield f'<use href="#base-{BASES[index]}" transform="matrix({place})"/>'


def motif_logo(
    heights: NDArray[np.floating],
    label: str,
    axis: str,
    core: tuple[int, int] | None = None,
    top: float | None = None,
    first: int = 0,
    width: int = 420,
    height: int = 120,
) -> Markup:
    """Draw one logo with its axis.

    Parameters
    ----------
    heights : array (length, 4)
        Signed letter heights.
    label : str
        What a reader who cannot see it is told.
    axis : str
        Name and unit of the height.
    core : (int, int), optional
        Half-open range of positions to shade: the trimmed core.
    top : float, optional
        Height of the axis; by default the tallest stack.
    first : int
        Position of the first row, if rows were cut off; positions are numbered from 1.
    width, height : int
        Pixels.

    Returns
    -------
    Markup
        An `<svg>` element.
    """
    heights = np.nan_to_num(np.asarray(heights, dtype=np.float64))
    positive = float(np.clip(heights, 0, None).sum(axis=1).max(initial=0.0))
    negative = float(-np.clip(heights, None, 0).sum(axis=1).min(initial=0.0))
    high = top if top is not None else positive
    span = high + negative
    if span <= 0:
        high = span = 1.0
    left, right, above, below = 58, 4, 8, 18
    room = height - above - below
    column = (width - left - right) / max(len(heights), 1)
    scale = room / span
    zero = above + high * scale
    parts = [f'<svg class="logo" role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}">']
    parts.append(f"<title>{escape(label)}</title>")
    if core is not None:
        start, end = core
        parts.append(
            f'<rect class="core" x="{number(left + start * column)}" y="{above - 4}" '
            f'width="{number((end - start) * column)}" height="{room + 8}"/>'
        )
    ticks = [(high, above), (0.0, zero)] + ([(-negative, above + room)] if negative > 0.15 * span else [])
    parts += _height_axis(axis, ticks, left, above + room / 2)
    parts.append(f'<path class="axis" d="M{left} {number(zero)}H{width - right}M{left} {above}V{above + room}"/>')
    parts.extend(letters(heights, left, zero, column, scale))
    parts += _position_ticks(first, len(heights), left, column, height - 4)
    return Markup("".join(parts) + "</svg>")


def _position_ticks(first: int, length: int, left: int, column: float, y: int) -> list[str]:
    """Return the number of every fifth position below the letters."""
    return [
        f'<text class="tick" x="{number(left + (position - first - 0.5) * column)}" y="{y}" text-anchor="middle">'
        f"{position}</text>"
        for position in range(first + 1, first + length + 1)
        if position % 5 == 0
    ]


def _height_axis(axis: str, ticks: list[tuple[float, float]], left: int, middle: float) -> list[str]:
    """Return the marks and the name of the axis of heights; `ticks` are values and their pixels from the top."""
    parts = []
    for value, y in ticks:
        parts.append(f'<path class="axis" d="M{left - 5} {number(y)}H{left}"/>')
        parts.append(
            f'<text class="tick" x="{left - 8}" y="{number(y + 3.5)}" text-anchor="end">{tick_text(value, 2)}</text>'
        )
    parts.append(
        f'<text class="name" transform="translate(11 {number(middle)})rotate(-90)" text-anchor="middle">'
        f"{escape(axis)}</text>"
    )
    return parts


def shown_part(length: int, core: tuple[int, int]) -> slice:
    """Return the positions to draw: the core with some on either side, so that its letters are wide enough to read."""
    pad = max(PAD, (LEAST_SHOWN - (core[1] - core[0]) + 1) // 2)
    return slice(max(core[0] - pad, 0), min(core[1] + pad, length))
