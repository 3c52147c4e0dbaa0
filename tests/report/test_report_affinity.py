"""The section of affinities: what it says of a library, with all tables, some, or none."""

import shutil

import numpy as np
import pandas as pd
import pytest
from report_pages import check_drawings, remove, report
from synthetic_affinity_files import LIBRARY, SITE, held_out, record_of, variants, write_library
from synthetic_regions import TF

from cistill.errors import InputError
from cistill.provenance import write_provenance
from cistill.report.reading.library_results import POINTS
from cistill.report.reading.long_tables import count_rows, every, table_blocks
from cistill.report.reading.result_files import find_inputs
from cistill.report.reading.tf_results import read_results
from cistill.tables import write_table


@pytest.fixture
def template(affinity_results):
    return affinity_results


def library_of(folder):
    return read_results(find_inputs(TF, [folder])).libraries[LIBRARY]


def test_the_headline_says_error_rank_and_best_motif(folder, tmp_path):
    page, summary, _ = report(folder, tmp_path)
    row = held_out(folder, "model", "distilled")
    own = summary["affinity"][LIBRARY]
    assert own["calibrator"] == "distilled"
    assert own["calibrators"]["distilled"]["rmse"] == pytest.approx(row["rmse"], rel=1e-5)
    assert "after calibration by a straight line of the energies distilled from its scores" in page.text
    assert own["unit"] == "kcal/mol"
    assert own["backgrounds"] == 20
    assert f"the model's error (RMSE) is {row['rmse']:.2f} kcal/mol (95% interval" in page.text
    table = pd.read_csv(folder / f"{TF}.{LIBRARY}.calibration.tsv", sep="\t")
    motifs = table[(table["calibrator"] == "ols") & (table["scored_on"] == "held_out") & table["motif"].notna()]
    assert own["best_motif"]["rmse"] == pytest.approx(motifs["rmse"].min(), rel=1e-5)
    assert f"has {motifs['rmse'].min():.2f} kcal/mol" in page.text
    assert f"Affinity error, {LIBRARY} {row['rmse']:.2f} kcal/mol, held out" in page.text


def test_the_page_is_whole_with_every_analysis(folder, tmp_path):
    page, _, text = report(folder, tmp_path, link_root="..")
    assert len(page.ids) == len(set(page.ids))
    assert [link for link in page.links if link.startswith("#") and link[1:] not in page.ids] == []
    check_drawings(text)
    assert "nan" not in text.lower()
    titles = (
        "Measured and predicted", "Before calibration", "Distilled energies", "Error beside motifs", "Dynamic range",
        "Residuals", "By class of variation", "Does the model know which changes do not add up?", "Scores by class",
        "Observed reads", "Footprint of the inserts", "Profiles of peaks", "Specificity", "Number of backgrounds",
    )  # fmt: skip
    for title in titles:
        assert title in page.text
    assert f"../calibrate/{TF}.{LIBRARY}.calibrated.tsv" in page.links
    assert f"../analyse/{TF}.{LIBRARY}.psam.csv" in page.links
    assert f"../analyse/{TF}.{LIBRARY}.energies.tsv" in page.links
    assert "rows without a value: 4" in page.text
    assert "From 1 background to 20 the held-out error goes from 0.50 to 0.30 kcal/mol." in page.text


def test_what_a_biochemist_looks_at_comes_first(folder, tmp_path):
    page, _, _ = report(folder, tmp_path)
    section = page.text[page.text.index("Library variants") :]
    order = ["Measured and predicted", "Before calibration", "Distilled energies", "Error beside motifs", "Residuals"]
    places = [section.index(title) for title in order]
    assert places == sorted(places)


def test_same_files_give_the_same_bytes(folder, tmp_path):
    pages = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        pages.append(report(folder, tmp_path / name)[2])
    assert pages[0] == pages[1]


def test_peaks_that_were_not_predicted_are_left_out_of_both_sides(folder, tmp_path):
    page, _, _ = report(folder, tmp_path)
    assert "Drawn: 3 of 4 in the table, those with every profile." in page.text


def test_regions_without_signal_are_left_out_of_the_genome(folder, tmp_path):
    page, _, _ = report(folder, tmp_path)
    assert "19 sequences of the library occur in the peaks" in page.text


def test_an_analysis_window_that_was_shrunk_is_reported(folder, tmp_path):
    record = folder / f"{TF}.{LIBRARY}.genomic_matches.json"
    write_provenance(record, {"window": 100}, {}, {"window": 100, "output_length": 1000})
    assert "do not fit" not in report(folder, tmp_path)[0].text
    write_provenance(record, {"window": 100}, {}, {"window": 40, "output_length": 80})
    page, _, _ = report(folder, tmp_path)
    words = "Reads are counted in 40 bp around each sequence: 100 bp do not fit the output window of 80 bp."
    assert words in page.text


def test_energies_are_distilled_from_the_calibrated_table_too(folder, tmp_path):
    remove(folder, "*.psam.*")
    page, _, _ = report(folder, tmp_path)
    assert "Distilled energies" in page.text
    assert "letters below it worse. From calibrated.tsv." in page.text
    assert "From psam.tsv" not in page.text


