"""Defaults stand in the library's settings; commands take them from there, and their --help loads nothing heavy."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from cistill.cli import COMMANDS, app_of
from cistill.parameters.options import options_of
from cistill.seeds import SEED

CLI = Path(__file__).resolve().parents[2] / "src" / "cistill" / "cli"
HEAVY = {"torch", "numpy", "scipy", "pandas", "h5py", "pysam", "modiscolite", "finemo", "numba", "matplotlib"}
# What a command alone decides, so that its default stands nowhere else: names of files, how many at a time, what of a
# file is read; and lengths that presets of models hold for a run.
OF_THE_COMMAND = {
    "affinity": {"numbers", "window", "regions", "width", "most", "prefix"},
    "calibrate": {"prefix"},
    "convert": {"form", "strand_order", "kernel_factor"},
    "dataset": {"input_length", "output_length", "locus_distance"},
    "importscores": {"layout", "contributions"},
    "library": {"prefix"},
    "motifs": {"min_information", "top", "max_q", "pair", "measure", "centre", "found", "prefix"},
    "predict": {"regions"},
    "select": {"keep"},
    "train": {"restarts", "processes"},
}


def literal_defaults(file: Path) -> set[str]:
    """Options whose default a command's module writes down itself: numbers, texts, switches that are on."""
    found = set()
    for function in ast.walk(ast.parse(file.read_text())):
        if isinstance(function, ast.FunctionDef):
            defaults = function.args.defaults
            arguments = function.args.args[len(function.args.args) - len(defaults) :]
            found |= {
                argument.arg
                for argument, default in zip(arguments, defaults, strict=True)
                if isinstance(default, ast.Constant) and default.value not in (None, "", False)
            }
    return found


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_commands_write_down_no_default_that_settings_hold(command: str) -> None:
    assert literal_defaults(CLI / f"{command}.py") == OF_THE_COMMAND.get(command, set())


def test_every_command_has_the_same_seed() -> None:
    seeds = {name: options["seed"] for name, options in options_of(COMMANDS, app_of).items() if "seed" in options}
    assert {"train", "dataset", "callhits", "affinity.backgrounds", "motifs.subclusters"} <= set(seeds)
    assert {option.default for option in seeds.values()} == {SEED}
    assert SEED == 1


def test_options_of_all_commands_are_read_without_what_computes() -> None:
    code = (
        "import sys\nfrom cistill.cli import COMMANDS, app_of\n[app_of(name) for name in COMMANDS]\nprint(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CLI.parents[1])
    assert HEAVY & set(done.stdout.split()) == set()
