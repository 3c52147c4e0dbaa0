"""Where the calibrated model errs: dynamic range, residuals, classes of variation, additivity."""

import pandas as pd

from cistill.report.drawing.blocks import Block, Chart, Heading, Note, SideBySide, Table, Text, folded_if_long
from cistill.report.drawing.palette import BLUE, GOLD, PALE
from cistill.report.drawing.wording import MISSING, count, decimal
from cistill.report.reading.library_results import LINE, OF_ENERGIES, LibraryResults
from cistill.report.sections.affinity.charts import additivity_chart, range_chart, residual_chart
from cistill.report.sections.affinity.record import CALIBRATOR_PHRASES, HELD_OUT, best_motif_row, method_words

RESIDUALS_LISTED = 10
CLASSES_LISTED = 30
CHANGES_LISTED = 8
"""Rows about additivity: all changes together, then the smallest numbers of changes."""


def error_blocks(library: LibraryResults) -> list[Block]:
    """Return dynamic range and residuals, the largest residuals, errors by class, additivity."""
    figures = [figure for figure in (_range(library), _residuals(library)) if figure is not None]
    blocks: list[Block] = []
    if figures:
        blocks += [Heading(f"affinity-{library.name}-errors", "Where it errs"), SideBySide(tuple(figures), 2)]
    worst = _largest(library)
    if worst is not None:
        blocks.append(worst)
    return blocks + _classes(library) + _additivity(library)


def _compared(library: LibraryResults) -> list[tuple[str, str, str]]:
    """Return the model and the best motif: method, colour, words."""
    found = [(library.model, BLUE, "model")]
    best = best_motif_row(library)
    if best is not None:
        found.append((str(best["method"]), GOLD, f"best motif ({best['family']})"))
    return found


def _range(library: LibraryResults) -> Chart | None:
    table = library.tables.get("histograms")
    if table is None or not len(table):
        return None
    series: list[tuple[str, str | None, str, str]] = [("observed", None, PALE, "measured")]
    series += [(name, library.kind_of(name), colour, words) for name, colour, words in _compared(library)]
    spread = library.tables.get("dynamic_range")
    words = ""
    if spread is not None:
        rows = spread[(spread["source"] == library.model) & (spread["calibrator"] == library.kind)]
        if len(rows):
            words = (
                f" The predicted values' standard deviation is {decimal(rows['sd_of_observed'].iloc[0], 2)} of the "
                "measured values'."
            )
    return Chart(
        *range_chart(table, series, library.unit),
        "Distributions of measured and predicted values of the held-out sequences, after calibration (the model by "
        f"{CALIBRATOR_PHRASES[library.kind]}, motifs by a straight line).{words} Values beyond the ends count in the "
        "outermost bins. From histograms.tsv and dynamic_range.tsv.",
        "Dynamic range",
    )


def _residuals(library: LibraryResults) -> Chart | None:
    table = library.tables.get("residuals")
    if table is None or not len(table):
        return None
    rows = []
    for name, colour, words in _compared(library):
        part = table[(table["method"] == name) & (table["calibrator"] == library.kind_of(name))].sort_values(
            "bin", kind="stable"
        )
        if len(part):
            rows.append((part, colour, words))
    if not rows:
        return None
    return Chart(
        *residual_chart(rows, library.unit),
        f"Mean of measured less predicted value, {library.unit}, in tenths of the held-out sequences by predicted "
        "value; lines: one standard deviation on either side. A slope or a bend says that the calibration is off. From "
        "residuals.tsv.",
        "Residuals",
    )


def _largest(library: LibraryResults) -> Block | None:
    table = library.tables.get("largest_residuals")
    if table is None:
        return None
    rows = table[(table["method"] == library.model) & (table["calibrator"] == library.kind)].head(RESIDUALS_LISTED)
    if not len(rows):
        return None
    cells = tuple(
        (
            str(row["sequence"]),
            MISSING if pd.isna(row["class"]) else str(row["class"]).replace("_", " "),
            *(decimal(row[name], 2) for name in ("label", "predicted", "residual")),
        )
        for row in rows.to_dict("records")
    )
    table_block = Table(
        f"The {len(cells)} held-out sequences that the model misses most, {library.unit}. From largest_residuals.tsv.",
        ("sequence", "class", "measured", "predicted", "residual"),
        cells,
        frozenset({2, 3, 4}),
        "Largest residuals",
    )
    return folded_if_long(table_block, "Largest residuals")


