"""Specificity of paralogs: does a model fit the measurements of its own factor best? (Affinity Distillation)"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cistill.affinity.analyses.analysis_files import write_analysis
from cistill.affinity.calibration.calibrators import fit_line
from cistill.affinity.calibration.methods import read_scores, table_methods
from cistill.affinity.calibration.sampling import draw_sample, sample_size
from cistill.affinity.calibration.scoring import measures
from cistill.affinity.calibration.settings import SampleSettings
from cistill.affinity.comparators.matrix_files import split_spec
from cistill.errors import InputError
from cistill.formats.library import FEWEST, Library, read_library
from cistill.formats.tables.analyses import SPECIFICITY
from cistill.statistics import pearson, spearman

Floats = NDArray[np.float64]

DIFFERENCES = ["model_a", "model_b", "n", "pearson", "spearman"]


def specificity_table(
    models: Mapping[str, "pd.Series[float]"], libraries: Mapping[str, Library], settings: SampleSettings
) -> pd.DataFrame:
    """Compare every model with every set of measurements.

    Parameters
    ----------
    models : mapping
        Name to scores, by sequence.
    libraries : mapping
        Name to measurements.
    settings : SampleSettings
        Of the sample that OLS is fitted on.

    Returns
    -------
    pandas.DataFrame
        One row per model and set: `n` sequences with both, correlations of the score with the label (turned so that
        larger is tighter), `rmse` of OLS on the `n_held_out` sequences outside of the sample, `label_sd` of these, the
        ratio of the two, and `rank` of the model among all for this set, by Pearson's correlation.
    """
    rows = []
    for (model, scores), (name, library) in itertools.product(models.items(), libraries.items()):
        tight, x = _shared(scores, library)
        row: dict[str, object] = {"model": model, "set": name, "unit": library.unit or "unknown", "n": len(x)}
        if len(x) >= FEWEST:
            row |= {"pearson": pearson(tight.to_numpy(), x), "spearman": spearman(tight.to_numpy(), x)}
            row |= _held_out(list(tight.index), np.asarray(tight, dtype=np.float64), x, settings)
        rows.append(row)
    table = pd.DataFrame(rows).reindex(columns=list(SPECIFICITY.names))
    ranks = table.groupby("set", sort=False)["pearson"].rank(ascending=False, method="min")
    table["rank"] = ranks.astype("Int64")
    return table


def _shared(scores: "pd.Series[float]", library: Library) -> tuple["pd.Series[float]", Floats]:
    """Return labels, larger being tighter, of the sequences that have a label and a score, and the scores."""
    labels = pd.Series(library.labels, index=library.table["sequence"]).dropna()
    both = labels.index[labels.index.isin(scores.dropna().index)]
    sign = -1.0 if library.higher_is_tighter is False else 1.0
    return sign * labels[both], np.asarray(scores[both], dtype=np.float64)


def _held_out(sequences: list[str], labels: Floats, scores: Floats, settings: SampleSettings) -> dict[str, float]:
    sample = draw_sample(sequences, sample_size(len(sequences), settings.share, settings.most), settings.seed)
    others = np.setdiff1d(np.arange(len(sequences)), sample)
    error = measures(labels[others], fit_line(scores[sample], labels[sample]).apply(scores[others]))["rmse"]
    spread = float(labels[others].std())
    ratio = error / spread if spread > 0 else float("nan")
    return {"n_held_out": len(others), "rmse": error, "label_sd": spread, "rmse_of_sd": ratio}


def difference_table(models: Mapping[str, "pd.Series[float]"], libraries: Mapping[str, Library]) -> pd.DataFrame:
    """Compare differences of two models with differences of the sets of the same names, on sequences that all have.

    Scores and labels are put on one scale first (mean 0, SD 1 over these sequences): units of two assays differ.

    Returns
    -------
    pandas.DataFrame
        One row per pair: `model_a, model_b, n, pearson, spearman`.
    """
    rows = []
    names = [name for name in libraries if name in models]
    for a, b in itertools.combinations(names, 2):
        parts = {}
        for name in (a, b):
            tight, scores = _shared(models[name], libraries[name])
            parts[name] = pd.DataFrame({"label": tight, "score": scores})
        both = parts[a].add_suffix("_a").join(parts[b].add_suffix("_b"), how="inner")
        row: dict[str, object] = {"model_a": a, "model_b": b, "n": len(both)}
        if len(both) >= FEWEST:
            scaled = (both - both.mean()) / both.std(ddof=0)
            label = (scaled["label_a"] - scaled["label_b"]).to_numpy()
            score = (scaled["score_a"] - scaled["score_b"]).to_numpy()
            row |= {"pearson": pearson(label, score), "spearman": spearman(label, score)}
        rows.append(row)
    return pd.DataFrame(rows).reindex(columns=DIFFERENCES)


def analyse_specificity(
    stem: Path, score_specs: Sequence[str], library_specs: Sequence[str], task: str | None, sample: SampleSettings
) -> None:
    """Write `specificity.tsv` and `specificity_differences.tsv`."""
    models: dict[str, list[pd.Series[float]]] = {}
    inputs: dict[str, Path] = {}
    for number, spec in enumerate(score_specs, 1):
        table = read_scores(spec, Path(split_spec(spec)[1]).name.split(".")[0])
        method = table_methods(table, table.scores.index.astype(str).tolist(), task)[0]
        values = method.scores(np.empty(0, dtype=np.int64), np.arange(len(table.scores)))
        models.setdefault(table.name, []).append(pd.Series(values, index=table.scores.index))
        inputs[f"scores.{number}.{table.name}"] = table.path
    joined = {name: pd.concat(parts) for name, parts in models.items()}
    joined = {name: values[~values.index.duplicated()] for name, values in joined.items()}
    libraries: dict[str, Library] = {}
    for spec in library_specs:
        name, path, _ = split_spec(spec)
        name = name or Path(path).name.split(".")[0]
        if name in libraries:
            raise InputError(f"two sets of measurements are named {name}; name them, as in --library other=PATH")
        libraries[name] = read_library(path)
        inputs[f"library.{name}"] = Path(path)
    matrix = specificity_table(joined, libraries, sample)
    if not (matrix["n"] > 0).any():
        raise InputError("no model has a score of a measured sequence: score every library with every model")
    write_analysis(
        stem,
        "specificity",
        {"specificity": matrix, "specificity_differences": difference_table(joined, libraries)},
        {"scores": list(score_specs), "library": list(library_specs), "task": task, "sample": asdict(sample)},
        inputs,
        {"models": list(joined), "sets": list(libraries)},
        sample.seed,
    )
