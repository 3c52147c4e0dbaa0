"""How to read each section: the page carries what the documentation says, and nothing else."""

from pathlib import Path

from cistill.report.guide import DOCUMENT, guide_file, guides, guides_of
from cistill.report.page import SECTIONS

PROJECT = Path(__file__).parents[2]
TEXT = """# Read my report

An introduction.

<a id="hits"></a>
### Where are its sites?

Instances in `all` *explained*
regions: [hits.md](hits.md), [thresholds](questions/a.md#b), [the web](https://x.org), [below](#loci).

| score | good |
|---|---|
| `AUROC` | above 0.9 |

- Few peaks with a hit:
  look at the loci.
- Many: fine.

*In the demo*: 973.

<a id="loci"></a>
### Single regions?

Tracks.
"""


def test_sections_are_taken_from_the_documentation_as_plain_text():
    found = guides_of(TEXT)
    assert list(found) == ["hits", "loci"]
    assert found["hits"].question == "Where are its sites?"
    assert found["hits"].paragraphs == [
        "Instances in all explained regions: docs/hits.md, thresholds (docs/questions/a.md), the web, below."
    ]
    assert found["hits"].points == ["Few peaks with a hit: look at the loci.", "Many: fine."]
    assert found["hits"].table == [["score", "good"], ["AUROC", "above 0.9"]]
    assert found["loci"].paragraphs == ["Tracks."]


def test_the_guide_of_the_page_is_that_of_the_documentation():
    stored = (PROJECT / "src" / "cistill" / "report" / "guide.json").read_text(encoding="utf-8")
    assert stored == guide_file((PROJECT / DOCUMENT).read_text(encoding="utf-8")), "run tools/guide"


def test_every_section_says_how_to_read_it(many_report):
    page, _, text = many_report
    assert {section.name for section in SECTIONS if section.draw is not None} | {"headline"} <= set(guides())
    shown = text.count('<details class="guide">')
    assert shown == text.count('<p class="result') + 1  # and the card at the top
    assert guides()["hits"].paragraphs[0] in page.text
