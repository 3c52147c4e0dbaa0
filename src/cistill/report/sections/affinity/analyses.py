"""Further analyses of a library: backgrounds, genome, footprints, classes without labels, paralogs."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from cistill.report.drawing import vega
from cistill.report.drawing.blocks import Block, Chart, Heading, Note, SideBySide, Table, Text, folded_if_long
from cistill.report.drawing.matrix import matrix
from cistill.report.drawing.palette import BLUE, GOLD
from cistill.report.drawing.wording import SPLIT_WORDS, count, decimal, plural
from cistill.report.reading.library_results import LINE, POINTS, LibraryResults
from cistill.report.reading.long_tables import regular_rows
from cistill.report.sections.affinity.footprints import footprint_blocks
from cistill.report.sections.affinity.genome_charts import background_chart, matched_chart, variation_chart

ROWS_LISTED = 40
NO_SPLIT = "none"
PAIR_WORDS = {
    ("label", "observed"): "measured affinity, observed reads",
    ("label", "predicted"): "measured affinity, predicted reads",
    ("label", "score"): "measured affinity, score",
    ("score", "observed"): "score, observed reads",
    ("score", "predicted"): "score, predicted reads",
    ("observed", "predicted"): "observed reads, predicted reads",
}


def analysis_blocks(library: LibraryResults) -> list[Block]:
    """Return every analysis that was given."""
    blocks = [*_variation(library), *_matches(library), *footprint_blocks(library)]
    return [*blocks, *_specificity(library), *_backgrounds(library)]


def _variation(library: LibraryResults) -> list[Block]:
    """Return scores by class, and what repeats add to a site."""
    blocks: list[Block] = []
    table = library.tables.get("variation")
    if table is not None and len(table):
        first = str(table["method"].iloc[0])
        own = table[table["method"] == first]
        if len(own) > 1:
            blocks.append(Heading(f"affinity-{library.name}-variation", "Kinds of variation"))
            blocks.append(
                Chart(
                    *variation_chart(own.head(ROWS_LISTED)),
                    "Scores of the sequences of each class, change of ln counts: median (mark), mean ± standard "
                    "deviation (line), smallest and largest (faint line); dashed: the consensus. From variation.tsv.",
                    "Scores by class",
                )
            )
    flanks = library.tables.get("repeat_flanks")
    if flanks is not None and len(flanks):
        blocks.append(_repeats(flanks))
    return blocks


def _repeats(flanks: pd.DataFrame) -> Block:
    own = flanks[flanks["method"] == flanks["method"].iloc[0]].sort_values("with_site", ascending=False, kind="stable")
    rows = tuple(
        (str(row["unit"]), *(decimal(row[name], 2) for name in ("with_site", "alone", "gain")))
        for row in own.head(ROWS_LISTED).to_dict("records")
    )
    left_out = f" The {len(rows)} of highest score, of {len(own)}." if len(rows) < len(own) else ""
    table = Table(
        "Scores, change of ln counts, of the site between flanks of a short tandem repeat, of the repeat alone, and "
        f"the difference.{left_out} From repeat_flanks.tsv.",
        ("repeat unit", "with the site", "alone", "gain"),
        rows,
        frozenset({1, 2, 3}),
        "Short tandem repeats as flanks",
    )
    return folded_if_long(table, "Short tandem repeats as flanks")


def _matches(library: LibraryResults) -> list[Block]:
    """Return measured sequences where the genome has them: observed and predicted reads."""
    table, summary = library.tables.get("matched_sequences"), library.tables.get("matched_summary")
    if table is None:
        return []
    blocks: list[Block] = [Heading(f"affinity-{library.name}-genome", "The same sequences in the genome")]
    blocks += _shrunk_window(library)
    if not len(table):
        return [*blocks, Note("None of the library's sequences occurs in the regions.")]
    task = str(table["task"].iloc[0])
    own = table[(table["task"] == task) & (table["split"].astype(str) != NO_SPLIT)]
    if not len(own):
        return [*blocks, Note("The sequences occur only in regions without signal.")]
    labelled = own[own["label"].notna()]
    blocks.append(
        Text(
            f"{plural(own['sequence'].nunique(), 'sequence')} of the library occur in the peaks, there with all that "
            "the genome has around them, so a weaker agreement than with the score is to be expected."
        )
    )
    drawn = regular_rows(labelled if len(labelled) else own, POINTS)
    x, name = ("label", f"measured, {library.unit}") if len(labelled) else ("score", "score, change of ln counts")
    figures = [
        Chart(
            *matched_chart(drawn, x, side, name, SPLIT_WORDS),
            f"{words} around the sequence, ln(1 + 5' ends), mean over its matches in the part of the genome; coloured "
            "by whether its chromosomes were trained on; regions without signal are left out. From "
            "matched_sequences.tsv.",
            title,
        )
        for side, title, words in (
            ("observed_log_count", "Observed reads", "Reads"),
            ("predicted_log_count", "Predicted reads", "Predicted reads"),
        )
        if drawn[side].notna().any()
    ]
    if figures:
        blocks.append(SideBySide(tuple(figures), 2))
    if summary is not None and len(summary):
        blocks.append(_matched_table(summary[summary["task"] == task]))
    return blocks


def _shrunk_window(library: LibraryResults) -> list[Block]:
    """Return a note where the output window is too short for the analysis window asked for."""
    asked = library.records.get("genomic_matches", {}).get("settings", {}).get("window")
    used, output = (library.result("genomic_matches", name) for name in ("window", "output_length"))
    if asked is None or used is None or used == asked:
        return []
    return [
        Note(
            f"Reads are counted in {used} bp around each sequence: {asked} bp do not fit the output window of "
            f"{output} bp."
        )
    ]


def _matched_table(summary: pd.DataFrame) -> Block:
    rows = tuple(
        (
            SPLIT_WORDS.get(str(row["split"]), str(row["split"])),
            PAIR_WORDS.get((row["x"], row["y"]), f"{row['x']}, {row['y']}"),
            count(row["n"]),
            decimal(row["pearson"], 2),
            decimal(row["spearman"], 2),
        )
        for row in summary[summary["split"].astype(str) != NO_SPLIT].to_dict("records")
    )
    table = Table(
        "Correlations over sequences, affinities turned so that larger is tighter. From matched_summary.tsv.",
        ("chromosomes", "of", "sequences", "Pearson", "Spearman"),
        rows,
        frozenset({2, 3, 4}),
    )
    return folded_if_long(table, "Correlations in the genome")


def _specificity(library: LibraryResults) -> list[Block]:
    """Return the matrix of models and sets of measurements."""
    table = library.tables.get("specificity")
    if table is None or not len(table):
        return []
    models = [str(name) for name in dict.fromkeys(table["model"])]
    sets = [str(name) for name in dict.fromkeys(table["set"])]
    values = np.full((len(models), len(sets)), np.nan)
    for row in table.to_dict("records"):
        values[models.index(str(row["model"])), sets.index(str(row["set"]))] = row["pearson"]
    own = [
        name
        for name in sets
        if name in models and np.nanargmax(_filled(values[:, sets.index(name)])) == models.index(name)
    ]
    both = [name for name in sets if name in models]
    cells = pd.DataFrame(
        [
            {"model": model, "measured": name, "pearson": value, "shade": value, "written": decimal(value, 2)}
            for model, row in zip(models, values.tolist(), strict=True)
            for name, value in zip(sets, row, strict=True)
        ]
    )
    words = f" {len(own)} of {len(both)} sets are fitted best by the model of their own name." if both else ""
    return [
        Heading(f"affinity-{library.name}-specificity", "Paralogs"),
        Chart(
            cells,
            matrix(cells, "model", "measured", vega.tips(model="", measured="", pearson=".3f"), True),
            "Pearson correlation of a model's scores (rows) with measured affinities (columns), turned so that larger "
            f"is tighter.{words} From specificity.tsv.",
            "Specificity",
        ),
        *_differences(library.tables.get("specificity_differences")),
    ]


def _filled(values: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.where(np.isfinite(values), values, -np.inf)


def _differences(table: pd.DataFrame | None) -> Sequence[Block]:
    if table is None or not len(table):
        return []
    rows = tuple(
        (str(row["model_a"]), str(row["model_b"]), count(row["n"]), decimal(row["pearson"], 2))
        for row in table.head(ROWS_LISTED).to_dict("records")
    )
    return [
        Table(
            "Do differences of two models' scores follow the differences of the measurements? Correlation over "
            "sequences that both sets have. From specificity_differences.tsv.",
            ("model", "less", "sequences", "Pearson"),
            rows,
            frozenset({2, 3}),
            "Differences between paralogs",
        )
    ]


def _backgrounds(library: LibraryResults) -> list[Block]:
    """Return error and dynamic range by number of backgrounds."""
    table = library.tables.get("background_numbers")
    if table is None or not len(table):
        return []
    rows = table[table["calibrator"] == LINE].sort_values("n_backgrounds", kind="stable")
    if not len(rows):
        return []
    figures = tuple(
        Chart(
            *background_chart(rows, column, words, colour),
            caption + " From background_numbers.tsv.",
            title,
        )
        for column, words, colour, title, caption in (
            (
                *("rmse", f"RMSE, {library.unit}", BLUE, "Error"),
                "Held-out RMSE after calibration by a straight line, with scores averaged over the first so many "
                "backgrounds.",
            ),
            (
                *("sd_of_observed", "SD, predicted / measured", GOLD, "Dynamic range"),
                "Standard deviation of predicted over that of measured values, held-out sequences.",
            ),
        )
        if rows[column].notna().any()
    )
    most = int(rows["n_backgrounds"].max())
    first = plural(int(rows["n_backgrounds"].min()), "background")
    last = rows["rmse"].to_numpy(float)
    words = ""
    if len(rows) > 1 and math.isfinite(last[0]) and math.isfinite(last[-1]):
        span = f"{decimal(last[0], 2)} to {decimal(last[-1], 2)} {library.unit}"
        words = f"From {first} to {most} the held-out error goes from {span}."
    heading = Heading(f"affinity-{library.name}-backgrounds", "Number of backgrounds")
    return [heading, *([Text(words)] if words else []), SideBySide(figures, 2)]
