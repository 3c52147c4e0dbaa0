"""Files of `report`."""

from cistill.formats.published import ResultFile

PAGE = ResultFile("report.html", "report", "the page of a TF", "report")
SUMMARY = ResultFile("summary.json", "report", "every headline figure of the page, by name", "report")
