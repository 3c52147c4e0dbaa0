"""Which positions of every layer an insert can change, and how a layer's taps join them: arithmetic alone."""

from dataclasses import dataclass
from functools import cached_property

from cistill.model.network import NetworkConfig


@dataclass(frozen=True)
class Tap:
    """What one tap of a kernel adds: `made[out]` gets `seen[into]` times its weights.

    Attributes
    ----------
    index : int
        Which tap of the kernel.
    into, out : slice
        Within the changed positions of the layer below, and of this one; of equal length.
    """

    index: int
    into: slice
    out: slice


@dataclass(frozen=True)
class Reach:
    """Changed positions of a network's layers for inserts of one length.

    The insert replaces [start, start + length) of the input, start = (input_length - length) // 2. Convolutions are
    valid: position t of a layer sees t, t + d, ... of the one below, so the changed range [a, b) below becomes
    [a - (width - 1) d, b), cut to the layer. (Changed widths of the published network: length + 20 after the first
    layer, length + 20 + 2 * (2 + 4 + ... + d) after the layer of dilation d.)

    Attributes
    ----------
    config : NetworkConfig
    length : int
        Of the insert in bp, at most the input's.
    """

    config: NetworkConfig
    length: int

    @property
    def start(self) -> int:
        """Where the insert begins in the input."""
        return (self.config.input_length - self.length) // 2

    @cached_property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Changed positions [first, last) of the first layer and of every dilated one."""
        config = self.config
        size = config.input_length - config.first_kernel + 1
        spans = [(max(0, self.start - config.first_kernel + 1), min(size, self.start + self.length))]
        for dilation in config.dilations:
            wider = (config.dilated_kernel - 1) * dilation
            size -= wider
            first, last = spans[-1]
            spans.append((max(0, first - wider), min(size, last)))
        return tuple(spans)

    @property
    def widths(self) -> tuple[int, ...]:
        """Number of changed positions of every layer."""
        return tuple(last - first for first, last in self.spans)

    def shifted(self, layer: int, shift: int, index: int = 0) -> Tap:
        """Return how position t + shift below meets position t of dilated layer `layer` (from 0)."""
        (below, below_end), (first, last) = self.spans[layer], self.spans[layer + 1]
        begin, end = max(first, below - shift), min(last, below_end - shift)
        end = max(begin, end)
        return Tap(index, slice(begin + shift - below, end + shift - below), slice(begin - first, end - first))

    @cached_property
    def taps(self) -> tuple[tuple[Tap, ...], ...]:
        """The taps of every dilated layer that meet a changed position."""
        config = self.config
        return tuple(
            tuple(
                tap
                for j in range(config.dilated_kernel)
                if (tap := self.shifted(layer, j * dilation, j)).into.stop > tap.into.start
            )
            for layer, dilation in enumerate(config.dilations)
        )

    @cached_property
    def residuals(self) -> tuple[Tap, ...]:
        """How the layer below meets every dilated layer where it is added to it, cropped at its middle."""
        config = self.config
        half = (config.dilated_kernel - 1) // 2
        return tuple(self.shifted(layer, half * dilation) for layer, dilation in enumerate(config.dilations))
