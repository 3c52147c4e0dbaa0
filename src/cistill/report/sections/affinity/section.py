"""Affinities: how well the model predicts measured binding, library by library."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cistill.report.drawing.anchors import library_anchor
from cistill.report.drawing.blocks import (
    Block,
    Chart,
    Fold,
    Heading,
    Note,
    Section,
    SideBySide,
    Table,
    Text,
    folded_if_long,
)
from cistill.report.drawing.histograms import distributions
from cistill.report.drawing.palette import BLUE
from cistill.report.drawing.wording import MISSING, count, decimal, plural, significant
from cistill.report.reading.library_results import DISTILLED, KINDS, LINE, LibraryResults
from cistill.report.reading.page_context import PageContext
from cistill.report.sections.affinity.analyses import analysis_blocks
from cistill.report.sections.affinity.charts import CALIBRATOR_WORDS, Bar, calibrated_chart, error_chart, score_chart
from cistill.report.sections.affinity.errors import error_blocks
from cistill.report.sections.affinity.library_files import library_table
from cistill.report.sections.affinity.logo import energy_logo
from cistill.report.sections.affinity.record import (
    CALIBRATOR_PHRASES,
    HELD_OUT,
    headline_sentence,
    held_out_rows,
    method_words,
    model_row,
)

LIBRARIES_OPEN = 3
BARS = 14
METHODS_LISTED = 40
FAMILY_WORDS = {"model": "model", "kmers": "k-mers (ridge)", "additive": "additive model"}


def affinity_section(page: PageContext, summary: Mapping[str, Any]) -> Section | None:
    """Return what is known of every library's affinities; None without a library."""
    results, link_root = page.results, page.link_root
    if not results.libraries:
        return None
    blocks: list[Block] = []
    for place, library in enumerate(results.libraries.values()):
        own = library_blocks(library, results.inputs.tf, link_root)
        title = f"Library {library.name}"
        anchor = library_anchor(library.name)
        blocks += [Heading(anchor, title), *(own if place < LIBRARIES_OPEN else [Fold(title, tuple(own))])]
    return Section(
        "affinity",
        "Affinity",
        "Sequences of a library, put into many backgrounds: the change of the predicted reads is each sequence's "
        "score, which a calibration turns into the unit of the measurement.",
        tuple(blocks),
    )


def library_blocks(library: LibraryResults, tf: str, link_root: str | None) -> list[Block]:
    """Return all that is known of a library: what a biochemist looks at first comes first."""
    blocks: list[Block] = []
    sentence = headline_sentence(library)
    if sentence:
        blocks.append(Text(sentence))
    blocks.append(Text(_made_from(library)))
    blocks += _first_figures(library)
    blocks += error_blocks(library)
    blocks += analysis_blocks(library)
    table = library_table(library.files, link_root)
    return [*blocks, Fold(f"Tables of {tf}, library {library.name} ({len(table.rows)} files)", (table,))]


def _made_from(library: LibraryResults) -> str:
    """Say how the scores came about and what was measured."""
    words = []
    scores = library.scores
    assay = library.result("library", "assay") or library.result("calibrate", "assay")
    if assay and assay != "generated":
        words.append(f"Measured: {assay}.")
    if scores is not None:
        backgrounds = "" if scores.backgrounds is None else f" in {plural(scores.backgrounds, 'background')}"
        error = f"; median standard error {significant(scores.error, 2)} ln counts" if np.isfinite(scores.error) else ""
        words.append(f"Scored: {plural(scores.n, 'sequence')}{backgrounds}{error}.")
    sampled = library.result("calibrate", "sampled")
    if sampled is not None:
        words.append(
            f"Calibrators and comparators were fitted on the same {count(sampled)} sequences, drawn by a seed."
        )
    treated = {
        reason: number
        for reason, number in (library.result("library", "treated") or {}).items()
        if reason != "rows of the table" and number
    }
    if treated:
        words.append("Of the table: " + "; ".join(f"{reason}: {number}" for reason, number in treated.items()) + ".")
    return " ".join(words) or "Of this library, only some tables were given."


