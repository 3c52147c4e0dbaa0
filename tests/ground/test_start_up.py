"""What commands load before they do anything: counted, not timed."""

import subprocess
import sys
from pathlib import Path

from cistill.cli import COMMANDS

SOURCE = Path(__file__).parents[2] / "src"
sys.path.append(str(SOURCE.parent / "tests" / "architecture"))
from module_graph import modules  # noqa: E402

SLOW = {"torch", "pandas", "scipy", "numba", "matplotlib", "pyarrow", "modiscolite", "h5py", "sklearn", "igraph"}
# Of these `convert` and `select` read one.
WITH_NETWORK = {"convert", "finetune", "marginalize", "pagemodel", "predict", "select", "shap", "train", "tune"}
# What commands that may use a network load where they do not.
PARTS = ["cistill.affinity.marginalization.score_files", "cistill.model.training.trials"]


def loaded(program: str) -> set[str]:
    """Return the modules that a program has loaded at its end."""
    program += "\nimport sys\nprint(*sys.modules, file=sys.stderr)"
    words = [sys.executable, "-c", f"import sys\nsys.path.insert(0, {str(SOURCE)!r})\n{program}"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


def test_help_of_every_command_loads_nothing_slow() -> None:
    program = f"""
from cistill.cli import app_of, main
for command in {[*COMMANDS]!r}:
    try:
        main([command, "--help"])
    except SystemExit as end:
        assert not end.code, command
"""
    assert loaded(program) & SLOW == set()


def test_commands_that_need_no_network_load_no_torch() -> None:
    """All that their modules import, in the commands' functions too, is imported, one after another."""
    names = [
        name
        for command in COMMANDS
        for name in modules()[f"cistill.cli.{command}"].inside
        if command not in WITH_NETWORK
    ]
    program = f"""
import importlib, sys
for name in {sorted({*names, *PARTS} - {"cistill"})!r}:
    importlib.import_module(name)
    assert "torch" not in sys.modules, name
"""
    assert "pandas" in loaded(program)
