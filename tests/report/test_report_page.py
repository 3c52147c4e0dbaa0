"""The page: whole, self-contained, and clear about what is missing."""

import json
import subprocess
import sys
from pathlib import Path

import h5py
import pandas as pd
import pytest
from report_pages import check_drawings, remove, report
from synthetic_regions import TF
from synthetic_report_files import toy_motif, write_hits, write_motif_files, write_results

from cistill.errors import InputError
from cistill.tables import read_table, write_table


def test_the_page_is_whole_and_needs_nothing_else(folder, tmp_path):
    page, _, text = report(folder, tmp_path, motif_db=folder / "database.meme", truth=folder / "truth.json")
    assert len(page.ids) == len(set(page.ids))
    anchors = [link for link in page.links if link.startswith("#")]
    assert [link for link in anchors if link[1:] not in page.ids] == []
    assert [link for link in page.links if not link.startswith("#")] == []
    assert page.sources == []
    assert "http" not in text.replace("http-equiv", "")
    assert "url(" not in text.replace("url(#", "")
    assert "nan" not in text.lower().replace("nanog", "")
    assert (tmp_path / f"{TF}.report.html").stat().st_size < 4_000_000
    for words in ("MA0363.3 REB1 (p 3.5×10⁻¹²", "only 0.9 bits of information", "lowers the prediction", "Planted"):
        assert words in page.text


def test_every_figure_has_a_label_and_a_caption(folder, tmp_path):
    _, _, text = report(folder, tmp_path)
    check_drawings(text)


def test_same_files_give_the_same_bytes(folder, tmp_path):
    outputs = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        report(folder, tmp_path / name, truth=folder / "truth.json")
        outputs.append([(tmp_path / name / f"{TF}.{end}").read_bytes() for end in ("report.html", "summary.json")])
    assert outputs[0] == outputs[1]


def test_the_table_of_regions_is_enough(folder, tmp_path):
    page, summary, _ = report(folder / f"{TF}.regions.tsv", tmp_path)
    assert summary["metrics"] is summary["motifs"] is summary["training"] is None
    assert summary["selection"] is summary["tuning"] is None
    for file in ("history.tsv", "metrics.tsv", "region_predictions.tsv", "motifs.tsv", "hits.bed"):
        assert f"No {file} was given" in page.text
    assert "No known sites were given" in page.text
    assert "No provenance files were given" in page.text


def test_without_known_sites_truth_or_database_the_page_says_so(folder, tmp_path):
    remove(folder, "*.site_*", "*.comparehits.json")
    for head in ("counts", "profile"):
        write_motif_files(folder, head, [toy_motif(head, "pos", 0)], matched=False)
    page, summary, _ = report(folder, tmp_path)
    assert "No known sites were given" in page.text
    assert "none (no database given, or nothing alike)" in page.text
    assert summary["truth"] is None
    assert "Planted" not in page.text


def test_no_motif_and_no_hit_are_results_too(folder, tmp_path):
    regions = read_table(folder / f"{TF}.regions.tsv", dtype={"region_id": str})
    write_motif_files(folder, "counts", [])
    write_hits(folder, regions[regions["kept"]].reset_index(drop=True), "counts", empty=True)
    page, summary, _ = report(folder, tmp_path, truth=folder / "truth.json")
    assert "TF-MoDISco found no motif from the contributions of this head" in page.text
    assert "No motif instance passed the cut" in page.text
    assert summary["top_motif"]["counts"] is None
    assert summary["hits"]["counts"]["regions_with_hit"] == 0


def test_negative_patterns_alone_are_told_of(folder, tmp_path):
    write_motif_files(folder, "counts", [toy_motif("counts", "neg", 0)])
    page, summary, _ = report(folder, tmp_path)
    assert "Only patterns that lower the prediction" in page.text
    assert summary["top_motif"]["counts"] == "counts.neg_0"


def test_one_head_alone_is_enough(folder, tmp_path):
    remove(folder, f"{TF}.profile.*")
    _, summary, _ = report(folder, tmp_path)
    assert list(summary["hits"]) == ["counts"]


def test_reads_control_and_motifs_without_hits_are_accounted_for(folder, tmp_path):
    page, _, _ = report(folder, tmp_path)
    assert "rep1 1,200 900 300 of low mapping quality" in page.text
    assert "No control experiment was given" in page.text
    assert (
        "No instance of counts.neg_0 stood out from those of decoy motifs. Not called, since weak: counts.pos_1."
        in page.text
    )
    with h5py.File(folder / f"{TF}.dataset.h5", "r+") as handle:
        handle["has_control"][:] = True
    page, _, _ = report(folder, tmp_path)
    assert "The model saw the reads of a control experiment beside the sequence." in page.text


def test_without_test_chromosomes_the_figures_are_marked_as_not_held_out(folder, tmp_path):
    for name in ("regions", "metrics", "region_predictions"):
        table = read_table(folder / f"{TF}.{name}.tsv", dtype={"region_id": str})
        if name == "regions":
            table.loc[table["split"] == "test", "split"] = "none"
        else:
            table = table[table["split"] != "test"]
        write_table(folder / f"{TF}.{name}.tsv", table)
    page, summary, _ = report(folder, tmp_path)
    assert summary["metrics"]["test"] == {}
    assert "There are no held-out test regions" in page.text
    assert "not held out" in page.text


