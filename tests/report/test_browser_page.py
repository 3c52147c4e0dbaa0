"""The browser page in a real browser, from a file: its tracks hold the values of the result files."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import h5py
import numpy as np
import pytest
from synthetic_regions import INPUT, JITTER, OUTPUT, TF
from synthetic_report_files import write_results

from cistill.report.browser.write import Wishes, write_browsers
from cistill.report.reading.result_files import find_inputs
from cistill.report.reading.tf_results import TfResults, read_results

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here (Debian: chromium)")
TASKS = (TF, "O'<b>&\"x")
"""The second name holds signs of HTML."""
POSITIONS = 1000
VALUES_AT = """
async places => {
    const tracks = new Map(window.cistillBrowser.trackViews.map(view => [view.track.id, view.track]));
    const found = [];
    for (const [id, chrom, position] of places) {
        const features = await tracks.get(id).getFeatures(chrom, position, position + 1, 0.1);
        found.push(features.filter(one => one.start === position && one.end === position + 1).map(one => one.value));
    }
    return found;
}
"""


@dataclass
class Opened:
    """An open page: what it told on the console and asked of the network."""

    page: Any
    results: TfResults
    told: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    from playwright.sync_api import sync_playwright

    folder, out = write_results(tmp_path_factory.mktemp("results"), TASKS), tmp_path_factory.mktemp("page")
    (out / "genes.bed").write_text("chr3\t2900\t3100\tABC1\t0\t+\t2950\t3000\t0\t2\t50,80\t0,120\n")
    results = read_results(find_inputs(TF, [folder]))
    write_browsers(results, frozenset(), Wishes(annotation=out / "genes.bed", link_root=".."), out)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        found = Opened(browser.new_page(viewport={"width": 1280, "height": 900}), results)
        found.page.on("console", lambda message: found.told.append(message.text))
        found.page.on("pageerror", lambda error: found.told.append(str(error)))
        found.page.on("request", lambda request: found.asked.append(request.url))
        found.page.goto((out / f"{TF}.browser.html").as_uri())
        found.page.wait_for_selector("html[data-ready]", timeout=60_000)
        yield found
        browser.close()


def expected(results: TfResults, regions: list[str]) -> list[tuple[str, str, int, float]]:
    """Return track, chromosome, position and value of every base of regions, straight from the HDF5 files.

    The minus strand, which is drawn downwards, has negative values; bases without a value are left out.
    """
    rows = []
    with h5py.File(results.file("dataset")) as data, h5py.File(results.file("predictions")) as predicted:
        names = data["region_id"].asstr()[:].tolist()
        others, tasks = predicted["region_id"].asstr()[:].tolist(), json.loads(predicted.attrs["tasks"])
        for region in regions:
            row, other = names.index(region), others.index(region)
            chrom, summit = str(data["chrom"].asstr()[row]), int(data["summit"][row])
            for index, task in enumerate(TASKS):
                for strand, sign in enumerate((1, -1)):
                    entry = (row * len(TASKS) + index) * 2 + strand
                    first, last = data["signal/indptr"][entry : entry + 2]
                    start = summit - OUTPUT // 2 - JITTER
                    for at, value in zip(
                        data["signal/position"][first:last], data["signal/value"][first:last], strict=True
                    ):
                        rows.append((f"observed/{task}", chrom, start + int(at), sign * float(value)))
                    at = other, tasks.index(task), strand
                    shares = np.exp(predicted["log_profile"][at].astype(float))
                    ends = shares * np.expm1(predicted["log_counts"][at].astype(float))
                    for place, value in enumerate(ends):
                        rows.append((f"predicted/{task}", chrom, summit - OUTPUT // 2 + place, sign * float(value)))
    for head in ("counts", "profile"):
        with h5py.File(results.head_file(head) if False else results.heads[head].attributions) as file:
            names = file["region_id"].asstr()[:].tolist()
            for region in [region for region in regions if region in names]:
                row = names.index(region)
                values = (file["hyp_scores"][row].astype(np.float64) * file["input_seqs"][row]).sum(1)
                chrom, start = str(file["coords_chrom"].asstr()[row]), int(file["coords_start"][row])
                rows += [(f"contributions/{head}", chrom, start + at, float(value)) for at, value in enumerate(values)]
                assert len(values) == INPUT
    return [row for row in rows if row[3] != 0]


def shown(opened: Opened) -> list[str]:
    """Return the regions whose data the page holds."""
    starts = {f"{row.chrom}:{row.summit + 1:,}": row.region_id for row in opened.results.regions.itertuples()}
    titles = opened.page.eval_on_selector_all("button[data-locus]", "found => found.map(one => one.textContent)")
    return [str(starts[title]) for title in titles]


def test_values_of_tracks_equal_those_of_the_files(opened: Opened) -> None:
    rows = expected(opened.results, shown(opened))
    chosen = [rows[place] for place in np.random.default_rng(3).permutation(len(rows))[:POSITIONS]]
    assert len(chosen) == POSITIONS
    assert {row[0] for row in chosen} == {row[0] for row in rows}
    found = opened.page.evaluate(VALUES_AT, [row[:3] for row in chosen])
    for (track, chrom, position, value), values in zip(chosen, found, strict=True):
        same = [one for one in values if (one < 0) == (value < 0)]
        assert np.float32(value) in [np.float32(one) for one in same], (track, chrom, position, value, values)
        assert len(values) <= 2


def test_the_sequence_is_that_of_the_dataset(opened: Opened) -> None:
    with h5py.File(opened.results.file("dataset")) as data:
        names = data["region_id"].asstr()[:].tolist()
        for region in shown(opened):
            row = names.index(region)
            start = int(data["summit"][row]) - INPUT // 2 - JITTER
            bases = "".join("ACGTN"[code] for code in data["sequence"][row])
            chrom = str(data["chrom"].asstr()[row])
            read = opened.page.evaluate(
                "([chrom, start, end]) => window.cistillBrowser.genome.getSequence(chrom, start, end)",
                [chrom, start, start + len(bases)],
            )
            assert read == bases
            assert (
                opened.page.evaluate("chrom => window.cistillBrowser.genome.getChromosome(chrom).bpLength", chrom)
                == json.loads(data["sizes"][()])[chrom]
                if "sizes" in data
                else True
            )


def test_peaks_hits_and_genes_are_tracks(opened: Opened) -> None:
    tracks = opened.page.evaluate("window.cistillBrowser.trackViews.map(view => [view.track.id, view.track.type])")
    assert [row for row in tracks if row[1] not in ("ideogram", "ruler", "sequence")] == [
        *([f"{kind}/{task}", "wig"] for task in TASKS for kind in ("observed", "predicted")),
        *([f"contributions/{head}", "wig"] for head in ("counts", "profile")),
        *([f"Peaks, {task}", "annotation"] for task in TASKS),
        ["Hits: counts head", "annotation"],
        ["Hits: profile head", "annotation"],
        ["Genes", "annotation"],
    ]
    read = (
        "async ([id, chrom, start, end]) => (await window.cistillBrowser.trackViews.find(view => view.track.id === id)"
    )
    read += (
        ".track.getFeatures(chrom, start, end, 0.1)).map(one => [one.chr, one.start, one.end, one.name, one.strand])"
    )
    assert opened.page.evaluate(read, ["Genes", "chr3", 2000, 4000]) == [["chr3", 2900, 3100, "ABC1", "+"]]
    region = opened.results.regions.set_index("region_id").loc[shown(opened)[0]]
    place = [region.chrom, int(region.start), int(region.end)]
    hits = opened.results.heads["counts"].hits
    near = hits[(hits["chrom"] == region.chrom) & (hits["end"] > region.start) & (hits["start"] < region.end)]
    assert opened.page.evaluate(read, ["Hits: counts head", *place]) == [
        [row.chrom, row.start, row.end, row.motif_id, row.strand] for row in near.itertuples()
    ]
    assert [*place, shown(opened)[0], "."] in opened.page.evaluate(read, [f"Peaks, {TF}", *place])


def test_a_button_shows_its_region(opened: Opened) -> None:
    button = opened.page.locator("button[data-locus]").nth(2)
    button.click()
    opened.page.wait_for_timeout(300)
    frame = opened.page.evaluate(
        "(frame => [frame.chr, Math.round(frame.start), Math.round(frame.end)])"
        "(window.cistillBrowser.referenceFrameList[0])"
    )
    chrom, span = button.get_attribute("data-locus").split(":")
    assert frame == [chrom, int(span.split("-")[0]) - 1, int(span.split("-")[1])]
    assert button.get_attribute("aria-current") == "true"
    assert opened.page.locator("button[aria-current=true]").count() == 1


def test_letters_are_drawn_in_the_colours_of_bases(opened: Opened) -> None:
    colours = opened.page.evaluate(
        """id => {
            const view = window.cistillBrowser.trackViews.find(one => one.track.id === id);
            const canvas = view.viewports[0].canvas;
            const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            const found = new Set();
            for (let at = 0; at < pixels.length; at += 4) {
                if (pixels[at + 3] === 255) found.add([pixels[at], pixels[at + 1], pixels[at + 2]].join());
            }
            return [...found];
        }""",
        "contributions/counts",
    )
    assert {"23,138,60", "31,95,168", "239,155,15", "208,37,47"} <= set(colours)


def test_nothing_is_asked_of_the_network_and_nothing_goes_wrong(opened: Opened) -> None:
    assert opened.told == []
    assert [url for url in opened.asked if not url.startswith(("data:", "blob:"))] == [opened.page.url]
    policy = opened.page.get_attribute("meta[http-equiv]", "content")
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "http" not in policy


def test_names_of_files_are_text(opened: Opened) -> None:
    assert opened.page.locator("th", has_text=TASKS[1]).count() == 1
    assert opened.page.locator("main b").count() == 0


def test_the_page_passes_rules_of_accessibility(opened: Opened) -> None:
    from axe_playwright_python.sync_playwright import Axe

    rules = {"runOnly": ["wcag2a", "wcag2aa"]}
    found = Axe().run(opened.page, context={"exclude": [["#browser"]]}, options=rules).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


@pytest.mark.parametrize("width", [1920, 1280, 360])
def test_nothing_sticks_out_to_the_side(opened: Opened, width: int) -> None:
    opened.page.set_viewport_size({"width": width, "height": 900})
    opened.page.wait_for_timeout(300)
    content, window = opened.page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert content <= window
