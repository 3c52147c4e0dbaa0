"""The sentence that opens each section: it follows from the tables, and gives no figure where these hold too little."""

import pandas as pd
import pytest
from report_pages import report
from synthetic_regions import TF

from cistill.report.drawing.sentences import FEWEST, Result
from cistill.report.page import SECTIONS
from cistill.report.sections.affinity.result import affinity_result
from cistill.report.sections.callers.result import caller_result
from cistill.report.sections.contributions.result import contribution_result
from cistill.report.sections.data.result import data_result
from cistill.report.sections.hits.result import hit_result
from cistill.report.sections.loci.record import predicted_counts
from cistill.report.sections.loci.result import locus_result
from cistill.report.sections.motifs.result import motif_result
from cistill.report.sections.performance.result import performance_result
from cistill.report.sections.run.result import run_result
from cistill.report.sections.sites.result import site_result
from cistill.report.sections.sufficiency.result import sufficiency_result
from cistill.report.sections.syntax.record import is_one_motif
from cistill.report.sections.syntax.result import syntax_result
from cistill.report.sections.training.result import training_result
from cistill.report.sections.truth.result import truth_result
from cistill.tables import read_table, write_table


def motif(name, seqlets, weak=False, sign="pos", head="counts", match="REB1", consensus="NVTTACCCGN"):
    return {
        "motif_id": name, "sign": sign, "n_seqlets": seqlets, "consensus": consensus, "weak": weak, "match": match,
        "match_p": 3e-7, "head": head,
    }  # fmt: skip


def motifs(*listed, merged=None):
    return {"motifs": list(listed), "merged_motifs": merged}


def test_the_main_motif_is_named_with_its_share_of_seqlets():
    found = motif_result(motifs(motif("counts.pos_0", 80), motif("counts.pos_1", 20, match=None)))
    assert found == Result(
        "The model reads VTTACCCG (in the database: REB1, p 3.0×10⁻⁷) above all: 80 of the 100 seqlets in motifs of "
        "the counts head (80.0%, 95% interval 71.1 to 86.7%); 1 further motif."
    )


@pytest.mark.parametrize(
    ("listed", "words", "headlined"),
    [
        (None, "Motifs were not looked for, or their files were left out.", False),
        ([], "TF-MoDISco found no motif in the contributions of the model.", True),
        ([motif("a", 19)], "Only 19 seqlets of the main motif (VTTACCCG): no figure is headlined (at least 20 needed).",
         False),
        ([motif("a", 50, weak=True)], "Only weak motifs were found, so no motif is headlined; the first of them, "
         "VTTACCCG, has 50 seqlets.", False),
    ],
)  # fmt: skip
def test_no_motif_weak_motifs_and_few_seqlets(listed, words, headlined):
    assert motif_result({"motifs": listed, "merged_motifs": None}) == Result(words, headlined)


def test_motifs_that_lower_the_prediction_are_not_called_read():
    words = motif_result(motifs(motif("counts.neg_0", 50, sign="neg"))).sentence
    assert words.startswith("Only patterns that lower the prediction were found, VTTACCCG")


def hits(n, holding, regions, fdr=0.05):
    return {"n": n, "regions_with_hit": holding, "regions_scored": regions, "fdr": fdr}


def test_regions_with_hits_of_the_head_that_finds_more_or_of_both_pooled():
    heads = {"hits": {"counts": hits(120, 90, 100), "profile": hits(100, 95, 100)}, "syntax": None}
    assert hit_result(heads).sentence == (
        "95 of 100 regions (95.0%, 95% interval 88.8 to 97.8%) hold at least one of 100 motif instances of the profile "
        "head, called at a false discovery rate of 0.05 against decoy motifs."
    )
    pooled = heads | {"syntax": {"hits": 130, "regions": 100, "regions_with_hit": 97}}
    assert "97 of 100 regions" in hit_result(pooled).sentence
    assert "130 motif instances of both heads, pooled" in hit_result(pooled).sentence


