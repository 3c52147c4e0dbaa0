"""The bar within a table's cell that shows where a value lies between its bounds."""

import math

from markupsafe import Markup, escape

from cistill.report.drawing.axes import number
from cistill.report.drawing.palette import BLUE, INK, PALE, RULE


def position_bar(place: float, average: float | None, label: str, width: int = 150) -> Markup:
    """Draw where a value lies between its lower and its upper bound.

    Parameters
    ----------
    place : float
        0 at the lower bound, 1 at the upper bound; shown clipped to that range.
    average : float, optional
        The same for the mean training profile.
    label : str
        What a reader who cannot see it is told.
    width : int
        Pixels.
    """
    inner = width - 12
    end = 6 + inner * min(max(place, 0.0), 1.0)
    mark = ""
    if average is not None and math.isfinite(average):
        at = number(6 + inner * min(max(average, 0.0), 1.0))
        mark = f'<path d="M{at} 1V17" stroke="{INK}" stroke-width="1.6" stroke-dasharray="2.5 2"/>'
    return Markup(
        f'<svg class="bar" role="img" viewBox="0 0 {width} 18" width="{width}" height="18">'
        f"<title>{escape(label)}</title>"
        f'<rect x="6" y="5" width="{inner}" height="8" rx="4" fill="{RULE}"/>'
        f'<rect x="6" y="5" width="{number(max(end - 6, 0.0))}" height="8" rx="4" fill="{PALE}"/>{mark}'
        f'<circle cx="{number(end)}" cy="9" r="5" fill="{BLUE}"/></svg>'
    )
