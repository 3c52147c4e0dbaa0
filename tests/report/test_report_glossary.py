"""Terms of the glossary on the page: found as words, explained once a section, escaped; one file has their meanings."""

import re
from pathlib import Path

import pytest
from markupsafe import Markup
from report_pages import report

from cistill.report.drawing.glosses import Glosses
from cistill.report.glossary import Term, glossary_page, terms
from cistill.report.page import SECTIONS

DOCS = Path(__file__).parents[2] / "docs"
SEQLET = Term("seqlet", "A short stretch.", ("seqlet", "seqlets"))
HEAD = Term("head", "An output.", ("head", "heads"))
COUNTS = Term("counts head", "The output for counts.", ("counts head",))


def link(term, word):
    return f'<a class="term" href="#{term.anchor}">{word}</a>'


def test_the_first_use_in_a_section_is_linked():
    glosses = Glosses([SEQLET, HEAD])
    glosses.begin("motifs")
    assert (
        glosses("Seqlets and seqlets of a head.") == f"{link(SEQLET, 'Seqlets')} and seqlets of a {link(HEAD, 'head')}."
    )
    assert glosses("another seqlet") == "another seqlet"
    glosses.begin("hits")
    assert glosses("another seqlet") == f"another {link(SEQLET, 'seqlet')}"


@pytest.mark.parametrize("text", ["seqlets.tsv", "pre-seqlet", "seqlet_3", "subseqlets", "seqlet-like", "TOY.seqlets"])
def test_parts_of_words_and_names_of_files_are_no_terms(text):
    assert Glosses([SEQLET])(text) == text


def test_the_longest_term_counts():
    assert Glosses([HEAD, COUNTS])("the counts head") == f"the {link(COUNTS, 'counts head')}"


def test_text_is_escaped_and_markup_is_left():
    glosses = Glosses([SEQLET])
    assert glosses('<b>"seqlet" & more') == f"&lt;b&gt;&#34;{link(SEQLET, 'seqlet')}&#34; &amp; more"
    glosses.begin("again")
    assert glosses(Markup("<b>seqlet</b>")) == "<b>seqlet</b>"
    odd = Term("a<b", "x", ("a<b",))
    assert Glosses([odd])("a<b") == '<a class="term" href="#term-a-b">a&lt;b</a>'


def test_a_word_has_the_meaning_of_its_section():
    general, special = Term("score", "a", ("score",)), Term("energy score", "b", ("score",), ("affinity",))
    for listed in ([general, special], [special, general]):
        glosses = Glosses(listed)
        glosses.begin("affinity")
        assert glosses("score") == link(special, "score")
        glosses.begin("hits")
        assert glosses("score") == link(general, "score")
    only = Glosses([special])
    only.begin("hits")
    assert only("score") == "score"


def test_terms_have_meanings_anchors_and_sections_of_their_own():
    found = terms()
    assert len({term.anchor for term in found}) == len(found) >= 50
    assert all(term.meaning.endswith(".") and len(term.meaning) < 200 for term in found)
    assert {section for term in found for section in term.sections} <= {section.name for section in SECTIONS}
    for section in SECTIONS:
        forms = [form for term in found if not term.sections or section.name in term.sections for form in term.forms]
        general = [form for term in found if not term.sections for form in term.forms]
        assert len(general) == len(set(general))
        assert len(forms) - len(set(forms)) <= 1


def test_the_page_of_the_documentation_is_up_to_date():
    assert (DOCS / "glossary.md").read_text() == glossary_page(), "run tools/glossary"


def test_terms_of_a_page_lead_to_their_entries(many_report):
    _, _, text = many_report
    used = set(re.findall(r'class="term" href="#([^"]+)"', text))
    entries = re.findall(r'<div id="(term-[^"]+)"><dt>', text)
    assert len(used) >= 20
    assert used == set(entries)
    assert len(entries) == len(set(entries))
    for section in re.findall(r"<section id=.*?</section>", text, re.DOTALL):
        linked = re.findall(r'class="term" href="#([^"]+)"', section)
        assert len(linked) == len(set(linked))


def test_names_from_files_stay_text(folder, tmp_path):
    file = next(folder.glob("*.motifs.tsv"))
    file.write_text(file.read_text().replace("REB1", "<i>seqlet</i>"))
    _, _, text = report(folder, tmp_path)
    assert "<i>" not in text
    assert "&lt;i&gt;" in text