def test_no_hit_is_a_result_and_few_regions_are_none():
    none = {"hits": {"counts": hits(0, 0, 100, None)}, "syntax": None}
    assert hit_result(none) == Result("None of 100 regions holds a motif instance.")
    few = {"hits": {"counts": hits(5, 5, FEWEST - 1)}, "syntax": None}
    assert hit_result(few) == Result("Only 19 regions searched: no figure is headlined (at least 20 needed).", False)
    assert not hit_result({"hits": {}, "syntax": None}).headlined


def sites(found, of, precision=None, n_hits=None, name="any"):
    classes = {name: {"n_sites": of, "n_found": found, "recall": found / of if of else None}}
    return {"classes": classes, "precision_any": precision, "n_hits": n_hits}


def test_known_sites_found_and_hits_at_known_sites():
    found = site_result({"known_sites": {"counts": sites(60, 100), "profile": sites(80, 100, 0.5, 120)}})
    assert found.sentence == (
        "Hits of the profile head find 80 of 100 known sites in reach (80.0%, 95% interval 71.1 to 86.7%); 60 of its "
        "120 hits lie at one (50.0%, 95% interval 41.2 to 58.8%)."
    )
    assert "find 0 of 100 known sites" in site_result({"known_sites": {"counts": sites(0, 100)}}).sentence
    assert not site_result({"known_sites": {"counts": sites(5, 10)}}).headlined
    assert not site_result({"known_sites": {}}).headlined


def test_predicted_reads_within_a_factor_of_two():
    predictions = pd.DataFrame(
        {
            "task": ["t"] * 5,
            "split": ["test"] * 4 + ["train"],
            "kind": ["peak"] * 3 + ["background", "peak"],
            "observed_log_count": [2.0, 2.0, 2.0, 2.0, 2.0],
            "predicted_log_count": [2.0, 2.69, 1.3, 2.0, 2.0],  # ln 2 = 0.693
        }
    )
    assert predicted_counts(predictions) == {"t": {"split": "test", "peaks": 3, "within_twofold": 2}}
    one = {"t": {"split": "test", "peaks": 100, "within_twofold": 80}}
    assert locus_result({"predicted_counts": one}).sentence == (
        "The predicted number of reads is within a factor of two of the observed one at 80 of 100 held-out peaks "
        "(80.0%, 95% interval 71.1 to 86.7%)."
    )
    two = one | {"u": {"split": "test", "peaks": 50, "within_twofold": 10}}
    assert locus_result({"predicted_counts": two}).sentence == (
        "The predicted number of reads is within a factor of two of the observed one at 20.0% (u; 95% interval 11.2 to "
        "33.0%) to 80.0% (t; 95% interval 71.1 to 86.7%) of held-out peaks; 2 tasks, 50 peaks or more each."
    )
    few = {"t": {"split": "test", "peaks": 12, "within_twofold": 12}}
    assert locus_result({"predicted_counts": few}).sentence == (
        "Only 12 held-out peaks: no figure is headlined (at least 20 needed)."
    )


def library(rmse, best, held_out=200):
    def figures(value):
        return {"rmse": value, "rmse_low": value - 0.05, "rmse_high": value + 0.05}

    return {
        "calibrator": "ols", "calibrators": {"ols": figures(rmse)}, "held_out": held_out, "unit": "kcal/mol",
        "best_motif": None if best is None else figures(best), "sequences": 500,
    }  # fmt: skip


def test_affinity_error_says_which_of_model_and_motif_is_better():
    better = affinity_result({"affinity": {"lib": library(0.4, 0.6)}}).sentence
    worse = affinity_result({"affinity": {"lib": library(0.6, 0.4)}}).sentence
    assert better == (
        "The model predicts 200 held-out sequences of library lib with an error (RMSE) of 0.40 kcal/mol (95% interval "
        "0.35 to 0.45), less than the best motif with 0.60 kcal/mol (95% interval 0.55 to 0.65)."
    )
    assert ", more than the best motif with 0.40" in worse
    assert not affinity_result({"affinity": {"lib": library(0.4, 0.6, 12)}}).headlined
    assert affinity_result({"affinity": {}}) is None


