"""What is fuzzed: a reader, small valid files of its format made by code, and how they are damaged."""

import random
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mutations import Mutator


@dataclass(frozen=True)
class Target:
    """A reader of a foreign file.

    Attributes
    ----------
    name : str
    read : callable
        Reads the file of a path to its end; may return anything, may raise nothing but `InputError`.
    seeds : callable
        Returns the content of small valid files, or, for some mutators, what goes into the container.
    mutate : Mutator
    suffix : str
        Of the file's name.
    binary : bool
        Whether C libraries or our own parsers of bytes read it: fewer cases are asked for.
    contained : callable, optional
        The way in which the product opens such a file first, in a process of its own, so that a crash of a C library
        becomes a message. `read` is then what happens in that process.
    seconds : float
        The longest that a case may take.
    """

    name: str
    read: Callable[[Path], Any]
    seeds: Callable[[], Sequence[bytes]]
    mutate: Mutator
    suffix: str = ".txt"
    binary: bool = False
    contained: Callable[[Path], Any] | None = None
    seconds: float = 5.0

    @cached_property
    def corpus(self) -> list[bytes]:
        """The seeds, made once."""
        return list(self.seeds())

    def case(self, seed: int, number: int) -> bytes:
        """Return the file of a case, always the same for the same seed and number; number 0, 1, ... are the seeds."""
        rng = random.Random((zlib.crc32(self.name.encode()) << 96) + (seed << 48) + number)
        return self.mutate(rng, self.corpus)
