"""What the sequence box adds to summary.json: the errors of its matrices, and the network that it keeps."""

from typing import Any

from cistill.formats.page_model import PageModel, read_page_model
from cistill.report.drawing.wording import plain
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.tf_results import TfResults
from cistill.report.sections.sequence_box.matrices import PageMatrix, page_matrices

FIGURES = ("log_counts_r", "log_counts_difference", "profile_js_distance")


def sequence_box_record(page: PageContext) -> dict[str, Any]:
    """Return the key `sequence_box`."""
    matrices, model = page.once(page_matrices), page.once(kept_network)
    return {
        "sequence_box": {
            "matrices": {matrix.name: _matrix(matrix) for matrix in matrices},
            "network": None if model is None or model.not_available else _network(model),
        }
    }


def kept_network(results: TfResults) -> PageModel | None:
    """Return the network for the page, None if there is no file of it."""
    file = results.file("page_model")
    return None if file is None else read_page_model(file)


def _matrix(matrix: PageMatrix) -> dict[str, Any]:
    found: dict[str, Any] = {"consensus": matrix.consensus, "error": None}
    if matrix.error is not None:
        error = matrix.error
        found["error"] = {
            "rmse": plain(error.error), "rmse_low": plain(error.low), "rmse_high": plain(error.high), "n": error.n,
            "against": error.against,
        }  # fmt: skip
    return found


def _network(model: PageModel) -> dict[str, Any]:
    record = model.record
    return {
        "run": str(record["run"]),
        "networks": int(record["networks"]),
        "compared_peaks": int(record.get("compared_peaks", 0)),
        **{name: plain(record.get(name)) for name in FIGURES},
    }
