"""Files for genome browsers: which regions are chosen, what hub and session say, what their tracks hold."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from browser_grammar import check_hub, check_session
from synthetic_regions import TF
from synthetic_report_files import write_results

from cistill.errors import InputError
from cistill.formats.bigwig import BigWigTrack
from cistill.formats.dataset import open_dataset
from cistill.report.browser.browser_page import render
from cistill.report.browser.contents import page_contents
from cistill.report.browser.shown_places import Place, places_by_rule, places_of_user
from cistill.report.browser.stretches import _cut
from cistill.report.browser.write import Wishes, write_browsers
from cistill.report.reading.result_files import bigwigs_in, find_inputs
from cistill.report.reading.tf_results import TfResults, read_results
from cistill.report.sections.loci.choice import choose_loci

sys.path.append(str(Path(__file__).resolve().parents[1] / "formats"))
from bigbed_rows import declaration, header, rows_of

TWO = (TF, "OTHER")
GENES = "chr3\tx\tgene\t2001\t2600\t.\t+\t.\tID=g1;Name=ABC1\nchr9\tx\tgene\t5\t9\t.\t+\t.\tID=g2\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of two tasks whose counts were given as bigWigs."""
    found = write_results(tmp_path_factory.mktemp("results"), TWO)
    for record in found.glob("*.coverage.json"):
        record.unlink()
    return found


@pytest.fixture(scope="module")
def results(folder: Path) -> TfResults:
    return read_results(find_inputs(TF, [folder]))


@pytest.fixture(scope="module")
def genome(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("genome") / "genome.fa.gz"
    path.write_bytes(gzip.compress(b"".join(b">chr%d\n%s\n" % (i, b"ACGT" * 6000) for i in (1, 2, 3))))
    return path


def test_every_rule_chooses_a_region_once() -> None:
    observed = [1.0, 2.0, 3.0, 4.0, 5.0]
    table = pd.DataFrame(
        {
            "region_id": list("abcde"), "kind": "peak", "split": "test", "task": "t", "observed_log_count": observed,
            "predicted_log_count": np.add(observed, [0, 1, 0, -1, 0]), "profile_jsd": [0.9, 0.1, 0.2, 0.1, 0.1],
        }
    )  # fmt: skip
    rules = ("strongest", "weakest", "most sites", "count too high", "count too low", "worst profile")
    chosen, _ = choose_loci(table, "t", rules, {"b": 2, "e": 1})
    assert chosen == {
        "e": ("strongest",), "b": ("count too high", "most sites"), "d": ("count too low",), "c": ("worst profile",),
        "a": ("weakest",),
    }  # fmt: skip
    without, _ = choose_loci(table.assign(predicted_log_count=np.nan, profile_jsd=np.nan), "t", rules)
    assert without == {"e": ("strongest",), "a": ("weakest",)}


def test_regions_of_all_tasks_are_listed_by_rule(results: TfResults) -> None:
    places = places_by_rule(results, 100)
    assert places[0].reasons[0].startswith("strongest (")
    named = [reason.split(" (")[0] for place in places for reason in place.reasons]
    assert {"median", "weakest", "most sites", "count too high", "count too low", "worst profile"} <= set(named)
    assert all(place.end - place.start == 100 and len(place.regions) == 1 for place in places)
    assert len({place.regions for place in places}) == len(places)


def test_regions_of_the_user_show_what_the_run_has_there(results: TfResults, tmp_path: Path) -> None:
    bed = tmp_path / "mine.bed"
    bed.write_text("chr3\t2990\t3020\tmy site\nchr1\t900000\t900100\nchr2\t3900\t5100\n")
    assert places_of_user(results, bed) == [
        Place("my site", (), "chr3", 2945, 3065, ("chr3:3000",)),
        Place("chr2:3,901-5,100", (), "chr2", 3900, 5100, ("chr2:4000", "bg:chr2:4400", "chr2:5000")),
    ]
    bed.write_text("chr1\t900000\t900100\n")
    with pytest.raises(InputError, match=r"none of its 1 intervals .*chr1:900,001-900,100.* overlaps a region"):
        places_of_user(results, bed)


def test_a_base_in_two_windows_has_the_value_of_the_nearest_summit() -> None:
    table = pd.DataFrame({"region_id": ["b", "a", "c"], "chrom": ["x", "x", "y"], "summit": [104, 100, 100]})
    windows = {name: (np.full(10, value), start) for name, value, start in (("a", 1, 95), ("b", 2, 99), ("c", 3, -4))}
    found = {one.chrom + str(one.start): one.values.tolist() for one in _cut(table, windows)}
    # 102 is as near to 100 as to 104: the left one's
    assert found == {"x95": [1.0] * 8, "x103": [2.0] * 6, "y0": [3.0] * 6}


def test_a_page_holds_as_many_regions_as_fit(results: TfResults, monkeypatch: pytest.MonkeyPatch) -> None:
    places = places_by_rule(results, 100)
    whole = page_contents(results, places, [])
    assert whole["left_out"] == []
    monkeypatch.setattr("cistill.report.browser.contents.DATA_AT_MOST", 20_000)
    few = page_contents(results, places, [])
    assert 1 <= len(few["places"]) < len(places)
    assert [place["title"] for place in few["places"]] + few["left_out"] == [place.title for place in places]


def test_the_package_that_carries_igv_js_is_not_imported() -> None:
    code = "import sys\nfrom cistill.report.browser.browser_page import igv_js\n"
    code += "text, version, licence = igv_js()\n"
    code += "print(len(text) > 1e6, version > '3', 'Copyright' in licence, 'igv_notebook' in sys.modules)"
    source = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=source)
    assert done.stdout.split() == ["True", "True", "True", "False"]


