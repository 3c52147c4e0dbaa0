"""What every command does alike: errors as one message, a log on stderr, progress."""

import logging
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import typer

from cistill.errors import InputError
from cistill.system_errors import message_of

T = TypeVar("T")
LOG = logging.getLogger("cistill")
SECONDS_BETWEEN_LINES = 10.0
INTERRUPTED = 130  # exit code of a command that Ctrl-C ended


def run(app: typer.Typer) -> None:
    """Run a command-line app; bad input becomes one message and exit code 2, an error of the system one and code 1.

    An option may be written with hyphens or with underscores, as the pipeline's parameters are.
    """
    # waiting threads sleep instead of spinning: with more threads than free cores, training is several times faster
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    command = Path(sys.argv[0]).name
    for registered in app.registered_commands:
        registered.context_settings = {
            **(registered.context_settings or {}),
            "token_normalize_func": lambda name: name.replace("-", "_"),
        }
    logging.basicConfig(level=logging.INFO, format=f"%(asctime)s {command}: %(message)s", datefmt="%H:%M:%S")
    for noisy in ("matplotlib", "numba", "fontTools"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.raiseExceptions = False  # a log that cannot be written must not end the work
    with errors_as_messages(command):
        app()


@contextmanager
def errors_as_messages(command: str) -> Iterator[None]:
    """End the process with one message on stderr for bad input (exit code 2) and for errors of the system (1 or 2).

    Parameters
    ----------
    command : str
        Name of the command, for the message.
    """
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except InputError as error:
        _end(f"{command}: error: {error}", 2)
    except BrokenPipeError:  # who read the output has left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        _end(f"{command}: interrupted", INTERRUPTED)
    except Exception as error:
        found = message_of(error)
        if found is None:
            raise
        message, code = found
        _end(f"{command}: error: {message}", code)


def _visible(message: str) -> str:
    """Return a message whose control characters, which a file may bring into it, are written out."""
    return "".join(c if c.isprintable() or c in "\n\t" else repr(c)[1:-1] for c in message)


def _end(message: str, code: int) -> None:
    with suppress(OSError, ValueError):
        print(_visible(message), file=sys.stderr, flush=True)
    sys.exit(code)


def requests_to_stop() -> list[int]:
    """Return a list that SIGTERM and SIGUSR2 (a scheduler's warnings) are added to, instead of ending the process."""
    received: list[int] = []
    for number in (signal.SIGTERM, signal.SIGUSR2):
        signal.signal(number, lambda number, _frame: received.append(number))
    return received


def progress(
    items: Iterable[T], description: str, total: int | None = None, unit: str = "regions", size: int = 1
) -> Iterator[T]:
    """Pass `items` through; show a bar on a terminal, a plain line every ten seconds in a log.

    Parameters
    ----------
    items : iterable
        What is worked on.
    description : str
        What is being done, for the reader.
    total : int, optional
        Number of units in all.
    unit : str
        Name of what is counted.
    size : int
        Units an item stands for (a batch size).
    """
    if sys.stderr.isatty():
        from tqdm import tqdm

        with tqdm(total=total, desc=description, unit=f" {unit}", leave=False) as bar:
            for item in items:
                yield item
                bar.update(size)
        return
    start = shown = time.monotonic()
    done = 0
    for item in items:
        yield item
        done += size
        now = time.monotonic()
        if now - shown >= SECONDS_BETWEEN_LINES:
            shown = now
            of = f" of {total}" if total is not None else ""
            LOG.info("%s: %d%s %s, %.4g/s", description, min(done, total or done), of, unit, done / (now - start))
