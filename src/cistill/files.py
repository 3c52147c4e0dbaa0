"""Writing files so that a killed process leaves nothing half-written, and digests of files."""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from cistill.errors import InputError


@contextmanager
def atomic_output(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside `path`; rename it to `path` when the block ends without an error.

    The temporary name keeps the suffixes of `path`, since some writers choose their format by them.

    Parameters
    ----------
    path : path
        The final file. Its folder must exist.

    Yields
    ------
    Path
        Where to write.
    """
    final = Path(path)
    temporary = final.with_name(f".tmp{os.getpid()}.{final.name}")
    try:
        yield temporary
        temporary.replace(final)
    finally:
        temporary.unlink(missing_ok=True)


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
