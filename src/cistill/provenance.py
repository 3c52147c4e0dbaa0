"""The small JSON beside every result: which code made it, from what, with which settings."""

import hashlib
import json
import math
import os
import platform
import sys
import time
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import cistill
from cistill.files import atomic_output, sha256

_started = time.time()
PACKAGES = ("torch", "numpy", "h5py", "pysam", "modisco-lite")


def start_clock() -> None:
    """Count the seconds of a command from now on: it starts in the process of another one."""
    global _started
    _started = time.time()


def library_digest() -> str:
    """Return the SHA-256 digest of the library's source files: sorted relative names and contents."""
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for file in sorted(root.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def source_digest() -> str:
    """Return the MD5 digest of the library's source files, as the pipeline computes it of its own `src/cistill`.

    It is that of the sorted lines `relative/path digest`, joined by line feeds.
    """
    root = Path(__file__).parent
    lines = sorted(
        f"{file.relative_to(root).as_posix()} {hashlib.md5(file.read_bytes()).hexdigest()}"
        for file in root.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    )
    return hashlib.md5("\n".join(lines).encode()).hexdigest()


def installed_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that results depend on."""
    versions = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def write_provenance(
    path: str | os.PathLike[str],
    settings: Mapping[str, Any],
    inputs: Mapping[str, str | os.PathLike[str]],
    results: Mapping[str, Any] | None = None,
    seed: int | None = None,
) -> None:
    """Write the provenance of one command's results.

    Parameters
    ----------
    path : path
        The JSON file to write.
    settings : mapping
        Every setting that the command ran with, defaults included; must be representable as JSON.
    inputs : mapping
        Role to file; each is recorded with its name, size in bytes and SHA-256 digest.
    results : mapping, optional
        Small facts worth a program's reading (numbers of regions, device, speed).
    seed : int, optional
        The seed of every random choice made.
    """
    record = {
        "command": Path(sys.argv[0]).name,
        "arguments": sys.argv[1:],
        "cistill": cistill.__version__,
        "library": library_digest(),
        "versions": installed_versions(),
        "seed": seed,
        "settings": dict(settings),
        "inputs": {
            role: {"name": Path(file).name, "bytes": Path(file).stat().st_size, "sha256": sha256(file)}
            for role, file in inputs.items()
        },
        "results": dict(results or {}),
        "seconds": round(time.time() - _started, 2),
    }
    with atomic_output(path) as temporary:
        temporary.write_text(json.dumps(record, indent=2, default=str) + "\n")


def json_number(value: float) -> float | None:
    """Return a number as JSON can hold it: six decimal places, None for NaN and infinity."""
    return round(float(value), 6) if math.isfinite(value) else None


def json_numbers(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values whose floats are numbers that JSON can hold, see `json_number`."""
    return {name: json_number(value) if isinstance(value, float) else value for name, value in values.items()}