def _first_figures(library: LibraryResults) -> list[Block]:
    """Return measured against predicted, the logo of energies, errors beside those of motifs."""
    figures: list[Block] = []
    points = library.points
    if points is not None and len(points):
        regular = int(points["regular"].sum())
        drawn = "" if regular >= library.n_calibrated else f" {count(regular)} of {count(library.n_calibrated)} drawn."
        if library.kind in points:
            figures.append(
                Chart(
                    *calibrated_chart(points, library.kind, library.unit),
                    "One dot a sequence; grey: those that the calibration was fitted on; dashed: equality. Calibrated "
                    f"by {CALIBRATOR_PHRASES[library.kind]}.{drawn} From calibrated.tsv.",
                    "Measured and predicted",
                )
            )
        figures.append(
            Chart(
                *score_chart(points, [kind for kind in KINDS if kind in points and kind != DISTILLED], library.unit),
                "The same sequences by their score, with the calibrators that know nothing else as lines."
                f"{drawn} From calibrated.tsv.",
                "Before calibration",
            )
        )
    elif library.scores is not None and "calibration" not in library.tables:
        return _scores_alone(library)
    bars = _bars(library)
    beside: list[Block] = []
    if bars:
        beside.append(
            Chart(
                *error_chart(bars, library.unit),
                f"Held-out RMSE: the model after calibration by {CALIBRATOR_PHRASES[library.kind]}, and each family "
                "of comparators after a straight line (the first motif of the file as a bar; all of its motifs as "
                "points; their mean and SD; a ring for the best of them). A single method has its 95% interval. From "
                "rmse_bars.tsv and calibration.tsv.",
                "Error beside motifs",
            )
        )
    logo = energy_logo(library)
    if logo is not None:
        beside.insert(0, logo)
    blocks: list[Block] = [SideBySide(tuple(row), 2) for row in (figures, beside) if row]
    own = model_row(library)
    if own is not None:
        blocks.append(_calibrators(library, int(own["n"])))
        blocks.append(folded_if_long(_methods(library), "Every method"))
    elif not figures:
        blocks.append(
            Note("Nothing was calibrated: the table of measurements or that of scores was not given.", "warn")
        )
    return blocks


def _scores_alone(library: LibraryResults) -> list[Block]:
    """Return the distribution of scores and the highest ones, where nothing was measured."""
    scores = library.scores
    assert scores is not None
    if not scores.n:
        return [Note("The library has no sequence.", "warn")]
    values = scores.sample.loc[scores.sample["task"] == scores.tasks[0], "score"].to_numpy(float)
    drawn = distributions({"score": values}, {"score": BLUE}, "score, change of ln counts", "sequences")
    numbers = {"score": "score", "standard_error": "standard error", "sd_networks": "SD of networks"}
    shown = [name for name in numbers if name in scores.best and scores.best[name].notna().any()]
    rows = tuple(
        (str(row["sequence"]), *(decimal(row[name], 3) for name in shown)) for row in scores.best.to_dict("records")
    )
    logo = energy_logo(library)
    share = "" if len(values) >= scores.n else f" {count(len(values))} of {count(scores.n)} sequences."
    return [
        Note("Nothing was measured of these sequences, so their scores are not calibrated."),
        SideBySide(
            (
                Chart(*drawn, f"Scores of task {scores.tasks[0]}.{share} From scores.tsv.", "Scores"),
                Table(
                    f"The ten highest of {count(scores.n)}. From scores.tsv.",
                    ("sequence", *(numbers[name] for name in shown)),
                    rows,
                    frozenset(range(1, 1 + len(shown))),
                    "Highest scores",
                ),
            ),
            2,
        ),
        *([] if logo is None else [SideBySide((logo,), 2)]),
    ]


