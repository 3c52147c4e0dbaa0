"""What the page carries: scripts that its policy names, data that cannot break out, third-party code of packages."""

import base64
import hashlib
import json
import re

from cistill.report.page_assets import data, page_scripts, policy, script, table_library


def body(asset):
    return re.fullmatch(r"<script[^>]*>(.*)</script>", str(asset.markup), re.DOTALL)[1]


def test_the_policy_lets_the_given_scripts_run_and_nothing_from_outside():
    text = "console.log(1)\r\n"
    asset = script("one", text)
    assert body(asset) == "console.log(1)\n"  # as a browser reads line ends
    digest = base64.b64encode(hashlib.sha256(b"console.log(1)\n").digest()).decode()
    written = policy([asset, data("names", [1]), asset])
    assert written.startswith("default-src 'none'; ")
    assert f"script-src 'sha256-{digest}'; " in written
    assert "unsafe-eval" not in written
    assert "http" not in written
    assert not re.search(r"script-src[^;]*unsafe-inline", written)


def test_without_a_script_none_may_run():
    assert "script-src 'none';" in policy([data("names", [1])])


def test_a_script_cannot_end_its_element():
    text = body(script("one", 'const end = "</script><!--<script>";'))
    assert text == r'const end = "\x3C/script>\x3C!--\x3Cscript>";'


def test_names_in_data_cannot_break_out():
    name = "</script><script>alert(1)</script> &   é"
    asset = data("names", {"name": name})
    assert asset.source == ""
    assert "<" not in body(asset)
    assert json.loads(body(asset)) == {"name": name}


def test_the_third_party_scripts_come_from_their_packages():
    scripts = {re.search(r'id="script-(\w+)"', str(asset.markup))[1]: body(asset) for asset in page_scripts()}
    assert list(scripts) == ["vega", "datatables", "page", "charts", "tables", "words"]
    assert "window.vegaEmbed=" in scripts["vega"]
    assert "window.DataTable=" in scripts["datatables"]
    assert "licence" in scripts["datatables"] or "license" in scripts["datatables"]
    assert not re.search(r"^\s*export\s*\{", table_library(), re.MULTILINE)
