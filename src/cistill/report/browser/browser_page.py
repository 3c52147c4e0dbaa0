"""Writing `{tf}.browser.html`: one page with igv.js and the data of some regions, for use without a network."""

import base64
import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

import cistill
from cistill.data.annotation import Transcript
from cistill.errors import InputError
from cistill.files import atomic_output
from cistill.report.browser.contents import page_contents
from cistill.report.browser.shown_places import Place
from cistill.report.drawing.logos import COLOURS, OUTLINES
from cistill.report.drawing.wording import plural
from cistill.report.reading.tf_results import TfResults
from cistill.report.templating import templates_in

TEMPLATES = Path(__file__).with_name("templates")
PACKAGE = "igv_notebook"
"""The package that carries igv.js; nothing of its Python is used."""
CAPTION = (
    "Observed and predicted: 5' ends of reads per base, plus strand up, minus strand down, both on one scale; "
    "predicted is the expected number. Contributions: what each base contributes to the output (DeepSHAP), as "
    "letters where there is room for them. Peaks are thick at the summit; a hit has the colour of its motif in "
    "the report. Only the regions of the list hold data. Where windows of two regions overlap, a base has the "
    "values of the region whose summit is nearest."
)


def write_page(
    results: TfResults,
    places: Sequence[Place],
    transcripts: Iterable[Transcript],
    path: str | os.PathLike[str],
    links: Sequence[Mapping[str, str]] = (),
    report: str | None = None,
) -> int:
    """Write the page.

    Parameters
    ----------
    results : TfResults
    places : sequence of Place
        What it lists, the most wanted first.
    transcripts : iterable of Transcript
    path : path
        `{tf}.browser.html`.
    links : sequence of mapping
        `name`, `link` and `words` of files for other browsers.
    report : str, optional
        Link to the report.

    Returns
    -------
    int
        Number of places on the page.
    """
    contents = page_contents(results, places, transcripts)
    text = render(contents, links, report)
    with atomic_output(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return len(contents["places"])


def render(contents: Mapping[str, Any], links: Sequence[Mapping[str, str]] = (), report: str | None = None) -> str:
    """Return the page as text."""
    library, version, licence = igv_js()
    program = (TEMPLATES / "browser.js").read_text()
    places = contents["places"]
    known = any(pair for place in places for pair in place["ends"])
    notes = list(contents["missing"])
    for place, title in zip(places, contents["shortened"], strict=False):
        notes.append(f"Only the first {place['regions']} regions of the run in {title} fit on the page.")
    if contents["left_out"]:
        notes.append(f"{plural(len(contents['left_out']), 'further region')} would make the page too large.")
    environment = templates_in(TEMPLATES)
    several = [f"{task}: observed / predicted" for task in contents["tasks"]]
    columns = several if len(several) > 1 else ["5' ends, observed / predicted"]
    return environment.get_template("browser.html.j2").render(
        tf=contents["tf"],
        policy=_policy(library, program),
        style=Markup((TEMPLATES / "browser.css").read_text()),
        intro=f"{plural(len(places), 'region')} with what was measured, predicted and called there. This page needs no "
        "network.",
        report=None if report is None else quote(report),
        reasons=any(place["reasons"] for place in places),
        columns=columns if known else [],
        hits=any(place["hits"] is not None for place in places),
        places=[place if known else {**place, "ends": []} for place in places],
        notes=notes,
        caption=CAPTION,
        files=[{**link, "link": quote(link["link"])} for link in links],
        version=cistill.__version__,
        igv_version=version,
        licence=licence,
        data=_json({**contents, "letters": {"outlines": OUTLINES, "colours": COLOURS}}),
        library=Markup(library),
        program=Markup(program),
    )


def igv_js() -> tuple[str, str, str]:
    """Return igv.js, its version and its licence, from the package that carries it, which is not imported.

    Raises
    ------
    InputError
        If the package is not installed.
    """
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise InputError("the package igv-notebook, which carries igv.js, is not installed: run make setup")
    folder = Path(found.submodule_search_locations[0])
    text = (folder / "js" / "igv.min.js").read_text(encoding="utf-8")
    kept = "\n".join(line for line in text.splitlines() if not line.startswith("//# sourceMappingURL="))
    licence = distribution(PACKAGE).read_text("LICENSE.md") or "MIT licence, see https://github.com/igvteam/igv.js"
    version = (folder / "VERSION_IGV").read_text().strip()
    return kept.replace("</script", "<\\/script"), version, licence.replace("--", "- -").strip()


def _policy(*scripts: str) -> str:
    """Return the content security policy: these scripts alone, nothing from outside; igv.js sets styles of its own."""
    digests = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts
    )
    return f"default-src 'none'; script-src {digests}; style-src 'unsafe-inline'; img-src data: blob:"


def _json(contents: Mapping[str, Any]) -> Markup:
    """Return JSON for a script element: no text of a file can end it."""
    text = json.dumps(contents, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
