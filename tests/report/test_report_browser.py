"""The page in a real browser: charts and tables answer, nothing is asked of outside, everyone can read it.

Skipped where there is no Chromium (Debian: chromium).
"""

import shutil
from pathlib import Path
from urllib.parse import unquote, urlparse

import pandas as pd
import pytest
from report_pages import table_of
from synthetic_affinity_files import write_affinity
from synthetic_interpretation_files import write_interpretation
from synthetic_regions import TF
from synthetic_report_files import write_results
from synthetic_training_files import Training

from cistill.report.page import write_report
from cistill.report.reading.places import LIBRARY_PLACES, PLACES
from cistill.report.reading.result_files import find_inputs

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in BROWSERS if (path := shutil.which(name))), None)
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no chromium here (Debian: chromium)")

MANY = Training(tuple("0123456789"), 3, True, True, 16, ("all.fold_3.restart_1",))
EXTREMES = {
    "one training and every analysis": ((TF,), Training()),
    "many trainings of two tasks": ((TF, "OTHER"), MANY),
}
WHOLE = list(EXTREMES)[:1]


def publish(folder: Path, results: Path) -> Path:
    """Lay the result files out as the pipeline publishes them, and return the page's place."""
    inputs = find_inputs(TF, [folder], folder / "database.meme", folder / "truth.json")
    for role, (place, _) in PLACES.items():
        files = [inputs.files[role]] if role in inputs.files else []
        files += [found[role] for found in (*inputs.heads.values(), *inputs.runs.values()) if role in found]
        (results / place).mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copy(file, results / place)
    for role, (place, _) in LIBRARY_PLACES.items():
        (results / place).mkdir(parents=True, exist_ok=True)
        for found in inputs.libraries.values():
            if role in found:
                shutil.copy(found[role], results / place)
    (results / "report").mkdir(exist_ok=True)
    write_report(inputs, results / "report", "..")
    return results / "report" / f"{TF}.report.html"


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=EXTREMES)
def file(tmp_path_factory, request):
    results = write_results(tmp_path_factory.mktemp("results"), *EXTREMES[request.param])
    if len(EXTREMES[request.param][0]) == 1:
        write_interpretation(results)
        write_affinity(results)
    return publish(results, tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="module")
