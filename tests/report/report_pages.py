"""Making the page of a folder of results, and reading it back: ids, links, visible text, charts and their tables."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pandas as pd
from synthetic_regions import TF

from cistill.report.drawing.chart_store import STORE
from cistill.report.page import write_report
from cistill.report.reading.result_files import find_inputs

VOID = {"meta", "link", "br", "hr", "img", "input", "rect", "circle", "path", "use"}

GLUE = "\0"
"""Between the words of a term that leads to the glossary and those around it, which no space parts."""


class Page(HTMLParser):
    """Collects ids, links, visible text, scripts and data; checks that tags close in order and that scripts may run."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.sources, self.open, self.words = [], [], [], [], []
        self.policy, self.scripts, self.data, self._script = "", [], {}, {}
        self.feed(text)
        assert self.open == []
        for script in self.scripts:
            digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in self.policy, script[:80]

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if "id" in values:
            self.ids.append(values["id"])
        if tag in ("a", "use"):
            self.links.append(values["href"])
        self.sources += [values[name] for name in ("src", "data", "poster") if name in values]
        self._term = tag == "a" and values.get("class") == "term"
        self.words += [GLUE] if self._term else []
        assert tag not in ("iframe", "object", "embed", "img")
        assert not [name for name in values if name.startswith("on")]
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]
        if tag == "script":
            self._script = values
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag
        self.words += [GLUE] if self._term else []
        self._term = False

    def handle_data(self, data):
        if "script" in self.open and self._script.get("type") == "application/json":
            self.data[self._script["id"]] = json.loads(data)
        elif "script" in self.open:
            self.scripts.append(data)
        elif not {"style", "title"} & set(self.open):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).replace(f" {GLUE} ", "").split())

    @property
    def charts(self):
        """The charts in the order of the page: name of the file saved to specification and table."""
        stored = self.data[STORE]
        return {
            chart["file"].split(".", 1)[1]: (chart["spec"], table_of(stored["tables"][chart["table"]]))
            for chart in stored["charts"].values()
        }


def table_of(stored):
    """Return a table that the page stores column by column."""
    columns = [
        column if isinstance(column, list) else [column["levels"][code] for code in column["codes"]]
        for column in stored["columns"]
    ]
    return pd.DataFrame(dict(zip(stored["names"], columns, strict=True)))


def check_drawings(text):
    """Check that every drawing is labelled and every figure has a caption."""
    labels = len(re.findall(r'role="img" aria-label="[^"]+"', text))
    titles = text.count("<title>") - 1 - text.count('<g class="hit"><title>')
    assert text.count('role="img"') == labels + titles
    assert text.count("<figure>") == text.count("<figcaption>")


def without_scripts(text):
    """Return the page's text without its scripts and data."""
    return re.sub(r"<script\b[^>]*>.*?</script>", "", text, flags=re.DOTALL)


def report(folder, tmp_path, **kwargs):
    """Write the page; return it as read back, the summary, and the page's text without scripts."""
    link_root = kwargs.pop("link_root", None)
    summary = write_report(find_inputs(TF, [folder], **kwargs), tmp_path, link_root)
    text = (tmp_path / f"{TF}.report.html").read_text()
    return Page(text), summary, without_scripts(text)


def remove(folder, *patterns):
    """Delete the files of a folder that match."""
    for pattern in patterns:
        for file in folder.glob(pattern):
            file.unlink()
