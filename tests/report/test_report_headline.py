"""The card at the top: partners, strength of sites, quality between bounds, verdict, what to be careful with."""

import numpy as np
import pytest
from report_pages import report
from synthetic_regions import TF

from cistill.report.reading.main_motif import listed_motifs, main_motif, partners
from cistill.report.sections.headline.cautions import cautions
from cistill.report.sections.headline.figures import headline
from cistill.report.sections.headline.strength import strength_words
from cistill.tables import read_table, write_table

NOTHING = {
    "sufficiency": None,
    "regions": {"peaks_given": 100, "peaks_kept": 100, "peaks_dropped": {}, "peaks_explained_only": {}},
    "metrics": None,
    "motifs": None,
    "merged_motifs": None,
    "contributions": None,
    "training": None,
    "affinity": {},
    "truth": None,
    "hits": {},
    "syntax": None,
    "known_sites": {},
    "strength": None,
    "tasks": [TF],
}
LIBRARY = {"calibrators": {"ols": {"rmse": 2.0}}, "calibrator": "ols", "best_motif": {"rmse": 1.0}}


def motif(name, seqlets, match=None, weak=False, sign="pos"):
    return {
        "motif_id": name, "n_seqlets": seqlets, "match": match, "weak": weak, "sign": sign, "consensus": f"N{name}N",
        "head": "counts", "match_p": 0.01,
    }  # fmt: skip


def box(text):
    return text[text.index('id="headline"') : text.index("</section>")]


def figures(**changes):
    return {figure.name: figure for figure in headline({**NOTHING, **changes})}


def test_partners_are_the_other_motifs_and_forms_of_one_motif_count_together():
    listed = [
        motif("AAA", 100, "REB1"),
        motif("AAB", 90, "REB1"),
        motif("CCC", 60, "RAP1"),
        motif("CCD", 80, "RAP1"),
        motif("GGG", 50),
        motif("TTT", 40, weak=True),
    ]
    assert main_motif(listed)["motif_id"] == "AAA"
    found, own_forms = partners(listed)
    assert [(partner.motif["motif_id"], partner.forms) for partner in found] == [("CCD", 1), ("GGG", 0)]
    assert own_forms == 1
    tile = figures(motifs=listed, merged_motifs=listed)["Partners"]
    assert tile.value == "RAP1, GGG"
    assert tile.beside == ("CCD, 80 seqlets, 1 further form; GGG, 50 seqlets; 1 further form of the main motif")


def test_a_motif_alone_has_no_partner_and_motifs_without_a_match_are_their_own():
    assert figures(motifs=[motif("AAA", 10)])["Partners"].value == "none"
    assert partners([motif("AAA", 10), motif("CCC", 9)])[0][0].motif["motif_id"] == "CCC"
    assert partners([]) == ([], 0)
    assert figures()["Motifs"].beside == "motifs were not given"
    assert figures(motifs=[])["Motifs"].beside == "no motif was found"


def test_the_main_motif_is_of_the_head_that_has_more_seqlets():
    one, other = motif("AAA", 10), {**motif("CCC", 20), "head": "profile"}
    assert listed_motifs({"merged_motifs": None, "motifs": [one, other]}) == [other]
    assert listed_motifs({"merged_motifs": [one], "motifs": [one, other]}) == [one]
    assert listed_motifs({"merged_motifs": None, "motifs": None}) == []


