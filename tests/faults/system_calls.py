"""Every system call that writes, of a process and all that it starts, passes by a supervisor that may refuse it.

The kernel stops the call and asks (seccomp's user notification, Linux 5.5 or later), so that it makes no difference
whether Python, HDF5, htslib, Rust or the C library writes. Nothing is compiled or patched.
"""

import ctypes
import errno
import fcntl
import os
import platform
import struct
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ALLOW, ASK = 0x7FFF0000, 0x7FC00000
NO_NEW_PRIVILEGES = 38
LOAD, EQUAL, ANY_BIT, AND_RETURN = 0x20, 0x15, 0x45, 0x06
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
RECEIVE, SEND = 0xC0502100, 0xC0182101
NOTIFICATION, RESPONSE = struct.Struct("<QIIiIQ6Q"), struct.Struct("<QqiI")
CONTINUE = 1
AT_FDCWD = -100
# numbers of calls, for x86-64 and 64-bit Arm
NUMBERS = {
    "x86_64": {
        **{"write": 1, "pwrite64": 18, "writev": 20, "pwritev": 296, "pwritev2": 328, "ftruncate": 77, "truncate": 76},
        **{"fallocate": 285, "rename": 82, "renameat": 264, "renameat2": 316, "fsync": 74, "fdatasync": 75},
        **{"sendfile": 40, "copy_file_range": 326, "mkdir": 83, "mkdirat": 258, "open": 2, "openat": 257, "creat": 85},
        **{"mmap": 9, "seccomp": 317, "architecture": 0xC000003E},
    },
    "aarch64": {
        **{"write": 64, "pwrite64": 68, "writev": 66, "pwritev": 70, "pwritev2": 287, "ftruncate": 46, "truncate": 45},
        **{"fallocate": 47, "renameat": 38, "renameat2": 276, "fsync": 82, "fdatasync": 83, "sendfile": 71},
        **{"copy_file_range": 285, "mkdirat": 34, "openat": 56, "mmap": 222, "seccomp": 277},
        **{"architecture": 0xC00000B7},
    },
}
OWN = NUMBERS.get(platform.machine(), {})
NAMES = {number: name for name, number in OWN.items()}
OF_DESCRIPTOR = {"write": 0, "pwrite64": 0, "writev": 0, "pwritev": 0, "pwritev2": 0, "ftruncate": 0, "fallocate": 0}
OF_DESCRIPTOR |= {"fsync": 0, "fdatasync": 0, "sendfile": 0, "copy_file_range": 2, "mmap": 4}
"""Which argument is the descriptor of the file written to."""
OF_PATH = {"truncate": (None, 0), "rename": (None, 1), "renameat": (2, 3), "renameat2": (2, 3), "mkdir": (None, 0)}
OF_PATH |= {"mkdirat": (0, 1), "open": (None, 0), "openat": (0, 1), "creat": (None, 0)}
"""Which arguments are the descriptor of a folder, and the path of the file written to."""
_libc = ctypes.CDLL(None, use_errno=True)


class Call(NamedTuple):
    """A call that waits for its answer: its name and the file that it writes to."""

    name: str
    path: str


class _Step(ctypes.Structure):
    _fields_ = [("code", ctypes.c_ushort), ("yes", ctypes.c_ubyte), ("no", ctypes.c_ubyte), ("value", ctypes.c_uint)]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.POINTER(_Step))]


def _argument(number: int) -> int:
    """Return where the lower half of an argument is."""
    return 16 + 8 * number


