"""Small charts as inline SVG: a pair of axes that takes lines, points, bars and rules in data units."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import ArrayLike

from cistill.report.drawing.axes import nice_ticks, number, text_width, tick_text
from cistill.report.drawing.palette import INK, MUTED

LEGEND_LINE = 17
"""Pixels between the lines of a legend."""


class Legend(NamedTuple):
    """One entry above a chart: its colour, its words, and the mark that it explains."""

    colour: str
    words: str
    mark: str = "box"


class Plot:
    """A pair of linear axes; marks are added in data units and come out as one SVG.

    Parameters
    ----------
    x, y : (float, float)
        Ranges of the axes in data units.
    label : str
        What a reader who cannot see the chart is told.
    x_label, y_label : str
        Names of the axes with their units.
    width, height : int
        Pixels.
    x_ticks, y_ticks : sequence of float, optional
        Where to write values; round ones by default.
    x_text, y_text : callable
        What is written at a value: for names, or logarithms.
    left, top, below : int
        Pixels beside, above and below the axes.
    """

    def __init__(
        self,
        x: tuple[float, float],
        y: tuple[float, float],
        label: str,
        x_label: str = "",
        y_label: str = "",
        width: int = 420,
        height: int = 300,
        x_ticks: Sequence[float] | None = None,
        y_ticks: Sequence[float] | None = None,
        left: int = 58,
        top: int = 30,
        below: int | None = None,
        x_text: Callable[[float], str] = tick_text,
        y_text: Callable[[float], str] = tick_text,
    ) -> None:
        self.x, self.y = x, y
        self._x_text, self._y_text = x_text, y_text
        self.width, self.height = width, height
        self.left, self.right = left, width - 12
        self.top, self.bottom = top, height - ((44 if x_label else 26) if below is None else below)
        self.label = label
        self._above = 0
        self._parts: list[str] = []
        self._frame(x_label, y_label, x_ticks, y_ticks)

    def px(self, value: float) -> float:
        """Return the pixel of an x value."""
        return self.left + (value - self.x[0]) / (self.x[1] - self.x[0]) * (self.right - self.left)

    def py(self, value: float) -> float:
        """Return the pixel of a y value."""
        return self.bottom - (value - self.y[0]) / (self.y[1] - self.y[0]) * (self.bottom - self.top)

    def _frame(
        self, x_label: str, y_label: str, x_ticks: Sequence[float] | None, y_ticks: Sequence[float] | None
    ) -> None:
        """Draw grid, axis values and names."""
        for value in nice_ticks(*self.y) if y_ticks is None else y_ticks:
            y = number(self.py(value))
            self._parts.append(f'<path class="grid" d="M{self.left} {y}H{self.right}"/>')
            self.pixel_text(self.left - 7, self.py(value) + 4, self._y_text(value), "end", "tick")
        for value in nice_ticks(*self.x, 6) if x_ticks is None else x_ticks:
            x = number(self.px(value))
            self._parts.append(f'<path class="axis" d="M{x} {self.bottom}v4"/>')
            self.pixel_text(self.px(value), self.bottom + 17, self._x_text(value), "middle", "tick")
        self._parts.append(f'<path class="axis" d="M{self.left} {self.bottom}H{self.right}"/>')
        if x_label:
            self.pixel_text((self.left + self.right) / 2, self.height - 8, x_label, "middle", "name")
        if y_label:
            middle = number((self.top + self.bottom) / 2)
            self._parts.append(
                f'<text class="name" transform="translate(13 {middle})rotate(-90)" text-anchor="middle">'
                f"{escape(y_label)}</text>"
            )

    def pixel_text(self, x: float, y: float, words: str, anchor: str, css: str, colour: str = "") -> None:
        """Write words at a pixel."""
        fill = f' style="fill:{colour}"' if colour else ""
        self._parts.append(
            f'<text class="{css}" x="{number(x)}" y="{number(y)}" text-anchor="{anchor}"{fill}>{escape(words)}</text>'
        )

    def text(self, x: float, y: float, words: str, anchor: str = "start", colour: str = INK) -> None:
        """Write words at a point in data units."""
        self.pixel_text(self.px(x), self.py(y), words, anchor, "note", colour)

    def line(
        self,
        x: ArrayLike,
        y: ArrayLike,
        colour: str,
        width: float = 1.8,
        dash: str = "",
        step: bool = False,
        opacity: float = 1.0,
    ) -> None:
        """Join points; a value that is not finite breaks the line. `step` keeps y until the next x."""
        path, pen_down, before = [], False, 0.0
        for x_value, y_value in zip(np.asarray(x, float), np.asarray(y, float), strict=True):
            if not (np.isfinite(x_value) and np.isfinite(y_value)):
                pen_down = False
                continue
            px, py = number(self.px(x_value)), number(self.py(y_value))
            if not pen_down:
                path.append(f"M{px} {py}")
            elif step:
                path.append(f"H{px}" + (f"V{py}" if y_value != before else ""))
            else:
                path.append(f"L{px} {py}")
            pen_down, before = True, y_value
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        dashes += f' stroke-opacity="{opacity}"' if opacity < 1 else ""
        self._parts.append(
            f'<path d="{"".join(path)}" fill="none" stroke="{colour}" stroke-width="{width}" '
            f'stroke-linejoin="round"{dashes}/>'
        )

    def points(self, x: ArrayLike, y: ArrayLike, colour: str, size: float = 5.0, opacity: float = 0.55) -> None:
        """Draw dots, all as one path, so that thousands of them stay small; non-finite ones are left out."""
        xs, ys = np.asarray(x, float), np.asarray(y, float)
        keep = np.isfinite(xs) & np.isfinite(ys)
        path = "".join(f"M{number(self.px(a))} {number(self.py(b))}h0" for a, b in zip(xs[keep], ys[keep], strict=True))
        self._parts.append(
            f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{size}" stroke-linecap="round" '
            f'stroke-opacity="{opacity}"/>'
        )

    def bars(self, left: ArrayLike, right: ArrayLike, value: ArrayLike, colour: str, base: float = 0.0) -> None:
        """Draw bars from `base` to each value, all as one path; values below the base hang down."""
        path, floor = [], self.py(base)
        for start, end, height in zip(
            np.asarray(left, float), np.asarray(right, float), np.asarray(value, float), strict=True
        ):
            if np.isfinite(height) and height != base:
                x, wide = self.px(start), self.px(end) - self.px(start)
                path.append(
                    f"M{number(x, 2)} {number(floor)}V{number(self.py(height))}h{number(wide, 2)}V{number(floor)}Z"
                )
        self._parts.append(f'<path d="{"".join(path)}" fill="{colour}"/>')

    def stacked(self, left: ArrayLike, right: ArrayLike, low: ArrayLike, high: ArrayLike, colour: str) -> None:
        """Draw bars between two values each, all as one path; bars without a height are left out."""
        path = []
        for start, end, one, other in zip(*(np.asarray(v, float) for v in (left, right, low, high)), strict=True):
            if np.isfinite(one) and np.isfinite(other) and one != other:
                x, wide = self.px(start), self.px(end) - self.px(start)
                base = number(self.py(one))
                path.append(f"M{number(x, 2)} {base}V{number(self.py(other))}h{number(wide, 2)}V{base}Z")
        self._parts.append(f'<path d="{"".join(path)}" fill="{colour}"/>')

    def block(self, left: float, right: float, low: float, high: float, colour: str) -> None:
        """Fill a rectangle in data units."""
        x, y = self.px(left), self.py(high)
        self._parts.append(
            f'<rect x="{number(x, 2)}" y="{number(y)}" width="{number(self.px(right) - x, 2)}" '
            f'height="{number(self.py(low) - y)}" fill="{colour}"/>'
        )

    def steps(self, start: float, values: ArrayLike, colour: str, opacity: float = 1.0) -> None:
        """Fill the steps of a track from zero: one value per unit of x, the first one beginning at `start`."""
        floor, path = number(self.py(0.0)), [f"M{number(self.px(start), 2)} {number(self.py(0.0))}"]
        track = np.nan_to_num(np.asarray(values, float))
        edges = np.flatnonzero(np.diff(track)) + 1  # only where the value changes
        for first, last in zip(np.append(0, edges), np.append(edges, len(track)), strict=True):
            path.append(f"V{number(self.py(track[first]))}H{number(self.px(start + last), 2)}")
        self._parts.append(f'<path d="{"".join(path)}V{floor}Z" fill="{colour}" fill-opacity="{opacity}"/>')

    def rule(self, colour: str = MUTED, x: float | None = None, y: float | None = None, dash: str = "4 3") -> None:
        """Draw a line through the whole chart at one x or one y."""
        if x is not None:
            place = f"M{number(self.px(x))} {self.top}V{self.bottom}"
        else:
            place = f"M{self.left} {number(self.py(y or 0.0))}H{self.right}"
        self._parts.append(
            f'<path d="{place}" fill="none" stroke="{colour}" stroke-width="1.2" stroke-dasharray="{dash}"/>'
        )

    def band(self, start: float, end: float) -> None:
        """Shade a range of x, behind everything else."""
        x, wide = self.px(max(start, self.x[0])), self.px(min(end, self.x[1]))
        self._parts.insert(
            0,
            f'<rect class="core" x="{number(x)}" y="{self.top}" width="{number(wide - x)}" '
            f'height="{self.bottom - self.top}"/>',
        )

    def ring(self, x: float, y: float, colour: str) -> None:
        """Mark one point with a ring."""
        self._parts.append(
            f'<circle cx="{number(self.px(x))}" cy="{number(self.py(y))}" r="5" fill="#fff" stroke="{colour}" '
            'stroke-width="2"/>'
        )

    def legend(self, entries: Sequence[Legend]) -> None:
        """Write the legend above the chart, left to right, in as many lines as it needs; the chart grows upwards."""
        lines: list[list[tuple[float, Legend]]] = [[]]
        x = float(self.left)
        for entry in entries:
            wide = 33 + text_width(entry.words)
            if lines[-1] and x + wide - 12 > self.width:
                lines.append([])
                x = float(self.left)
            lines[-1].append((x, entry))
            x += wide
        self._above = LEGEND_LINE * (len(lines) - 1)
        for row, line in enumerate(lines):
            y = 13 - self._above + LEGEND_LINE * row
            for x, entry in line:
                self._parts.append(legend_mark(entry, x, y))
                self.pixel_text(x + 21, y + 4, entry.words, "start", "key")

    def svg(self) -> Markup:
        """Return the finished chart."""
        size = f'viewBox="0 {-self._above} {self.width} {self.height + self._above}" width="{self.width}"'
        head = f'<svg class="chart" role="img" {size} height="{self.height + self._above}">'
        return Markup(f"{head}<title>{escape(self.label)}</title>{''.join(self._parts)}</svg>")


def legend_mark(entry: Legend, x: float, y: float) -> str:
    """Draw the mark of a legend entry, its left edge at x and its middle at y."""
    if entry.mark == "ring":
        stroke = f'fill="#fff" stroke="{entry.colour}" stroke-width="2"'
        return f'<circle cx="{number(x + 8)}" cy="{number(y)}" r="4.5" {stroke}/>'
    if entry.mark in ("line", "dash"):
        style = 'stroke-width="2.4"' if entry.mark == "line" else 'stroke-width="1.6" stroke-dasharray="4 3"'
        return f'<path d="M{number(x)} {number(y)}h16" stroke="{entry.colour}" {style}/>'
    return f'<rect x="{number(x + 3)}" y="{number(y - 5)}" width="10" height="10" rx="2" fill="{entry.colour}"/>'
