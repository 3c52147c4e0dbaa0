"""What a file of torch describes, as inert records: names, objects, storages; modules and their weights."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from torch import Tensor

MOST_MODULES = 10_000


@dataclass(frozen=True)
class Named:
    """Something that the file names: a class or a function. It stays a name."""

    module: str
    name: str


@dataclass
class Described:
    """An object that the file describes: what it is made of, its arguments, its state. It stays a description."""

    maker: Any
    arguments: Any
    state: Any = None
    items: dict[Any, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Name of the class or function."""
        return self.maker.name if isinstance(self.maker, Named) else ""


@dataclass(frozen=True)
class Storage:
    """Numbers of an archive."""

    dtype: np.dtype[Any]
    key: str
    length: int


def modules(record: Any) -> Iterator[Described]:
    """Yield a described module and all modules inside it, each once however often it is named."""
    left, seen = [record], set()
    while left:
        one = left.pop()
        if isinstance(one, Described) and isinstance(one.state, dict) and id(one) not in seen:
            seen.add(id(one))
            yield one
            left += reversed(entries(one.state.get("_modules")).values())


def entries(mapping: Any) -> dict[str, Any]:
    """Return the items of a dictionary or of a described one (an OrderedDict)."""
    if isinstance(mapping, Described):
        return mapping.items
    return mapping if isinstance(mapping, dict) else {}


def tensors_of(record: Any) -> dict[str, Tensor]:
    """Return the weights of a described module, or of a dictionary of weights, by their dotted names.

    Raises
    ------
    ValueError
        If modules are within each other more often than those of any network.
    """
    if not (isinstance(record, Described) and isinstance(record.state, dict) and "_modules" in record.state):
        return {str(name): value for name, value in entries(record).items() if isinstance(value, Tensor)}
    found: dict[str, Tensor] = {}
    left: list[tuple[str, Any]] = [("", record)]
    for _ in range(MOST_MODULES):
        if not left:
            return found
        prefix, one = left.pop()
        if isinstance(one, Described) and isinstance(one.state, dict):
            own = entries(one.state.get("_parameters"))
            found |= {f"{prefix}{name}": value for name, value in own.items() if isinstance(value, Tensor)}
            children = entries(one.state.get("_modules")).items()
            left += [(f"{prefix}{name}.", child) for name, child in reversed(children)]
    raise ValueError(f"more than {MOST_MODULES:,} modules")