def test_without_profiles_the_letters_are_still_drawn(folder, tmp_path):
    remove(folder, f"{TF}.dataset.h5", f"{TF}.predictions.h5")
    page, summary, text = report(folder, tmp_path)
    assert "dataset.h5 was not given or lacks this region: no observed profile." in page.text
    assert "predictions.h5 was not given or lacks this region: no predicted profile." in page.text
    assert text.count('<svg class="letters"') == 2 * len(summary["loci"])


def test_several_tasks_stand_side_by_side(tmp_path):
    folder = write_results(tmp_path / "two", (TF, "OTHER"))
    page, summary, _ = report(folder, tmp_path)
    assert summary["tasks"] == [TF, "OTHER"]
    assert "Tasks: TOY, OTHER." in page.text


def test_a_region_without_contributions_is_told_of(folder, tmp_path):
    with h5py.File(folder / f"{TF}.counts.attributions.h5", "r+") as handle:
        names = handle["region_id"].asstr()[:]
        handle["region_id"][:] = ["other" if name.startswith("chr3") else name for name in names]
    remove(folder, f"{TF}.profile.attributions.h5")
    page, _, _ = report(folder, tmp_path)
    assert "No contributions were given for this region." in page.text


def test_links_lead_to_the_published_files(folder, tmp_path):
    page, _, _ = report(folder, tmp_path, link_root="..")
    links = [link for link in page.links if not link.startswith("#")]
    assert "../dataset/TOY.regions.tsv" in links
    assert "../callhits/TOY.profile.hits.bed" in links
    assert "TOY.summary.json" in links


def test_names_of_the_user_cannot_break_the_page(folder, tmp_path):
    table = read_table(folder / f"{TF}.counts.motifs.tsv")
    table["match_1"] = '<script>alert("x")</script>'
    write_table(folder / f"{TF}.counts.motifs.tsv", table)
    page, _, text = report(folder, tmp_path)
    assert "<script" not in text
    assert [script for script in page.scripts if 'alert("x")' in script] == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("counts.hits.bed", "chrom\tstart\nchr1\t1\n", r"counts\.hits\.bed: the table lacks the column"),
        (
            "predictions.h5",
            "cut off",
            r"predictions\.h5: not a readable file of predictions: not an HDF5 file, or it is damaged",
        ),
        ("all.fold_0.restart_1.train.json", "{", r"train\.json: not readable as JSON"),
        ("all.fold_0.restart_1.history.tsv", "epoch\n1\n", r"restart_1\.history\.tsv: the table lacks the column"),
        ("candidates.tsv", "candidate\nx\n", r"candidates\.tsv: the table lacks the column"),
        ("counts.motifs.h5", "cut off", r"counts\.motifs\.h5: not a readable motifs\.h5"),
    ],
)
def test_a_spoilt_file_is_named(folder, tmp_path, name, content, message):
    (folder / f"{TF}.{name}").write_text(content)
    with pytest.raises(InputError, match=message):
        report(folder, tmp_path)
    assert not (tmp_path / f"{TF}.report.html").exists()


def test_files_of_different_runs_are_refused(folder, tmp_path):
    table = read_table(folder / f"{TF}.regions.tsv", dtype={"region_id": str})
    write_table(folder / f"{TF}.regions.tsv", table[table["region_id"] != "chr3:1000"])
    with pytest.raises(InputError, match=r"(?s)region_predictions: 1 rows.*chr3:1000.*counts\.hits: 1 rows"):
        report(folder, tmp_path)


def test_a_truth_of_something_else_is_refused(folder, tmp_path):
    (folder / "truth.json").write_text('{"motifs": {}}')
    with pytest.raises(InputError, match=r"not the truth\.json of the command simulate"):
        report(folder, tmp_path, truth=folder / "truth.json")


def test_the_report_never_loads_a_model():
    heavy = ("torch", "modiscolite", "matplotlib")
    code = f"import sys, cistill.report.page; print([name for name in {heavy} if name in sys.modules])"
    source = Path(__file__).parents[2] / "src"
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(source)}, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_hits_of_motifs_that_the_table_lacks_are_still_drawn(folder, tmp_path):
    hits = read_table(folder / f"{TF}.counts.hits.bed")
    assert isinstance(hits, pd.DataFrame)
    hits["motif_id"] = "counts.pos_9"
    write_table(folder / f"{TF}.counts.hits.bed", hits, bed=True)
    _, summary, _ = report(folder, tmp_path)
    assert summary["hits"]["counts"]["by_motif"] == {"counts.pos_9": 57}


def test_contigs_in_no_part_of_the_split_are_counted_on_the_page(folder, tmp_path):
    file = folder / f"{TF}.dataset.json"
    record = json.loads(file.read_text())
    left_out = {"alternate or patch of a chromosome": {"contigs": 261, "bp": 109_000_000}}
    record["results"] |= {"contigs": 455, "contigs_left_out": left_out}
    file.write_text(json.dumps(record))
    reads = json.loads((folder / "rep1.coverage.json").read_text())
    reads["results"]["unknown_contigs"] = {"chrEBV": 7, "hs37d5": 2}
    (folder / "rep1.coverage.json").write_text(json.dumps(reads))
    page, summary, _ = report(folder, tmp_path)
    assert summary["contigs"] == {
        "genome": 455,
        "left_out": left_out,
        "unknown": {"peaks": {"contigs": 0, "peaks": 0}, "reads": {"rep1": {"contigs": 2, "reads": 9}}},
    }
    assert "neither train, validate nor test, of 455" in page.text
    assert "alternate or patch of a chromosome 261 109,000,000" in " ".join(page.text.split())
