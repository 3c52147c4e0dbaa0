"""Drawings along the genome: reads of both strands, contributions as letters, hits as boxes."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from cistill.report.drawing.axes import number, tick_text
from cistill.report.drawing.logos import letters
from cistill.report.drawing.palette import BLUE, GOLD, SERIES

Floats = NDArray[np.float64]
WIDTH = 900
LEFT = 68
PLUS, MINUS = BLUE, GOLD
BOX_HEIGHT = 15
MOST_LANES = 4


class Box(NamedTuple):
    """A hit as it is drawn."""

    start: int
    end: int
    strand: str
    name: str
    colour: str
    confidence: float


def profile_track(
    profile: Floats, start: int, label: str, unit: str, first: bool, last: bool, shade: tuple[int, int]
) -> Markup:
    """Draw the reads of both strands, the plus strand upwards, the minus strand mirrored downwards.

    Parameters
    ----------
    profile : array (2, length)
        5' ends per position, strands [+, -].
    start : int
        Genomic position of the first one.
    label, unit : str
        What a reader who cannot see it is told; name of the axis.
    first, last : bool
        Whether to name the strands above, and to write positions below.
    shade : (int, int), optional
        Genomic range to mark: the part whose letters are drawn below.
    """
    up, down = (float(np.nanmax(strand, initial=0.0)) for strand in profile)
    most = max(up, down, 1e-9)
    high, low = max(up * 1.08, 0.3 * most), max(down * 1.08, 0.3 * most)
    top, below = (26 if first else 8), (26 if last else 8)
    height = 120 + 18 * first + 18 * last
    scale = (height - top - below) / (high + low)
    zero, column = top + high * scale, (WIDTH - LEFT - 12) / profile.shape[1]
    parts = []
    if shade[0] > start or shade[1] < start + profile.shape[1]:
        left, right = (max(min(edge - start, profile.shape[1]), 0) * column + LEFT for edge in shade)
        parts.append(f'<rect class="core" x="{number(left)}" y="{top}" width="{number(right - left)}" ')
        parts.append(f'height="{number((high + low) * scale)}"/>')
    for value in mirrored_ticks(most):
        if -low <= value <= high:
            y = zero - value * scale
            parts.append(f'<path class="grid" d="M{LEFT} {number(y)}H{WIDTH - 12}"/>')
            parts.append(tick(LEFT - 7, y + 4, tick_text(value), "end"))
    parts.append(_steps(profile[0], zero, column, scale, PLUS))
    parts.append(_steps(profile[1], zero, column, -scale, MINUS))
    parts.append(
        f'<text class="name" transform="translate(13 {height // 2})rotate(-90)" text-anchor="middle">{unit}</text>'
    )
    if last:
        parts += _positions(start, start + profile.shape[1], column, height - 8)
    if first:
        for x, colour, words in ((LEFT, PLUS, "plus strand"), (LEFT + 110, MINUS, "minus strand (mirrored)")):
            parts.append(f'<rect x="{x}" y="8" width="10" height="10" rx="2" fill="{colour}"/>')
            parts.append(f'<text class="key" x="{x + 16}" y="17">{words}</text>')
    return drawing("chart", height, label, parts)


def _steps(values: Floats, zero: float, column: float, scale: float, colour: str) -> str:
    """Fill the steps of a track from zero: a corner only where the value changes."""
    track = np.nan_to_num(values)
    edges = np.flatnonzero(np.diff(track)) + 1
    path = [f"M{LEFT} {number(zero)}"]
    for begin, end in zip(np.append(0, edges), np.append(edges, len(track)), strict=True):
        path.append(f"V{number(zero - track[begin] * scale)}H{number(LEFT + end * column, 2)}")
    return f'<path d="{"".join(path)}V{number(zero)}Z" fill="{colour}" fill-opacity="0.9"/>'


def drawing(kind: str, height: float, label: str, parts: list[str]) -> Markup:
    """Return a drawing as wide as the page."""
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    return Markup(f'<svg class="{kind}" role="img" {size}><title>{escape(label)}</title>{"".join(parts)}</svg>')


def tick(x: float, y: float, words: str, anchor: str = "middle") -> str:
    """Return what is written at an axis."""
    return f'<text class="tick" x="{number(x)}" y="{number(y)}" text-anchor="{anchor}">{words}</text>'


def _positions(start: int, end: int, column: float, y: float) -> list[str]:
    """Write round positions below a track."""
    return [tick(LEFT + (at - start) * column, y, f"{at:,.0f}") for at in _round_positions(start, end)]


def mirrored_ticks(top: float) -> tuple[float, ...]:
    """Return a round value below the top, zero, and the round value's mirror image."""
    magnitude = 10 ** np.floor(np.log10(top))
    step = next(factor * magnitude for factor in (5, 2.5, 2, 1) if factor * magnitude <= top)
    return (-float(step), 0.0, float(step))


