"""What is fuzzed: a reader, small valid files of its format made by code, and how they are damaged."""

import random
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy
from mutations import Mutator

EVERY = 20  # one case in so many is a file made by hypothesis
BLOCK = 1000  # cases that share the files that hypothesis makes at once
GROUND = 8  # of those files that are damaged beside the seeds


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
    structured : strategy of bytes, optional
        Makes whole files with the columns, numbers, names, quotes and encodings that the format and its writers know.
        One case in twenty is such a file, and some of them are damaged as the seeds are.
    seconds : float
        The longest that a case may compute.
    """

    name: str
    read: Callable[[Path], Any]
    seeds: Callable[[], Sequence[bytes]]
    mutate: Mutator
    suffix: str = ".txt"
    binary: bool = False
    contained: Callable[[Path], Any] | None = None
    structured: SearchStrategy[bytes] | None = None
    seconds: float = 5.0

    @property
    def kind(self) -> str:
        """`text` or `bytes`."""
        return "bytes" if self.binary else "text"

    @cached_property
    def corpus(self) -> list[bytes]:
        """The seeds, made once."""
        return list(self.seeds())

    def case(self, seed: int, number: int) -> bytes:
        """Return the file of a case, always the same for the same seed and number."""
        own = zlib.crc32(self.name.encode())
        rng = random.Random((own << 96) + (seed << 48) + number)
        if self.structured is None:
            return self.mutate(rng, self.corpus)
        block, place = divmod(number, BLOCK)
        files = files_of_block(self.structured, (own << 64) + (seed << 32) + block)
        if place % EVERY == EVERY - 1:
            return files[place // EVERY % len(files)]
        return self.mutate(rng, [*self.corpus, rng.choice(files[:GROUND])])


@lru_cache(maxsize=2)
def files_of_block(strategy: SearchStrategy[bytes], of: int) -> list[bytes]:
    """Return the files that hypothesis makes for a block of cases."""
    made: list[bytes] = []

    @seed(of)
    @settings(
        max_examples=BLOCK // EVERY,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(content: bytes) -> None:
        made.append(content)

    collect()
    return made