def test_affinity_without_measurements_says_that_no_error_is_known():
    scored = {"calibrator": None, "calibrators": {}, "held_out": None, "sequences": 500}
    assert affinity_result({"affinity": {"lib": scored}}) == Result(
        "Scored: 500 sequences of 1 library. None of them was measured and calibrated, so no error is known.", False
    )


def arrangement(n_both, more, fewer, regions=1000):
    clearest = {"motif_a": "a", "motif_b": "b", "n_both": n_both, "expected": 50.0, "regions": regions}
    return {
        "syntax": {
            "hits": 900,
            "regions": regions,
            "pairs": {"different": 1, "different_more": more, "different_fewer": fewer, "clearest": clearest},
        },
        "merged_motifs": [motif("a", 100), motif("b", 90, consensus="GATAAG", match=None)],
        "motifs": None,
    }


def test_pairs_of_motifs_more_or_less_often_than_by_chance():
    assert syntax_result(arrangement(100, 1, 0)).sentence == (
        "Of 1 pair of different motifs, 1 shares regions more often and none less often than by chance (false "
        "discovery rate 0.05; n = 900 hits in 1,000 regions); the clearest, VTTACCCG (REB1) and GATAAG, share 100 "
        "regions where chance has 50.0: 2.00 times as many (95% interval 1.66 to 2.40)."
    )
    fewer = syntax_result(arrangement(5, 0, 1)).sentence
    assert "none shares regions more often and 1 less often" in fewer
    assert "0.10 times as many (95% interval 0.04 to 0.23)" in fewer
    assert not syntax_result(arrangement(5, 0, 1, FEWEST - 1)).headlined
    assert syntax_result({"syntax": None}) is None


def test_names_of_one_motif_are_no_pair():
    merged = {"counts.pos_0": "C.pos_0:P.pos_0", "profile.pos_0": "C.pos_0:P.pos_0", "counts.pos_1": "C.pos_1"}
    assert is_one_motif("counts.pos_0", "profile.pos_0", merged)
    assert is_one_motif("x", "x", {})
    assert not is_one_motif("counts.pos_0", "counts.pos_1", merged)
    assert not is_one_motif("x", "y", {})


def scores(area, r, peaks):
    def entry(value):
        return {"value": value, "lower": value - 0.01, "upper": value + 0.01, "n": peaks}

    intervals = {"auroc": entry(area), "count_pearson_peaks": entry(r)}
    return {"peaks": peaks, "backgrounds": peaks, "intervals": intervals}


def certainty(**tasks):
    fewest = min((of["peaks"] for of in tasks.values()), default=0)
    return {"metrics": {"certainty": {"tasks": tasks, "fewest_peaks": fewest, "too_few": fewest < 20}}}


def test_performance_of_one_task_and_of_several():
    assert performance_result(certainty(t=scores(0.9, 0.7, 200))).sentence == (
        "Predicted counts rank held-out peaks above background with an AUROC of 0.900 (95% interval 0.890 to 0.910) "
        "and correlate with the observed ones within peaks at r = 0.700 (95% interval 0.690 to 0.710); n = 200 peaks, "
        "200 background regions."
    )
    assert "AUROC of 0.500" in performance_result(certainty(t=scores(0.5, 0.0, 200))).sentence
    several = performance_result(certainty(t=scores(0.9, 0.7, 200), u=scores(0.6, 0.1, 150))).sentence
    assert "AUROC from 0.600 (u; 95% interval 0.590 to 0.610) to 0.900 (t; 95% interval 0.890 to 0.910)" in several
    assert "2 tasks, 150 held-out peaks or more each" in several


def test_performance_on_few_peaks_is_not_headlined():
    assert performance_result(certainty(t=scores(0.9, 0.7, 12))) == Result(
        "Only 12 held-out peaks: no figure is headlined (at least 20 needed).", False
    )
    assert not performance_result(certainty()).headlined
    assert not performance_result({"metrics": None}).headlined


