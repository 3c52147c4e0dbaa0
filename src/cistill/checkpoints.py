"""Where the state of a running training lives, and that one process at a time uses it."""

import fcntl
import hashlib
import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cistill.provenance import library_digest

LOG = logging.getLogger("cistill")


@contextmanager
def state_file(folder: Path | None, name: str, key: list[Any]) -> Iterator[Path | None]:
    """Give the file that holds a training's state, locked: two processes never train on one state.

    The file's folder is keyed by data, settings and code, so that other settings never take up a wrong state.

    Parameters
    ----------
    folder : Path, optional
        Where states are kept; without it no state is.
    name : str
        Name of the training.
    key : list
        Everything beside the code that the training depends on, as JSON.
    """
    if folder is None:
        yield None
        return
    text = json.dumps([*key, library_digest()], sort_keys=True)
    own = folder / f"{name}.{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    own.mkdir(parents=True, exist_ok=True)
    with (own / "lock").open("w") as lock:
        _wait_for(lock.fileno(), own)
        yield own / "state.safetensors"


def _wait_for(descriptor: int, folder: Path) -> None:
    """Wait until no other process trains with this state (one whose workflow was killed may still run)."""
    told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if not told:
                LOG.info("another process trains with the state in %s; waiting to take up what it reaches", folder)
                told = True
            time.sleep(1)
        except OSError as error:
            LOG.warning("no file locks in %s (%s): make sure that no other process trains there", folder, error)
            return
