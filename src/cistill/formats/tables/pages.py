"""Files of `pagemodel` and `report`."""

from cistill.formats.published import ResultFile

PAGE_MODEL = ResultFile(
    "page_model.json", "report", "one network of the model in 16 bits, for the page's sequence box", "pagemodel",
    role="page_model",
)  # fmt: skip
PAGE = ResultFile("report.html", "report", "the page of a TF", "report")
SUMMARY = ResultFile("summary.json", "report", "every headline figure of the page, by name", "report")
NOTEBOOK = ResultFile("explore.ipynb", "report", "a notebook that opens these results", "report")
GENERAL_STATISTICS = ResultFile(
    "statistics_mqc.json", "report", "figures for MultiQC: general statistics of the TF", "report"
)
TASK_STATISTICS = ResultFile("tasks_mqc.json", "report", "figures for MultiQC: a row for each task", "report")