def test_contributions_that_add_up_and_that_do_not():
    row = {"regions": 100, "regions_with_large_gap": 0, "largest_gap": 2e-6}
    assert contribution_result({"contributions": [row]}).sentence == (
        "Contributions add up to the predicted change of output, to within 1%, in 100 of 100 explanations (100.0%, 95% "
        "interval 96.3 to 100.0%); the largest gap is 2.0×10⁻⁶."
    )
    bad = row | {"regions_with_large_gap": 40, "largest_gap": 0.5}
    found = contribution_result({"contributions": [row, bad]}).sentence
    assert "in 160 of 200 explanations" in found
    assert "2 outputs of the model" in found
    assert not contribution_result({"contributions": [row | {"regions": 3}]}).headlined
    assert contribution_result({"contributions": None}) is None


def training(*criteria):
    contests = [{"fold": str(fold), "criterion": value, "chosen": ["n"]} for fold, value in enumerate(criteria)]
    chosen = [str(fold) for fold in range(len(criteria))]
    return {
        "training": {"runs": [{"criterion": value} for value in criteria]},
        "selection": {"candidates": 9, "chosen": chosen, "contests": contests},
    }


def test_training_has_an_interval_from_three_choices_on():
    one, three = training_result(training(0.4)).sentence, training_result(training(0.4, 0.5, 0.6)).sentence
    assert one == (
        "The model holds 1 network (1 fold), chosen among 9 candidates; what it leaves unexplained on validation "
        "regions (share of profiles plus share of counts) is 0.400 (n = 1, too few for an interval)."
    )
    assert (
        "is 0.500 on average over folds and tasks (95% interval 0.252 to 0.748; n = 3)" in three
    )  # 4.303 * 0.1 / sqrt(3)
    alone = training(0.4) | {"selection": None}
    assert training_result(alone).sentence.startswith("1 network was trained; what it leaves unexplained")
    assert not training_result({"training": None, "selection": None}).headlined


def caller(recall, precision, area, n=100):
    return {"hits": 50, "sites": n, "recall": recall, "precision": precision, "average_precision": area}


def test_callers_are_ranked_by_the_area_under_their_curve():
    found = caller_result({"callers": {"counts": {"a": caller(0.6, 0.9, 0.5), "b": caller(0.8, 0.7, 0.75)}}}).sentence
    assert found == (
        "On the counts head, b finds 80 of 100 known sites (80.0%, 95% interval 71.1 to 86.7%) at a precision of 0.700 "
        "(area under the precision-recall curve 0.750); then a finds 60 of 100 known sites (60.0%, 95% interval 50.2 "
        "to 69.1%) at a precision of 0.900 (area under the precision-recall curve 0.500)."
    )
    unknown = caller_result({"callers": {"counts": {"a": caller(None, None, None, None)}}})
    assert unknown == Result(
        "Without known sites no caller is headlined; numbers of hits on the counts head: 50 (a).", False
    )
    assert not caller_result({"callers": {"counts": {"a": caller(0.6, 0.9, 0.5, 9)}}}).headlined
    assert caller_result({"callers": {}}) is None


def judged(verdict, worst, value):
    figure = {
        "measure": "reads_per_peak", "readset": None, "fold": None, "split": "train", "strand": "both", "value": value,
        "lower": value - 1, "upper": value + 1, "n": 300, "verdict": worst, "advice": "sequence deeper",
    }  # fmt: skip
    return {"sufficiency": {"verdict": verdict, "tasks": {"t": {"verdict": verdict, "figures": [figure]}}}}


def test_the_verdict_on_the_data_names_the_worst_figure():
    assert sufficiency_result(judged("enough", "enough", 40.0)).sentence == (
        "The data are enough to train on: 1 of 1 criterion is met; reads above background per training peak "
        "(training) 40 (95% interval 39 to 41; n = 300)."
    )
    assert sufficiency_result(judged("not enough", "not enough", 4.0)).sentence == (
        "The data are not enough to train on: 0 of 1 criterion are met; the worst: reads above background per training "
        "peak (training) 4 (95% interval 3 to 5; n = 300)."
    )
    assert not sufficiency_result({"sufficiency": None}).headlined


