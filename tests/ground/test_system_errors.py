"""Errors of the operating system: one message each, whoever reports them, and nothing under a final name."""

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from cistill.console import errors_as_messages
from cistill.files import MACHINE, atomic_output
from cistill.system_errors import WriteError, message_of, system_error

PROGRAM = Path(__file__).resolve().parents[2] / "bin" / "cistill"
NUMBERS = [
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR),
    *(errno.EEXIST, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EMFILE, errno.ENFILE, errno.EIO),
    *(errno.ESTALE, errno.ETIMEDOUT, errno.ENOMEM, errno.EBUSY, errno.ENODEV, errno.EAGAIN),
]


@pytest.mark.parametrize("number", NUMBERS)
def test_every_error_is_a_message_with_the_file_and_what_to_do(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end, errors_as_messages("train"):
        raise OSError(number, os.strerror(number), "some/file.tsv")
    message = capsys.readouterr().err
    assert message.startswith("train: error: ")
    assert message.count("\n") == 1
    assert "some/file.tsv; " in message
    assert end.value.code == (2 if number in {*NUMBERS[4:5], *NUMBERS[6:12]} else 1)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("Can't decrement id ref count (unable to close file, errno = 28, error message = 'No space')"),
        OSError("Can't write data (file write failed: time = x, errno = 28, error message = 'No space left')"),
        ValueError("Error while serializing: I/O error: No space left on device (os error 28)"),
    ],
)
def test_numbers_in_messages_of_libraries_are_read(error: Exception) -> None:
    found = system_error(error)
    assert found is not None
    assert found.errno == errno.ENOSPC


def test_a_bug_is_no_error_of_the_system() -> None:
    bug = KeyError("missing")
    bug.__context__ = OSError(errno.EIO, "x")  # raised while that was handled
    assert message_of(bug) is None


def test_memory_that_is_not_there_is_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end, errors_as_messages("shap"):
        np.empty(1 << 60, dtype=np.uint8)
    assert end.value.code == 1
    assert "shap: error: there is not enough memory (Unable to allocate 1.00 EiB" in capsys.readouterr().err


def test_ctrl_c_is_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end, errors_as_messages("shap"):
        raise KeyboardInterrupt
    assert end.value.code == 130
    assert capsys.readouterr().err == "shap: interrupted\n"


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["coverage", "--help"]])
def test_a_full_standard_output_is_a_message(words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, PROGRAM, *words], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert "error: the disk is full" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [["--help"], ["coverage", "--help"]])
def test_a_reader_that_leaves_is_no_traceback(words: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([sys.executable, PROGRAM, *words], stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert done.returncode == 1
    assert done.stderr == ""


def test_a_name_of_the_greatest_length_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 248 + ".tsv.gz")
    with atomic_output(path) as temporary:
        assert temporary.name.endswith(".tsv.gz")
        temporary.write_text("x")
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_what_killed_processes_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    names = {
        f".tmp{gone.stdout.strip()}-{MACHINE}.a.tsv": False,
        f".tmp{os.getppid()}-{MACHINE}.a.tsv": True,  # of a process that runs
        f".tmp{gone.stdout.strip()}-{MACHINE}.other.a.tsv": True,
        f".tmp{gone.stdout.strip()}-{'0' * 6}.a.tsv": True,  # of another machine
        ".tmpa.tsv": True,
    }
    for name in names:
        (tmp_path / name).write_text("x")
    with atomic_output(tmp_path / "a.tsv") as temporary:
        temporary.write_text("y")
    assert {name: (tmp_path / name).exists() for name in names} == names


def test_a_folder_that_vanishes_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    with pytest.raises(WriteError) as caught, atomic_output(folder / "a.tsv"):
        shutil.rmtree(folder)
    message, code = message_of(caught.value) or ("", 0)
    assert message.startswith("the folder of the results is gone: ")
    assert code == 1


def test_a_writer_that_ignores_errors_is_caught_by_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(WriteError), atomic_output(tmp_path / "a.tsv") as temporary:
        temporary.write_text("x")
    assert list(tmp_path.iterdir()) == []


def test_file_systems_without_fsync_are_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: int) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", fails)
    with atomic_output(tmp_path / "a.tsv") as temporary:
        temporary.write_text("x")
    assert (tmp_path / "a.tsv").read_text() == "x"


@pytest.mark.parametrize("kind", ["hdf5", "text", "arrays"])
def test_a_file_that_is_too_large_is_a_write_error(kind: str, tmp_path: Path) -> None:
    write: dict[str, Callable[[Path], object]] = {
        "hdf5": lambda path: h5py.File(path, "w").create_dataset("x", data=np.random.default_rng(0).random(10_000)),
        "text": lambda path: path.write_text("x" * 100_000),
        "arrays": lambda path: np.savez(path, a=np.zeros(10_000)),
    }
    child = os.fork()
    if not child:  # the limit cannot be lifted again
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        try:
            with atomic_output(tmp_path / "a.npz") as temporary:
                write[kind](temporary)
        except WriteError as error:
            os._exit(error.errno or 0)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == errno.EFBIG
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_hdf5_that_cannot_be_written_ends_in_order(tmp_path: Path) -> None:
    """HDF5 itself crashes at the end of a process (signal 11) that could not close a file."""
    program = (
        "import numpy as np, resource, sys\n"
        "from cistill.console import errors_as_messages\n"
        "from cistill.formats.hdf5 import new_file\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))\n"
        "with errors_as_messages('shap'), new_file(sys.argv[1]) as file:\n"
        "    made = file.create_dataset('x', (100, 1000), 'f4', chunks=(10, 1000), compression='gzip')\n"
        "    made[:] = np.random.default_rng(0).random((100, 1000))\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "a.h5")]
    environment = os.environ | {"PYTHONPATH": str(PROGRAM.parents[1] / "src")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 1
    assert done.stderr.startswith("shap: error: the file would be larger than is allowed: ")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
