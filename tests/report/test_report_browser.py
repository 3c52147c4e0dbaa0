"""The page in a real browser: opens without errors, logos are drawn, links work. Skipped where there is no browser."""

import shutil
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
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
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no chromium with chromedriver here (Debian: chromium, chromium-driver)"
)


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


MANY = Training(tuple("0123456789"), 3, True, True, 16, ("all.fold_3.restart_1",))
EXTREMES = {
    "one training and every analysis": ((TF,), Training()),
    "many trainings of two tasks": ((TF, "OTHER"), MANY),
}


@pytest.fixture(scope="module", params=EXTREMES)
def browser(tmp_path_factory, request):
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    results = write_results(tmp_path_factory.mktemp("results"), *EXTREMES[request.param])
    if len(EXTREMES[request.param][0]) == 1:
        write_interpretation(results)
        write_affinity(results)
    page = publish(results, tmp_path_factory.mktemp("published"))
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "window-size=1200,900"):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    driver.get(page.as_uri())
    yield driver
    driver.quit()


def test_it_opens_without_an_error_or_a_request(browser):
    assert TF in browser.title
    assert [entry for entry in browser.get_log("browser") if entry["level"] != "INFO"] == []
    requests = browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert [name for name in requests if not name.startswith("data:")] == []


def test_logos_are_drawn(browser):
    logos = browser.execute_script(
        """
        const boxes = [];
        for (const logo of document.querySelectorAll('svg.logo, svg.letters')) {
            const letters = [...logo.querySelectorAll('use')].map(letter => letter.getBoundingClientRect());
            const frame = logo.getBoundingClientRect();
            boxes.push({
                letters: letters.length,
                drawn: letters.filter(box => box.width > 0.5 && box.height > 0.05).length,
                inside: letters.every(box => box.left >= frame.left - 1 && box.right <= frame.right + 1
                                             && box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1),
            });
        }
        return boxes;
        """
    )
    assert len(logos) >= 20
    assert all(logo["letters"] > 0 and logo["letters"] == logo["drawn"] for logo in logos)
    assert all(logo["inside"] for logo in logos)


def test_charts_have_a_size_and_a_label(browser):
    charts = browser.execute_script(
        """
        const open = [...document.querySelectorAll('svg[role=img]')].filter(chart => !chart.closest('details'));
        return open.map(chart => ({
            wide: chart.getBoundingClientRect().width,
            label: chart.querySelector('title')?.textContent,
            marks: [...chart.querySelectorAll('path, rect, use')].some(mark => mark.getBBox().width > 0),
        }));
        """
    )
    assert len(charts) >= 30
    assert all(chart["wide"] > 50 and chart["label"] and chart["marks"] for chart in charts)


def test_every_link_leads_somewhere(browser):
    links = browser.execute_script(
        "return [...document.querySelectorAll('a')].map(link => [link.getAttribute('href'), link.href])"
    )
    missing = []
    for written, resolved in links:
        if written.startswith("#"):
            found = browser.execute_script("return document.getElementById(arguments[0]) !== null", written[1:])
        else:
            found = Path(unquote(urlparse(resolved).path)).is_file()
        if not found:
            missing.append(written)
    assert missing == []
    assert sum(not written.startswith("#") for written, _ in links) >= 15


@pytest.mark.parametrize("width", [1200, 1100, 700, 500])
def test_nothing_sticks_out_to_the_side(browser, width):
    browser.set_window_size(width, 900)
    content, window = browser.execute_script(
        "const page = document.documentElement; return [page.scrollWidth, page.clientWidth]"
    )
    assert content <= window


def test_the_contents_stay_in_view(browser):
    browser.set_window_size(1200, 900)
    top = browser.execute_script(
        "document.getElementById('hits').scrollIntoView({behavior: 'instant'});"
        "return document.querySelector('nav').getBoundingClientRect().top"
    )
    assert 0 <= top < 50


def test_a_term_shows_its_meaning_on_keyboard_focus_and_hides_it_on_escape(browser):
    from selenium.webdriver.common.keys import Keys

    browser.set_window_size(500, 900)
    term = browser.find_element("css selector", "#hits a.term")
    browser.execute_script("arguments[0].scrollIntoView({behavior: 'instant', block: 'center'})", term)
    browser.execute_script("arguments[0].focus()", term)
    box = browser.find_element("css selector", ".meaning")
    entry = browser.execute_script("return document.querySelector(arguments[0].hash + ' dd').textContent", term)
    assert box.is_displayed()
    assert box.text.endswith(entry)
    assert term.get_attribute("aria-describedby") == term.get_attribute("href").split("#")[1] + "-meaning"
    assert box.rect["x"] >= 0
    assert box.rect["x"] + box.rect["width"] <= 500
    term.send_keys(Keys.ESCAPE)
    assert not box.is_displayed()
