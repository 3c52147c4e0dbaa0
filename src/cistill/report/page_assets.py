"""What the page carries besides its words: scripts, data, styles, and the policy that lets nothing else run.

A page needs no network and runs only what was written into it. Every script therefore comes from `script`, whose hash
the page's content security policy names; data come from `data`, as JSON that cannot end its element. A section hands
over its own with `Section.assets`.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import itables
import vl_convert
from markupsafe import Markup, escape

TEMPLATES = Path(__file__).with_name("templates")
VEGA_LICENCE = "/*! Vega, Vega-Lite, vega-embed: (c) University of Washington Interactive Data Lab, BSD-3-Clause */\n"
OWN_SCRIPTS = ("page.js", "charts.js", "tables.js", "words.js")
"""Scripts of every page, in the order in which they run."""
DIRECTIVES = (
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    "img-src data: blob:",
    "worker-src blob:",
    "base-uri 'none'",
    "form-action 'none'",
)
"""What a page may load besides scripts: styles and pictures that are within it."""


class Asset(NamedTuple):
    """A script, or data for one.

    Attributes
    ----------
    markup : Markup
        The element.
    source : str
        What the policy says to let it run; empty of data, which do not run.
    """

    markup: Markup
    source: str = ""


def script(name: str, text: str) -> Asset:
    """Return a script as an element of the page and its hash.

    Parameters
    ----------
    name : str
        Becomes the element's id, `script-{name}`.
    text : str
        JavaScript; it runs after the page's words are there, in the order of the assets, without `eval`.

    Text in quotes that would end the element or begin a comment of HTML is written with an escape.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # as a browser reads it, and hashes it
    text = re.sub(r"<(?=!--|/?script)", r"\\x3C", text, flags=re.IGNORECASE)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Asset(Markup(f'<script id="script-{escape(name)}">{text}</script>'), f"'sha256-{digest}'")


def data(name: str, value: Any) -> Asset:
    """Return a value as JSON in an element of the page, for `JSON.parse(document.getElementById(name).textContent)`.

    Names from files cannot break out of it: `<` is written as an escape.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    safe = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return Asset(Markup(f'<script type="application/json" id="{escape(name)}">{safe}</script>'))


def policy(assets: Iterable[Asset]) -> str:
    """Return the content security policy of a page with these assets: their scripts run, nothing else does."""
    hashes = " ".join(dict.fromkeys(asset.source for asset in assets if asset.source))
    return "; ".join([DIRECTIVES[0], f"script-src {hashes or chr(39) + 'none' + chr(39)}", *DIRECTIVES[1:]])


@cache
def page_scripts() -> tuple[Asset, ...]:
    """Return the scripts of every page: Vega-Lite and DataTables from their packages, and our own."""
    vega = script("vega", VEGA_LICENCE + vl_convert.javascript_bundle())  # type: ignore[call-arg]  # its stub asks for a snippet
    own = [script(name.removesuffix(".js"), (TEMPLATES / name).read_text()) for name in OWN_SCRIPTS]
    return (vega, script("datatables", table_library()), *own)


def table_library() -> str:
    """Return DataTables with jQuery, which `itables` carries as a module, as a script that sets both on `window`."""
    text = (Path(itables.__file__).parent / "html" / "dt_bundle.js").read_text()
    found = re.search(r"export\s*\{([^}]*)\}\s*;?", text)
    if found is None:
        raise ValueError("the bundle of itables exports nothing")
    pairs = [entry.strip().split(" as ") for entry in found[1].split(",")]
    names = {outside: inside for inside, outside in pairs}
    given = f"window.DataTable={names['default']};window.jQuery={names['jQuery']};"
    return f"(()=>{{{text[: found.start()]}{given}{text[found.end() :]}\n}})();"


def page_style() -> str:
    """Return the styles of every page: every `.css` file of the templates, by name."""
    return "\n".join(file.read_text() for file in sorted(TEMPLATES.glob("*.css")))
