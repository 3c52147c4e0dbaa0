"""How near a computation came to deciding otherwise: processors differ in what depends on the last bit of a sum."""

from collections.abc import Hashable, Iterable, Sequence

import numpy as np


class Decisions:
    """The narrowest gap of each kind of decision; `narrowest` maps the kind to it, and lacks kinds with no choice."""

    def __init__(self) -> None:
        self.narrowest: dict[str, float] = {}

    def note(self, kind: str, gap: float) -> None:
        """Note how far the choice made lies from its nearest alternative."""
        self.narrowest[kind] = min(self.narrowest.get(kind, np.inf), float(gap))

    def highest(self, kind: str, values: Iterable[float], count: int = 1, relative: bool = False) -> None:
        """Note the choice of the `count` highest of some values: how far the lowest chosen is above the next."""
        ranked = sorted(values, reverse=True)
        if count < len(ranked):
            gap = ranked[count - 1] - ranked[count]
            self.note(kind, gap / abs(ranked[count - 1]) if relative and gap else gap)

    def best_partition(self, kind: str, tried: Sequence[tuple[float, Sequence[Hashable]]]) -> None:
        """Note the choice of a partition of the highest quality; those with the same parts are no alternatives."""
        quality: dict[tuple[int, ...], float] = {}
        for value, labels in tried:
            first: dict[Hashable, int] = {}
            parts = tuple(first.setdefault(label, i) for i, label in enumerate(labels))
            quality[parts] = max(value, quality.get(parts, -np.inf))
        self.highest(kind, quality.values())
