"""Pages of the documentation: each is listed and every link leads somewhere, as `make docs` checks of the site."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

import cistill
from cistill.report.page import SECTIONS

PROJECT = Path(__file__).resolve().parents[2]
DOCS = PROJECT / "docs"
ELSEWHERE = {"contributing.md": PROJECT / "CONTRIBUTING.md", "changelog.md": PROJECT / "CHANGELOG.md"}
PAGES = [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page: of its headings as code hosts name them, and those written out."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    plain = (re.sub(r"[^\w\s-]", "", heading.lower()).strip() for heading in headings)
    return {re.sub(r"\s", "-", heading) for heading in plain} | set(re.findall(r'<a id="([^"]+)">', text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(CODE.sub("", page.read_text())):
        path, _, anchor = link.partition("#")
        if ":" in path:
            continue
        target = page if not path else (page.parent / path).resolve()
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def nav_of(entry: object) -> list[str]:
    """Return the pages of a part of the navigation."""
    if isinstance(entry, str):
        return [entry]
    return [page for each in (entry.values() if isinstance(entry, dict) else entry) for page in nav_of(each)]


def test_every_page_is_in_the_navigation() -> None:
    text = re.sub(r"!!python\S+", "", (PROJECT / "mkdocs.yml").read_text())
    listed = nav_of(yaml.safe_load(text)["nav"])
    assert sorted(listed) == sorted([*(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")), *ELSEWHERE])


def test_the_python_reference_has_every_public_name() -> None:
    named = re.findall(r"^::: cistill\.(\w+)$", (DOCS / "python_reference.md").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(cistill.__all__)


def test_every_section_of_the_page_has_its_place_in_the_guide() -> None:
    assert {section.name for section in SECTIONS} <= anchors(DOCS / "read_my_report.md")


def test_twelve_questions_lead_to_sections_of_the_page() -> None:
    guide = (DOCS / "read_my_report.md").read_text()
    table = guide[guide.index("## Twelve questions") : guide.index("## Sections")]
    rows = re.findall(r"^\| .+\? \| \[[^\]]+\]\(#(\w+)\) \| .+ \|$", table, re.MULTILINE)
    assert len(rows) == 12
    assert set(rows) <= {section.name for section in SECTIONS}


def test_every_question_has_its_page_and_a_short_answer() -> None:
    pages = [page for page in (DOCS / "questions").glob("*.md") if page.name != "index.md"]
    index = (DOCS / "questions" / "index.md").read_text()
    for page in pages:
        assert f"({page.name})" in index, page.name
        assert re.match(r"# .+\?\n\n\*\*Short answer:\*\* ", page.read_text()), page.name


def test_the_readme_fits_on_two_screens_and_begins_with_a_picture_and_two_commands() -> None:
    lines = (PROJECT / "README.md").read_text().splitlines()
    assert len(lines) <= 100
    first = lines[:20]
    (picture,) = [line for line in first if line.startswith("![")]
    image = PROJECT / re.sub(r".*\((.*)\)", r"\1", picture)
    assert image.stat().st_size <= 200 * 1024
    block = first[first.index("```bash") + 1 :]
    assert block.index("```") == 2


def test_the_locked_packages_of_the_site_are_those_declared() -> None:
    declared = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["docs"]
    locked = re.findall(r"^([\w-]+)==", (PROJECT / "requirements" / "docs.lock").read_text(), re.MULTILINE)
    assert {re.match(r"[\w-]+", name)[0] for name in declared} <= set(locked)
