"""Running cases in forked processes: what came out, how long it took, how much memory; findings kept as files."""

import hashlib
import json
import logging
import mmap
import os
import resource
import signal
import struct
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from targets import Target

from cistill.errors import InputError
from cistill.formats import foreign

MOST_MEMORY = 1 << 30  # bytes that a case may add to the process
MOST_GROWTH = 300 << 20  # bytes by which the peak of the memory in use may grow in one case
LONGEST_MESSAGE = 30_000  # characters
HANG = 3.0  # seconds of computing after which a case is killed
HANG_APART = 0.5  # the same where the product opens such files in a process of its own, which it ends after a minute
PATIENCE = {True: 0.5, False: 60.0}
"""Seconds that the product waits for a library in C, in place of a minute: for one that was seen not to come to an end,
only whether it is waited for in a process of its own matters."""
LONGEST_CASE = 600.0  # seconds of any kind: a process of low priority waits for others
TRIED = 1  # crashes and endless loops of one kind and run that are given to the product as it opens such files
HANGS = "hangs"
FORBIDDEN = (
    "pickle.find_class", "os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "socket.connect", "socket.bind",
    "ctypes.dlopen", "urllib.Request", "webbrowser.open", "marshal.loads",
)  # fmt: skip
STATE = struct.Struct("<qdd")
MEMORY_FOLDER = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())


class Forbidden(BaseException):
    """The reader did what no reader of data does: run, import by name, connect."""


@dataclass
class Finding:
    """A case that gave something else than a result or an `InputError`.

    Attributes
    ----------
    target : str
    signature : str
        Kind of the exception and where it was raised, or what else went wrong.
    seed, number : int
        The case.
    text : str
        Traceback.
    data : bytes
    """

    target: str
    signature: str
    seed: int
    number: int
    text: str
    data: bytes = b""

    def save(self, folder: Path, suffix: str) -> Path:
        """Write the case and its traceback, unless one of its signature is there; return the case's file."""
        name = hashlib.sha256(self.signature.encode()).hexdigest()[:10]
        file = folder / self.target / f"{name}{suffix}"
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.stat().st_size > len(self.data):
            file.write_bytes(self.data)
            file.with_name(f"{name}.log").write_text(
                f"{self.signature}\nseed {self.seed}, case {self.number}\n{self.text}"
            )
        return file


@dataclass
class Outcome:
    """What came of some cases.

    Attributes
    ----------
    cases, refused : int
        All cases, and those that ended with an `InputError`; the others were read.
    contained : int
        Crashes and endless loops of C libraries that the product answers, since it opens such files in a process of
        its own first.
    findings : list of Finding
        One for each signature.
    """

    cases: int = 0
    refused: int = 0
    contained: int = 0
    findings: list[Finding] = field(default_factory=list)


def one_case(target: Target, file: Path, data: bytes) -> str:
    """Read a case; return `read` or `refused`. What else comes out is raised."""
    file.write_bytes(data)
    try:
        target.read(file)
    except InputError as error:
        text = str(error)
        assert text.strip(), "an InputError without a message"
        assert len(text) < LONGEST_MESSAGE, f"a message of {len(text)} characters"
        return "refused"
    return "read"


