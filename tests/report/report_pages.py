"""Making the page of a folder of results, and reading it back: ids, links, visible text."""

from html.parser import HTMLParser

from synthetic_regions import TF

from cistill.report.page import write_report
from cistill.report.reading.result_files import find_inputs

VOID = {"meta", "link", "br", "hr", "img", "input", "rect", "circle", "path", "use"}

GLUE = "\0"
"""Between the words of a term that leads to the glossary and those around it, which no space parts."""


class Page(HTMLParser):
    """Collects ids, links and visible text, and checks that tags close in order."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.sources, self.open, self.words = [], [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if "id" in values:
            self.ids.append(values["id"])
        if tag in ("a", "use"):
            self.links.append(values["href"])
        self.sources += [values[name] for name in ("src", "data", "poster") if name in values]
        assert tag not in ("script", "iframe", "object", "embed", "img")
        self._term = tag == "a" and values.get("class") == "term"
        self.words += [GLUE] if self._term else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag
        self.words += [GLUE] if self._term else []
        self._term = False

    def handle_data(self, data):
        if not {"style", "title"} & set(self.open):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).replace(f" {GLUE} ", "").split())


def report(folder, tmp_path, **kwargs):
    """Write the page; return it as read back, the summary and the page's text."""
    link_root = kwargs.pop("link_root", None)
    summary = write_report(find_inputs(TF, [folder], **kwargs), tmp_path, link_root)
    text = (tmp_path / f"{TF}.report.html").read_text()
    return Page(text), summary, text


def remove(folder, *patterns):
    """Delete the files of a folder that match."""
    for pattern in patterns:
        for file in folder.glob(pattern):
            file.unlink()