def _bars(library: LibraryResults) -> list[Bar]:
    """Return the rows of the chart of errors: the model first, the others by the error of their first motif."""
    table = library.tables.get("rmse_bars")
    if table is None:
        return []
    rows = table[(table["scored_on"] == HELD_OUT) & (table["measure"] == "rmse")]
    rows = rows[rows["calibrator"] == rows["family"].map(library.kind_of)]
    held_out = held_out_rows(library)
    held_out = held_out[held_out["calibrator"] == held_out["method"].map(library.kind_of)]
    bars = []
    for row in rows.to_dict("records"):
        statistic = None if pd.isna(row["statistic"]) else str(row["statistic"])
        same = (held_out["family"] == row["family"]) & (
            held_out["statistic"].isna() if statistic is None else held_out["statistic"] == statistic
        )
        methods = held_out[same]
        single = methods.to_dict("records")[0] if len(methods) == 1 else None
        family = str(row["family"])
        is_model = family == library.model
        with_statistic = statistic if len(methods) and methods["motif"].notna().any() else None
        name = FAMILY_WORDS.get(family, family) + (f", {with_statistic}" if with_statistic else "")
        known = single is not None and pd.notna(single.get("rmse_low"))
        bars.append(
            Bar(
                name,
                float(row["top"]),
                float(row["mean"]),
                float(row["sd"]),
                float(row["best"]),
                methods["rmse"].to_numpy(float),
                (float(single["rmse_low"]), float(single["rmse_high"])) if known and single is not None else None,
                is_model,
            )
        )
    return sorted(bars, key=lambda bar: (not bar.is_model, bar.top))[:BARS]


def _calibrators(library: LibraryResults, held_out: int) -> Table:
    """Return the model's figures after every calibrator."""
    rows = []
    for kind in KINDS:
        row = model_row(library, kind)
        if row is not None:
            rows.append((CALIBRATOR_WORDS.get(kind, kind), *_figures(row)))
    return Table(
        f"The model on {count(held_out)} held-out sequences after each "
        f"calibrator; RMSE in {library.unit}; in brackets 95% intervals (bootstrap); over repeats: mean ± SD of "
        "samples drawn anew. From calibration.tsv.",
        ("calibrator", "RMSE", "RMSE over repeats", "Pearson", "Spearman"),
        tuple(rows),
        frozenset(range(1, 5)),
        "Calibrators",
    )


def _figures(row: Mapping[Any, Any]) -> tuple[str, ...]:
    """Return RMSE, its mean over repeats, and correlations, as text."""

    def with_interval(name: str) -> str:
        low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
        known = low is not None and pd.notna(low)
        return decimal(row.get(name), 2) + (f" ({decimal(low, 2)} – {decimal(high, 2)})" if known else "")

    mean, sd = row.get("rmse_repeats_mean"), row.get("rmse_repeats_sd")
    repeats = MISSING if mean is None or pd.isna(mean) else f"{decimal(mean, 2)} ± {decimal(sd, 2)}"
    return with_interval("rmse"), repeats, with_interval("pearson"), with_interval("spearman")


def _methods(library: LibraryResults) -> Table:
    rows = held_out_rows(library, LINE).sort_values("rmse", kind="stable", na_position="last")
    shown = rows.head(METHODS_LISTED)
    left_out = f" The {len(shown)} of least error, of {len(rows)}." if len(shown) < len(rows) else ""
    return Table(
        f"All methods on the same held-out sequences, after calibration by a straight line; RMSE in {library.unit}, "
        f"95% intervals in brackets.{left_out} From calibration.tsv.",
        ("method", "RMSE", "RMSE over repeats", "Pearson", "Spearman"),
        tuple((method_words(row), *_figures(row)) for row in shown.to_dict("records")),
        frozenset(range(1, 5)),
        "Every method",
    )
