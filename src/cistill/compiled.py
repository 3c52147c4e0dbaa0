"""Loops compiled by numba and kept on disk: the set-up of an environment compiles them, so that no command has to."""

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core import caching, sigutils

F = TypeVar("F", bound=Callable[..., Any])
LOOPS: list[tuple[Any, tuple[str, ...]]] = []
"""The loops of all modules that were imported, with the types that they are compiled for ahead."""


def compiled(*types: str, **options: Any) -> Callable[[F], F]:
    """Return a decorator that compiles a loop, which then runs without the interpreter's lock.

    Parameters
    ----------
    *types : str
        The types of the arguments that commands call it with, in numba's notation: `compile_loops` compiles for these.
        Other types are compiled when they are met.
    **options
        Of `numba.njit`.
    """

    def decorate(function: F) -> F:
        loop = numba.njit(nogil=True, cache=True, **{"error_model": "numpy", **options})(function)
        LOOPS.append((loop, types))
        return loop

    return decorate


def compile_loops() -> int:
    """Compile the loops of all modules that were imported, unless that was done before; return their number."""
    for loop, types in LOOPS:
        for each in types:
            loop.compile(sigutils.normalize_signature(each)[0])  # type: ignore[no-untyped-call]
    return len(LOOPS)


class KeptLoops:
    """Where numba keeps compiled loops: the first place that can be written, started with what lies beside the source.

    By itself numba does not look at what the set-up compiled where the user may not write: in an image, in a checkout
    or an environment of somebody else.
    """

    @staticmethod
    def from_function(function: Any, file: str) -> Any:
        """Return the place for a function of a file, as numba's locators do."""
        places: list[Any] = [*caching.CacheImpl._locator_classes, _FolderOfProcess]
        found = next(place for each in places if (place := each.from_function(function, file)) is not None)
        folder, beside = Path(found.get_cache_path()), Path(file).parent / "__pycache__"
        if folder != beside:
            name = function.__qualname__.replace("<", "").replace(">", "")
            # the index, *.nbi, is the last: what it names must be there
            for kept in sorted(beside.glob(f"{Path(file).stem}.{name}-{function.__code__.co_firstlineno}.*.nb[ci]")):
                _copy(kept, folder / kept.name)
        return found


class _FolderOfProcess(caching.InTreeCacheLocator):
    """A folder that ends with the process, for users who may write nowhere else."""

    def __init__(self, function: Any, file: str) -> None:
        super().__init__(function, file)  # type: ignore[no-untyped-call]
        subpath = self.get_suitable_cache_subpath(file)  # type: ignore[no-untyped-call]
        self._cache_path = str(Path(_folder_of_process().name) / subpath)


@cache
def _folder_of_process() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="cistill-loops-")


def _copy(source: Path, target: Path) -> None:
    """Copy a file unless there is one; other processes see it whole or not at all."""
    if not target.exists():
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as handle:
            handle.write(source.read_bytes())
        Path(handle.name).replace(target)


_CONFIG: Any = numba.config
if not _CONFIG.CACHE_LOCATOR_CLASSES:  # else the user has chosen
    _CONFIG.CACHE_LOCATOR_CLASSES = f"{__name__}.{KeptLoops.__name__}"
