"""Finished parts of a long computation, kept in a folder, so that one that was killed goes on where it stopped."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from cistill.files import atomic_output

N = TypeVar("N", bound=tuple[Any, ...])


def kept(file: Path | None, kind: type[N], compute: Callable[[], Iterable[N]]) -> Iterator[N]:
    """Yield what a part of a computation makes, read from a file if an earlier run finished it.

    Parameters
    ----------
    file : Path, optional
        Where the part is kept (npz), whole or not at all. Without it nothing is kept; results come as they are made.
    kind : type
        A NamedTuple of arrays and numbers.
    compute : callable
        Makes the part.
    """
    if file is None:
        yield from compute()
        return
    if not file.exists():
        arrays: dict[str, Any] = {}
        for place, made in enumerate(compute()):
            arrays |= {f"{place}.{field}": value for field, value in zip(_fields(kind), made, strict=True)}
        with atomic_output(file) as temporary:
            np.savez(temporary, **arrays)
        del arrays
    with np.load(file, allow_pickle=False) as stored:
        fields = _fields(kind)
        for place in range(len(stored.files) // len(fields)):
            values = (stored[f"{place}.{field}"] for field in fields)
            yield kind(*(value if value.ndim else value.item() for value in values))


def _fields(kind: type[Any]) -> tuple[str, ...]:
    return tuple(kind._fields)
