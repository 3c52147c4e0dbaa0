"""A long run in blocks: which inserts a chunk scores."""

from dataclasses import dataclass

from cistill.errors import InputError

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
