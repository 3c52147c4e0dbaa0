"""Libraries by kind of variation, without labels: classes, spacers, flanks of short tandem repeats."""

import numpy as np
import pandas as pd

from cistill.affinity.calibration.methods import Method
from cistill.formats.library import Library

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
