"""Libraries by kind of variation, without labels: classes, spacers, flanks of short tandem repeats."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from cistill.affinity.analyses.analysis_files import write_analysis
from cistill.affinity.calibration.methods import MODEL, Method, read_scores, table_methods
from cistill.affinity.comparators.matrix_files import split_spec
from cistill.errors import InputError
from cistill.formats.library import Library, read_library

CLASSES = ["method", "class", "n", "mean", "sd", "min", "median", "max", "from_consensus"]
REPEATS = ["method", "unit", "length", "with_site", "alone", "gain", "gain_from_mean", "label_with_site", "label_alone"]
REPEAT, ALONE = "repeat", "repeat_alone"


def score_rows(library: Library, methods: list[Method]) -> pd.DataFrame:
    """Return one row per method and sequence with a score, columns of the library and `method, score, standard_error`.

    Parameters
    ----------
    library : Library
    methods : list of Method
        Made for the library's sequences, in their order.
    """
    everything = np.arange(len(library.table))
    parts = []
    for method in methods:
        rows = library.table[["sequence", "class", "name", "label"]].copy()
        rows.insert(0, "method", method.name)
        rows["score"] = method.scores(np.empty(0, dtype=np.int64), everything)
        rows["standard_error"] = np.nan if method.standard_error is None else method.standard_error
        parts.append(rows[rows["score"].notna()])
    return pd.concat(parts, ignore_index=True)


def variation_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Summarise scores by method and class, in the order of the library.

    `from_consensus` is the mean minus the mean score of the class `consensus`, where there is one.
    """
    found = []
    for method, of_method in rows.groupby("method", sort=False):
        reference = of_method.loc[of_method["class"] == "consensus", "score"].mean()
        for name, group in of_method.groupby("class", sort=False):
            score = group["score"]
            numbers = {"mean": score.mean(), "sd": score.std(ddof=0), "min": score.min(), "median": score.median()}
            found.append(
                {"method": method, "class": name, "n": len(group), **numbers, "max": score.max()}
                | {"from_consensus": score.mean() - reference}
            )
    return pd.DataFrame(found, columns=CLASSES)


def repeat_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Compare a site between flanks of each repeat with the repeat alone (classes `repeat` and `repeat_alone`).

    `gain` is what the site adds, the score with it minus that of the repeat alone; `gain_from_mean` is that minus the
    mean gain over all repeats: what the flank does to the site.
    """
    found = []
    for method, of_method in rows.groupby("method", sort=False):
        repeats = of_method[of_method["class"].isin([REPEAT, ALONE])].assign(unit=lambda table: table["name"])
        parts = {
            name: repeats[repeats["class"] == name].drop_duplicates("unit").set_index("unit")
            for name in (REPEAT, ALONE)
        }
        both = parts[REPEAT].join(parts[ALONE].add_suffix("_alone"), how="left")
        if both.empty:
            continue
        gain = both["score"] - both["score_alone"]
        found.append(
            pd.DataFrame(
                {
                    "method": method,
                    "unit": both.index,
                    "length": both.index.str.len(),
                    "with_site": both["score"].to_numpy(),
                    "alone": both["score_alone"].to_numpy(),
                    "gain": gain.to_numpy(),
                    "gain_from_mean": (gain - gain.mean()).to_numpy(),
                    "label_with_site": both["label"].to_numpy(),
                    "label_alone": both["label_alone"].to_numpy(),
                }
            )
        )
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=REPEATS)


def analyse_variation(stem: Path, score_specs: Sequence[str], library_file: Path, task: str | None) -> None:
    """Write `variation.tsv`, `variation_scores.tsv` and, where the library has repeats, `repeat_flanks.tsv`."""
    library = read_library(library_file)
    sequences = library.table["sequence"].tolist()
    methods: list[Method] = []
    inputs = {"library": library_file}
    for spec in score_specs:
        table = read_scores(spec, MODEL if len(score_specs) == 1 else Path(split_spec(spec)[1]).name.split(".")[0])
        methods += table_methods(table, sequences, task)[:1]
        inputs[f"scores.{table.name}"] = table.path
    if len({method.name for method in methods}) < len(methods):
        raise InputError("score tables of the same name; name them, as in --scores other=PATH")
    rows = score_rows(library, methods)
    if rows.empty:
        raise InputError(f"no sequence of {library_file} has a score: were the scores made of this library?")
    tables = {"variation": variation_table(rows), "variation_scores": rows}
    repeats = repeat_table(rows)
    if len(repeats):
        tables["repeat_flanks"] = repeats
    write_analysis(
        stem, "variation", tables, {"scores": list(score_specs), "task": task}, inputs, {"unit": "ln(1 + 5' ends)"}
    )
