"""What a killed run leaves for the next one: a locked folder of its own, and finished parts of a computation in it."""

import fcntl
import hashlib
import json
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from cistill.console import LOG
from cistill.files import atomic_output
from cistill.provenance import library_digest

N = TypeVar("N", bound=tuple[Any, ...])


@contextmanager
def checkpoint_folder(folder: Path | None, name: str, key: list[Any]) -> Iterator[Path | None]:
    """Give the folder of a run's checkpoints, locked: two processes never work on one.

    The folder is keyed by data, settings and code, so that a run with other settings never resumes from it.

    Parameters
    ----------
    folder : Path, optional
        Where checkpoints are kept; without it none are.
    name : str
        Name of the run.
    key : list
        Everything apart from the code that the run depends on, as JSON.
    """
    if folder is None:
        yield None
        return
    text = json.dumps([*key, library_digest()], sort_keys=True)
    own = folder / f"{name}.{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    own.mkdir(parents=True, exist_ok=True)
    with (own / "lock").open("w") as lock:
        _wait_for(lock.fileno(), own)
        yield own


def _wait_for(descriptor: int, folder: Path) -> None:
    """Wait until no other process works in this folder (one whose workflow was killed may still run)."""
    reported = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if not reported:
                LOG.info("another process works in %s; waiting to resume from what it reaches", folder)
                reported = True
            time.sleep(1)
        except OSError as error:
            LOG.warning("no file locks in %s (%s): make sure that no other process works there", folder, error)
            return


def kept(file: Path | None, kind: type[N], compute: Callable[[], Iterable[N]]) -> Iterator[N]:
    """Yield what a part of a computation makes, read from a file if an earlier run finished it.

    Parameters
    ----------
    file : Path, optional
        Where the part is kept (npz), whole or not at all; a damaged file is computed again. Without it nothing is
        kept, and results come as they are made.
    kind : type
        A NamedTuple of arrays and numbers.
    compute : callable
        Makes the part.
    """
    if file is None:
        yield from compute()
        return
    if not _usable(file, kind):
        arrays: dict[str, Any] = {}
        for place, made in enumerate(compute()):
            arrays |= {f"{place}.{field}": value for field, value in zip(_fields(kind), made, strict=True)}
        with atomic_output(file) as temporary, temporary.open("wb") as handle:  # given a path, zipfile opens it again
            np.savez(handle, **arrays)
        del arrays
    with np.load(file, allow_pickle=False) as stored:
        fields = _fields(kind)
        for place in range(len(stored.files) // len(fields)):
            values = (stored[f"{place}.{field}"] for field in fields)
            yield kind(*(value if value.ndim else value.item() for value in values))


class _Single(NamedTuple):
    """A part that is one array."""

    array: NDArray[Any]


def kept_array(file: Path | None, compute: Callable[[], NDArray[Any]]) -> NDArray[Any]:
    """Return an array that a part of a computation makes, as `kept` does."""
    (part,) = kept(file, _Single, lambda: [_Single(compute())])
    return part.array


def _usable(file: Path, kind: type[Any]) -> bool:
    """Say whether a file holds a whole part: every array with the checksum that it was written with."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = [name.removesuffix(".npy") for name in archive.namelist()]
            whole = archive.testzip() is None
    except FileNotFoundError:
        return False
    except (OSError, zipfile.BadZipFile, EOFError):
        names, whole = [], False
    fields = _fields(kind)
    expected = [f"{place}.{field}" for place in range(len(names) // len(fields)) for field in fields]
    if whole and names == expected:
        return True
    LOG.warning("%s is damaged; this part is computed again", file)
    return False


def _fields(kind: type[Any]) -> tuple[str, ...]:
    return tuple(kind._fields)
