"""Merged motifs, syntax, callers side by side, checks of contributions: what the page says of them."""

import pandas as pd
import pytest
from report_pages import check_drawings, remove, report
from synthetic_interpretation_files import (
    callers_of,
    peaks_with_hits,
    write_callers,
    write_shap,
    write_statistics,
)
from synthetic_regions import TF
from synthetic_report_files import write_motif_files

from cistill.errors import InputError
from cistill.motifs.commands import merge_motifs
from cistill.motifs.settings import MergeSettings
from cistill.tables import write_table


@pytest.fixture
def template(interpreted_results):
    return interpreted_results


def test_every_section_is_there_and_whole(folder, tmp_path):
    page, _, text = report(folder, tmp_path)
    for anchor in ("contributions", "motifs-merged", "syntax", "callers", "callers-counts"):
        assert anchor in page.ids
    assert len(page.ids) == len(set(page.ids))
    assert [link for link in page.links if link.startswith("#") and link[1:] not in page.ids] == []
    check_drawings(text)
    assert "nan" not in text.lower()


def test_without_their_files_the_sections_are_not_there(folder, tmp_path):
    remove(folder, "*.shap.tsv", "*.merged.*", "*.methods.*", f"{TF}.hits.bed", f"{TF}.*homotypic.tsv")
    remove(folder, *(f"{TF}.{name}.tsv" for name in ("prevalence", "cooccurrence", "distances", "hits_per_region")))
    remove(folder, f"{TF}.distance_summary.tsv")
    page, summary, _ = report(folder, tmp_path)
    assert not {"contributions", "motifs-merged", "syntax", "callers", "affinity"} & set(page.ids)
    assert summary["syntax"] is summary["merged_motifs"] is summary["contributions"] is None
    assert summary["callers"] == summary["affinity"] == {}


def test_same_files_give_the_same_bytes(folder, tmp_path):
    pages = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        pages.append(report(folder, tmp_path / name)[2])
    assert pages[0] == pages[1]


def test_the_merged_motif_names_its_members_of_both_heads(folder, tmp_path):
    page, summary, _ = report(folder, tmp_path)
    first = summary["merged_motifs"][0]
    assert first["members"] == {"counts": ["counts.pos_0"], "profile": ["profile.pos_0"]}
    assert first["pair_similarity"] > 0.99
    assert "seen by both heads" in page.text
    assert "#motif-counts-pos_0" in page.links
    assert "motif-C-pos_0-P-pos_0" in page.ids


def test_no_merged_motif_is_one_sentence(folder, tmp_path):
    for head in ("counts", "profile"):
        write_motif_files(folder, head, [])
    merge_motifs(
        folder, TF, *(folder / f"{TF}.{head}.motifs.h5" for head in ("counts", "profile")), None, MergeSettings()
    )
    page, summary, _ = report(folder, tmp_path)
    assert "Neither head has a motif, so there is nothing to merge." in page.text
    assert summary["merged_motifs"] == []


def test_syntax_tells_prevalence_and_pairs(folder, tmp_path):
    page, summary, _ = report(folder, tmp_path)
    with_hit = peaks_with_hits(folder)
    assert summary["syntax"]["regions_with_hit"] == with_hit
    assert summary["syntax"]["prevalence"]["counts.pos_0"] == pytest.approx(with_hit / summary["syntax"]["regions"])
    assert summary["syntax"]["pairs"]["n"] == 3
    assert "Of 3 pairs (a motif with itself included)" in page.text
    assert "counts.pos_0 and profile.pos_1" in page.text
    spec, pairs = page.charts["which-motifs-share-regions"]
    assert len(pairs) == pairs["motif"].nunique() * pairs["partner"].nunique() == 4
    assert pairs.loc[pairs["ratio"].notna(), "written"].str.contains("×").all()
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["rect", "text"]
    _, shares = page.charts["how-many-regions-hold-the-motif"]
    own = shares[(shares["motif"] == "counts.pos_0") & (shares["of"] == "of all regions")]
    assert own["share"].tolist() == pytest.approx([with_hit / summary["syntax"]["regions"]])


