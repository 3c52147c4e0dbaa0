"""Choosing the device, refusing to run silently without the one asked for, and the threads of a CPU."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import torch

from cistill.errors import InputError

T = TypeVar("T")
R = TypeVar("R")


def find_device(name: str) -> torch.device:
    """Return the device called `name`.

    Parameters
    ----------
    name : str
        `cpu` or `cuda` (`cuda:1` for a certain one).

    Raises
    ------
    InputError
        If a GPU is asked for and none is visible. A run that goes on without its GPU takes days instead of hours.
    """
    if name != "cpu" and not name.startswith("cuda"):
        raise InputError(f"unknown device {name!r}: use cpu or cuda")
    if name.startswith("cuda") and not torch.cuda.is_available():
        built = torch.version.cuda or "none"
        raise InputError(
            f"device {name} was asked for, but no GPU is visible (torch {torch.__version__}, built for CUDA {built}). "
            "Check nvidia-smi and CUDA_VISIBLE_DEVICES, or ask for --device cpu"
        )
    return torch.device(name)


def describe_device(device: torch.device) -> str:
    """Return a device's name for records: the GPU's model, or the number of CPU threads."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"cpu, {torch.get_num_threads()} threads"


@contextmanager
def threads_restored() -> Iterator[int]:
    """Give the number of torch's threads, and set it again at the end, whatever was set in between."""
    threads = torch.get_num_threads()
    try:
        yield threads
    finally:
        torch.set_num_threads(threads)


def on_one_thread(function: Callable[[T], R]) -> Callable[[T], R]:
    """Return a function for the threads of a pool: each computes alone, instead of all sharing every operation.

    There is no waiting for one another, every piece stays in its core's own cache, and numbers do not depend on how
    many threads there are. It is to be called within `threads_restored`.

    Parameters
    ----------
    function : callable
        Takes one piece of the work.
    """

    def alone(piece: T) -> R:
        torch.set_num_threads(1)  # of the thread that this runs in
        return function(piece)

    return alone
