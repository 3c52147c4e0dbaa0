"""The command `affinity matches`: a library's sequences where the genome has them, to tables."""

from pathlib import Path

import numpy as np

from cistill.affinity.analyses.analysis_files import write_analysis
from cistill.affinity.analyses.genomic_matches import (
    find_matches,
    fitted_window,
    match_counts,
    matched_summary,
    matched_table,
)
from cistill.affinity.calibration.methods import MODEL, read_scores, table_methods
from cistill.console import LOG
from cistill.formats.library import read_library
from cistill.motifs.motif_footprints import open_profiles


def analyse_matches(
    stem: Path,
    library_file: Path,
    dataset: Path,
    predictions: Path | None,
    score_spec: str | None,
    task: str | None,
    window: int,
    peaks_only: bool,
) -> None:
    """Write `genomic_matches.tsv`, `matched_sequences.tsv` and `matched_summary.tsv`."""
    library = read_library(library_file)
    sequences = library.table["sequence"].tolist()
    profiles = open_profiles(dataset, predictions)
    assert profiles is not None
    asked, window = window, fitted_window(window, profiles.output_length)
    if window < asked:
        LOG.warning(
            "5' ends are counted in %d bp around a match: %d bp do not fit the output window of %d bp",
            window,
            asked,
            profiles.output_length,
        )
    inputs = {"library": library_file, **profiles.files}
    scores = None
    if score_spec is not None:
        table = read_scores(score_spec, MODEL)
        inputs["scores"] = table.path
        values = table_methods(table, sequences, task)[0].scores(np.empty(0, np.int64), np.arange(len(sequences)))
        scores = dict(zip(sequences, values.tolist(), strict=True))
    matches = match_counts(profiles, find_matches(dataset, sequences, window, peaks_only), window)
    averaged = matched_table(matches, dict(zip(sequences, library.labels.tolist(), strict=True)), scores)
    found = int(matches["sequence"].nunique())
    LOG.info("%d of %d sequences occur in the regions", found, len(sequences))
    write_analysis(
        stem,
        "genomic_matches",
        {
            "genomic_matches": matches,
            "matched_sequences": averaged,
            "matched_summary": matched_summary(averaged, library.higher_is_tighter),
        },
        {"window": asked, "peaks_only": peaks_only, "scores": score_spec, "task": task},
        inputs,
        {
            "sequences": len(sequences),
            "found": found,
            "unit": library.unit,
            "occurrences": len(matches),
            "window": window,
            "output_length": profiles.output_length,
        },
    )
