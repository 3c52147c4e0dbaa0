"""The result files behind the page, as links where the page is published beside them."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from cistill.report.drawing.blocks import Block, Note, Section, Table, Text, folded_if_long
from cistill.report.reading.results import Results

# role -> folder of the published results, what the file holds
PLACES = {
    "regions": ("dataset", "every region given: coordinates, split, kept or why dropped"),
    "dataset": ("dataset", "sequences and signals that the model is trained on"),
    "tuning": ("tune", "trials of the search for settings"),
    "candidates": ("select", "every network trained, its scores, and which were chosen"),
    "model": ("select", "weights and settings of the networks that make up the model"),
    "metrics": ("predict", "metrics with their bounds"),
    "region_predictions": ("predict", "counts and profile distance of every region"),
    "predictions": ("predict", "predicted profiles and counts"),
    "run_model": ("train", "weights of a training"),
    "history": ("train", "losses per epoch"),
    "finetuned_model": ("finetune", "weights after fine-tuning"),
    "finetuned_history": ("finetune", "losses per epoch of fine-tuning"),
    "attributions": ("shap", "DeepSHAP contributions"),
    "modisco": ("modisco", "TF-MoDISco's own result file"),
    "motifs": ("modisco", "table of motifs with matches"),
    "motif_matrices": ("modisco", "motif matrices"),
    "meme": ("modisco", "motifs in MEME format, for other tools"),
    "seqlets": ("modisco", "where each motif's seqlets lie"),
    "hits": ("callhits", "motif instances, BED"),
    "site_recall": ("comparehits", "known sites found, per class"),
    "site_curve": ("comparehits", "precision and recall over all cuts"),
    "shap": ("shap", "how far contributions are from adding up, per head and task"),
    "region_contributions": ("shap", "the same of every region"),
    "merged": ("motifs", "motifs of both heads merged: members of each"),
    "merged_motifs": ("motifs", "table of the merged motifs with matches"),
    "merged_matrices": ("motifs", "matrices of the merged motifs"),
    "merged_meme": ("motifs", "merged motifs in MEME format"),
    "pooled_hits": ("collapse", "motif instances of both heads, BED"),
    "prevalence": ("summarizehits", "how many regions hold each motif"),
    "hits_per_region": ("summarizehits", "how many regions hold so many hits"),
    "homotypic": ("summarizehits", "regions with several hits of a motif"),
    "cooccurrence": ("summarizehits", "pairs of motifs that share regions"),
    "distances": ("summarizehits", "distances between hits, counted"),
    "distance_summary": ("summarizehits", "distances between hits, quartiles"),
    "callers": ("comparehits", "callers side by side"),
    "callers_curve": ("comparehits", "precision and recall of each caller over all cuts"),
    "callers_recall": ("comparehits", "recall of each caller by class of sites"),
    "callers_shared": ("comparehits", "hits that callers share"),
    "callers_per_region": ("comparehits", "hits per region of each caller"),
    "callers_footprint": ("comparehits", "signal around hits by rank"),
    "callers_mean_footprint": ("comparehits", "mean signal around hits"),
    "callers_examples": ("comparehits", "hits that one caller has and another lacks"),
}
# role of a library -> folder, what the file holds
LIBRARY_PLACES = {
    "library": ("library", "sequences and what was measured of them"),
    "scores": ("marginalize", "score of every sequence and task with its standard error"),
    "calibration": ("calibrate", "errors and correlations of every method and calibrator"),
    "calibrated": ("calibrate", "calibrated value of every sequence"),
    "calibrator": ("calibrate", "calibrators, to be applied to other sequences"),
    "rmse_bars": ("calibrate", "errors by family of motifs"),
    "repeats": ("calibrate", "errors over samples drawn anew"),
    "residuals": ("calibrate", "residuals by predicted value"),
    "largest_residuals": ("calibrate", "sequences that are missed most"),
    "dynamic_range": ("calibrate", "spread of predicted and measured values"),
    "histograms": ("calibrate", "distributions of predicted and measured values"),
    "classes": ("calibrate", "errors by class of variation"),
    "additivity": ("calibrate", "multiple variants beside the sum of single changes"),
    "additivity_summary": ("calibrate", "deviations from additivity in numbers"),
    "energies": ("analyse", "energies of all sequences, from scores alone"),
    "psam": ("analyse", "distilled energies, one row per position and base"),
    "psam_matrix": ("analyse", "distilled matrix of relative affinities"),
    "variation": ("analyse", "scores by class of variation"),
    "variation_scores": ("analyse", "scores with class and name of every sequence"),
    "repeat_flanks": ("analyse", "short tandem repeats as flanks"),
    "genomic_matches": ("analyse", "where the genome has the sequences"),
    "matched_sequences": ("analyse", "reads around the sequences in the genome"),
    "matched_summary": ("analyse", "correlations in the genome"),
    "footprint_aggregate": ("analyse", "mean profiles with and without inserts"),
    "footprint_heatmap": ("analyse", "profile of every insert"),
    "peak_aggregate": ("analyse", "mean profiles of peaks"),
    "peak_heatmap": ("analyse", "profile of every peak"),
    "specificity": ("specificity", "models against sets of measurements"),
    "specificity_differences": ("specificity", "differences between paralogs"),
    "background_numbers": ("analyse", "error and range by number of backgrounds"),
    "background_histograms": ("analyse", "distributions by number of backgrounds"),
}
FILTERED = "filterhits"


def file_section(results: Results, link_root: str | None) -> Section:
    """Return a table of the result files; links only if `link_root` says where they are published."""
    inputs = results.inputs
    rows: list[tuple[str | Markup, ...]] = []
    if link_root is not None:
        name = f"{inputs.tf}.summary.json"
        rows.append(
            (Markup('<a href="{}">{}</a>').format(quote(name), name), "every headline figure of this page, by name")
        )
    of_runs: list[tuple[str | Markup, ...]] = []
    for role, (folder, words) in PLACES.items():
        named = [inputs.files[role].name] if role in inputs.files else []
        rows += [(_cell(name, folder, link_root), words) for name in named]
        for head, found in inputs.heads.items():
            if role in found:
                place = FILTERED if role == "hits" and results.stage(FILTERED, head) else folder
                rows.append((_cell(found[role].name, place, link_root), words))
        named = [inputs.runs[run.name][role].name for run in results.runs if role in inputs.runs[run.name]]
        of_runs += [(_cell(name, folder, link_root), words) for name in named]
    columns, caption = ("file", "what it holds"), "Files that this page was made from, and the summary beside it."
    blocks: list[Block] = [Table(caption, columns, tuple(rows))]
    if of_runs:
        blocks.append(
            folded_if_long(Table("Files of every training.", columns, tuple(of_runs)), "Files of every training")
        )
    if inputs.libraries:
        blocks.append(Text("Tables of the libraries of sequences stand in the section Affinity, library by library."))
    blocks.append(
        Note(
            "Columns, units and layouts of all files are described in docs/output.md and docs/architecture.md of "
            "cistill."
        )
    )
    return Section("files", "Result files", "What stands behind the figures, to go on with.", tuple(blocks))


def library_table(files: Mapping[str, Path], link_root: str | None) -> Table:
    """Return the tables of a library by file name, linked as those of `file_section`."""
    rows = tuple(
        (_cell(files[role].name, folder, link_root), words)
        for role, (folder, words) in LIBRARY_PLACES.items()
        if role in files
    )
    return Table(
        "Tables of the library, for download where the page is published beside them.", ("file", "what it holds"), rows
    )


def _cell(name: str, folder: str, link_root: str | None) -> str | Markup:
    """Return a file's name, linked to where it is published if that is known."""
    if link_root is None:
        return name
    return Markup('<a href="{}">{}</a>').format(quote(f"{link_root.rstrip('/')}/{folder}/{name}"), name)
