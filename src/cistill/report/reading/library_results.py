"""Reading the affinities of libraries: scores of sequences, what was measured of them, and the calibration."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from cistill.formats.published import parsed
from cistill.report.reading.long_tables import column_names, count_rows, every, is_regular, table_blocks
from cistill.report.reading.result_files import ResultFiles
from cistill.report.reading.roles import PER_LIBRARY
from cistill.report.reading.table_reader import TableReader

POINTS = 1500
"""Sequences that a figure shows, at most."""
NAMED_POINTS = 5000
"""Sequences kept beyond those for being a consensus or a single substitution of one."""
SCORE_SAMPLE = 20_000
LINE = "ols"
EXCESS = "excess"
DISTILLED = "distilled"
KINDS = (LINE, "langmuir", EXCESS, DISTILLED, "isotonic")
OF_ENERGIES = (DISTILLED, EXCESS)
"""Calibrators of energies that headlines take, the first that there is."""
SINGLE = ("consensus", "substitution_1")
COLUMNS = {
    "calibration": ("method", "calibrator", "scored_on", "n", "rmse", "spearman", "unit", "family", "motif"),
    "rmse_bars": ("family", "statistic", "calibrator", "scored_on", "measure", "n_motifs", "top", "mean", "sd", "best"),
    "residuals": ("method", "calibrator", "bin", "n", "predicted", "residual", "residual_sd"),
    "largest_residuals": ("method", "calibrator", "sequence", "class", "label", "predicted", "residual"),
    "dynamic_range": ("source", "calibrator", "n", "sd", "sd_of_observed"),
    "histograms": ("source", "calibrator", "low", "high", "count"),
    "classes": ("method", "calibrator", "scored_on", "class", "n", "bias", "rmse"),
    "additivity_summary": ("source", "n_substitutions", "n", "rmse", "pearson", "pearson_with_observed"),
    "psam": ("position", "base", "ddG", "logo"),
    "background_numbers": ("n_backgrounds", "calibrator", "sd_of_observed", "rmse"),
    "matched_sequences": ("sequence", "label", "score", "split", "task", "observed_log_count", "predicted_log_count"),
    "matched_summary": ("split", "task", "x", "y", "n", "pearson", "spearman"),
    "footprint_aggregate": ("group", "n", "task", "strand", "position", "profile"),
    "footprint_heatmap": ("rank", "sequence", "task", "js_distance", "strand", "position", "change"),
    "peak_aggregate": ("source", "n", "task", "strand", "position", "ends"),
    "peak_heatmap": ("source", "rank", "task", "strand", "position", "share"),
    "variation": ("method", "class", "n", "mean", "sd", "min", "median", "max", "from_consensus"),
    "repeat_flanks": ("method", "unit", "with_site", "alone", "gain"),
    "specificity": ("model", "set", "unit", "n", "pearson", "spearman", "rmse"),
    "specificity_differences": ("model_a", "model_b", "n", "pearson"),
}
"""Tables that are read whole, and the columns that they must have."""


@dataclass(frozen=True)
class ScoreSummary:
    """What scores.tsv says in all.

    Attributes
    ----------
    n : int
        Sequences.
    tasks : tuple of str
    backgrounds : int or None
    error : float
        Median standard error over a regular share of the rows, ln counts.
    sample : DataFrame
        `sequence, task, score` of a regular share of the rows.
    best : DataFrame
        The ten highest scores of the first task.
    """

    n: int
    tasks: tuple[str, ...]
    backgrounds: int | None
    error: float
    sample: pd.DataFrame
    best: pd.DataFrame


@dataclass(frozen=True)
class LibraryResults:
    """A library of sequences and what was found of them.

    Attributes
    ----------
    name : str
    tables : mapping
        Role (a key of `COLUMNS`) to table; without those that were not given.
    scores : ScoreSummary or None
    points : DataFrame or None
        `sequence, label, in_sample, class, score` and a column for each calibrator of the model: a regular share of
        the calibrated sequences, the consensus and its single substitutions in any case (`regular` tells them apart).
    n_calibrated : int
        Rows of calibrated.tsv.
    deviations : DataFrame or None
        `observed, model`: deviations from additivity of a regular share of the multiple variants.
    records : mapping
        Command (`library`, `marginalize`, `calibrate`) to the record that it wrote.
    files : mapping
        Role to file.
    """

    name: str
    tables: Mapping[str, pd.DataFrame]
    scores: ScoreSummary | None
    points: pd.DataFrame | None
    n_calibrated: int
    deviations: pd.DataFrame | None
    records: Mapping[str, Mapping[str, Any]]
    files: Mapping[str, Path] = field(default_factory=dict)

    @property
    def model(self) -> str:
        """Name of the method that the model is in the tables: the first of the calibration."""
        table = self.tables.get("calibration")
        return "model" if table is None or not len(table) else str(table["method"].iloc[0])

    @property
    def kind(self) -> str:
        """The model's calibrator in headlines: of energies `distilled`, else `excess`; of other labels a line."""
        table = self.tables.get("calibration")
        if table is None:
            return LINE
        own = table[(table["method"] == self.model) & table["rmse"].notna()]
        known = set(own["calibrator"])
        return next((kind for kind in OF_ENERGIES if kind in known and EXCESS in known), LINE)

    def kind_of(self, method: str) -> str:
        """Return the calibrator that a method is shown with: that of the model, or a line."""
        return self.kind if method == self.model else LINE

    @property
    def unit(self) -> str:
        """Unit of the labels."""
        table = self.tables.get("calibration")
        known = None if table is None else table["unit"].dropna()
        return "unit unknown" if known is None or not len(known) else str(known.iloc[0])

    def result(self, command: str, name: str) -> Any:
        """Return a fact that a command recorded, None if it is not known."""
        return self.records.get(command, {}).get("results", {}).get(name)


