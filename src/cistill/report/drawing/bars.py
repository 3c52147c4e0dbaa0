"""The bar within a table's cell that shows where a value lies between its bounds."""

import math

from markupsafe import Markup, escape


def position_bar(place: float, average: float | None, label: str) -> Markup:
    """Draw where a value lies between its lower and its upper bound.

    Parameters
    ----------
    place : float
        0 at the lower bound, 1 at the upper bound; shown clipped to that range.
    average : float, optional
        The same for the mean training profile.
    label : str
        What a reader who cannot see it is told.
    """
    at = 100 * min(max(place, 0.0), 1.0)
    mean = ""
    if average is not None and math.isfinite(average):
        mean = f'<i class="mean" style="left:{100 * min(max(average, 0.0), 1.0):.1f}%"></i>'
    filled = f'<i class="filled" style="width:{at:.1f}%"></i>'
    head = f'<span class="place" role="img" aria-label="{escape(label)}">'
    return Markup(f'{head}{filled}{mean}<i class="dot" style="left:{at:.1f}%"></i></span>')
