"""The wheel in an empty environment outside the checkout: commands, a training, every reader, the Python interface."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from measured_tables import tables
from wheels import PROJECT, build_wheel

from cistill.cli import COMMANDS

pytestmark = pytest.mark.long
Run = Callable[..., str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a program of the environment that the wheel and the locked packages are installed in."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if uv is None:
        pytest.skip("uv is not installed; `make setup` installs it")
    folder = tmp_path_factory.mktemp("installed")
    wheel = build_wheel(folder)
    lock = PROJECT / "requirements" / "run.lock"
    for words in (
        ["venv", "--python", sys.executable, folder / "env"],
        ["pip", "install", "--require-hashes", "-r", lock],
        ["pip", "install", "--no-deps", wheel],
        ["pip", "check"],
    ):
        own = {**os.environ, "VIRTUAL_ENV": str(folder / "env")}
        done = subprocess.run([uv, *map(str, words)], env=own, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    home = folder / "home"
    home.mkdir()
    own = {"PATH": f"{folder / 'env' / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin", "HOME": str(home)}

    def run(program: str, *arguments: object) -> str:
        command = [str(folder / "env" / "bin" / program), *map(str, arguments)]
        done = subprocess.run(command, cwd=home, env=own, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


@pytest.fixture(scope="module")
def trained(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a dataset of simulated reads and a model trained on it, all by the installed program."""
    folder = tmp_path_factory.mktemp("trained")
    run("cistill", "simulate", "--preset", "tiny", "--outdir", folder)
    signal = []
    for bam in sorted(folder.glob("reads.*.bam")):
        run("cistill", "coverage", "--bam", bam, "--readset", bam.stem, "--outdir", folder)
        signal += ["--signal", f"SIM,{folder / bam.stem}.plus.bw,{folder / bam.stem}.minus.bw"]
    peaks = ("--peaks", f"SIM,{folder / 'peaks.narrowPeak'}")
    windows = ("--input_length", 546, "--output_length", 200, "--test_chroms", "chr2", "--valid_chroms", "chr3")
    run(
        *("cistill", "dataset", "--tf", "SIM", "--fasta", folder / "genome.fa.gz", *signal, *peaks, *windows),
        *("--outdir", folder),
    )
    sizes = ("--preset", "profile-546", "--filters", 4, "--epochs", 1)
    run("cistill", "train", "--dataset", folder / "SIM.dataset.h5", *sizes, "--outdir", folder)
    models = sorted(folder.glob("SIM.*.model.safetensors"))
    run("cistill", "select", *models, "--outdir", folder)
    return folder


def test_nothing_comes_from_the_checkout(run: Run) -> None:
    place = run("python", "-c", "import cistill; print(cistill.__file__)")
    assert str(PROJECT) not in place
    assert "site-packages" in place


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_help(run: Run, command: str) -> None:
    assert f"Usage: {command}" in run("cistill", command, "--help")


def test_a_training_runs_to_a_model(trained: Path) -> None:
    assert (trained / "SIM.model.safetensors").is_file()


@pytest.mark.parametrize("reader", tables())
def test_every_reader_reads_its_table(run: Run, tmp_path: Path, reader: str) -> None:
    table = tmp_path / "table.txt"
    table.write_text(tables()[reader])
    run("cistill", "library", "--table", table, "--reader", reader, "--outdir", tmp_path)
    assert (tmp_path / "affinity.library.tsv").read_text().startswith("sequence\t")


def test_the_python_interface_works_as_installed(run: Run, trained: Path) -> None:
    lines = f"""
import cistill
model, dataset = cistill.load_model("{trained}/SIM.model.safetensors"), cistill.read_dataset("{trained}/SIM.dataset.h5")
backgrounds = dataset.sequence[dataset.rows(kind="background")[:3]]
print(cistill.marginalize(model, ["ACGTACGT", "TTTT"], backgrounds).scores.shape)
print(cistill.predict(model, backgrounds).log_counts.shape)
print(cistill.explain(model, backgrounds, n_shuffles=2).contributions.shape)
"""
    assert run("python", "-c", lines).split("\n")[:3] == ["(2, 1)", "(3, 1, 2)", "(3, 546)"]
