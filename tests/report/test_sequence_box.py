"""The sequence box on the page, as a reader uses it in Chromium, and what it says where something is missing."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from box_browser import opened, random_sequences, toy_page_model
from playwright.sync_api import Page
from synthetic_affinity_files import LIBRARY, SITE
from synthetic_regions import TF

from cistill.affinity.marginalization.marginalize import marginalize
from cistill.affinity.marginalization.settings import EngineSettings
from cistill.affinity.page_model import page_ensemble
from cistill.api.sequence_functions import predict
from cistill.dna.codes import BASES
from cistill.formats.page_model import PageModel, write_page_model
from cistill.report.page import write_report
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.result_files import find_inputs
from cistill.report.reading.tf_results import read_results
from cistill.report.sections.sequence_box.matrices import matrix_energies, page_matrices
from cistill.report.sections.sequence_box.result import sequence_box_result
from cistill.report.sections.sequence_box.section import sequence_box_section
from cistill.tables import read_table, write_table

INPUT = 114
RECORD = {
    "run": "all.fold_0.restart_1", "fold": "0", "chosen_by": "the network of the best validation criterion",
    "networks": 3, "compared_peaks": 200, "log_counts_r": 0.9876, "log_counts_difference": -0.57,
    "profile_js_distance": 0.012,
}  # fmt: skip


def kept(**form: object) -> PageModel:
    """Return the network of the page."""
    return replace(toy_page_model(tasks=1, **form), tf=TF, record=RECORD)


def results_with(folder: Path, model: PageModel | None) -> Path:
    if model is not None:
        write_page_model(folder / f"{TF}.page_model.json", model)
    return folder


def section_of(folder: Path):
    return sequence_box_section(PageContext(read_results(find_inputs(TF, [folder]))), {})


def words_of(folder: Path) -> str:
    section = section_of(folder)
    return " ".join(getattr(block, "words", getattr(block, "caption", "")) for block in section.blocks)


@pytest.fixture
def template(affinity_results: Path) -> Path:
    return affinity_results


@pytest.fixture(scope="module")
def page(affinity_results: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page of a run with a matrix and a network; what goes wrong in it, and what it asks for, is noted."""
    folder = tmp_path_factory.mktemp("boxed")
    results = results_with(shutil.copytree(affinity_results, folder / "results"), kept())
    write_report(find_inputs(TF, [results]), folder)
    with opened() as page:
        page.wrong = []
        page.on("console", lambda message: page.wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on("request", lambda request: page.wrong.append(request.url) if "file:" not in request.url else None)
        page.goto((folder / f"{TF}.report.html").as_uri())
        yield page


def paste(page: Page, text: str, waits_for: str = "read and predicted") -> str:
    """Paste a text as a reader does and return what the box says when it is done."""
    page.get_by_label("Sequences, one a line or FASTA").fill(text)
    status = page.locator("#sequence-box [role=status]")
    status.filter(has_text=waits_for).wait_for(timeout=60_000)
    return status.inner_text()


def cells(page: Page, part: str) -> list[list[str]]:
    rows = page.locator(f"#sequence-box [data-part={part}] tbody tr")
    return [row.locator("td").all_inner_texts() for row in rows.all()]


def number(text: str) -> float:
    return float(text.split(" ")[0].replace("−", "-"))


def matrix_of(folder: Path) -> np.ndarray:
    table = read_table(folder / f"{TF}.{LIBRARY}.psam.tsv")
    return table.pivot(index="position", columns="base", values="ddG")[list(BASES)].to_numpy()


def test_energies_and_predictions_of_pasted_sequences(page: Page, affinity_results: Path) -> None:
    sequences = [SITE, "GGGTTACTCGAAA", *random_sequences(2, (20, 60)), *random_sequences(1, (INPUT, INPUT + 31))]
    names = [f"one {number}" for number in range(len(sequences))]
    text = "".join(f">{name}\r\n{sequence.lower()}\r\n" for name, sequence in zip(names, sequences, strict=True))
    assert paste(page, text).startswith("5 sequences read and predicted in ")
    rows = cells(page, "energies")
    assert [row[0] for row in rows] == names
    expected = matrix_energies(sequences, matrix_of(affinity_results), 0.5924848)
    assert [number(row[2]) for row in rows] == pytest.approx(expected, abs=0.0051)
    assert "kcal/mol, root mean square against " in page.locator("[data-part=energies] .caption").inner_text()
    predicted, model = cells(page, "predictions"), kept()
    ensemble, settings = page_ensemble(model), EngineSettings(both_orientations=True)
    effects = marginalize(ensemble, sequences[:4], model.backgrounds, settings=settings).scores[:, 0]
    assert [number(row[5]) for row in predicted[:4]] == pytest.approx(effects, abs=0.0051)
    assert predicted[4][5] == "–"
    alone = predict(ensemble, [sequences[4]]).log_counts[0, 0]
    assert [number(cell) for cell in predicted[4][3:5]] == pytest.approx(alone, abs=0.0051)
    assert page.wrong == []


def test_the_profile_of_the_chosen_sequence_is_drawn_with_words(page: Page) -> None:
    paste(page, f">first\n{SITE}\n>second\n{'ACGT' * 20}\n")
    chart = page.locator("#sequence-box [data-part=chart]")
    page.get_by_label("Profile of").select_option("second")
    chart.locator("svg path").first.wait_for(timeout=20_000)
    assert chart.locator("svg .mark-line path").count() == 4  # two strands, with the sequence and backgrounds alone
    assert chart.get_attribute("aria-label").startswith("Predicted profile: most 5' ends at ")
    assert page.wrong == []


def test_what_is_saved_has_every_figure_in_full(page: Page, affinity_results: Path, tmp_path: Path) -> None:
    paste(page, f">a\n{SITE}\n>b\nTT{SITE}AA\n>c\nAC1\n")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save TSV").click()
    file = tmp_path / "saved.tsv"
    saved.value.save_as(file)
    table = pd.read_csv(file, sep="\t")
    assert table["sequence"].tolist() == ["a", "b", "c"]
    (energy,) = matrix_energies([SITE], matrix_of(affinity_results), 0.5924848)
    assert table["ddG"][:2].tolist() == pytest.approx([energy, energy], rel=1e-6, abs=1e-9)
    assert table["start"].tolist()[:2] == [1, 3]
    assert table["effects"][0].count(",") == 2
    assert table["problem"][2] == "“1” at position 3 stands for no base"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ACG", "1 sequence read and predicted"),
        ("ACGNNNN", "1 sequence read and predicted"),
        (">x\n", "1 sequence cannot be read, for example x: no sequence follows its name."),
        ("AC(GT)", "1 sequence cannot be read, for example sequence 1: “(” at position 3 stands for no base."),
        ("A\n" * 1001, "1,001 sequences; the box takes 1,000 at most."),
        ("ACGT" * 250_000, "1 sequence read and predicted"),
    ],
)
def test_odd_input_has_an_answer(page: Page, text: str, words: str) -> None:
    assert words in paste(page, text, words)
    assert page.wrong == []