def _filter() -> list[_Step]:
    """Return the kernel's program: ask about calls that write, allow all others."""
    steps = [_Step(LOAD, 0, 0, 4), _Step(EQUAL, 1, 0, OWN["architecture"]), _Step(AND_RETURN, 0, 0, ALLOW)]
    steps.append(_Step(LOAD, 0, 0, 0))
    for name, number in OWN.items():
        if name in ("open", "openat"):
            flags = _argument(1 if name == "open" else 2)
            steps += [_Step(EQUAL, 0, 4, number), _Step(LOAD, 0, 0, flags), _Step(ANY_BIT, 0, 1, WRITING)]
            steps += [_Step(AND_RETURN, 0, 0, ASK), _Step(AND_RETURN, 0, 0, ALLOW)]
        elif name == "mmap":  # writable and shared: a write without further calls
            steps += [_Step(EQUAL, 0, 6, number), _Step(LOAD, 0, 0, _argument(2)), _Step(ANY_BIT, 0, 3, 2)]
            steps += [_Step(LOAD, 0, 0, _argument(3)), _Step(ANY_BIT, 0, 1, 1)]
            steps += [_Step(AND_RETURN, 0, 0, ASK), _Step(AND_RETURN, 0, 0, ALLOW)]
        elif name not in ("seccomp", "architecture"):
            steps += [_Step(EQUAL, 0, 1, number), _Step(AND_RETURN, 0, 0, ASK)]
    return [*steps, _Step(AND_RETURN, 0, 0, ALLOW)]


def ask_about_writes() -> int:
    """Stop every write of this process and of all that it will start; return the descriptor that they are reported on.

    Raises
    ------
    OSError
        If the kernel cannot do it.
    """
    if not OWN:
        raise OSError(errno.ENOSYS, f"not known on {platform.machine()}")
    steps = _filter()
    program = _Program(len(steps), (_Step * len(steps))(*steps))
    if _libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")
    descriptor = _libc.syscall(OWN["seccomp"], 1, 8, ctypes.byref(program))
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return int(descriptor)


def answer(descriptor: int, decide: Callable[[Call], int | None]) -> None:
    """Answer one waiting call.

    Parameters
    ----------
    descriptor : int
        Of `ask_about_writes`.
    decide : callable
        Takes the call; returns 0 to let it pass, the number of the error that it gets, or None if its process was
        killed: with an answer, the call could still be made before the process ends.
    """
    buffer = bytearray(NOTIFICATION.size)
    try:
        fcntl.ioctl(descriptor, RECEIVE, buffer)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EINTR):  # the process is gone
            return
        raise
    identity, thread, _, number, _, _, *arguments = NOTIFICATION.unpack(buffer)
    name = NAMES[number]
    try:
        path = _path(thread, name, arguments)
    except (OSError, ValueError):
        path = ""
    error_number = decide(Call(name, path)) if path else 0
    if error_number is None:
        return
    response = RESPONSE.pack(identity, 0, -error_number, 0 if error_number else CONTINUE)
    try:
        fcntl.ioctl(descriptor, SEND, bytearray(response))
    except OSError as error:
        if error.errno != errno.ENOENT:
            raise


def _path(thread: int, name: str, arguments: list[int]) -> str:
    if name in OF_DESCRIPTOR:
        return str(Path(f"/proc/{thread}/fd/{_signed(arguments[OF_DESCRIPTOR[name]])}").readlink())
    folder, place = OF_PATH[name]
    path = os.fsdecode(_text(thread, arguments[place]))
    if path.startswith("/"):
        return path
    of = AT_FDCWD if folder is None else _signed(arguments[folder])
    start = Path(f"/proc/{thread}/cwd" if of == AT_FDCWD else f"/proc/{thread}/fd/{of}").readlink()
    return os.path.normpath(start / path)


def _signed(value: int) -> int:
    """Return an argument that is an int in C."""
    return ctypes.c_int(value & 0xFFFFFFFF).value


def _text(thread: int, address: int) -> bytes:
    """Read a text of C from the memory of a process."""
    found = b""
    with open(f"/proc/{thread}/mem", "rb", buffering=0) as memory:  # noqa: PTH123
        while b"\0" not in found and len(found) < 1 << 14:
            memory.seek(address + len(found))
            found += memory.read(4096 - (address + len(found)) % 4096)
    return found.split(b"\0", 1)[0]
