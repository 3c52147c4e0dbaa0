"""What a command costs: processor time and peak memory of its process."""

import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from typing import NamedTuple

THREADS = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS"), "1")


class Usage(NamedTuple):
    """Processor seconds (user and system), and peak memory (resident) in MB."""

    seconds: float
    megabytes: float


def measured(command: Sequence[str]) -> Usage:
    """Run a command with one thread; end with its message if it fails.

    The peak counts from this process's own size up, which is small as long as it imports nothing large.
    """
    process = subprocess.Popen(
        command, env={**os.environ, **THREADS}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    message = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)}\n{message}")
    return Usage(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6)


def median(usages: Sequence[Usage]) -> Usage:
    """Return the median of each figure."""
    return Usage(*(statistics.median(column) for column in zip(*usages, strict=True)))