def test_a_cell_says_why_a_sequence_has_no_figure(page: Page) -> None:
    paste(page, "ACG\nACGTNACGTN\n")
    assert [row[2] for row in cells(page, "energies")] == [
        "shorter than the matrix (7 bp)", "every window of 7 bp holds a letter other than A, C, G, T",
    ]  # fmt: skip
    assert cells(page, "predictions")[1][2].startswith("holds letters other than A, C, G, T")


def test_nothing_pasted_is_nothing_shown(page: Page) -> None:
    paste(page, SITE)
    page.get_by_label("Sequences, one a line or FASTA").fill("  ")
    page.wait_for_function("() => !document.querySelector('#sequence-box tbody')")
    assert page.locator("#sequence-box [role=status]").inner_text() == ""


def test_many_sequences_are_predicted_on_demand(page: Page) -> None:
    text = "\n".join(random_sequences(12, (10, 30)))
    assert paste(page, text, "12 sequences read.") == "12 sequences read."
    assert len(cells(page, "energies")) == 12
    page.get_by_role("button", name="Predict all").click()
    page.locator("#sequence-box [role=status]").filter(has_text="predicted in").wait_for(timeout=60_000)
    assert len(cells(page, "predictions")) == 12


def test_the_filled_box_has_no_violation_of_wcag(page: Page) -> None:
    paste(page, f">a\n{SITE}\n>b\n{'ACGT' * 40}\n")
    page.locator("#sequence-box [data-part=chart] svg path").first.wait_for(timeout=20_000)
    found = Axe().run(page, context="#sequence-box", options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]})
    assert found.response["violations"] == []
    assert len(found.response["passes"]) > 5


def test_the_box_is_used_with_the_keyboard_alone(page: Page) -> None:
    paste(page, SITE)
    page.get_by_label("Sequences, one a line or FASTA").focus()
    reached = []
    for _ in range(6):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.dataset.part ?? document.activeElement.className"))
    assert reached[:4] == ["example", "save", "scroll", "scroll"]
    assert "which" in reached
    page.get_by_role("button", name="Example").focus()
    page.keyboard.press("Enter")
    page.locator("#sequence-box [role=status]").filter(has_text="2 sequences read and predicted").wait_for()


def test_names_of_sequences_are_no_markup(page: Page) -> None:
    paste(page, f"><img src=x onerror=alert(1)>\n{SITE}\n")
    assert cells(page, "energies")[0][0] == "<img src=x onerror=alert(1)>"
    assert page.locator("#sequence-box img").count() == 0
    assert page.wrong == []


