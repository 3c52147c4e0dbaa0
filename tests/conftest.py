"""Fixtures that several rooms' tests share."""

import io
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from cistill.cli import app_of
from cistill.console import run as run_app

PROJECT = Path(__file__).resolve().parents[1]
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the commands do
# the commands' first line asks for python3: give them the one that runs the tests
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture
def run_command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command of bin/ as a user would; `run_command("train", "--dataset", path)`."""

    def run(name: str, *arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
        command = [str(PROJECT / "bin" / name), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, **options)

    return run


@pytest.fixture
def call_command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command of bin/ as `run_command` does, but in this process, where its imports are paid for once."""

    def call(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        words = [name, *map(str, arguments)]
        monkeypatch.setattr(sys, "argv", words)
        output, errors = io.StringIO(), io.StringIO()
        handler, logger = logging.StreamHandler(errors), logging.getLogger("cistill")
        level = logger.level
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        code: object = 0
        try:
            with redirect_stdout(output), redirect_stderr(errors):
                run_app(app_of(name))
        except SystemExit as end:
            code = end.code or 0
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)
        assert isinstance(code, int)
        return subprocess.CompletedProcess(words, code, output.getvalue(), errors.getvalue())

    return call