def page(chromium, file):
    """The page with all its folds open and all its charts and tables drawn."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page = context.new_page()
    page.complaints, page.requests_out = [], []
    page.on("console", lambda words: page.complaints.append(words.text) if words.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("request", lambda asked: page.requests_out.append(asked.url))
    page.goto(file.as_uri())
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    page.evaluate("Promise.all([...document.querySelectorAll('div.chart')].map(cistill.charts.draw)).then(() => null)")
    page.evaluate("for (const table of document.querySelectorAll('table.data')) cistill.tables.take(table)")
    yield page
    context.close()


def chart(page, name):
    """Return the element of the chart that saves under a name."""
    own = page.evaluate(
        "name => Object.entries(cistill.data('charts').charts).find(([, { file }]) => file.endsWith(name))[0]",
        f".{name}",
    )
    return page.locator(f"#{own}")


def saved(page, button, tmp_path):
    with page.expect_download() as download:
        button.click()
    download.value.save_as(tmp_path / download.value.suggested_filename)
    return tmp_path / download.value.suggested_filename


def test_it_opens_without_an_error_or_a_request(page, file):
    assert TF in page.title()
    assert page.complaints == []
    assert {url for url in page.requests_out if not url.startswith(("data:", "blob:"))} == {file.as_uri()}


def test_nothing_runs_that_the_page_was_not_written_with(page):
    page.evaluate(
        """() => {
            const script = document.createElement('script');
            script.textContent = 'window.ran = 2';
            document.body.append(script);
            setTimeout('window.ran = 3', 0);
        }"""
    )
    page.evaluate('document.body.insertAdjacentHTML(\'beforeend\', \'<img id="no" src="x" onerror="window.ran = 1">\')')
    page.wait_for_timeout(100)
    assert page.evaluate("window.ran") is None
    page.evaluate("document.getElementById('no').remove()")
    page.complaints.clear()


def test_logos_are_drawn(page):
    logos = page.evaluate(
        """() => [...document.querySelectorAll('svg.logo, svg.letters')].map((logo) => {
            const letters = [...logo.querySelectorAll('use')].map((letter) => letter.getBoundingClientRect());
            const frame = logo.getBoundingClientRect();
            return {
                letters: letters.length,
                drawn: letters.filter((box) => box.width > 0.3 && box.height > 0.04).length,
                inside: letters.every((box) => box.left >= frame.left - 1 && box.right <= frame.right + 1
                                               && box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1),
            };
        })"""
    )
    assert len(logos) >= 20
    assert all(logo["letters"] > 0 and logo["letters"] == logo["drawn"] for logo in logos)
    assert all(logo["inside"] for logo in logos)


def test_every_chart_is_drawn_with_marks_before_and_after_it_answers(page):
    charts = page.evaluate(
        """() => [...document.querySelectorAll('div.chart')].map((chart) => ({
            file: cistill.data('charts').charts[chart.id].file,
            live: chart.classList.contains('is-live'),
            rows: cistill.data('charts').tables[cistill.data('charts').charts[chart.id].table].columns.length,
            marks: chart.querySelectorAll('.live .role-mark path, .live .role-mark line, .live .role-mark text').length,
            still: chart.querySelectorAll('.still path, .still circle, .still line, .still rect').length,
            label: chart.getAttribute('aria-label'),
            wide: chart.querySelector('.live svg').getBoundingClientRect().width,
        }))"""
    )
    assert len(charts) >= 15
    assert [chart for chart in charts if not (chart["live"] and chart["marks"] and chart["still"] > 2)] == []
    assert [chart for chart in charts if not (chart["label"] and chart["wide"] > 100 and chart["rows"])] == []


@pytest.mark.parametrize("file", WHOLE, indirect=True)
def test_points_and_bars_are_counted(page):
    stored = page.evaluate("cistill.data('charts')")
    scatter = chart(page, "counts-held-out-regions")
    table = stored["tables"][stored["charts"][scatter.get_attribute("id")]["table"]]
    column = table["columns"][-1]
    drawn = scatter.locator(".live .mark-symbol.role-mark path").count()
    assert drawn == len(column) > 10
    assert scatter.locator(".still circle").count() == drawn + 2  # and the two of the legend


@pytest.mark.parametrize("file", WHOLE, indirect=True)
def test_pointing_at_a_mark_tells_its_values(page):
    element = chart(page, "counts-held-out-regions")
    element.scroll_into_view_if_needed()
    element.locator(".live .mark-symbol.role-mark path").nth(3).hover(force=True)
    page.wait_for_timeout(300)
    words = page.locator("#vg-tooltip-element").inner_text()
    for name in ("region", "kind", "observed", "predicted"):
        assert name in words
    assert "chr" in words


@pytest.mark.parametrize("file", WHOLE, indirect=True)
def test_a_dragged_range_is_shown_alone_and_a_double_click_shows_all(page):
    element = chart(page, "counts-held-out-regions")
    element.scroll_into_view_if_needed()
    ends = "id => cistill.charts.views.get(document.getElementById(id)).then((view) => view.scale('x').domain())"
    own = element.get_attribute("id")
    before = page.evaluate(ends, own)
    box = element.locator(".live svg").bounding_box()
    page.mouse.move(box["x"] + 120, box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 180, steps=4)
    page.mouse.up()
    page.wait_for_timeout(200)
    after = page.evaluate(ends, own)
    assert before[0] < after[0] < after[1] < before[1]
    element.locator(".live svg").dblclick(position={"x": 150, "y": 150}, force=True)
    page.wait_for_timeout(200)
    assert page.evaluate(ends, own) == before


@pytest.mark.parametrize("file", WHOLE, indirect=True)
def test_a_legend_switches_series(page):
    element = chart(page, "counts-held-out-regions")
    marks = element.locator(".live .mark-symbol.role-mark path")
    assert {mark.get_attribute("opacity") for mark in marks.all()} == {"0.6"}
    element.locator(".live .role-legend-label text").first.click(force=True)
    page.wait_for_timeout(200)
    assert len({mark.get_attribute("opacity") for mark in marks.all()}) == 2
    element.locator(".live svg").dblclick(position={"x": 150, "y": 150}, force=True)


@pytest.mark.parametrize("file", WHOLE, indirect=True)
def test_a_motif_is_marked_in_all_charts_and_tables_of_its_section(page):
    section = page.locator("section#hits")
    choice = section.locator("select.motif")
    names = choice.locator("option").all_inner_texts()[1:]
    choice.select_option(names[0])
    page.wait_for_timeout(300)
    chosen = page.evaluate(
        """() => Promise.all([...document.querySelectorAll('section#hits div.chart')]
            .map((chart) => cistill.charts.views.get(chart))).then((views) => views.map((view) => {
                try { return view.signal('chosen'); } catch { return 'none of its own'; }
            }))"""
    )
    assert set(chosen) <= {names[0], "none of its own"}
    assert names[0] in chosen
    assert section.locator("tr.chosen").count() >= 1
    assert names[0] in section.locator("tr.chosen").first.inner_text()
    choice.select_option("")
    assert section.locator("tr.chosen").count() == 0


@pytest.mark.parametrize("file", WHOLE, indirect=True)
@pytest.mark.parametrize("kind", ["SVG", "PNG", "TSV"])
def test_a_chart_is_saved(page, tmp_path, kind):
    element = chart(page, "counts-held-out-regions")
    file = saved(page, element.locator("xpath=following-sibling::*[1]").get_by_text(kind, exact=True), tmp_path)
    assert file.name == f"{TF}.counts-held-out-regions.{kind.lower()}"
    content = file.read_bytes()
    if kind == "TSV":
        table = pd.read_csv(file, sep="\t")
        assert list(table) == ["region", "kind", "observed", "predicted"]
        assert len(table) > 10
    else:
        assert content.startswith(b"<svg" if kind == "SVG" else b"\x89PNG")
        assert len(content) > 3000


@pytest.mark.parametrize("file", WHOLE, indirect=True)
@pytest.mark.parametrize("kind", ["SVG", "PNG"])
def test_a_logo_is_saved_with_its_letters(page, tmp_path, kind):
    logo = page.locator("figure > svg.logo").first
    file = saved(page, logo.locator("xpath=following-sibling::*[1]").get_by_text(kind, exact=True), tmp_path)
    content = file.read_bytes()
    if kind == "SVG":
        assert b'id="base-A"' in content
        assert content.count(b"<use") == logo.locator("use").count()
    else:
        assert content.startswith(b"\x89PNG")
        assert len(content) > 5000


@pytest.mark.parametrize("file", WHOLE, indirect=True)
def test_a_table_sorts_filters_and_saves(page, tmp_path):
    wrapper = page.locator(".dt-container").filter(has=page.locator("input[type=search]")).first
    table = wrapper.locator("table.dataTable").first
    heads = table.locator("thead th")
    column = next(place for place, head in enumerate(heads.all()) if "number" in head.get_attribute("class"))
    heads.nth(column).click()
    written = table.locator(f"tbody td:nth-child({column + 1})").all_inner_texts()
    numbers = [page.evaluate("words => cistill.tables.number(words)", words) for words in written]
    assert len(numbers) > 8
    assert numbers == sorted(numbers)
    word = table.locator("tbody tr td:first-child").first.inner_text()
    wrapper.locator("input[type=search]").fill(word)
    rows = table.locator("tbody tr").all_inner_texts()
    assert 0 < len(rows) <= len(numbers)
    assert all(word in row for row in rows)
    file = saved(page, wrapper.get_by_text("TSV", exact=True), tmp_path)
    assert len(pd.read_csv(file, sep="\t")) == len(rows)
    wrapper.locator("input[type=search]").fill("")


@pytest.mark.parametrize("file", WHOLE, indirect=True)
def test_hits_are_found_by_locus_motif_region_and_confidence(page):
    page.evaluate("cistill.tables.load(document.querySelector('table.records'))")
    wrapper = page.locator("section#hits .dt-container", has=page.locator(".asked"))
    table = page.evaluate("cistill.data(document.querySelector('table.records').dataset.records)")
    hits = table_of(table)
    shown = "() => new DataTable('table.records').rows({ search: 'applied' }).data().toArray()"
    assert len(page.evaluate(shown)) == len(hits) > 25
    assert wrapper.locator("tbody tr").count() == 25
    first = hits.iloc[30]

    def ask(words, value):
        field = wrapper.locator(".asked").get_by_label(f"{words}:")
        field.select_option(value) if words == "Motif" else field.fill(value)
        found = page.evaluate(shown)
        field.select_option("") if words == "Motif" else field.fill("")
        return found

    locus = f"{first['chrom']}:{first['start']:,}-{first['end']:,}"
    inside = (hits["chrom"] == first["chrom"]) & (hits["start"] < first["end"]) & (hits["end"] > first["start"])
    assert len(ask("Locus", locus)) == inside.sum() > 0
    assert len(ask("Locus", first["chrom"])) == (hits["chrom"] == first["chrom"]).sum() > 0
    assert len(ask("Motif", first["motif"])) == (hits["motif"] == first["motif"]).sum() > 0
    assert len(ask("Region", first["region"])) == hits["region"].str.contains(first["region"], regex=False).sum() > 0
    assert len(ask("Confidence at least", "0.8")) == (hits["confidence"] >= 0.8).sum()
    wrapper.locator(".dt-paging-button", has_text="Next").click()
    assert wrapper.locator(".dt-info").inner_text().startswith("26 to ")


def test_written_numbers_are_read(page):
    words = ["1,234", "−0.5", "3.5×10⁻¹²", "12.3%", "1 min 02 s", "0.12 (0.10 – 0.20)", "–"]
    found = page.evaluate("words => words.map((word) => cistill.tables.number(word)).map(String)", words)
    assert found == ["1234", "-0.5", "3.5e-12", "12.3", "62", "0.12", "-Infinity"]


def test_every_link_leads_somewhere(page):
    links = page.evaluate("[...document.querySelectorAll('a')].map((link) => [link.getAttribute('href'), link.href])")
    links = [link for link in links if link[0]]
    missing = []
    for written, resolved in links:
        if written.startswith("#"):
            found = page.evaluate("id => document.getElementById(id) !== null", written[1:])
        else:
            found = written.startswith("https://") or Path(unquote(urlparse(resolved).path)).is_file()
        if not found:
            missing.append(written)
    assert missing == []
    assert sum(not written.startswith("#") for written, _ in links) >= 15


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280, 1920])
def test_nothing_sticks_out_to_the_side(page, width, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    content, window = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    assert content <= window


def test_the_contents_stay_in_view(page):
    top = page.evaluate(
        "() => { document.getElementById('hits').scrollIntoView({behavior: 'instant'});"
        "return document.querySelector('nav').getBoundingClientRect().top }"
    )
    assert 0 <= top < 50


def test_a_term_shows_its_meaning_on_keyboard_focus_and_hides_it_on_escape(page):
    page.set_viewport_size({"width": 500, "height": 900})
    term = page.locator("#hits a.term").first
    term.scroll_into_view_if_needed()
    term.focus()
    box = page.locator(".meaning")
    entry = term.evaluate("term => document.querySelector(term.hash + ' dd').textContent")
    assert box.is_visible()
    assert box.text_content().endswith(entry)
    assert term.get_attribute("aria-describedby") == term.get_attribute("href").split("#")[1] + "-meaning"
    place = box.bounding_box()
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= 500
    page.keyboard.press("Escape")
    assert not box.is_visible()
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.parametrize("file", WHOLE, indirect=True)
def test_print_shows_the_drawings_and_what_folds_hold(page):
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = false")
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    hidden = page.evaluate(
        """() => [...document.querySelectorAll('div.chart')].filter((chart) =>
            !chart.querySelector('.still').checkVisibility()
            || chart.querySelector('.live')?.checkVisibility()).length"""
    )
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen", color_scheme="light")
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    assert hidden == 0
    assert ground == "rgb(255, 255, 255)"


@pytest.mark.parametrize("file", WHOLE, indirect=True)
def test_without_javascript_charts_and_tables_stand_as_they_are(chromium, file):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.locator("div.chart .still svg").first.is_visible()
    assert page.locator("table.data tbody tr").count() > 50
    context.close()


@pytest.mark.parametrize("file", WHOLE, indirect=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everyone_can_read_it(page, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page.emulate_media(color_scheme=scheme)
    page.wait_for_timeout(100)
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
    found = Axe().run(page, options=rules).response["violations"]
    page.emulate_media(color_scheme="light")
    assert {rule["id"]: [node["target"] for node in rule["nodes"]][:4] for rule in found} == {}
    assert page.complaints == []
