"""The section on methods: its sentences follow from what the stages recorded, and cite what is listed."""

import json
import re

import pytest
from report_pages import remove, report
from synthetic_regions import TF

from cistill.report.sections.methods import interpretation, model
from cistill.report.sections.methods.references import REFERENCES, cited
from cistill.report.sections.methods.result import method_result

CITATION = re.compile(r"[A-Z][a-zö]+(?: and [A-Z][a-z]+| et al\.)? (?:19|20)\d\d")


def change(folder, name, **settings):
    """Change settings in the provenance of a stage, which is made if there is none."""
    file = folder / f"{TF}.{name}.json"
    record = json.loads(file.read_text()) if file.exists() else {"command": name, "results": {}}
    record["settings"] = {**record.get("settings", {}), **settings}
    file.write_text(json.dumps(record))


def methods(text):
    return text[text.index('<section id="methods"') : text.index('<section id="run"')]


@pytest.mark.parametrize(("rate", "shuffles"), [(0.05, 20), (0.01, 7)])
def test_sentences_have_the_settings_of_the_run(folder, tmp_path, rate, shuffles):
    for head in ("counts", "profile"):
        change(folder, f"{head}.callhits", method="cwm_scan", fdr=rate)
    change(folder, "shap", n_shuffles=shuffles, heads=["counts", "profile"])
    page, _, _ = report(folder, tmp_path)
    assert f"(cwm_scan) at a false discovery rate of {rate}." in page.text
    assert f"against {shuffles} dinucleotide shuffles" in page.text


def test_every_work_that_is_cited_is_listed_and_no_other(affinity_results, tmp_path):
    _, _, text = report(affinity_results, tmp_path)
    paragraphs, _, listed = methods(text).partition("References")
    used = {found.group() for found in CITATION.finditer(paragraphs)}
    assert used
    assert used <= set(REFERENCES)
    for name, work in REFERENCES.items():
        assert (work.replace("'", "&#39;") in listed) == (name in used)


def test_works_are_listed_once_and_in_order():
    text = "b (Wilson 1927), a (Avsec et al. 2021), again (Wilson 1927)"
    assert cited(text) == [REFERENCES["Avsec et al. 2021"], REFERENCES["Wilson 1927"]]
    assert list(REFERENCES) == sorted(REFERENCES)


def test_without_provenance_nothing_is_claimed(folder, tmp_path):
    remove(folder, "*.json")
    page, summary, text = report(folder, tmp_path)
    assert "the methods are not known here" in page.text
    assert "References" not in methods(text)
    assert not summary["results"]["methods"]["headlined"]


def test_versions_are_those_that_the_stages_recorded():
    old = method_result({"versions": {"cistill": "0.1.0", "torch": "2.8.0"}})
    new = method_result({"versions": {"cistill": "0.2.0", "torch": "2.15.0", "numpy": "2.4.6", "h5py": "3.1"}})
    assert old.sentence == "These results were made by cistill 0.1.0, using torch 2.8.0."
    assert new.sentence == "These results were made by cistill 0.2.0, using torch 2.15.0 and numpy 2.4.6."
    assert interpretation.software({"torch": "2.8.0"}) == ""


def test_settings_that_differ_or_are_not_known_are_left_out():
    same = [{"settings": {"min_mapq": 30}}, {"settings": {"min_mapq": 30}}]
    assert model.shared(same, "min_mapq") == 30
    assert model.shared([*same, {"settings": {"min_mapq": 10}}], "min_mapq") is None
    assert model.shared([*same, {}], "min_mapq") is None
    assert interpretation.clause(" of {} bp", None) == ""
    assert interpretation.clause(" of {} bp", 400) == " of 400 bp"