def test_one_motif_of_both_heads_is_not_taken_for_a_pair(folder, tmp_path):
    members = {
        "motif_id": ["C.pos_0:P.pos_1"] * 2, "pair_similarity": 1.0, "member": ["counts.pos_0", "profile.pos_1"],
        "head": ["counts", "profile"], "n_seqlets": 5, "similarity": 1.0,
    }  # fmt: skip
    write_table(folder / f"{TF}.merged.tsv", pd.DataFrame(members))
    page, _, _ = report(folder, tmp_path)
    assert "Grey: one and the same motif" in page.text
    assert "counts.pos_0 and profile.pos_1" not in page.text


def test_no_hits_are_one_sentence(folder, tmp_path):
    write_statistics(folder, empty=True)
    page, summary, _ = report(folder, tmp_path)
    assert "There are no hits, so there is nothing to say of their arrangement." in page.text
    assert summary["syntax"]["hits"] == 0


def test_hits_that_are_alone_have_no_distances(folder, tmp_path):
    table = pd.read_csv(folder / f"{TF}.distances.tsv", sep="\t")
    write_table(folder / f"{TF}.distances.tsv", table.iloc[:0])
    page, _, _ = report(folder, tmp_path)
    assert "No region holds two hits that do not overlap" in page.text


def test_many_motifs_are_bounded_and_the_page_says_so(folder, tmp_path):
    table = pd.read_csv(folder / f"{TF}.prevalence.tsv", sep="\t")
    more = [table.iloc[[1]].assign(motif_id=f"counts.pos_{number}", n_hits=1) for number in range(10, 40)]
    write_table(folder / f"{TF}.prevalence.tsv", pd.concat([table, *more]))
    page, _, _ = report(folder, tmp_path)
    assert "Shown: 20 of 32 motifs." in page.text


def test_callers_stand_side_by_side(folder, tmp_path):
    page, summary, _ = report(folder, tmp_path)
    found = summary["callers"]["counts"]
    assert list(found) == ["cwm_scan", "density", "scan"]
    rows = callers_of(folder, "sets").set_index("hit_set")
    assert found["density"]["recall"] == pytest.approx(rows.loc["density", "recall_called"])
    assert found["scan"]["recall"] == 0
    assert "Largest area under the precision-recall curve: cwm_scan" in page.text
    for title in ("Precision and recall", "Signal around hits", "Shared and unique hits", "Recall by class of sites"):
        assert title in page.text


def test_callers_without_known_sites_are_still_compared(folder, tmp_path):
    remove(folder, f"{TF}.counts.methods.*")
    write_callers(folder, sites=False)
    page, summary, _ = report(folder, tmp_path)
    assert summary["callers"]["counts"]["scan"]["recall"] is None
    assert "No known sites were given for this TF, so precision and recall are not known." in page.text
    assert "Signal around hits" in page.text


def test_contributions_that_add_up_are_said_to(folder, tmp_path):
    page, summary, _ = report(folder, tmp_path)
    assert "contributions of every region add up" in page.text
    assert summary["contributions"][0]["largest_gap"] == pytest.approx(2e-7)
    assert "window holds bases other than A, C, G, T 2 " in page.text


def test_a_large_gap_is_told_of_with_its_region(folder, tmp_path):
    write_shap(folder, gap=0.03)
    page, summary, _ = report(folder, tmp_path)
    assert "In 1 cases" not in page.text
    assert "In 1 case the contributions of a region miss the difference of outputs by over 1%" in page.text
    assert "chr1:4000" in page.text
    assert summary["contributions"][0]["regions_with_large_gap"] == 1


@pytest.mark.parametrize("name", ["cooccurrence.tsv", "counts.methods.sets.tsv", "shap.tsv", "merged.tsv"])
def test_a_spoilt_table_is_named(folder, tmp_path, name):
    (folder / f"{TF}.{name}").write_text("wrong\n1\n")
    with pytest.raises(InputError, match=rf"{name}: the table lacks the column"):
        report(folder, tmp_path)


def test_hits_that_were_filtered_are_linked_where_they_are_published(folder, tmp_path):
    (folder / f"{TF}.counts.filterhits.json").write_text('{"command": "filterhits"}')
    page, _, _ = report(folder, tmp_path, link_root="..")
    assert f"../filterhits/{TF}.counts.hits.bed" in page.links
    assert f"../callhits/{TF}.profile.hits.bed" in page.links
    assert f"../collapse/{TF}.hits.bed" in page.links
