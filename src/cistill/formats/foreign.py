"""Files that other programs wrote, or that were damaged on the way: what a reader stumbles over is bad input.

Libraries in C can crash on a damaged file. Such a file is opened in a process of its own first, which reads all of it;
if that process dies, this one has a message.
"""

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path

from cistill.errors import InputError
from cistill.system_errors import system_error

UNEXPECTED = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, MemoryError, OSError, RuntimeError,
    StopIteration, TypeError, ValueError,
)  # fmt: skip
"""What code raises that takes the structure of a file for granted."""
OF_CONTENT = (errno.EINVAL, errno.EOVERFLOW, errno.ERANGE, errno.EDOM, errno.ESPIPE)
"""Errors that calls of the system give for places and sizes that a damaged file names."""
LONGEST = 300  # characters of a reason
SMALL = 64 << 20  # bytes that any file may ask for
MOST_COMPRESSED = 1100  # times that data can shrink with deflate
SECONDS = 60.0
BYTES_PER_SECOND = 5 << 20
REFUSED = 2
PROGRAM = "from cistill.formats.foreign import child; child({reader!r}, {path!r}, {memory})"


@contextmanager
def expecting(what: str, where: str | os.PathLike[str]) -> Iterator[None]:
    """Turn what is raised while the structure of a foreign file is followed into an `InputError`.

    Parameters
    ----------
    what : str
        What the file should be, with its article: `a Keras model`.
    where : path
        The file.

    Raises
    ------
    InputError
        For any of `UNEXPECTED`, but for errors of the operating system (a full disk).
    """
    try:
        yield
    except InputError:
        raise
    except UNEXPECTED as error:
        if is_of_the_system(error):
            raise
        raise InputError(f"{os.fspath(where)}: damaged, or not {what} ({reason(error)})") from error


def is_of_the_system(error: BaseException) -> bool:
    """Say whether an exception reports an error of the operating system that no content of a file can cause."""
    found = system_error(error)
    return found is not None and found.errno not in OF_CONTENT


def reason(error: BaseException) -> str:
    """Return the kind and the first words of an exception, on one line."""
    text = " ".join("".join(c if c.isprintable() else " " for c in str(error)[: 2 * LONGEST]).split())
    return f"{type(error).__name__}, {text[:LONGEST]}" if text else type(error).__name__


def check_claim(claimed: int, stored: int, where: str) -> None:
    """Refuse data that claim to be much larger than what is stored for them can be.

    Parameters
    ----------
    claimed : int
        Bytes in memory.
    stored : int
        Bytes in the file, compressed or not.
    where : str
        File and part, for the message.

    Raises
    ------
    InputError
        If they are more than 64 MiB and more than any compression gives.
    """
    if claimed > max(SMALL, MOST_COMPRESSED * stored):
        raise InputError(f"{where}: damaged: it claims {claimed:,} bytes of numbers, but {stored:,} are stored")


def try_apart(reader: str, path: str | os.PathLike[str], what: str) -> None:
    """Read a file in a process of its own, so that a crash or an endless loop of a library in C is a message.

    Parameters
    ----------
    reader : str
        `module:function`; the function takes the path, reads the whole file and raises `InputError` for bad input.
    path : path
    what : str
        The file's role, for messages.

    Raises
    ------
    InputError
        What the reader raises, or that the process died or took longer than a minute and what the size allows.
    """
    file = Path(path)
    size = file.stat().st_size
    memory = max(8 << 30, 4 * size)
    command = [sys.executable, "-c", PROGRAM.format(reader=reader, path=str(file), memory=memory)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, timeout=SECONDS + size / BYTES_PER_SECOND, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(
            f"{what} {file}: damaged: the library that reads it does not come to an end; copy or make it again"
        ) from error
    if done.returncode == REFUSED:
        raise InputError(done.stdout.decode(errors="replace").strip())
    if done.returncode < 0:
        name = str(-done.returncode)
        with suppress(ValueError):
            name = signal.Signals(-done.returncode).name
        raise InputError(f"{what} {file}: damaged: the library that reads it crashes ({name}); copy or make it again")
    if done.returncode:
        last = (done.stderr.decode(errors="replace").strip().splitlines() or ["no message"])[-1]
        raise InputError(f"{what} {file}: damaged, or not such a file ({last[:LONGEST]})")


def child(reader: str, path: str, memory: int) -> None:
    """Do what `try_apart` asks for and end this process: 0 if the file was read, 2 and a message if it is bad input."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    module, _, name = reader.partition(":")
    try:
        getattr(import_module(module), name)(Path(path))
    except InputError as error:
        sys.stdout.buffer.write(str(error).encode(errors="replace"))
        sys.stdout.flush()
        os._exit(REFUSED)
    os._exit(0)