def test_strength_is_of_a_library_where_one_was_calibrated(affinity_results, folder, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    _, measured, text = report(affinity_results, tmp_path / "a")
    assert measured["strength"]["source"] == "library"
    assert measured["strength"]["low"] < measured["strength"]["high"]
    assert "predicted for the sequences of library" in box(text)
    predictions = read_table(folder / f"{TF}.region_predictions.tsv", dtype={"region_id": str})
    held_out = predictions["unseen"] & (predictions["kind"] == "peak") & (predictions["split"] == "test")
    ends = np.log1p(np.linspace(10, 110, held_out.sum()))
    predictions.loc[held_out, "predicted_log_count"] = ends
    write_table(folder / f"{TF}.region_predictions.tsv", predictions)
    _, predicted, text = report(folder, tmp_path / "b")
    low, high = np.percentile(np.expm1(ends), (5, 95))
    assert predicted["strength"] == {
        "source": "predicted_reads", "name": TF, "unit": "reads",
        "low": pytest.approx(low), "high": pytest.approx(high),
        "n": int(held_out.sum()), "split": "test", "higher_is_tighter": True,
    }  # fmt: skip
    assert "predicted reads of held-out peaks" in box(text)


def test_words_of_a_strength():
    reads = {"source": "predicted_reads", "name": "t", "low": 20.0, "high": 400.0, "n": 50, "split": "test"}
    assert strength_words(reads) == (
        "20 to 400",
        "predicted reads of held-out peaks, t; 5th to 95th percentile of 50; 20-fold",
    )
    energies = {"source": "library", "name": "l", "low": -9.2, "high": -6.1, "n": 300, "unit": "kcal/mol"}
    assert strength_words(energies | {"higher_is_tighter": False}) == (
        "−9.2 to −6.1",
        "kcal/mol, lower is tighter; predicted for the sequences of library l, 5th to 95th percentile of 300",
    )


def test_scores_have_their_place_between_bounds(folder, tmp_path):
    _, summary, text = report(folder, tmp_path)
    assert box(text).count("<meter") == 3
    assert f'value="{summary["metrics"]["normalised"]["auroc"]}"' in box(text)
    assert 'aria-label="AUROC between knowing nothing (0) and perfect (1)"' in box(text)


def test_the_logo_of_the_factor_is_in_the_card(folder, tmp_path):
    _, _, text = report(folder, tmp_path)
    assert f"Sequence logo of {TF}&#39;s main motif" in box(text) or f"Sequence logo of {TF}'s main motif" in box(text)


def test_there_is_nothing_to_be_careful_with_in_a_good_run():
    good = {
        "metrics": {"certainty": {"too_few": False}, "test": {"auroc": 0.9}, "held_out": {"seen_regions": 0}},
        "motifs": [motif("AAA", 100)],
        "sufficiency": {"verdict": "enough", "tasks": {}},
    }
    assert cautions({**NOTHING, **good}) == []


def doubtful_figure():
    return {"measure": "peaks", "split": "train", "strand": "both", "verdict": "doubtful"}


@pytest.mark.parametrize(
    ("changes", "words", "anchor"),
    [
        (
            {"sufficiency": {"verdict": "doubtful", "tasks": {"t": {"figures": [doubtful_figure()]}}}},
            "The data are doubtful to train on: peaks that train.",
            "sufficiency",
        ),
        (
            {"regions": {**NOTHING["regions"], "peaks_dropped": {"x": 11}}},
            "11 of 100 peaks (11.0%) were left out.",
            "data",
        ),
        (
            {"metrics": {"certainty": {"too_few": True, "fewest_peaks": 1}, "test": {"a": 1}, "held_out": None}},
            "Only 1 held-out peak: the scores say little of the model.",
            "performance",
        ),
        (
            {"metrics": {"certainty": {"too_few": False}, "test": {}, "held_out": {"seen_regions": 0}}},
            "No region was held out: the scores are of regions that training saw.",
            "performance",
        ),
        ({"motifs": []}, "No motif was found.", "motifs"),
        ({"motifs": [motif("AAA", 50, weak=True)]}, "Only weak motifs were found.", "motifs"),
        (
            {"contributions": [{"regions": 100, "regions_with_large_gap": 4}]},
            "In 4 of 100 explanations, contributions do not add up to within 1%.",
            "contributions",
        ),
        (
            {"training": {"runs": [{"divergences": 2}, {"divergences": 0}]}},
            "1 training diverged and started again at half the learning rate.",
            "training",
        ),
        (
            {"affinity": {"l": LIBRARY}},
            "The best motif predicts library l better than the model.",
            "affinity-l",
        ),
        ({"truth": {"motifs": {"A": {"recovered": False}}}}, "Planted and not recovered: A.", "truth"),
    ],
)
def test_what_to_be_careful_with_leads_to_its_section(changes, words, anchor):
    assert cautions({**NOTHING, **changes}) == [(words, anchor)]


def test_cautions_are_on_the_page_and_their_links_lead_somewhere(folder, tmp_path):
    metrics = read_table(folder / f"{TF}.metrics.tsv")
    metrics.loc[metrics["regions"] == "peaks", "n"] = 3
    write_table(folder / f"{TF}.metrics.tsv", metrics)
    page, _, text = report(folder, tmp_path)
    assert "Only 3 held-out peaks: the scores say little of the model." in box(text)
    assert [link for link in page.links if link.startswith("#") and link[1:] not in page.ids] == []


def test_the_page_of_the_genome_browser_is_linked_from_the_card_where_it_was_made(folder, tmp_path):
    _, _, without = report(folder, tmp_path, link_root="..")
    assert "Browse regions" not in without
    (folder / f"{TF}.browser.html").write_text("<html></html>")
    _, _, text = report(folder, tmp_path, link_root="..")
    assert f'<a href="../report/{TF}.browser.html">{TF}.browser.html</a>' in box(text)