def test_without_some_substitution_there_is_no_logo(folder, tmp_path):
    remove(folder, "*.psam.*")
    path = folder / f"{TF}.{LIBRARY}.calibrated.tsv"
    table = pd.read_csv(path, sep="\t")
    write_table(path, table[table["class"] != "substitution_1"])
    page, _, _ = report(folder, tmp_path)
    assert "Distilled energies" not in page.text


def test_scores_alone_are_shown_without_a_calibration(folder, tmp_path):
    remove(folder, f"{TF}.{LIBRARY}.*")
    write_library(folder, labelled=False)
    page, summary, _ = report(folder, tmp_path)
    assert "Nothing was measured of these sequences, so their scores are not calibrated." in page.text
    assert "SD of networks" in page.text
    assert SITE in page.text
    assert summary["affinity"][LIBRARY]["best_motif"] is None
    assert summary["affinity"][LIBRARY]["sequences"] == len(variants())


def test_a_library_without_sequences_is_one_sentence(folder, tmp_path):
    path = folder / f"{TF}.{LIBRARY}.scores.tsv"
    table = pd.read_csv(path, sep="\t")
    remove(folder, f"{TF}.{LIBRARY}.*")
    write_table(path, table.iloc[:0])
    page, _, _ = report(folder, tmp_path)
    assert "The library has no sequence." in page.text


def test_the_record_alone_makes_no_figure(folder, tmp_path):
    remove(folder, f"{TF}.{LIBRARY}.*.tsv", "*.psam.csv")
    page, summary, _ = report(folder, tmp_path)
    assert "Nothing was calibrated" in page.text
    assert summary["affinity"][LIBRARY]["calibrators"] == {}
    assert "Measured: made-up assay." in page.text


def test_errors_by_family_alone_are_drawn(folder, tmp_path):
    remove(folder, "*.calibration.tsv")
    page, _, _ = report(folder, tmp_path)
    assert "Error beside motifs" in page.text


def test_points_are_a_bounded_regular_share(folder, tmp_path):
    path = folder / f"{TF}.{LIBRARY}.calibrated.tsv"
    table = pd.read_csv(path, sep="\t")
    table = pd.concat([table] * 70, ignore_index=True)
    table.loc[200:, "class"] = "random"
    write_table(path, table)
    library = library_of(folder)
    assert library.n_calibrated == len(table) > POINTS
    assert library.points["regular"].sum() <= POINTS
    assert (library.points["class"] == "consensus").any()
    page, _, text = report(folder, tmp_path)
    assert f"{library.points['regular'].sum():,} of {len(table):,} drawn." in page.text
    assert len(text) < 1_500_000


def test_deviations_of_model_and_measurement_are_of_the_same_sequence(folder):
    table = pd.read_csv(folder / f"{TF}.{LIBRARY}.additivity.tsv", sep="\t")
    wide = table.pivot_table(index="sequence", columns="source", values="deviation")
    found = library_of(folder).deviations
    assert len(found) == len(wide)
    assert sorted(found["observed"]) == pytest.approx(sorted(wide["observed"]))
    assert np.corrcoef(found.T)[0, 1] == pytest.approx(np.corrcoef(wide[["observed", "model.distilled"]].T)[0, 1])


def test_libraries_are_told_apart_by_name(folder):
    for file in folder.glob(f"{TF}.{LIBRARY}.*"):
        shutil.copy(file, folder / file.name.replace(LIBRARY, "flanks_2"))
    (folder / f"{TF}.{LIBRARY}.chunk_1.scores.tsv").write_text("sequence\tscore\n")
    (folder / f"OTHER.{LIBRARY}.scores.tsv").write_text("sequence\tscore\n")
    inputs = find_inputs(TF, [folder])
    assert list(inputs.libraries) == ["flanks_2", LIBRARY]
    assert inputs.libraries[LIBRARY]["scores"].name == f"{TF}.{LIBRARY}.scores.tsv"
    assert f"{TF}.{LIBRARY}.calibrate.json" in inputs.provenance
    assert f"{TF}.{LIBRARY}.calibrator.json" not in inputs.provenance
    assert record_of(folder, "calibrate")["command"] is not None


@pytest.mark.parametrize("name", ["calibrated", "scores", "additivity", "residuals"])
def test_a_spoilt_table_is_named(folder, tmp_path, name):
    (folder / f"{TF}.{LIBRARY}.{name}.tsv").write_text("wrong\n1\n")
    with pytest.raises(InputError, match=rf"{LIBRARY}\.{name}\.tsv: the table lacks the column"):
        report(folder, tmp_path)


def test_long_tables_are_read_block_by_block(tmp_path, monkeypatch):
    monkeypatch.setattr("cistill.report.reading.long_tables.ROWS_AT_ONCE", 3)
    path = tmp_path / "long.tsv"
    write_table(path, pd.DataFrame({"a": range(10), "b": "x"}))
    blocks = list(table_blocks(path, ["a"], {}))
    assert [len(block) for block in blocks] == [3, 3, 3, 1]
    assert blocks[1]["a"].tolist() == [3, 4, 5]
    assert count_rows(path) == 10
    assert (every(10, 3), every(9, 3), every(0, 3)) == (4, 3, 1)
