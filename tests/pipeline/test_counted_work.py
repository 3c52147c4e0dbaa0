"""The work of the two runs whose time is promised (docs/benchmarks.md): tasks, trainings and passes, never seconds.

Who makes a default dearer changes a number here, and measures these runs again.
"""

import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from pipeline_runs import Run

from cistill.interpret.modisco_settings import ModiscoSettings
from cistill.interpret.shap_settings import ShapSettings
from cistill.model.network.config import NetworkConfig
from cistill.model.network.presets import NetworkData, config_for
from cistill.model.training.settings import FinetuneSettings, TrainingSettings, epochs_for
from cistill.presets import MODELS

PEAKS = 831
"""Peaks that Reb1's networks are trained on; the demo has some less."""
DEMO = {"SIMULATE": 1, "COVERAGE": 3, "TRAIN": 1, "MODISCO": 2, "CALLHITS": 6, "COMPAREHITS": 2, "COMPAREMETHODS": 2}
REB1 = {"COVERAGE": 1, "TRAIN": 1, "MODISCO": 2, "CALLHITS": 2, "COMPAREHITS": 2}


def operations(config: NetworkConfig) -> float:
    """Return the multiplications and additions of one pass of a window, in millions."""
    length = config.input_length - config.first_kernel + 1
    products = length * 4 * config.filters * config.first_kernel
    for layer in range(config.layers):
        length -= (config.dilated_kernel - 1) * 2 ** (layer + 1)
        products += length * config.filters**2 * config.dilated_kernel
    products += config.output_length * config.filters * config.profile_kernel * 2 * config.tasks
    return 2 * products / 1e6


def tasks_of(run: Run) -> Counter[str]:
    """Return the number of tasks of every process."""
    assert run.returncode == 0, run.output
    return Counter(name.split(" ")[0] for name in run.names("COMPLETED"))


def test_the_tasks_of_the_demo(run_pipeline: Callable[..., Run], tmp_path: Path) -> None:
    found = tasks_of(run_pipeline(tmp_path, "-profile", "demo", "-stub"))
    once = set(found) - set(DEMO)
    assert {name: found[name] for name in DEMO} == DEMO
    assert {found[name] for name in once} == {1}
    assert found.total() <= 35


def test_the_tasks_of_the_reb1_run(run_pipeline: Callable[..., Run], tmp_path: Path) -> None:
    for name in ("reads.bam", "peaks.narrowPeak", "sites.bed", "genome.fa", "motifs.meme", "gaps.bed"):
        (tmp_path / name).touch()
    (tmp_path / "reads.csv").write_text("tf,bam,peaks,known_sites\nREB1,reads.bam,peaks.narrowPeak,sites.bed\n")
    run = run_pipeline(
        tmp_path,
        *("-stub", "--input", "reads.csv", "--fasta", "genome.fa", "--exclude", "gaps.bed"),
        *("--motif_db", "motifs.meme", "--model", "profile-546"),
        *("--test_chroms", "chrIV,chrIX", "--valid_chroms", "chrXVI"),
    )
    found = tasks_of(run)
    assert {name: found[name] for name in REB1} == REB1
    assert found.total() <= 24


def test_the_passes_of_a_training() -> None:
    data = NetworkData(546, 200)
    config = config_for(data, MODELS / "profile-546.json", {})
    settings = TrainingSettings()
    epochs = epochs_for(math.ceil(2 * PEAKS / settings.batch_size))
    assert operations(config) == pytest.approx(74, abs=2)
    # a step is a forward pass and twice as much backwards; most trainings end by patience after half of the schedule
    passes = epochs * PEAKS * (1 + settings.background_ratio)
    assert passes * operations(config) / 1e6 <= 16  # 10^12 operations


def test_the_passes_of_interpretation() -> None:
    shap, modisco, finetuning = ShapSettings(), ModiscoSettings(), FinetuneSettings()
    assert (shap.n_shuffles, len(shap.heads)) == (20, 2)
    assert (modisco.n_leiden_runs, modisco.max_seqlets_per_metacluster) == (2, 20_000)
    assert (finetuning.epochs, finetuning.restarts) == (20, 3)
