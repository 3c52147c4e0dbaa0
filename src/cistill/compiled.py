"""Loops compiled by numba, kept on disk where there is a place to write to."""

from collections.abc import Callable
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])


def compiled(**options: Any) -> Callable[[F], F]:
    """Return a decorator that compiles a loop, which then runs without the interpreter's lock."""

    def decorate(function: F) -> F:
        try:
            return numba.njit(nogil=True, error_model="numpy", cache=True, **options)(function)
        except RuntimeError:  # no folder for the cache can be written
            return numba.njit(nogil=True, error_model="numpy", **options)(function)

    return decorate