def test_a_long_interval_shows_its_first_regions(results: TfResults, monkeypatch: pytest.MonkeyPatch) -> None:
    regions = results.regions[(results.regions["chrom"] == "chr3") & results.regions["kept"]]
    place = Place("all of it", (), "chr3", 0, 24_000, tuple(regions["region_id"]))
    monkeypatch.setattr("cistill.report.browser.contents.DATA_AT_MOST", 20_000)
    contents = page_contents(results, [place], [])
    (shown,) = contents["places"]
    assert 1 <= shown["regions"] < len(regions)
    words = f"Only the first {shown['regions']} regions of the run in all of it fit on the page."
    assert words in render(contents)


def test_hub_and_session_name_files_that_are_there(folder: Path, genome: Path, tmp_path: Path) -> None:
    published = tmp_path / "predict"
    published.mkdir()
    for strand in ("plus", "minus"):
        for task in TWO:
            (published / f"{TF}.{task}.predicted.{strand}.bw").touch()
    (tmp_path / "genes.gff").write_text(GENES)
    out = tmp_path / "browser"
    out.mkdir()
    given = [folder, published]
    wishes = Wishes(fasta=genome, annotation=tmp_path / "genes.gff", link_root="..")
    made = write_browsers(read_results(find_inputs(TF, given)), bigwigs_in(given), wishes, out)
    tracks = check_hub(out / f"{TF}.hub.txt")
    assert check_session(out / f"{TF}.igv.xml") == made["tracks"]
    assert [track["bigDataUrl"] for track in tracks if "bigDataUrl" in track] == made["tracks"]
    assert made["tracks"] == [
        *(f"{TF}.{task}.observed.{strand}.bw" for task in TWO for strand in ("plus", "minus")),
        *(f"../predict/{TF}.{task}.predicted.{strand}.bw" for task in TWO for strand in ("plus", "minus")),
        *(f"{TF}.{task}.peaks.bb" for task in TWO),
        *(f"{TF}.{head}.hits.bb" for head in ("counts", "profile")),
        f"{TF}.genes.bb",
    ]
    assert [track["track"] for track in tracks if track.get("negateValues") == "on"] == [
        "observed_1_minus", "observed_2_minus", "predicted_1_minus", "predicted_2_minus",
    ]  # fmt: skip