def read_libraries(
    inputs: ResultFiles, provenance: Mapping[str, Mapping[str, Any]], table: TableReader
) -> dict[str, LibraryResults]:
    """Return name to library, in the order of names.

    Raises
    ------
    InputError
        If a table that is read block by block is spoilt; of the others `table` keeps account.
    """
    found = {}
    for name, files in sorted(inputs.libraries.items()):
        tables = {role: table(files.get(role), columns) for role, columns in COLUMNS.items()}
        given = {role: content for role, content in tables.items() if content is not None}
        calibration = given.get("calibration")
        known = calibration is not None and len(calibration) > 0
        model = str(calibration["method"].iloc[0]) if calibration is not None and known else "model"
        sources = (*(f"{model}.{kind}" for kind in OF_ENERGIES), model)
        points, n = _points(files["calibrated"], model) if "calibrated" in files else (None, 0)
        found[name] = LibraryResults(
            name=name,
            tables=given,
            scores=_scores(files["scores"]) if "scores" in files else None,
            points=points,
            n_calibrated=n,
            deviations=_deviations(files["additivity"], *sources) if "additivity" in files else None,
            records={
                role.removesuffix("_record"): provenance.get(file.name, {})
                for role, file in files.items()
                if role.endswith("_record")
            },
            files={role: files[role] for role in PER_LIBRARY if role in files},
        )
    return found


def _points(file: Path, model: str) -> tuple[pd.DataFrame, int]:
    """Return the calibrated sequences that figures show, and the number of all."""
    kinds = [kind for kind in KINDS if f"{model}.{kind}" in column_names(file)]
    names = {f"{model}.score": "score"} | {f"{model}.{kind}": kind for kind in kinds}
    columns = ["sequence", "label", "in_sample", "class", *names]
    rows = count_rows(file)
    step, parts, named = every(rows, POINTS), [], 0
    for block in table_blocks(file, columns, {"sequence": str, "class": str}):
        regular = is_regular(block.index, step)
        single = block["class"].isin(SINGLE) if named < NAMED_POINTS else False
        part = block.assign(regular=regular)[regular | single]
        named += int((~part["regular"]).sum())
        parts.append(part)
    table = pd.concat(parts, ignore_index=True).rename(columns=names)
    return table.assign(in_sample=parsed(file, "in_sample", table["in_sample"])), rows


def _scores(file: Path) -> ScoreSummary:
    columns = ["sequence", "task", "score", "standard_error", "sd_networks", "n_backgrounds"]
    columns = [name for name in columns if name in column_names(file) or name in ("sequence", "score")]
    rows = count_rows(file)
    step, parts, backgrounds = every(rows, SCORE_SAMPLE), [], None
    best: list[pd.DataFrame] = []
    tasks: dict[str, None] = {}
    for block in table_blocks(file, columns, {"sequence": str, "task": str}):
        if "task" not in block:
            block["task"] = "score"
        tasks |= dict.fromkeys(block["task"].unique())
        parts.append(block[is_regular(block.index, step)])
        if len(block) or not best:
            best.append(_highest(block[block["task"].isin(list(tasks)[:1])]))
        if backgrounds is None and "n_backgrounds" in block and len(block):
            backgrounds = int(block["n_backgrounds"].iloc[0])
    sample = pd.concat(parts, ignore_index=True)
    error = sample["standard_error"].median() if "standard_error" in sample else float("nan")
    return ScoreSummary(
        n=rows // max(len(tasks), 1),
        tasks=tuple(tasks),
        backgrounds=backgrounds,
        error=float(error),
        sample=sample[["sequence", "task", "score"]],
        best=_highest(pd.concat(best, ignore_index=True)),
    )


def _highest(table: pd.DataFrame) -> pd.DataFrame:
    return table.astype({"score": float}).nlargest(10, "score", keep="first")


def _deviations(file: Path, *sources: str) -> pd.DataFrame:
    """Return observed deviations from additivity and those of the first source that there is, of the same variants."""
    step = every(count_rows(file), 8 * POINTS)  # rows are of several sources, about eight
    parts, before = [], dict.fromkeys(["observed", *sources], 0)
    for block in table_blocks(file, ["reference", "sequence", "source", "deviation"], {"source": str}):
        for source in before:
            part = block[block["source"] == source]
            first = -before[source] % step  # every step-th row of the source, counted over all blocks
            before[source] += len(part)
            parts.append(part.iloc[first::step])
    both = pd.concat(parts, ignore_index=True)
    wide = both.pivot_table(index=["reference", "sequence"], columns="source", values="deviation", sort=True)
    model = next((source for source in sources if source in wide), sources[-1])
    wide = wide.reindex(columns=["observed", model]).rename(columns={model: "model"}).dropna()
    return wide.reset_index(drop=True).iloc[:: every(len(wide), POINTS)]
