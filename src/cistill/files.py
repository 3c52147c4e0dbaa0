"""Writing files so that a killed process leaves nothing half-written, and digests of files."""

import errno
import hashlib
import os
import platform
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from cistill.errors import InputError
from cistill.system_errors import WriteError, system_error

TEMPORARY = ".tmp{pid}-{machine}.{name}"
MACHINE = hashlib.sha256(platform.node().encode()).hexdigest()[:6]
LONGEST_NAME = 255  # bytes, of all file systems in use
SECONDS_OF_OTHERS = 24 * 3600


@contextmanager
def atomic_output(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside `path`; rename it to `path` when the block ends without an error.

    The temporary name keeps the suffixes of `path`, since some writers choose their format by them. It is removed
    whatever happens; the next run that writes `path` removes those that killed processes left. Before the file gets
    its name, the system is asked whether all that was written reached the disk (fsync): a writer that ignores an
    error, or a network drive that reports it late, leaves no wrong file.

    Parameters
    ----------
    path : path
        The final file. Its folder must exist.

    Yields
    ------
    Path
        Where to write; an empty file at first.

    Raises
    ------
    WriteError
        For every error of the operating system, of which libraries in C report some in their own ways.
    """
    final = Path(path)
    temporary = _temporary_name(final)
    try:
        _remove_leftovers(final)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
        try:
            yield temporary
            _reach_disk(descriptor, temporary)
        finally:
            os.close(descriptor)
        temporary.replace(final)
    except Exception as error:
        found = None if isinstance(error, InputError | WriteError) else system_error(error)
        if found is None or found.filename not in (None, str(temporary)):
            raise
        raise WriteError(found.errno, found.strerror, str(final)) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _temporary_name(final: Path) -> Path:
    """Return the temporary path of a process on a machine for a final one; a long name is shortened."""
    name = final.name
    if len(os.fsencode(name)) > LONGEST_NAME - len(TEMPORARY.format(pid=10**7, machine=MACHINE, name="")):
        name = hashlib.sha256(os.fsencode(name)).hexdigest()[:16] + "".join(final.suffixes[-2:])[-20:]
    return final.with_name(TEMPORARY.format(pid=os.getpid(), machine=MACHINE, name=name))


def _reach_disk(descriptor: int, temporary: Path) -> None:
    """Wait until a file is on the disk; raise what the system reports of any write to it since it was made."""
    _flush(descriptor)
    made, there = os.fstat(descriptor), temporary.stat()
    if (made.st_dev, made.st_ino) != (there.st_dev, there.st_ino):  # the writer made a file of its own
        with temporary.open("rb") as handle:
            _flush(handle.fileno())


def _flush(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS):  # of file systems without it
            raise


def _remove_leftovers(final: Path) -> None:
    """Remove the temporary files that killed processes left for a final name.

    Those of other machines are left alone for a day: their process may still run.
    """
    own = _temporary_name(final).name
    pattern = re.compile(rf"\.tmp(?P<pid>\d+)-(?P<machine>[0-9a-f]+)\.{re.escape(own.split('.', 2)[2])}")
    with suppress(OSError):
        for file in final.parent.iterdir():
            found = pattern.fullmatch(file.name)
            if not found or file.name == own:
                continue
            if found["machine"] == MACHINE:
                left = not _runs(int(found["pid"]))
            else:
                left = time.time() - file.stat().st_mtime > SECONDS_OF_OTHERS
            if left:
                file.unlink(missing_ok=True)


def _runs(pid: int) -> bool:
    """Say whether a process of this machine runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass
    return True


def named(prefix: Path, suffix: str) -> Path:
    """Return the file `{prefix}.{suffix}`: `prefix` is a folder and the start of a name, as `results/REB1.counts`."""
    return prefix.with_name(f"{prefix.name}.{suffix}")


def require_file(path: str | os.PathLike[str], what: str) -> Path:
    """Return `path` as a Path if it is a readable file that is not empty.

    Raises
    ------
    InputError
        If there is no such file, it may not be read, or it is empty; `what` names its role in the message.
    """
    file = Path(path)
    if problem := file_problem(file):
        raise InputError(f"{what}: {problem}")
    return file


def file_problem(path: str | os.PathLike[str]) -> str:
    """Say why a file cannot be used whatever is in it; empty if it is a readable file that is not empty."""
    file = Path(path)
    try:
        state = file.stat()
        if stat.S_ISDIR(state.st_mode):
            return f"this is a folder, not a file: {file}"
        if not stat.S_ISREG(state.st_mode):
            return f"this is no file that can be read more than once (a pipe or device): {file}"
        if state.st_size == 0:
            return f"the file is empty: {file}"
        with file.open("rb") as handle:
            handle.read(1)
    except (FileNotFoundError, NotADirectoryError):
        return f"no such file: {file}"
    except PermissionError:
        return f"the file is not readable for you (permission denied): {file}; ask its owner, or chmod it"
    except (OSError, ValueError) as error:
        return f"the file cannot be read ({getattr(error, 'strerror', None) or error}): {file}"
    return ""


def sha256(path: str | os.PathLike[str]) -> str:
    """Return the SHA-256 digest of a file's content, as hexadecimal text; a file that stays as it is is read once."""
    state = Path(path).stat()
    return _sha256(Path(path).absolute(), state.st_size, state.st_mtime_ns)


@lru_cache
def _sha256(path: Path, _size: int, _mtime_ns: int) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