def signature_of(error: BaseException) -> str:
    """Return the kind of an exception and the innermost place of the product in its traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/cistill/" in frame.filename]
    place = own[-1] if own else frames[-1]
    where = f"{Path(place.filename).name}:{place.name}"
    kind = type(error).__name__
    return f"{kind} in {where}" if not isinstance(error, AssertionError) else f"{kind} ({str(error)[:40]}) in {where}"


def run(target: Target, seed: int, first: int, number: int) -> Outcome:
    """Run cases `first`, ... of a seed in forked processes: after one that dies or hangs, another takes the next."""
    target.corpus  # noqa: B018 - made before the fork
    total = Outcome()
    last, seen = first + number, set()
    ends: dict[str, int] = {}
    with tempfile.TemporaryDirectory(dir=MEMORY_FOLDER) as folder:
        while first < last:
            outcome, stopped_at, how = _forked(target, seed, range(first, last), Path(folder))
            total.cases += outcome.cases
            total.refused += outcome.refused
            for finding in outcome.findings:
                if finding.signature not in seen:
                    seen.add(finding.signature)
                    total.findings.append(finding)
            if stopped_at is None:
                break
            total.cases += 1
            first = stopped_at + 1
            data = target.case(seed, stopped_at)
            ends[how] = ends.get(how, 0) + 1
            contained = target.contained is not None and ends[how] > TRIED and how not in seen
            answered, text = (True, "") if contained else _answered(target, data, Path(folder), how == HANGS)
            if answered:
                total.contained += 1
            elif how not in seen:
                seen.add(how)
                total.findings.append(Finding(target.name, how, seed, stopped_at, text, data))
    return total


def _answered(target: Target, data: bytes, folder: Path, hangs: bool) -> tuple[bool, str]:
    """Return whether the product turns a crash or endless loop into a message, as it opens such files."""
    if target.contained is None:
        return False, "the process died or was killed"
    file = folder / f"contained{target.suffix}"
    file.write_bytes(data)
    before, foreign.SECONDS = foreign.SECONDS, PATIENCE[hangs]
    try:
        target.contained(file)
    except InputError:
        return True, ""
    except BaseException:
        return False, traceback.format_exc()
    finally:
        foreign.SECONDS = before
    return False, "the process died or was killed, but not the one that the product opens such files in"


def _forked(target: Target, seed: int, numbers: range, folder: Path) -> tuple[Outcome, int | None, str]:
    """Run cases in a child; return what it says, and the case in which it died or hung, and how."""
    shared = mmap.mmap(-1, STATE.size)
    shared[:] = STATE.pack(numbers.start, time.monotonic(), 0.0)
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    child = os.fork()
    if not child:
        _work(target, seed, numbers, folder, shared, report)
    killed = False
    hang = HANG if target.contained is None else HANG_APART
    pause = 0.0005
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        _, begun, computed = STATE.unpack(shared[:])
        if time.monotonic() - begun > LONGEST_CASE or _computed(child) - computed > hang:
            os.kill(child, signal.SIGKILL)
            killed = True
        time.sleep(pause)
        pause = min(2 * pause, 0.1)
    said: dict[str, Any] = json.loads(report.read_text()) if report.exists() else {}
    at = STATE.unpack(shared[:])[0]
    findings = [Finding(**{**one, "data": bytes.fromhex(one["data"])}) for one in said.get("findings", [])]
    done = status == 0 and said.get("done", False)
    outcome = Outcome(len(numbers) if done else at - numbers.start, said.get("refused", 0), 0, findings)
    if done:
        return outcome, None, ""
    code = os.waitstatus_to_exitcode(status)
    return outcome, at, HANGS if killed else f"signal {-code}" if code < 0 else f"exit {code}"


def _within_reach(reader: str, path: Path, _: str) -> None:
    """Stand for `try_apart`: the cases are in a process of their own already."""
    module, _, name = reader.partition(":")
    getattr(import_module(module), name)(path)


def without_children() -> None:
    """Let the readers try files in this process where they would start another one."""
    for module in [one for name, one in sys.modules.items() if name.startswith("cistill.")]:
        if hasattr(module, "try_apart"):
            module.try_apart = _within_reach


def _computed(process: int) -> float:
    """Return the seconds that a process has computed."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def quiet() -> None:
    """Leave messages of the product and of C libraries out, and forbid what no reader may do, for good."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nothing, stream)
    sys.addaudithook(_forbid)


def _forbid(event: str, _: tuple[Any, ...]) -> None:
    if event in FORBIDDEN and not any("importlib" in frame.filename for frame in traceback.extract_stack()[-6:]):
        raise Forbidden(event)


def _work(target: Target, seed: int, numbers: range, folder: Path, shared: mmap.mmap, report: Path) -> None:
    """Run the cases in this process and end it."""
    code = 1
    try:
        quiet()
        without_children()
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * os.sysconf("SC_PAGE_SIZE") + MOST_MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _cases(target, seed, numbers, folder / f"case{target.suffix}", shared, report)
        code = 0
    finally:
        os._exit(code)


def _stamp(shared: mmap.mmap, number: int) -> None:
    """Write down that a case begins now."""
    shared[:] = STATE.pack(number, time.monotonic(), time.process_time())


def _cases(target: Target, seed: int, numbers: Iterable[int], file: Path, shared: mmap.mmap, report: Path) -> None:
    """Run cases; what was found is in the report at once, since a later case may end this process."""
    refused = 0
    found: dict[str, dict[str, Any]] = {}

    def tell(done: bool = False) -> None:
        report.write_text(json.dumps({"refused": refused, "findings": list(found.values()), "done": done}))

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in numbers:
        _stamp(shared, number)
        data = target.case(seed, number)
        problem = ""
        text = ""
        begun = time.process_time()
        try:
            refused += one_case(target, file, data) == "refused"
        except BaseException as error:
            problem, text = signature_of(error), traceback.format_exc()
        now = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if not problem and (now - peak) << 10 > MOST_GROWTH:
            problem = f"memory grows by {((now - peak) >> 10) // 100 * 100} MB or more"
        peak = max(now, peak)
        if not problem and time.process_time() - begun > target.seconds:
            problem = f"takes more than {target.seconds:g} s"
        if problem and problem not in found:
            if not problem.startswith(("memory", "takes")):
                data = smaller(target, file, data, problem, lambda number=number: _stamp(shared, number))
            found[problem] = {
                "target": target.name, "signature": problem, "seed": seed, "number": number, "text": text[-6000:],
                "data": data.hex(),
            }  # fmt: skip
            tell()
        elif number % 100 == 0:
            tell()
    tell(done=True)


def smaller(
    target: Target, file: Path, data: bytes, signature: str, begin: Callable[[], None], tries: int = 150
) -> bytes:
    """Return a shorter case with the same signature: pieces are left out as long as it stays."""
    piece = len(data) // 2
    while piece and tries:
        at = 0
        while at < len(data) and tries:
            candidate = data[:at] + data[at + piece :]
            tries -= 1
            begin()
            try:
                one_case(target, file, candidate)
                same = False
            except BaseException as error:
                same = signature_of(error) == signature
            if same:
                data = candidate
            else:
                at += piece
        piece //= 2
    return data