def _classes(library: LibraryResults) -> list[Block]:
    """Return the model's errors by class of variation, the best motif's beside them."""
    table = library.tables.get("classes")
    if table is None or not len(table):
        return []
    rows = table[table["scored_on"] == HELD_OUT]
    own = rows[(rows["method"] == library.model) & (rows["calibrator"] == library.kind)]
    rows = rows[rows["calibrator"] == LINE]
    best = best_motif_row(library)
    other = {} if best is None else rows[rows["method"] == best["method"]].set_index("class")["rmse"].to_dict()
    cells = tuple(
        (
            str(row["class"]).replace("_", " "),
            count(row["n"]),
            decimal(row["bias"], 2),
            decimal(row["rmse"], 2),
            *((decimal(other.get(row["class"]), 2),) if best is not None else ()),
            decimal(row.get("pearson"), 2),
            decimal(row.get("spearman"), 2),
        )
        for row in own.head(CLASSES_LISTED).to_dict("records")
    )
    if not cells:
        return []
    left_out = f" The first {len(cells)} of {len(own)} classes." if len(cells) < len(own) else ""
    words = "" if best is None else f" Best motif: {method_words(best)}."
    head = (
        *("class", "held-out sequences", "bias", "RMSE"),
        *(("RMSE, best motif",) if best is not None else ()),
        *("Pearson", "Spearman"),
    )
    listed = Table(
        f"Errors by class of variation, {library.unit}; bias: mean of predicted less measured.{words}{left_out} From "
        "classes.tsv.",
        head,
        cells,
        frozenset(range(1, len(head))),
        "By class of variation",
    )
    return [folded_if_long(listed, "By class of variation")]


def _additivity(library: LibraryResults) -> list[Block]:
    summary, deviations = library.tables.get("additivity_summary"), library.deviations
    if summary is None or not len(summary):
        return []
    blocks: list[Block] = [Heading(f"affinity-{library.name}-additivity", "Additivity")]
    of_all = {str(row["source"]): row for row in summary[summary["n_substitutions"] == 0].to_dict("records")}
    kind = next((kind for kind in OF_ENERGIES if f"{library.model}.{kind}" in of_all), LINE)
    own = library.model if kind == LINE else f"{library.model}.{kind}"
    if "observed" in of_all:
        observed = of_all["observed"]
        words = (
            f"Of {count(observed['n'])} sequences with several changes, the sum of what each change does alone misses "
            f"the measured value by {decimal(observed['rmse'], 2)} {library.unit} (root mean square)."
        )
        if own in of_all:
            words += (
                " The model's own deviations from additivity correlate with the measured ones at "
                f"{decimal(of_all[own]['pearson_with_observed'], 2)} (Pearson); an additive model has none."
            )
        blocks.append(Text(words))
    sources = [name for name in ("observed", own) if name in of_all]
    rows = tuple(
        (
            "measured" if row["source"] == "observed" else "model",
            "all" if row["n_substitutions"] == 0 else str(row["n_substitutions"]),
            count(row["n"]),
            decimal(row["rmse"], 2),
            decimal(row.get("mean_deviation"), 2),
            decimal(row["pearson"], 2),
            decimal(row["pearson_with_observed"], 2),
        )
        for row in summary[summary["source"].isin(sources)].to_dict("records")[:CHANGES_LISTED]
    )
    listed = Table(
        f"Deviations from the sum of single changes, {library.unit}, by number of changes (the smallest); the model "
        f"after calibration by {CALIBRATOR_PHRASES[kind]}. From additivity_summary.tsv.",
        ("values", "changes", "sequences", "RMS deviation", "mean", "r with the sum", "r with measured deviations"),
        rows,
        frozenset(range(1, 7)),
        "Deviations from additivity",
    )
    if deviations is None or not len(deviations):
        return [*blocks, listed]
    if deviations["model"].isna().all():
        return [*blocks, listed, Note("The model has no value of these sequences.")]
    figure = Chart(
        *additivity_chart(deviations, library.unit),
        f"One dot a sequence with several changes ({count(len(deviations))} drawn): how far it is from the sum of its "
        "single changes, as measured and as the model has it; dashed: equality. From additivity.tsv.",
        "Does the model know which changes do not add up?",
    )
    return [*blocks, SideBySide((figure, listed), 2)]
