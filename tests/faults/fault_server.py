"""A process that has imported everything once and forks for every run of a command, whose writes it counts and spoils.

It reads requests from standard input, one JSON object a line, and answers each with one line. Started by `fault_walk`.
Its argument is a file of the modules that undisturbed runs imported: they are imported once here, by no later run.
"""

import atexit
import copy
import ctypes
import errno
import functools
import gc
import importlib
import json
import os
import pkgutil
import re
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "src"), str(Path(__file__).resolve().parent)]

from system_calls import Call, answer, ask_about_writes  # noqa: E402

HEAVY = (
    *("torch", "torch._dynamo", "pandas", "scipy.stats", "scipy.optimize", "h5py", "pysam", "pyBigWig", "numba"),
    *("safetensors.torch", "pyfaidx"),
)
ERRORS = {"full": errno.ENOSPC, "eio": errno.EIO, "readonly": errno.EROFS}
WRITES_DATA = {"write", "pwrite64", "writev", "pwritev", "pwritev2", "ftruncate", "fallocate", "mkdir", "mkdirat"}
READ_ONLY = {"open", "openat", "creat", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "truncate"}
TEMPORARY = re.compile(r"\.tmp\d+-[0-9a-f]+\.")
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
        self.states: list[int] = []
        self._numbers: dict[tuple[object, ...], int] = {}

    def decide(self, call: Call) -> int | None:
        """Return the error that a call gets, 0 for none, None if the process was killed."""
        if not call.path.startswith(self.below):
            return 0
        self.writes += 1
        if self.kind == "none":
            self.names.append(f"{call.name} {call.path.removeprefix(self.below)}")
            self.states.append(self._numbers.setdefault(leavings(self.below), len(self._numbers)))
        if self.writes < self.at or self.kind in ("none", "count", "limit"):
            return 0
        if self.writes == self.at:
            self.call = f"{call.name} {call.path.removeprefix(self.below)}"
            return self._strike()
        if self.kind == "full" and call.name in WRITES_DATA:
            return errno.ENOSPC
        return errno.EROFS if self.kind == "readonly" and call.name in READ_ONLY else 0

    def _strike(self) -> int | None:
        if self.kind == "kill":
            os.killpg(self.process, signal.SIGKILL)
            return None
        if self.kind == "interrupt":
            os.kill(self.process, signal.SIGINT)
        elif self.kind == "vanish":
            shutil.rmtree(f"{self.below}/out", ignore_errors=True)
        return ERRORS.get(self.kind, 0)


def leavings(folder: str) -> tuple[object, ...]:
    """Return what a process killed now would leave: files with their sizes and times, of temporary ones the names."""
    found = []
    for file in sorted(Path(folder).rglob("*")):
        state = file.stat()
        name = TEMPORARY.sub(".tmp", str(file))
        changing = name != str(file) or file.is_dir()
        found.append((name, *(() if changing else (state.st_ino, state.st_size, state.st_mtime_ns))))
    return tuple(found)


def run(request: dict[str, Any]) -> dict[str, Any] | None:
    """Run a command in a process of its own and return how it ended; None in that process, which runs it then."""
    ours, theirs = socket.socketpair()
    start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
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
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "code": None if timed_out else os.waitstatus_to_exitcode(status),
        "writes": fault.writes,
        "fault": fault.call,
        "names": fault.names,
        "states": fault.states,
        "seconds": round(time.monotonic() - start, 2),
        "processor": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 3),
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
    from cistill import provenance

    for name in ("library_digest", "installed_versions"):  # the same in every run: read once
        found = getattr(provenance, name)()
        setattr(provenance, name, functools.partial(copy.copy, found))
    numba.njit = functools.partial(numba.njit, cache=True)  # compiled by the first process that needs it
    for module in pkgutil.walk_packages(cistill.__path__, "cistill."):
        importlib.import_module(module.name)
    for name in HEAVY:
        importlib.import_module(name)
    import torch

    torch.set_num_threads(1)
    learnt = Path(sys.argv[1])
    _import_learnt(learnt)
    request: dict[str, Any] = {}
    print("ready", flush=True)
    while line := sys.stdin.buffer.readline():
        request = json.loads(line)
        done = run(request)
        if done is None:
            break
        if request["kind"] == "none":
            _import_learnt(learnt)
        print(json.dumps(done), flush=True)
    else:
        os._exit(0)
    known = set(sys.modules)
    code = _run_here(request["words"])
    if request["kind"] == "none":
        with learnt.open("a") as file:
            file.writelines(f"{name}\n" for name in sorted(set(sys.modules) - known))
    os._exit(code)


def _import_learnt(file: Path) -> None:
    """Import what undisturbed runs imported, and leave it in the memory that all later runs share."""
    for name in file.read_text().split() if file.exists() else ():
        if name not in sys.modules:
            with suppress(Exception):  # a name that is no module of its own
                importlib.import_module(name)
    for each in list(weakref.finalize._registry):  # type: ignore[attr-defined]
        each.atexit = False  # of what is imported here: nothing that a command has to end
    gc.freeze()


def _run_here(words: list[str]) -> int:
    """Run the command in this process and end all as Python does, except that no memory is given back (seconds)."""
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
    return code if isinstance(code, int) else int(bool(code))


if __name__ == "__main__":
    main()
