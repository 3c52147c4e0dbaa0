"""Many rows of profiles as one picture: cells in a few shades, all of a shade as one path, so that it stays small."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from cistill.report.drawing.axes import nice_ticks, number, text_width, tick_text
from cistill.report.drawing.palette import BLUE, RED

Floats = NDArray[np.float64]
SHADES = 6
LEFT, TOP, BELOW, GAP = 44, 24, 40, 14
ROW_HEIGHT = 4
COLUMNS = 66
"""Columns of a panel, at most."""


class RasterPanel(NamedTuple):
    """One picture among several side by side.

    Attributes
    ----------
    title : str
    values : (rows, positions)
    """

    title: str
    values: Floats


def binned(values: Floats, most: int = COLUMNS) -> tuple[Floats, int]:
    """Return means over neighbouring positions so that at most `most` columns are left, and how many make one."""
    size = max(1, -(-values.shape[1] // most))
    used = values.shape[1] // size * size
    return values[:, :used].reshape(len(values), -1, size).mean(axis=2), size


def raster(panels: Sequence[RasterPanel], positions: tuple[int, int], label: str, x_label: str, y_label: str) -> Markup:
    """Draw panels of the same rows side by side; white is zero, red above it, blue below.

    Parameters
    ----------
    panels : sequence of RasterPanel
    positions : (int, int)
        The first position and the one after the last, for the axis.
    label : str
        What a reader who cannot see it is told.
    x_label, y_label : str
        Names of the axes.
    """
    rows = len(panels[0].values)
    reduced = [binned(panel.values) for panel in panels]
    wide = (900 - LEFT - GAP * (len(panels) - 1)) / len(panels) if len(panels) > 1 else 520.0
    high = max(ROW_HEIGHT * rows, 80)
    width, height = LEFT + len(panels) * wide + GAP * (len(panels) - 1) + 1, TOP + high + BELOW
    low = -1.0 if any((part < 0).any() for part, _ in reduced) else 0.0
    parts = []
    for place, (panel, (values, size)) in enumerate(zip(panels, reduced, strict=True)):
        left = LEFT + place * (wide + GAP)
        parts.append(f'<text class="key" x="{number(left)}" y="{TOP - 9}">{escape(panel.title)}</text>')
        parts += _cells(values, left, TOP, wide * size / max(panel.values.shape[1], 1), high / max(rows, 1), low)
        parts.append(f'<path class="axis" d="M{number(left)} {TOP}h{number(wide)}v{high}h-{number(wide)}Z"/>')
        for tick in nice_ticks(*positions, 4):
            x = left + (tick - positions[0]) / (positions[1] - positions[0]) * wide
            words = tick_text(tick)
            if left + text_width(words) / 2 <= x <= left + wide - text_width(words) / 2 or len(panels) == 1:
                parts.append(f'<path class="axis" d="M{number(x)} {TOP + high}v4"/>')
                parts.append(
                    f'<text class="tick" x="{number(x)}" y="{TOP + high + 17}" text-anchor="middle">{words}</text>'
                )
        parts.append(
            f'<text class="name" x="{number(left + wide / 2)}" y="{height - 6}" text-anchor="middle">'
            f"{escape(x_label)}</text>"
        )
    parts.append(
        f'<text class="name" transform="translate(14 {number(TOP + high / 2)})rotate(-90)" text-anchor="middle">'
        f"{escape(y_label)}</text>"
    )
    box = f'viewBox="0 0 {number(width)} {number(height)}" width="{number(width)}" height="{number(height)}"'
    return Markup(f'<svg class="raster" role="img" {box}><title>{escape(label)}</title>{"".join(parts)}</svg>')


def _cells(values: Floats, left: float, top: float, wide: float, high: float, low: float) -> list[str]:
    """Draw the cells, shade by shade; the shade at the end of the scale is that of the 99th percentile."""
    size = float(np.nanquantile(np.abs(values), 0.99)) if values.size else 0.0
    if not size > 0:
        return []
    shade = np.clip(np.rint(np.nan_to_num(values) / size * SHADES), -SHADES, SHADES).astype(int)
    parts = []
    for level in sorted(set(shade.ravel().tolist()) - {0}):
        path = []
        for row in range(len(shade)):
            inside = np.concatenate([[False], shade[row] == level, [False]])
            edges = np.flatnonzero(np.diff(inside.astype(int)))
            y = number(top + row * high)
            path += [
                f"M{number(left + first * wide)} {y}h{number((last - first) * wide)}v{number(high)}"
                f"h-{number((last - first) * wide)}Z"
                for first, last in zip(edges[::2], edges[1::2], strict=True)
            ]
        parts.append(
            f'<path d="{"".join(path)}" fill="{BLUE if level < 0 or low >= 0 else RED}" '
            f'fill-opacity="{abs(level) / SHADES:.2f}"/>'
        )
    return parts
