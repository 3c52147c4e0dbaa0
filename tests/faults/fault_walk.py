"""Walk through the writes of every command: spoil one, look at what is left, and run again.

A point is a call, a kind of fault and the number of a write. After it: the exit code is not 0, there is one message and
no traceback, every file under its final name is whole or absent, and the same call, run again, ends with the results of
an undisturbed one.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from toy_calls import AFTER, CALLS, EVERY_DAY, ToyCall, write_given

from cistill.provenance import library_digest

SERVER = Path(__file__).with_name("fault_server.py")
PLANTS = SERVER.parents[1] / "nf-test" / "plant.py"
KINDS = ("full", "eio", "kill")
MORE_KINDS = ("readonly", "vanish", "interrupt", "limit")
LIMITS = tuple(1 << power for power in range(12, 21))  # bytes a file may have
TEMPORARY = re.compile(r"\.tmp\d+-[0-9a-f]+\.")
VARIES = re.compile(r"second|resumed_at")  # names of what two undisturbed runs differ in
RESUMED = "kept/"
CHEAP_FORKS = {"PYTHONMALLOC": "malloc", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}  # pages of 2 MiB where there are


class Point(NamedTuple):
    """A fault: call, kind, and number of the write, or the largest size of a file for the kind `limit`."""

    call: str
    kind: str
    at: int


@dataclass
class Reference:
    """How a call ends undisturbed.

    Attributes
    ----------
    files : dict
        Digest of each file.
    writes : int
        Number of writes.
    seconds : float
        What it took.
    code : str
        Digest of the library and the toys.
    names : list of str
        System call and file of each write.
    states : list of int
        Number of what there is before each write: where it is the same, a killed process leaves the same files.
    """

    files: dict[str, str]
    writes: int
    seconds: float
    code: str
    names: list[str]
    states: list[int]


class Walk:
    """The undisturbed runs of all calls in a folder, and the process that runs points.

    Parameters
    ----------
    root : Path
        Undisturbed runs that are there already are not repeated.
    cache : Path, optional
        Where names of modules to import are kept, and the compiled ones if the environment forbids to keep them beside
        their sources; by default, `root`.
    """

    def __init__(self, root: Path, cache: Path | None = None) -> None:
        self.root = root
        self.calls = {call.name: call for call in CALLS}
        self.references: dict[str, Reference] = {}
        self.recovered: set[str] = set()
        self.number = 0
        self.code = code_digest()
        root.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
        environment["NUMBA_CACHE_DIR"] = str(root / "numba")
        environment |= CHEAP_FORKS
        if environment.pop("PYTHONDONTWRITEBYTECODE", ""):
            environment["PYTHONPYCACHEPREFIX"] = str((cache or root) / "bytecode")
        self.server = subprocess.Popen(
            [sys.executable, str(SERVER), str((cache or root) / "modules.txt")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert self.server.stdout
        ready = self.server.stdout.readline()
        if ready != "ready\n":
            raise RuntimeError(f"the server did not start: {ready}")

    def close(self) -> None:
        """End the server."""
        assert self.server.stdin
        self.server.stdin.close()
        self.server.wait()

    def prepare(self, show: bool = False, every_day: bool = False) -> None:
        """Run every call undisturbed, or those of every day."""
        if not (self.root / "given").exists():
            write_given(self.root / "given")
        for call in self.calls.values():
            if every_day and call.name not in EVERY_DAY:
                continue
            record = self.root / call.name / "reference.json"
            if not record.exists() or json.loads(record.read_text())["code"] != self.code:
                self._reference(call, record)
                if show:
                    made = json.loads(record.read_text())
                    print(f"{call.name}: {made['writes']} writes, {made['seconds']} s", flush=True)
            self.references[call.name] = Reference(**json.loads(record.read_text()))

    def _reference(self, call: ToyCall, record: Path) -> None:
        folder = record.parent
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir()
        shutil.rmtree(f"{folder}.tmp", ignore_errors=True)
        done = self._run(call, folder, "none", 0)
        if done["code"]:
            raise RuntimeError(f"{call.name} fails undisturbed: {self._log(folder)}")
        if call.name in AFTER:
            AFTER[call.name](self.root)
        kept = {name: done[name] for name in ("writes", "names", "states", "seconds")}
        record.write_text(json.dumps({"files": files_of(folder), "code": self.code, **kept}))

    def points(self, kinds: tuple[str, ...] = KINDS) -> Iterator[Point]:
        """Yield every point."""
        for name, reference in self.references.items():
            for kind in kinds:
                numbers = LIMITS if kind == "limit" else range(1, reference.writes + 1)
                yield from (Point(name, kind, number) for number in numbers)

    def same(self, point: Point) -> Point:
        """Return the first point that must end as this one does: a kill before which the files were the same."""
        if point.kind != "kill":
            return point
        states = self.references[point.call].states
        return point._replace(at=states.index(states[point.at - 1]) + 1)

    def place(self, point: Point) -> tuple[str, int]:
        """Return the system call and file of a point's write, and 0 for the first, middle and last of these, else 1."""
        if point.kind == "limit":
            return "", 0
        names = [TEMPORARY.sub(".tmp.", name) for name in self.references[point.call].names]
        name = names[point.at - 1]
        alike = [at for at, each in enumerate(names, 1) if each == name]
        return name, int(point.at not in (alike[0], alike[len(alike) // 2], alike[-1]))

    def problems(self, point: Point) -> list[str]:
        """Return what is wrong after a fault, nothing if all is as it should be."""
        call, reference = self.calls[point.call], self.references[point.call]
        with self._spoilt(point) as (folder, done):
            log, left = self._log(folder), files_of(folder)
            whole = not _different(left, reference.files)
            found = [*_ending(call, point, done, log, whole), *_wrong(point, left, reference)]
            found += self._again(call, folder, left, reference)
            return [f"{problem} at {done['fault'] or 'no write'}" for problem in found]

    def left(self, point: Point) -> list[str]:
        """Return what a fault leaves: names and digests of files, of temporary ones the names."""
        with self._spoilt(point) as (folder, _):
            return _state(files_of(folder))

    @contextmanager
    def _spoilt(self, point: Point) -> Iterator[tuple[Path, dict[str, Any]]]:
        """Run a call in a folder of its own and spoil a write; give the folder and how the run ended."""
        self.number += 1
        folder = self.root / f"{point.call}+{os.getpid()}.{self.number}"
        folder.mkdir()
        try:
            yield folder, self._run(self.calls[point.call], folder, point.kind, point.at)
        finally:
            shutil.rmtree(folder)
            shutil.rmtree(f"{folder}.tmp", ignore_errors=True)

    def _again(self, call: ToyCall, folder: Path, left: dict[str, str], reference: Reference) -> list[str]:
        """Run the call once more in what a fault left; the same leavings are tried once."""
        state = json.dumps([call.name, _state(left)])
        if state in self.recovered:
            return []
        done = self._run(call, folder, "count", 0)
        if done["code"]:
            return [f"the next run fails with {done['code']}: {self._log(folder)[-300:]}"]
        files = files_of(folder)
        found = [f"the next run leaves another {name}" for name in _different(files, reference.files)]
        found += [f"the next run leaves {name}" for name in files if TEMPORARY.search(name)]
        if not found:
            self.recovered.add(state)
        return found

    def _run(self, call: ToyCall, folder: Path, kind: str, at: int) -> dict[str, Any]:
        temporary = Path(f"{folder}.tmp")
        temporary.mkdir(exist_ok=True)
        request = {
            "words": call.words(),
            "cwd": str(folder),
            "below": str(folder),
            "temporary": str(temporary),
            "log": str(self._log_file(folder)),
            "kind": kind,
            "at": at,
        }
        assert self.server.stdin
        assert self.server.stdout
        self.server.stdin.write(json.dumps(request) + "\n")
        self.server.stdin.flush()
        done: dict[str, Any] = json.loads(self.server.stdout.readline())
        return done

    def _log_file(self, folder: Path) -> Path:
        (self.root / "logs").mkdir(exist_ok=True)
        return self.root / "logs" / f"{folder.name}.log"

    def _log(self, folder: Path) -> str:
        return self._log_file(folder).read_text(errors="replace")


def code_digest() -> str:
    """Return the digest of what the results of points depend on: the library, and what makes the toys."""
    toys = b"".join(file.read_bytes() for file in (SERVER.with_name("toy_calls.py"), PLANTS))
    return hashlib.sha256(library_digest().encode() + toys).hexdigest()


def _ending(call: ToyCall, point: Point, done: dict[str, Any], log: str, whole: bool) -> Iterator[str]:
    """Yield what is wrong with how a run ended."""
    struck = bool(done["fault"]) or (point.kind == "limit" and not whole)
    code = done["code"]
    if code is None:
        yield "it hangs"
    elif code == 0 and struck and not (whole and (point.kind == "vanish" or (call.survives and call.survives in log))):
        yield "it exits with 0"
    elif code < 0 and point.kind != "kill":
        yield f"it dies of signal {-code}: {log[-300:]}"
    elif code > 0 and not struck:
        yield f"it fails undisturbed: {log[-300:]}"
    elif code > 0 and point.kind != "interrupt" and log.count(": error: ") != 1:
        yield f"not one message: {log[-600:]}"
    if "Traceback" in log or "Exception ignored" in log:
        yield f"a traceback: {log[-600:]}"


def _wrong(point: Point, left: dict[str, str], reference: Reference) -> Iterator[str]:
    """Yield files that should not be there as they are."""
    for name, digest in left.items():
        if TEMPORARY.search(name):
            if point.kind != "kill":
                yield f"it leaves {name}"
        elif not name.startswith(RESUMED) and reference.files.get(name) != digest:
            yield f"{name} is wrong" if name in reference.files else f"{name} is no result"


def _different(files: dict[str, str], expected: dict[str, str]) -> list[str]:
    """Return names of results that are missing, added or other than expected."""
    names = {name for name in files.keys() | expected.keys() if not name.startswith(RESUMED)}
    return sorted(n for n in names if not TEMPORARY.search(n) and files.get(n) != expected.get(n))


def _state(left: dict[str, str]) -> list[str]:
    """Return names and digests of files; the numbers of processes and the content of temporary files do not count."""
    return sorted(TEMPORARY.sub(".tmp", name) if TEMPORARY.search(name) else f"{name} {left[name]}" for name in left)


def files_of(folder: Path) -> dict[str, str]:
    """Return the digest of the content of each file below a folder, times that it took aside."""
    found = {}
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.is_file() and name != "reference.json":
            content = b"" if TEMPORARY.search(name) else _without_times(file).replace(bytes(folder), b"")
            found[name] = hashlib.sha256(content).hexdigest()
    return found


def _without_times(file: Path) -> bytes:
    content = file.read_bytes()
    try:
        if file.suffix == ".json":
            return json.dumps(_masked(json.loads(content))).encode()
        if file.suffix == ".tsv":
            lines = [line.split("\t") for line in content.decode().split("\n")]
            hidden = {column for column, name in enumerate(lines[0]) if VARIES.search(name)}
            return json.dumps([[c for i, c in enumerate(row) if i not in hidden] for row in lines]).encode()
    except ValueError:
        pass  # cut off: compared as it is
    return content


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _masked(inner) for key, inner in value.items() if not VARIES.search(key)}
    return [_masked(inner) for inner in value] if isinstance(value, list) else value
