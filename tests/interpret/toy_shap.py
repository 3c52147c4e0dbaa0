"""A small model, its dataset and a genome, for the tests of `shap`."""

import json
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np

sys.path.append(str(Path(__file__).parents[1] / "model"))

from toy_dataset import write_toy_dataset
from toy_ensemble import toy_ensemble

from cistill.interpret.shap import Regions, shap
from cistill.interpret.shap_settings import ShapSettings
from cistill.model.ensemble import save_ensemble


def write_toys(folder: Path, tasks: int = 1, controls: bool = False, networks: int = 1) -> tuple[Path, Path]:
    """Write a dataset of 12 peaks and a model; return both files."""
    dataset = write_toy_dataset(folder / "TOY.dataset.h5", peaks=12, tasks=tasks, controls=controls, folds=4)
    model = folder / "TOY.model.safetensors"
    names = [f"task{i}" for i in range(tasks)]
    save_ensemble(model, toy_ensemble([str(fold) for fold in range(networks)], names, dataset, controls))
    return dataset, model


def run_shap(regions: Regions, model: Path, outdir: Path, **options: Any) -> dict[str, Any]:
    """Run `shap` in this process; return its provenance."""
    given = {name: options.pop(name, None) for name in ("tf", "window", "checkpoint_dir")}
    bigwigs = options.pop("bigwigs", False)
    settings = ShapSettings(**{"n_shuffles": 3, "pairs_per_batch": 6, "dtype": "float32"} | options)
    shap(regions, model, settings, given["tf"], "cpu", bigwigs, given["window"], given["checkpoint_dir"], outdir)
    return json.loads((outdir / f"{given['tf'] or 'TOY'}.shap.json").read_text())


def read(path: Path, name: str = "hyp_scores") -> np.ndarray:
    """Return one array of an attribution file."""
    with h5py.File(path) as h5:
        return h5[name][:] if h5[name].dtype.kind != "O" else h5[name].asstr()[:]


def write_fasta(path: Path, **chromosomes: str) -> Path:
    """Write a genome."""
    path.write_text("".join(f">{name}\n{sequence}\n" for name, sequence in chromosomes.items()))
    return path
