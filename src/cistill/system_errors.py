"""Errors of the operating system, whoever reports them, as messages: what happened, to which file, what to do."""

import errno
import os
import re
from collections.abc import Iterator

NUMBERS = (r"\berrno = (\d+)", r"\bos error (\d+)", r"\[Errno (\d+)\]")
"""How HDF5, libraries in Rust, and Python write an error's number into a text."""
GIVEN_WRONG = frozenset(
    (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.EACCES, errno.ENAMETOOLONG, errno.ELOOP)
)
VANISHED = frozenset((errno.ENOENT, errno.ENOTDIR, errno.ESTALE))
NO_SPACE = "nothing half-written is left; free some space and run this again"
REPEAT = "run this again; if it happens again, ask who runs the machine"
ADVICE = {
    errno.ENOSPC: ("the disk is full", NO_SPACE),
    errno.EDQUOT: ("your quota of disk space is used up", NO_SPACE),
    errno.EFBIG: ("the file would be larger than is allowed", "raise the limit (`ulimit -f`) or write to another disk"),
    errno.EROFS: ("the file system is read-only", "choose another --outdir"),
    errno.EACCES: ("permission denied", "ask the owner for access, chmod it, or choose another folder"),
    errno.EPERM: ("the operation is not permitted", "ask the owner for access, or choose another folder"),
    errno.ENOENT: ("no such file or folder", "check the path"),
    errno.ENOTDIR: ("a part of the path is a file, not a folder", "check the path"),
    errno.EEXIST: ("a file stands where a folder is needed", "remove it or choose another --outdir"),
    errno.EISDIR: ("this is a folder where a file is needed", "check the path"),
    errno.ENAMETOOLONG: ("the name of the file is too long", "choose a shorter name or prefix"),
    errno.ELOOP: ("a symbolic link points to itself", "check the path"),
    errno.EMFILE: ("too many files are open", "raise the limit (`ulimit -n`) and run this again"),
    errno.ENFILE: ("too many files are open on this machine", REPEAT),
    errno.EIO: ("the disk or network drive failed (input/output error)", REPEAT),
    errno.ESTALE: ("the file was replaced or removed on the network drive (stale file handle)", REPEAT),
    errno.ETIMEDOUT: ("the network drive does not answer", REPEAT),
    errno.ENOMEM: ("there is not enough memory", "give this command more memory"),
}
OUT_OF_MEMORY = ("can't allocate memory", "out of memory", "bad_alloc")


class WriteError(OSError):
    """A file could not be written; `filename` is its final name, under which nothing half-written is left."""


def system_error(error: BaseException) -> OSError | None:
    """Return the error of the operating system that an exception is or reports, with its number.

    Libraries in C report it as they like: HDF5 and safetensors write its number into their text. The exceptions that
    led to this one are looked at too.
    """
    for one in _chain(error):
        if isinstance(one, OSError) and one.errno is not None:
            return one
        for pattern in NUMBERS:
            found = re.search(pattern, str(one))
            if found and int(found[1]) in errno.errorcode:
                return OSError(int(found[1]), os.strerror(int(found[1])))
    return None


def message_of(error: BaseException) -> tuple[str, int] | None:
    """Return what to write about an error of the system, and the exit code; None for any other error.

    The code is 2 if the path that the user gave is wrong, else 1.
    """
    found = system_error(error)
    if found is not None:
        assert found.errno is not None
        written = isinstance(found, WriteError)
        what, advice = ADVICE.get(found.errno, (os.strerror(found.errno), REPEAT))
        vanished = written and found.errno in VANISHED
        if vanished:
            what, advice = "the folder of the results is gone", "make it again and run this again"
        where = f": {_text(found.filename)}" if found.filename else ""
        return f"{what}{where}; {advice}", 2 if found.errno in GIVEN_WRONG and not vanished else 1
    if isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(words in str(error) for words in OUT_OF_MEMORY)
    ):
        return f"there is not enough memory ({_first_line(error) or 'out of memory'}); give this command more memory", 1
    if isinstance(error, OSError):  # of HDF5 and htslib, which do not say why
        return f"a file cannot be read or written, or is damaged: {_first_line(error)}", 1
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and those that led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        context = error.__context__ if isinstance(error, OSError | RuntimeError) else None  # a bug is no such error
        error = error.__cause__ or context


def _text(path: str | bytes | int) -> str:
    return os.fsdecode(path) if isinstance(path, bytes) else str(path)


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), "")
