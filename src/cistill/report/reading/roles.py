"""What the result files of a TF are called, and the role that the report knows each by."""

import re

ANY = "any"
"""The name under which tables of hits count those of all motifs together."""
PER_TF = {
    "regions": "regions.tsv",
    "dataset": "dataset.h5",
    "tuning": "tuning.tsv",
    "tuning_choice": "tuning.json",
    "candidates": "candidates.tsv",
    "metrics": "metrics.tsv",
    "region_predictions": "region_predictions.tsv",
    "predictions": "predictions.h5",
    "model": "model.safetensors",
    "shap": "shap.tsv",
    "region_contributions": "region_contributions.tsv",
    "merged": "merged.tsv",
    "merged_motifs": "merged.motifs.tsv",
    "merged_matrices": "merged.motifs.h5",
    "merged_meme": "merged.motifs.meme",
    "pooled_hits": "hits.bed",
    "prevalence": "prevalence.tsv",
    "hits_per_region": "hits_per_region.tsv",
    "homotypic": "homotypic.tsv",
    "cooccurrence": "cooccurrence.tsv",
    "distances": "distances.tsv",
    "distance_summary": "distance_summary.tsv",
}
PER_HEAD = {
    "attributions": "attributions.h5",
    "modisco": "modisco.h5",
    "motifs": "motifs.tsv",
    "motif_matrices": "motifs.h5",
    "meme": "motifs.meme",
    "seqlets": "seqlets.tsv",
    "hits": "hits.bed",
    "site_recall": "site_recall.tsv",
    "site_curve": "site_curve.tsv",
    "callers": "methods.sets.tsv",
    "callers_curve": "methods.sets_curve.tsv",
    "callers_recall": "methods.sets_recall.tsv",
    "callers_shared": "methods.sets_shared.tsv",
    "callers_per_region": "methods.sets_hits_per_region.tsv",
    "callers_footprint": "methods.sets_footprint.tsv",
    "callers_mean_footprint": "methods.sets_mean_footprint.tsv",
    "callers_examples": "methods.sets_examples.tsv",
}
PER_LIBRARY = {
    "library": "library.tsv",
    "scores": "scores.tsv",
    "calibration": "calibration.tsv",
    "calibrated": "calibrated.tsv",
    "calibrator": "calibrator.json",
    "rmse_bars": "rmse_bars.tsv",
    "repeats": "repeats.tsv",
    "residuals": "residuals.tsv",
    "largest_residuals": "largest_residuals.tsv",
    "dynamic_range": "dynamic_range.tsv",
    "histograms": "histograms.tsv",
    "classes": "classes.tsv",
    "additivity": "additivity.tsv",
    "additivity_summary": "additivity_summary.tsv",
    "energies": "energies.tsv",
    "psam": "psam.tsv",
    "psam_matrix": "psam.csv",
    "background_numbers": "background_numbers.tsv",
    "background_histograms": "background_histograms.tsv",
    "genomic_matches": "genomic_matches.tsv",
    "matched_sequences": "matched_sequences.tsv",
    "matched_summary": "matched_summary.tsv",
    "footprint_aggregate": "footprint_aggregate.tsv",
    "footprint_heatmap": "footprint_heatmap.tsv",
    "peak_aggregate": "peak_aggregate.tsv",
    "peak_heatmap": "peak_heatmap.tsv",
    "variation": "variation.tsv",
    "variation_scores": "variation_scores.tsv",
    "repeat_flanks": "repeat_flanks.tsv",
    "specificity": "specificity.tsv",
    "specificity_differences": "specificity_differences.tsv",
    "library_record": "library.json",
    "marginalize_record": "marginalize.json",
    "calibrate_record": "calibrate.json",
    "energies_record": "energies.json",
    "psam_record": "psam.json",
    "background_numbers_record": "background_numbers.json",
    "genomic_matches_record": "genomic_matches.json",
    "footprint_tables_record": "footprint_tables.json",
    "variation_record": "variation.json",
    "specificity_record": "specificity.json",
}
LIBRARY_RECORDS = tuple(role for role in PER_LIBRARY if role.endswith("_record"))
"""Roles of a library that are provenance."""
PER_RUN = {
    "run_model": "model.safetensors",
    "history": "history.tsv",
    "train": "train.json",
    "finetuned_model": "finetuned.model.safetensors",
    "finetuned_history": "finetuned.history.tsv",
    "finetune": "finetuned.json",
}
RUN_STAGES = ("train", "finetune")
"""Roles of a training run that are provenance."""
TABLES_OF_ONE = (set(PER_RUN) - set(RUN_STAGES)) | (set(PER_LIBRARY) - set(LIBRARY_RECORDS))
"""Roles of a training run or a library that are no provenance."""
RUN_FILE = re.compile(r"(?P<run>.+\.fold_.+\.restart_\d+)\.(?P<suffix>.+)")
LIBRARY_FILE = re.compile(r"(?P<library>[^.]+)\.(?P<suffix>[^.]+\.[^.]+)")
"""A library's name has no dot, so that it cannot be taken for another TF's."""
TRIAL_RECORD = re.compile(r"trial_\d+\.json")
COVERAGE = ".coverage.json"
TF_STAGES = ("dataset", "convert", "select", "predict", "shap", "merge", "collapse", "summarizehits")
HEAD_STAGES = (
    "modisco",
    "unfiltered.callhits",
    "callhits",
    "filterhits",
    "comparehits",
    "methods.comparehits",
)