def test_counts_that_the_run_made_are_pointed_to(tmp_path: Path) -> None:
    results = read_results(find_inputs(TF, [write_results(tmp_path / "results")]))
    (tmp_path / "browser").mkdir()
    (tmp_path / "earlier").mkdir()
    for strand in ("plus", "minus"):
        (tmp_path / "earlier" / f"rep1.{strand}.bw").touch()
    wishes = Wishes(genome_name="sacCer3", roots={"coverage": "../earlier"})
    made = write_browsers(results, frozenset(), wishes, tmp_path / "browser")
    assert made["tracks"][:2] == ["../earlier/rep1.plus.bw", "../earlier/rep1.minus.bw"]
    check_hub(tmp_path / "browser" / f"{TF}.hub.txt")
    assert list((tmp_path / "browser").glob("*.bw")) == []


def test_a_named_assembly_needs_no_genome(results: TfResults, tmp_path: Path) -> None:
    write_browsers(results, frozenset(), Wishes(genome_name="sacCer3"), tmp_path)
    assert (tmp_path / f"{TF}.genomes.txt").read_text() == f"genome sacCer3\ntrackDb {TF}.trackDb.txt\n"
    check_hub(tmp_path / f"{TF}.hub.txt")
    check_session(tmp_path / f"{TF}.igv.xml", ("sacCer3",))
    assert list(tmp_path.glob("*.2bit")) == []


def test_without_name_and_genome_there_is_no_hub(results: TfResults, tmp_path: Path, caplog) -> None:
    made = write_browsers(results, frozenset(), Wishes(), tmp_path)
    assert not made["hub"]
    assert "no track hub, since neither the genome's name nor its FASTA file was given" in caplog.text
    check_session(tmp_path / f"{TF}.igv.xml")
    assert list(tmp_path.glob("*.txt")) == []


def test_tracks_hold_what_the_tables_say(folder: Path, results: TfResults, tmp_path: Path) -> None:
    write_browsers(results, frozenset(), Wishes(genome_name="x"), tmp_path)
    regions = results.regions
    peaks = regions[(regions["kind"] == "peak") & regions["kept"] & regions["tasks"].str.contains("OTHER")]
    found = rows_of(tmp_path / f"{TF}.OTHER.peaks.bb")
    assert sorted((chrom, start, end, rest[0], int(rest[3]), rest[-1]) for chrom, start, end, rest in found) == sorted(
        (row.chrom, row.start, row.end, row.region_id, row.summit, str(row.counts)) for row in peaks.itertuples()
    )
    hits = results.heads["counts"].hits
    found = rows_of(tmp_path / f"{TF}.counts.hits.bb")
    assert sorted((chrom, start, end, rest[0], rest[1], rest[2]) for chrom, start, end, rest in found) == sorted(
        (row.chrom, row.start, row.end, row.motif_id, str(round(1000 * row.confidence)), row.strand)
        for row in hits.itertuples()
    )
    assert header(tmp_path / f"{TF}.counts.hits.bb")["defined"] == 9
    assert "float confidence;" in declaration(tmp_path / f"{TF}.counts.hits.bb")
    with (
        open_dataset(folder / f"{TF}.dataset.h5") as dataset,
        BigWigTrack(tmp_path / f"{TF}.OTHER.observed.minus.bw") as track,
    ):
        counts = dataset.windows(0, len(dataset))[:, 1, 1]
        chroms = dataset.column("chrom")
        for row in range(0, len(dataset), 7):
            start = int(dataset.summit[row]) - dataset.output_length // 2
            values = track.values(str(chroms[row]), start, start + dataset.output_length)
            assert np.array_equal(values, counts[row])


def test_what_was_not_given_is_left_out_and_said(folder: Path, tmp_path: Path) -> None:
    given = [folder / f"{TF}.regions.tsv"]
    made = write_browsers(read_results(find_inputs(TF, given)), frozenset(), Wishes(genome_name="x"), tmp_path)
    assert made["tracks"] == [f"{TF}.{task}.peaks.bb" for task in TWO]
    page = (tmp_path / f"{TF}.browser.html").read_text()
    for words in ("dataset.h5", "predictions.h5", "attributions.h5", "hits.bed"):
        assert f"{words} was not given." in page


def test_the_same_results_give_the_same_files(results: TfResults, genome: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_browsers(results, frozenset(), Wishes(fasta=genome), tmp_path / name)
    once, again = ({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()} for name in ("a", "b"))
    assert set(once) == set(again)
    assert [name for name in once if once[name] != again[name]] == []
