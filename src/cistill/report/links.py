"""The result files behind the page, as links where the page is published beside them."""

from urllib.parse import quote

from markupsafe import Markup

from cistill.report.blocks import Block, Note, Section, Table, folded_if_long
from cistill.report.results import Results

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
}


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
        named += [found[role].name for found in inputs.heads.values() if role in found]
        rows += [(_cell(name, folder, link_root), words) for name in named]
        named = [inputs.runs[run.name][role].name for run in results.runs if role in inputs.runs[run.name]]
        of_runs += [(_cell(name, folder, link_root), words) for name in named]
    head, words = ("file", "what it holds"), "Files that this page was made from, and the summary beside it."
    blocks: list[Block] = [Table(words, head, tuple(rows))]
    if of_runs:
        blocks.append(
            folded_if_long(Table("Files of every training.", head, tuple(of_runs)), "Files of every training")
        )
    blocks.append(
        Note(
            "Columns, units and layouts of all files are described in docs/output.md and docs/architecture.md of "
            "cistill."
        )
    )
    return Section("files", "Result files", "What stands behind the figures, to go on with.", tuple(blocks))


def _cell(name: str, folder: str, link_root: str | None) -> str | Markup:
    """Return a file's name, linked to where it is published if that is known."""
    if link_root is None:
        return name
    return Markup('<a href="{}">{}</a>').format(quote(f"{link_root.rstrip('/')}/{folder}/{name}"), name)