def _round_positions(start: int, end: int) -> list[float]:
    """Return round positions, none so near an end that its number would be cut off."""
    step = next((step for step in (10, 20, 50, 100, 200, 500, 1000) if (end - start) / step <= 11), 5000)
    room = (end - start) * 0.025
    return [
        float(value) for value in range(-(-start // step) * step, end + 1, step) if start + room <= value <= end - room
    ]


def motif_colours(motif_ids: list[str]) -> dict[str, str]:
    """Return a colour for each motif of a head, the same throughout the page."""
    return {name: SERIES[place % len(SERIES)] for place, name in enumerate(motif_ids)}


def letter_track(contributions: Floats, start: int, label: str, boxes: list[Box], height: int = 110) -> Markup:
    """Draw contributions as letters with the hits as boxes below.

    Parameters
    ----------
    contributions : array (length, 4)
        Contribution of the base that is there, zero for the others.
    start : int
        Genomic position of the first one.
    label : str
        What a reader who cannot see it is told.
    boxes : list of Box
        Hits in genomic coordinates; those outside are left out.
    height : int
        Pixels of the letters' part.
    """
    end = start + len(contributions)
    column = (WIDTH - LEFT - 12) / len(contributions)
    shown = [box for box in boxes if box.end > start and box.start < end]
    lanes = _lanes(shown)
    total = height + 22 + (BOX_HEIGHT + 3) * (max(lanes, default=-1) + 1)
    high = float(contributions.sum(axis=1).max(initial=0.0))
    low = float(contributions.sum(axis=1).min(initial=0.0))
    low = min(low, 0.0)
    span = (high - low) or 1.0
    scale = (height - 14) / span
    zero = 8 + high * scale
    parts = []
    for value in (high, low) if low < -0.15 * span else (high,):
        y = zero - value * scale
        parts.append(f'<path class="axis" d="M{LEFT - 4} {number(y)}H{LEFT}"/>')
        parts.append(tick(LEFT - 7, y + 4, tick_text(value, 2), "end"))
    parts.append(f'<path class="axis" d="M{LEFT} {number(zero)}H{WIDTH - 12}M{LEFT} 8V{height - 6}"/>')
    parts.append(
        f'<text class="name" transform="translate(13 {height // 2})rotate(-90)" text-anchor="middle">'
        "contribution</text>"
    )
    parts.extend(letters(contributions, LEFT, zero, column, scale))
    parts.extend(_boxes(shown, lanes, start, end, column, height))
    parts += _positions(start, end, column, total - 4)
    return drawing("letters", total, label, parts)


def hit_track(boxes: Mapping[str, list[Box]], start: int, length: int) -> Markup:
    """Draw the hits of each head over the whole output window, one line of boxes a head."""
    end, column = start + length, (WIDTH - LEFT - 12) / length
    parts, y = [], 4
    for head, found in boxes.items():
        shown = [box for box in found if box.end > start and box.start < end]
        lanes = _lanes(shown)
        parts.append(tick(LEFT - 7, y + 11, escape(head), "end"))
        parts.append(f'<path class="grid" d="M{LEFT} {y + BOX_HEIGHT / 2}H{WIDTH - 12}"/>')
        parts.extend(_boxes(shown, lanes, start, end, column, y))
        if not shown:
            parts.append(tick(LEFT + 4, y + 11, "no hits", "start"))
        y += (BOX_HEIGHT + 3) * (max(lanes, default=0) + 1)
    label = "Hits in the region: " + "; ".join(f"{head}: {len(found)}" for head, found in boxes.items())
    return drawing("hits", y + 2, label, parts)


def _lanes(boxes: list[Box]) -> list[int]:
    """Return for each box the first line where it overlaps no other; at most `MOST_LANES` lines."""
    ends: list[int] = []
    lanes = []
    for box in boxes:
        lane = next((place for place, end in enumerate(ends) if end <= box.start), len(ends))
        lane = min(lane, MOST_LANES - 1)
        if lane == len(ends):
            ends.append(box.end)
        ends[lane] = max(ends[lane], box.end)
        lanes.append(lane)
    return lanes


def _boxes(boxes: list[Box], lanes: list[int], start: int, end: int, column: float, top: int) -> list[str]:
    parts = []
    for box, lane in zip(boxes, lanes, strict=True):
        left, right = max(box.start, start), min(box.end, end)
        x, width = LEFT + (left - start) * column, (right - left) * column
        y = top + lane * (BOX_HEIGHT + 3)
        arrow = "▸" if box.strand == "+" else "◂"
        name = box.name.split(".", 1)[-1]
        full = f"{name} {arrow}" if box.strand == "+" else f"{arrow} {name}"
        words = next((text for text, letter in ((full, 5.8), (name, 6.4)) if width > letter * len(text)), "")
        parts.append(
            f'<g class="hit"><title>{escape(box.name)} ({box.strand}), confidence {box.confidence:.2f}</title>'
            f'<rect x="{number(x)}" y="{y}" width="{number(width)}" height="{BOX_HEIGHT}" rx="3" fill="{box.colour}" '
            f'fill-opacity="{0.25 + 0.6 * min(max(box.confidence, 0.0), 1.0):.2f}" stroke="{box.colour}"/>'
        )
        if words:
            parts.append(
                f'<text class="boxed" x="{number(x + width / 2)}" y="{y + 11.5}" text-anchor="middle">{words}</text>'
            )
        parts.append("</g>")
    return parts
