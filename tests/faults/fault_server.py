"""A process that has imported everything once and forks for every run of a command, whose writes it counts and spoils.

It reads requests from standard input, one JSON object a line, and answers each with one line. Started by `fault_walk`.
"""

import atexit
import ctypes
import errno
import functools
import gc
import importlib
import json
import os
import pkgutil
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "src"), str(Path(__file__).resolve().parent)]

from system_calls import Call, answer, ask_about_writes  # noqa: E402

HEAVY = (
    *("torch", "torch._dynamo", "torch.onnx", "onnxscript", "onnx.reference", "pydantic", "networkx", "torch.nested"),
    *("pandas", "scipy.stats", "scipy.optimize", "scipy.cluster.hierarchy", "h5py", "pysam", "pyBigWig"),
    *("safetensors.torch", "modiscolite", "sklearn.isotonic", "numba", "memelite", "pyfaidx"),
)
ERRORS = {"full": errno.ENOSPC, "eio": errno.EIO, "readonly": errno.EROFS}
WRITES_DATA = {"write", "pwrite64", "writev", "pwritev", "pwritev2", "ftruncate", "fallocate", "mkdir", "mkdirat"}
READ_ONLY = {"open", "openat", "creat", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "truncate"}
LIMIT_S = float(os.environ.get("CISTILL_FAULTS_LIMIT_S", 300))


class Fault:
    """What happens at which write below a folder.

    Parameters
    ----------
    kind : str
        `none`; `full` (from here on no data can be written), `eio` (this write alone fails), `readonly` (from here on
        nothing can be opened for writing, renamed or made), `vanish` (the results' folder is removed), `kill` (SIGKILL
        before the write), `interrupt` (SIGINT).
    at : int
        Number of the write, from 1.
    below : str
        The folder whose writes count.
    process : int
        Leader of the group of processes.
    """

    def __init__(self, kind: str, at: int, below: str, process: int) -> None:
        self.kind, self.at, self.below, self.process = kind, at, below, process
        self.writes = 0
        self.call = ""
        self.names: list[str] = []

    def decide(self, call: Call) -> int:
        """Return the error that a call gets, 0 for none."""
        if not call.path.startswith(self.below):
            return 0
        self.writes += 1
        if self.kind == "none":
            self.names.append(f"{call.name} {call.path.removeprefix(self.below)}")
        if self.writes < self.at or self.kind in ("none", "count", "limit"):
            return 0
        if self.writes == self.at:
            self.call = f"{call.name} {call.path.removeprefix(self.below)}"
            return self._strike()
        if self.kind == "full" and call.name in WRITES_DATA:
            return errno.ENOSPC
        return errno.EROFS if self.kind == "readonly" and call.name in READ_ONLY else 0

    def _strike(self) -> int:
        if self.kind == "kill":
            os.killpg(self.process, signal.SIGKILL)
        elif self.kind == "interrupt":
            os.kill(self.process, signal.SIGINT)
        elif self.kind == "vanish":
            shutil.rmtree(f"{self.below}/out", ignore_errors=True)
        return ERRORS.get(self.kind, 0)


def run(request: dict[str, Any]) -> dict[str, Any] | None:
    """Run a command in a process of its own and return how it ended; None in that process, which runs it then."""
    ours, theirs = socket.socketpair()
    start = time.monotonic()
    process = os.fork()
    if not process:
        ours.close()
        _become_the_command(request, theirs)
        return None
    theirs.close()
    _, (descriptor,), _, _ = socket.recv_fds(ours, 1, 1)
    ours.close()
    fault = Fault(request["kind"], request["at"], request["below"], process)
    status = None
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    timed_out = False
    while status is None:
        for _, event in waiting.poll(100):
            if event & select.POLLIN:
                answer(descriptor, fault.decide)
            elif event & (select.POLLHUP | select.POLLERR):
                status = os.waitpid(process, 0)[1]
        if status is None:
            found, code = os.waitpid(process, os.WNOHANG)
            status = code if found else None
        if status is None and time.monotonic() - start > LIMIT_S:
            timed_out = True
            os.killpg(process, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)
    os.close(descriptor)
    return {
        "code": None if timed_out else os.waitstatus_to_exitcode(status),
        "writes": fault.writes,
        "fault": fault.call,
        "names": fault.names,
        "seconds": round(time.monotonic() - start, 2),
    }


def _become_the_command(request: dict[str, Any], theirs: socket.socket) -> None:
    os.setsid()
    os.chdir(request["cwd"])
    null = os.open(os.devnull, os.O_RDONLY)
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
    for number, descriptor in enumerate((null, log, log)):
        os.dup2(descriptor, number)
    os.environ["TMPDIR"], tempfile.tempdir = request["temporary"], None
    if request["kind"] == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["at"], request["at"]))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    socket.send_fds(theirs, [b"x"], [ask_about_writes()])
    theirs.close()


def main() -> None:
    """Answer requests until standard input ends."""
    import numba

    import cistill

    numba.njit = functools.partial(numba.njit, cache=True)  # compiled by the first process that needs it
    for module in pkgutil.walk_packages(cistill.__path__, "cistill."):
        importlib.import_module(module.name)
    for name in HEAVY:
        importlib.import_module(name)
    import torch

    torch.set_num_threads(1)
    words: list[str] = []
    gc.freeze()  # what is imported stays in the memory that all share
    print("ready", flush=True)
    while line := sys.stdin.buffer.readline():
        request = json.loads(line)
        done = run(request)
        if done is None:
            words = request["words"]
            break
        print(json.dumps(done), flush=True)
    if words:
        _run_here(words)
    os._exit(0)


def _run_here(words: list[str]) -> None:
    """Run the command in this process, and end as Python ends, except that no memory is given back (seconds)."""
    from cistill.cli import main as command

    code: object = 0
    try:
        command(words)
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    ctypes.CDLL(None).fflush(None)
    for library in {line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines() if "hdf5-" in line}:
        ctypes.CDLL(library).H5close()
    os._exit(code if isinstance(code, int) else bool(code))


if __name__ == "__main__":
    main()
