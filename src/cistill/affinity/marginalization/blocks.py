"""A long run in blocks: which inserts a chunk scores, and what a killed run has done already."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cistill.errors import InputError
from cistill.files import atomic_output

LARGEST, SMALLEST, BLOCKS = 1024, 16, 64


def block_size(inserts: int) -> int:
    """Return how many inserts are scored at once.

    It depends on the library alone, so that an insert is in the same block, and gets the same last bit, whatever chunk
    it is scored in.
    """
    return min(LARGEST, max(SMALLEST, -(-inserts // BLOCKS)))


@dataclass(frozen=True)
class Chunk:
    """Part i of n of a library, counted from 1.

    Attributes
    ----------
    index, of : int
    """

    index: int
    of: int

    @classmethod
    def parse(cls, text: str) -> "Chunk":
        """Read `i/n`.

        Raises
        ------
        InputError
            If the text is not of that form, or i is not between 1 and n.
        """
        parts = text.split("/")
        if len(parts) != 2 or not all(part.strip().isdigit() for part in parts):
            raise InputError(f"--chunk {text}: give i/n, such as 1/8")
        index, of = (int(part) for part in parts)
        if not 1 <= index <= of:
            raise InputError(f"--chunk {text}: the first number must be between 1 and the second")
        return cls(index, of)

    def spans(self, inserts: int) -> list[tuple[int, int]]:
        """Return the blocks [first, last) of the chunk, of so many inserts."""
        size = block_size(inserts)
        blocks = -(-inserts // size)
        own = range((self.index - 1) * blocks // self.of, self.index * blocks // self.of)
        return [(block * size, min(inserts, (block + 1) * size)) for block in own]


ALL = Chunk(1, 1)


def kept_or_computed(
    folder: Path | None, span: tuple[int, int], shape: tuple[int, ...], compute: Callable[[], NDArray[np.floating]]
) -> NDArray[np.floating]:
    """Return a block's numbers, from a folder where an earlier run left them, else computed and left there.

    Parameters
    ----------
    folder : Path, optional
        Without one nothing is kept.
    span : (int, int)
        The block.
    shape : tuple of int
        What its numbers must have; what is damaged, or of another shape, is computed anew.
    compute : callable
    """
    if folder is None:
        return compute()
    file = folder / f"block_{span[0]:010d}.npy"
    try:
        numbers = np.load(file, allow_pickle=False)
        if numbers.shape == shape:
            return np.asarray(numbers)
    except (OSError, ValueError, EOFError):
        pass
    numbers = compute()
    with atomic_output(file) as temporary:
        np.save(temporary, numbers)
    return numbers