def test_the_caption_says_how_far_the_network_is_from_the_model(folder: Path) -> None:
    words = words_of(results_with(folder, kept()))
    chosen = "the network of the best validation criterion (run all.fold_0.restart_1, one of 3)"
    assert f"Predictions are of {chosen}, with weights of 16 bits" in words
    assert "(r = 0.988) and are on average 0.57 below them" in words
    above = replace(kept(), record=RECORD | {"log_counts_difference": 0.2})
    assert "on average 0.20 above them" in words_of(results_with(folder, above))
    unknown = replace(kept(), record={name: RECORD[name] for name in ("run", "fold", "chosen_by", "networks")})
    assert "Jensen" not in words_of(results_with(folder, unknown))


def test_the_error_of_the_matrix_is_of_held_out_measurements(folder: Path) -> None:
    (matrix,) = page_matrices(read_results(find_inputs(TF, [folder])))
    calibrated = read_table(folder / f"{TF}.{LIBRARY}.calibrated.tsv")
    held_out = calibrated[~calibrated["in_sample"] & calibrated["label"].notna()]
    differences = matrix_energies(held_out["sequence"].tolist(), matrix.ddg, matrix.rt) - held_out["label"]
    assert matrix.error.error == pytest.approx(differences.std(ddof=0))
    assert (matrix.error.n, matrix.error.against) == (len(held_out), "measured")
    assert matrix.error.low < matrix.error.error < matrix.error.high
    assert f"against {len(held_out)} held-out measured sequences" in matrix.words


def test_without_measurements_the_error_is_against_the_networks_own_energies(folder: Path) -> None:
    for name in ("calibrated", "calibration"):
        (folder / f"{TF}.{LIBRARY}.{name}.tsv").unlink()
    (matrix,) = page_matrices(read_results(find_inputs(TF, [folder])))
    energies = read_table(folder / f"{TF}.{LIBRARY}.energies.tsv")
    doubles = energies[energies["class"] == "substitution_2"]
    differences = matrix_energies(doubles["sequence"].tolist(), matrix.ddg, matrix.rt) - doubles["ddG"]
    assert matrix.error.error == pytest.approx(differences.std(ddof=0))
    assert matrix.error.against == "network"
    assert "against the network's own energies of " in matrix.words
    write_table(folder / f"{TF}.{LIBRARY}.energies.tsv", energies[energies["class"] != "substitution_2"])
    (matrix,) = page_matrices(read_results(find_inputs(TF, [folder])))
    assert matrix.error is None
    assert "Its error is not known" in matrix.words


def test_what_is_missing_is_named_with_what_would_make_it(folder: Path) -> None:
    assert "No predictions: this page keeps no network." in words_of(folder)
    reason = "the weights of one network take 3.0 MB, and a page has room for 1.4 MB"
    words = words_of(results_with(folder, PageModel(TF, not_available=reason)))
    assert f"this page keeps no network, since {reason}." in words
    for file in folder.glob(f"{TF}.{LIBRARY}.psam.*"):
        file.unlink()
    words = words_of(results_with(folder, kept()))
    assert "No energies: this run has no distilled matrix." in words
    assert "generate:substitutions:SITE:2" in words
    (folder / f"{TF}.page_model.json").unlink()
    assert section_of(folder) is None


def test_the_box_keeps_the_size_of_the_page_within_its_bar(folder: Path) -> None:
    section = section_of(results_with(folder, kept()))
    others = sum(len(asset.markup) for asset in section.assets) - len(section.assets[1].markup)
    assert others + 1_400_000 < 1_500_000


def summary_of(error: dict[str, object] | None, network: object = None) -> dict[str, object]:
    return {"sequence_box": {"matrices": {"x": {"consensus": "ACGT", "error": error}}, "network": network}}


def test_the_sentence_gives_the_error_with_interval_and_number_or_what_is_missing() -> None:
    error = {"rmse": 0.274, "rmse_low": 0.251, "rmse_high": 0.299, "n": 1392, "against": "measured"}
    assert sequence_box_result(summary_of(error)).sentence == (
        "Energies by the distilled matrix have an error (RMSE) of 0.27 kcal/mol (95% interval 0.25 to 0.30) on 1,392 "
        "held-out measured sequences of library x."
    )
    own = sequence_box_result(summary_of(error | {"against": "network", "rmse": 1.5}))
    assert own.sentence.startswith("Energies by the distilled matrix differ from the network's own by 1.50 kcal/mol (")
    assert "of which none was measured" in own.sentence
    unknown = sequence_box_result(summary_of(None))
    assert not unknown.headlined
    assert "too few sequences" in unknown.sentence
    empty = {"sequence_box": {"matrices": {}, "network": {}}}
    assert "gives no energies" in sequence_box_result(empty).sentence
    assert sequence_box_result({"sequence_box": {"matrices": {}, "network": None}}) is None
