"""The result files behind the page, as links where the page is published beside them."""

from urllib.parse import quote

from markupsafe import Markup

from cistill.report.blocks import Note, Section, Table
from cistill.report.results import Results

# role -> folder of the published results, what the file holds
PLACES = {
    "regions": ("dataset", "every region given: coordinates, split, kept or why dropped"),
    "dataset": ("dataset", "sequences and signals that the model is trained on"),
    "model": ("train", "weights and settings of the model"),
    "history": ("train", "losses per epoch"),
    "metrics": ("predict", "metrics with their bounds"),
    "region_predictions": ("predict", "counts and profile distance of every region"),
    "predictions": ("predict", "predicted profiles and counts"),
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
    for role, (folder, words) in PLACES.items():
        named = [inputs.files[role].name] if role in inputs.files else []
        named += [found[role].name for found in inputs.heads.values() if role in found]
        for name in named:
            cell: str | Markup = name
            if link_root is not None:
                cell = Markup('<a href="{}">{}</a>').format(quote(f"{link_root.rstrip('/')}/{folder}/{name}"), name)
            rows.append((cell, words))
    table = Table(
        "Files that this page was made from, and the summary beside it.", ("file", "what it holds"), tuple(rows)
    )
    note = Note(
        "Columns, units and layouts of all files are described in docs/output.md and docs/architecture.md of cistill."
    )
    return Section("files", "Result files", "What stands behind the figures, to go on with.", (table, note))
