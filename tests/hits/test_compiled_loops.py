"""Loops are called with the types that the set-up of an environment compiles them for."""

import subprocess
import sys
import tempfile
from pathlib import Path


def test_every_loop_is_called_with_the_types_that_are_compiled_ahead() -> None:
    """In a process of its own: other tests call them with other types."""
    done = subprocess.run([sys.executable, __file__], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def call_loops(folder: Path) -> None:
    """Scan, call by density and explain."""
    sys.path[:0] = [str(Path(__file__).parents[2] / "src"), str(Path(__file__).parents[1] / "interpret")]
    from test_every_caller import call
    from toy_shap import run_shap, write_toys

    from cistill.interpret.shap import Regions

    for method in ("scan", "density"):
        (folder / method).mkdir()
        call(folder / method, method)
    dataset, model = write_toys(folder)
    run_shap(Regions(dataset=dataset), model, folder)


def unlisted() -> list[str]:
    """Return what loops were compiled for beyond the types that they list; inner loops list none."""
    from numba.core import sigutils

    from cistill.compiled import LOOPS

    found = []
    for loop, types in LOOPS:
        listed = {sigutils.normalize_signature(each)[0] for each in types}
        # an inner loop is compiled with the one that calls it, and not at all where that one was kept
        assert loop.signatures or not types, f"{loop.py_func.__name__} is not called"
        found += [f"{loop.py_func.__name__}{each}" for each in loop.signatures if types and each not in listed]
    return found


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        call_loops(Path(made))
    print(*unlisted(), sep="\n", end="")
