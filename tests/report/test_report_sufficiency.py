"""Whether the data were enough, and how certain the scores are, on the page and in the summary."""

import numpy as np
import pytest
from report_pages import report
from synthetic_regions import TF

from cistill.formats.tables.regions import SUFFICIENCY
from cistill.tables import read_table, write_table


def verdict_rows(verdict="doubtful"):
    """Return sufficiency.tsv of a task with one doubtful figure."""
    missing = (np.nan, np.nan, np.nan)
    return SUFFICIENCY.frame(
        [
            (TF, None, None, "all", "both", "overall", *missing, 1, verdict, None),
            (TF, None, "0", "train", "both", "peaks", 100, np.nan, np.nan, 100, "doubtful", "call more peaks"),
            (TF, None, "0", "test", "both", "peaks", 40, np.nan, np.nan, 40, "enough", None),
            (TF, None, "0", "train", "both", "reads", 5000, np.nan, np.nan, 100, "unknown", None),
            (TF, "a, b", None, "all", "both", "replicates", 0.95, 0.9, 0.98, 100, "enough", None),
        ]
    )


def test_verdicts_are_on_the_page_and_in_the_summary(folder, tmp_path):
    SUFFICIENCY.write(folder / f"{TF}.sufficiency.tsv", verdict_rows())
    page, summary, _ = report(folder, tmp_path)
    assert summary["sufficiency"]["verdict"] == "doubtful"
    figures = summary["sufficiency"]["tasks"][TF]["figures"]
    assert [figure["measure"] for figure in figures] == ["peaks", "peaks", "replicates"]
    assert (figures[2]["lower"], figures[2]["readset"], figures[2]["fold"]) == (0.9, "a, b", None)
    assert "Data doubtful peaks that train" in page.text
    assert "The data are doubtful to train on. Peaks that train: 100 (doubtful); call more peaks." in page.text
    assert "correlation of replicates a, b 0.95 0.9 – 0.98 100 enough" in page.text
    assert page.ids.index("training") < page.ids.index("sufficiency") < page.ids.index("data")


def test_results_of_an_earlier_version_have_no_verdict(folder, tmp_path):
    page, summary, _ = report(folder, tmp_path)
    assert summary["sufficiency"] is None
    assert "No sufficiency.tsv was given" in page.text


def test_scores_have_intervals(folder, tmp_path):
    page, summary, _ = report(folder, tmp_path)
    found = summary["metrics"]["certainty"]
    assert (found["fewest_peaks"], found["too_few"]) == (20, False)
    area = found["tasks"][TF]["intervals"]["auroc"]
    assert area["value"] == 0.975
    assert area["lower"] < 0.975 < area["upper"]
    assert "95% interval" in page.text
    assert "AUROC 0.975" in page.text


@pytest.mark.parametrize("peaks", [2, 19])
def test_scores_of_few_regions_are_not_headlined(folder, tmp_path, peaks):
    metrics = read_table(folder / f"{TF}.metrics.tsv")
    metrics.loc[metrics["regions"] == "peaks", "n"] = peaks
    metrics.loc[metrics["regions"] == "peaks+background", "n"] = 2 * peaks
    metrics.loc[(metrics["metric"] == "auroc"), "value"] = 1.0
    write_table(folder / f"{TF}.metrics.tsv", metrics)
    page, summary, text = report(folder, tmp_path)
    assert summary["metrics"]["certainty"]["too_few"]
    box = text[text.index('id="headline"') : text.index("</section>")]
    assert ">AUROC<" not in box
    assert "1.000" not in box
    assert "Log-count r" not in box
    assert f"Performance {peaks} peaks held out: too few to put scores here" in page.text
    assert f"Only {peaks} peaks held out: too few to judge the model by." in page.text
