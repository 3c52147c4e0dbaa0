"""Drawings along the genome: reads of both strands, contributions as letters, hits as boxes."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from cistill.report.drawing.axes import number, tick_text
from cistill.report.drawing.charts import Legend, Plot
from cistill.report.drawing.logos import letters
from cistill.report.drawing.palette import BLUE, INK, MUTED, RED, SERIES

Floats = NDArray[np.float64]
WIDTH = 900
LEFT = 68
PLUS, MINUS = BLUE, RED
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
    top = max(up, down, 1e-9) * 1.08
    length = profile.shape[1]
    plot = Plot(
        (start, start + length),
        (-max(down * 1.08, 0.3 * top), max(up * 1.08, 0.3 * top)),
        label,
        "",
        unit,
        WIDTH,
        120 + 18 * first + 18 * last,
        y_ticks=[
            tick for tick in mirrored_ticks(max(up, down, 1e-9)) if -max(down, 0.3 * top) <= tick <= max(up, 0.3 * top)
        ],
        x_ticks=_round_positions(start, start + length) if last else (),
        left=LEFT,
        top=26 if first else 8,
        below=26 if last else 8,
    )
    if shade[0] > start or shade[1] < start + length:
        plot.band(*shade)
    plot.steps(start, profile[0], PLUS, 0.9)
    plot.steps(start, -profile[1], MINUS, 0.9)
    if first:
        plot.legend([Legend(PLUS, "plus strand"), Legend(MINUS, "minus strand (mirrored)")])
    return plot.svg()


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


def footprint_chart(observed: Floats, predicted: Floats, label: str, x_label: str, strands: tuple[str, str]) -> Markup:
    """Draw an average profile: observed as filled steps, predicted as lines; the other strand mirrored."""
    reach = observed.shape[1] // 2
    top = float(max(observed.max(), predicted.max())) * 1.08 or 1.0
    plot = Plot(
        (-reach - 0.5, reach + 0.5),
        (-top, top),
        label,
        x_label,
        "share of reads",
        430,
        280,
        y_ticks=mirrored_ticks(top),
    )
    places = np.arange(-reach, reach + 1)
    plot.steps(-reach - 0.5, observed[0], PLUS, 0.45)
    plot.steps(-reach - 0.5, -observed[1], MINUS, 0.45)
    plot.line(places, predicted[0], PLUS, 1.8)
    plot.line(places, -predicted[1], MINUS, 1.8)
    plot.rule(MUTED, x=0)
    plot.legend([Legend(PLUS, strands[0]), Legend(MINUS, strands[1]), Legend(INK, "line: predicted", "line")])
    return plot.svg()


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
    parts = [
        f'<svg class="letters" role="img" viewBox="0 0 {WIDTH} {total}" width="{WIDTH}" height="{total}">'
        f"<title>{escape(label)}</title>"
    ]
    for value in (high, low) if low < -0.15 * span else (high,):
        y = zero - value * scale
        parts.append(f'<path class="axis" d="M{LEFT - 4} {number(y)}H{LEFT}"/>')
        parts.append(
            f'<text class="tick" x="{LEFT - 7}" y="{number(y + 4)}" text-anchor="end">{tick_text(value, 2)}</text>'
        )
    parts.append(f'<path class="axis" d="M{LEFT} {number(zero)}H{WIDTH - 12}M{LEFT} 8V{height - 6}"/>')
    parts.append(
        f'<text class="name" transform="translate(13 {height // 2})rotate(-90)" text-anchor="middle">'
        "contribution</text>"
    )
    parts.extend(letters(contributions, LEFT, zero, column, scale))
    parts.extend(_boxes(shown, lanes, start, end, column, height))
    for position in _round_positions(start, end):
        x = number(LEFT + (position - start) * column)
        parts.append(f'<text class="tick" x="{x}" y="{total - 4}" text-anchor="middle">{position:,.0f}</text>')
    return Markup("".join(parts) + "</svg>")


def hit_track(boxes: Mapping[str, list[Box]], start: int, length: int) -> Markup:
    """Draw the hits of each head over the whole output window, one line of boxes a head."""
    end, column = start + length, (WIDTH - LEFT - 12) / length
    parts, y = [], 4
    for head, found in boxes.items():
        shown = [box for box in found if box.end > start and box.start < end]
        lanes = _lanes(shown)
        parts.append(f'<text class="tick" x="{LEFT - 7}" y="{y + 11}" text-anchor="end">{escape(head)}</text>')
        parts.append(f'<path class="grid" d="M{LEFT} {y + BOX_HEIGHT / 2}H{WIDTH - 12}"/>')
        parts.extend(_boxes(shown, lanes, start, end, column, y))
        if not shown:
            parts.append(f'<text class="tick" x="{LEFT + 4}" y="{y + 11}">no hits</text>')
        y += (BOX_HEIGHT + 3) * (max(lanes, default=0) + 1)
    label = "Hits in the region: " + "; ".join(f"{head}: {len(found)}" for head, found in boxes.items())
    return Markup(
        f'<svg class="hits" role="img" viewBox="0 0 {WIDTH} {y + 2}" width="{WIDTH}" height="{y + 2}">'
        f"<title>{escape(label)}</title>{''.join(parts)}</svg>"
    )


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