def test_peaks_used_of_those_given():
    regions = {"peaks_given": 100, "peaks_kept": 80, "backgrounds": 300, "by_split": {"test": {"peaks": 20}}}
    assert data_result({"regions": regions, "folds": {"0": {}}}).sentence == (
        "80 of 100 peaks given (80.0%) train or test the model, next to 300 background regions; 20 of them are held "
        "out for tests."
    )
    assert not data_result({"regions": regions | {"peaks_given": 0}, "folds": {}}).headlined


def test_time_of_a_run():
    timings = {"stages": {"train": 90.0, "shap": 10.0}, "total": 100.0}
    assert run_result({"timings": timings, "training": {"device": "cpu"}}).sentence == (
        "2 stages took 1 min 40 s of computing in all (training on cpu); the longest, train, took 1 min 30 s."
    )
    assert not run_result({"timings": {"stages": {}, "total": None}, "training": None}).headlined


def test_planted_motifs_and_sites():
    planted = {"motifs": {"A": {"recovered": True, "correlation": 0.99}, "B": {"recovered": False, "correlation": 0.5}}}
    known = {"counts": sites(80, 100)}
    assert truth_result({"truth": planted, "known_sites": known}).sentence == (
        "1 of 2 planted motifs is recovered (A: correlation 0.990); hits of the counts head find 80 of 100 planted "
        "sites in reach (80.0%, 95% interval 71.1 to 86.7%)."
    )
    assert truth_result({"truth": planted, "known_sites": {}}).sentence == (
        "1 of 2 planted motifs is recovered (A: correlation 0.990)."
    )
    assert not truth_result({"truth": planted, "known_sites": {"counts": sites(3, 5)}}).headlined
    assert truth_result({"truth": None}) is None


def test_two_runs_of_opposite_results_have_opposite_sentences(folder, tmp_path):
    """Of the same regions: one run with motifs, hits and good scores, one with none and scores of chance."""
    (tmp_path / "good").mkdir()
    (tmp_path / "bad").mkdir()
    _, good, _ = report(folder, tmp_path / "good")
    for table in folder.glob("*.motifs.tsv"):
        write_table(table, read_table(table).iloc[:0])
    for bed in folder.glob("*.hits.bed"):
        bed.write_text(bed.read_text().splitlines()[0] + "\n")
    metrics = read_table(folder / f"{TF}.metrics.tsv")
    metrics.loc[metrics["metric"] == "auroc", "value"] = 0.5
    metrics.loc[metrics["metric"] == "count_pearson", "value"] = 0.0
    write_table(folder / f"{TF}.metrics.tsv", metrics)
    predictions = read_table(folder / f"{TF}.region_predictions.tsv", dtype={"region_id": str})
    predictions["predicted_log_count"] = predictions["observed_log_count"] + 2
    write_table(folder / f"{TF}.region_predictions.tsv", predictions)
    _, bad, _ = report(folder, tmp_path / "bad")
    words = [{name: found["sentence"] for name, found in run["results"].items()} for run in (good, bad)]
    for name, before, after in (
        ("motifs", "The model reads TTACCCG", "TF-MoDISco found no motif"),
        ("hits", "57 of 60 regions", "None of 60 regions holds a motif instance"),
        ("performance", "an AUROC of 0.975", "an AUROC of 0.500 (95% interval 0.3"),
        ("loci", "at 20 of 20 held-out peaks (100.0%", "at 0 of 20 held-out peaks (0.0%"),
    ):
        assert before in words[0][name], name
        assert after in words[1][name], name
    assert words[0]["data"] == words[1]["data"]


def test_every_section_of_a_page_opens_with_its_result(many_report):
    _, summary, text = many_report
    for section in SECTIONS:
        if section.name in summary["results"]:
            own = text[text.index(f'<section id="{section.name}"') :]
            assert own.index('class="result') < own.index('class="intro"')
    drawn = [section.name for section in SECTIONS if section.draw is not None]
    shown = {name for name in drawn if f'<section id="{name}"' in text}
    assert set(summary["results"]) == shown - {"files"}
    assert 'class="result' in text[text.index('<section id="files"') :]
    for found in summary["results"].values():
        assert found["sentence"].endswith(".")
        assert any(letter.isdigit() for letter in found["sentence"]) or not found["headlined"]
