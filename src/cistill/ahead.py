"""Doing the next pieces of work while the present one is used."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def ahead(function: Callable[[T], R], items: Iterable[T], workers: int) -> Iterator[R]:
    """Yield `function(item)` for every item, in order, computed ahead in threads.

    Parameters
    ----------
    function : callable
        Must not change what other calls read.
    items : iterable
        Taken one by one, on the calling thread.
    workers : int
        Threads; as many results wait at most, one more than that are worked on or waiting.
    """
    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:  # a consumer that stops early shall not wait for what nobody will read
            for future in waiting:
                future.cancel()
