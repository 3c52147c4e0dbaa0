"""Prevalence, hits per region, homotypic density and distances, and the command summarizehits."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pandas as pd
import pytest

from cistill.hits.pooling.merged_names import as_merged
from cistill.hits.statistics.distances import distance_tables
from cistill.hits.statistics.prevalence import hits_per_region, homotypic_density, prevalence
from cistill.hits.statistics.region_hits import count_by_region

Run = Callable[..., CompletedProcess[str]]
COLUMNS = ["region_id", "motif_id", "start", "end", "strand"]
REGIONS = pd.DataFrame({"region_id": ["r1", "r2", "r3", "r4"]})
HITS = pd.DataFrame(
    [
        ("r1", "A", 10, 20, "+"),
        ("r1", "A", 30, 40, "+"),
        ("r1", "B", 50, 56, "-"),
        ("r2", "A", 110, 120, "-"),
        ("r2", "B", 100, 106, "+"),
        ("r3", "B", 7, 13, "+"),
    ],
    columns=COLUMNS,
)


def summary_of(rows: list[tuple[str, str, int, int, str]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    return distance_tables(count_by_region(pd.DataFrame(rows, columns=COLUMNS), REGIONS))


def test_every_form_of_prevalence_has_its_denominator() -> None:
    table = prevalence(count_by_region(HITS, REGIONS)).set_index("motif_id")
    assert table.index.tolist() == ["any", "A", "B"]
    assert table["n_hits"].tolist() == [6, 3, 3]
    assert table["n_regions_with_hit"].tolist() == [3, 2, 3]
    assert table["n_regions"].tolist() == [4, 4, 4]
    assert table["n_regions_with_any_hit"].tolist() == [3, 3, 3]
    assert table["share_of_regions"].tolist() == [0.75, 0.5, 0.75]
    assert table["share_of_regions_with_any_hit"].tolist() == pytest.approx([1, 2 / 3, 1])
    assert table["share_of_hits"].tolist() == [1, 0.5, 0.5]
    assert table["hits_per_region_with_hit"].tolist() == [2, 1.5, 1]


def test_hits_per_region_are_cumulative_both_ways() -> None:
    table = hits_per_region(count_by_region(HITS, REGIONS))
    every = table[table["motif_id"] == "any"]
    assert every["hits"].tolist() == [0, 1, 2, 3]
    assert every["n_regions"].tolist() == [1, 1, 1, 1]
    assert every["share_at_most"].tolist() == [0.25, 0.5, 0.75, 1]
    assert every["share_at_least"].tolist() == [1, 0.75, 0.5, 0.25]
    assert table[table["motif_id"] == "A"]["n_regions"].tolist() == [2, 1, 1]


def test_homotypic_density_counts_regions_with_so_many_hits_or_more() -> None:
    table = homotypic_density(count_by_region(HITS, REGIONS), 3)
    own = table[table["motif_id"] == "A"]
    assert own["at_least"].tolist() == [1, 2, 3]
    assert own["n_regions"].tolist() == [2, 1, 0]
    assert own["share_of_regions_with_hit"].tolist() == [1, 0.5, 0]
    # 3 hits on 4 regions: two or more share one with 1 - 24/64, all three with 4/64
    assert own["expected"].tolist()[1:] == pytest.approx([0.625, 0.0625])
    assert own["p_value"].tolist()[1:] == pytest.approx([0.625, 1])
    assert own["q_value"].tolist()[1:] == pytest.approx([1, 1])


def test_distances_are_between_nearest_centres_and_oriented() -> None:
    histogram, summary = distance_tables(count_by_region(HITS, REGIONS))
    rows = set(histogram.itertuples(index=False, name=None))
    assert rows == {
        ("A", "A", "same_strand", 20.0, 1),
        ("A", "B", "convergent", 18.0, 1),  # r1: A+ 30-40, B- 50-56
        ("A", "B", "convergent", 38.0, 1),  # r1: the A+ at 10 has its nearest B there, too
        ("A", "B", "convergent", 12.0, 1),  # r2: B+ 100-106, A- 110-120
    }
    pair = summary[(summary["motif_b"] == "B") & (summary["orientation"] == "all")].iloc[0]
    assert (pair["n"], pair["min"], pair["median"], pair["max"]) == (3, 12, 18, 38)


@pytest.mark.parametrize(
    ("a", "b", "orientation"),
    [
        ("+", "+", "same_strand_a_first"),
        ("-", "-", "same_strand_b_first"),
        ("+", "-", "convergent"),
        ("-", "+", "divergent"),
    ],
)
def test_orientations_of_a_left_of_b(a: str, b: str, orientation: str) -> None:
    histogram, _ = summary_of([("r1", "A", 0, 6, a), ("r1", "B", 20, 26, b)])
    assert histogram["orientation"].tolist() == [orientation]
    mirrored = {"+": "-", "-": "+"}
    histogram, _ = summary_of([("r1", "A", 20, 26, mirrored[a]), ("r1", "B", 0, 6, mirrored[b])])
    assert histogram["orientation"].tolist() == [orientation]


def test_an_overlapping_hit_is_passed_over_for_the_next() -> None:
    histogram, _ = summary_of([("r1", "A", 0, 10, "+"), ("r1", "B", 8, 18, "+"), ("r1", "B", 30, 40, "+")])
    assert histogram[histogram["motif_a"] == "A"]["distance"].tolist() == [30]
    # book-ended hits do not overlap
    histogram, _ = summary_of([("r1", "A", 0, 10, "+"), ("r1", "B", 10, 20, "+")])
    assert histogram["distance"].tolist() == [10]


def test_couples_are_as_a_slow_search_finds_them() -> None:
    rng = np.random.default_rng(0)
    rows = []
    for _ in range(90):
        start = int(rng.integers(0, 150))
        length = int(rng.integers(4, 12))
        rows.append((f"r{rng.integers(1, 5)}", "ABC"[rng.integers(3)], start, start + length, "+-"[rng.integers(2)]))
    hits = pd.DataFrame(rows, columns=COLUMNS)
    histogram, _ = distance_tables(count_by_region(hits, REGIONS))
    expected = []
    for one in "ABC":
        for other in "ABC":
            if one > other:
                continue
            couples = set()
            for i, first in hits.iterrows():
                for source, target in ((one, other), (other, one)):
                    if first["motif_id"] != source:
                        continue
                    mates = []
                    for j, second in hits.iterrows():
                        apart = second["start"] >= first["end"] or second["end"] <= first["start"]
                        if second["motif_id"] == target and second["region_id"] == first["region_id"] and apart:
                            far = abs(second["start"] + second["end"] - first["start"] - first["end"]) / 2
                            mates.append((far, second["start"], second["end"], j))
                    if mates:
                        far, _, _, j = min(mates)
                        couples.add((min(i, j), max(i, j), far))
            expected += [(one, other, far) for _, _, far in couples]
    found = [
        (row.motif_a, row.motif_b, row.distance) for row in histogram.itertuples() for _ in range(row.n)
    ]  # fmt: skip
    assert sorted(found) == sorted(expected)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    columns = {"score": 700, "importance": 1.0, "confidence": [0.9, 0.8, 0.7, 0.6, 0.9, 0.4]}
    table = HITS.assign(chrom="chr1", **columns)
    table = table[["chrom", "start", "end", "motif_id", "score", "strand", "region_id", "importance", "confidence"]]
    table.rename(columns={"chrom": "#chrom"}).to_csv(tmp_path / "SYN.counts.hits.bed", sep="\t", index=False)
    regions = REGIONS.assign(chrom="chr1", summit=[30, 110, 10, 500], kind="peak", kept=True, counts=[5, 4, 9, 1])
    more = pd.DataFrame([("bg", "chr1", 5, "background", True, 0), ("off", "chr1", 6, "peak", False, 0)])
    more.columns = regions.columns
    pd.concat([regions, more]).to_csv(tmp_path / "SYN.regions.tsv", sep="\t", index=False)
    return tmp_path


def summarize(call_command: Run, folder: Path, *more: object) -> CompletedProcess[str]:
    arguments = ("--hits", folder / "SYN.counts.hits.bed", "--regions", folder / "SYN.regions.tsv")
    return call_command("summarizehits", *arguments, "--outdir", folder / "out", *more)


TABLES = ("prevalence", "hits_per_region", "homotypic", "cooccurrence", "distances", "distance_summary")


def test_the_command_writes_all_tables(run_command: Run, folder: Path) -> None:
    done = summarize(run_command, folder)
    assert done.returncode == 0, done.stderr
    tables = {name: pd.read_csv(folder / "out" / f"SYN.counts.{name}.tsv", sep="\t") for name in TABLES}
    assert tables["prevalence"]["n_regions"].tolist() == [4, 4, 4]
    assert len(tables["cooccurrence"]) == 3
    assert tables["distance_summary"]["n"].sum() == 8
    record = json.loads((folder / "out" / "SYN.counts.summarizehits.json").read_text())
    assert record["results"]["regions_with_hit"] == 3
    assert record["settings"]["null"] == "exact"


def test_confidence_motifs_and_strata_are_chosen(call_command: Run, folder: Path) -> None:
    options = ("--min_confidence", 0.5, "--motifs", "A", "--strata", "counts", "--strata_bins", 2)
    done = summarize(call_command, folder, *options, "--null", "permutation", "--permutations", 50)
    assert done.returncode == 0, done.stderr
    assert pd.read_csv(folder / "out" / "SYN.counts.prevalence.tsv", sep="\t")["n_hits"].tolist() == [3, 3]
    record = json.loads((folder / "out" / "SYN.counts.summarizehits.json").read_text())
    assert record["results"]["strata"] == 2
    first = {name: (folder / "out" / f"SYN.counts.{name}.tsv").read_bytes() for name in TABLES}
    summarize(call_command, folder, *options, "--null", "permutation", "--permutations", 50)
    assert first == {name: (folder / "out" / f"SYN.counts.{name}.tsv").read_bytes() for name in TABLES}


def test_hits_of_merged_motifs_are_one_motif(tmp_path: Path) -> None:
    columns = ["motif_id", "member", "strand"]
    members = pd.DataFrame([("M", "A", "+"), ("M", "B", "-"), ("M", "E", "+")], columns=columns)
    members.to_csv(tmp_path / "T.merged.tsv", sep="\t", index=False)
    hits = pd.DataFrame({"motif_id": list("AABBC"), "strand": list("+-+-+"), "start": range(5)})
    found = as_merged(hits, tmp_path / "T.merged.tsv")
    assert found["motif_id"].tolist() == ["M", "M", "M", "M", "C"]
    assert found["strand"].tolist() == ["+", "-", "-", "+", "+"]
    assert len(as_merged(hits.iloc[:0], tmp_path / "T.merged.tsv")) == 0


def test_without_hits_the_summary_is_empty_but_whole(call_command: Run, folder: Path) -> None:
    bed = folder / "SYN.counts.hits.bed"
    bed.write_text(bed.read_text().splitlines()[0] + "\n")
    done = summarize(call_command, folder)
    assert done.returncode == 0, done.stderr
    assert "nan" not in done.stderr
    tables = {name: pd.read_csv(folder / "out" / f"SYN.counts.{name}.tsv", sep="\t") for name in TABLES}
    assert tables["prevalence"]["n_hits"].tolist() == [0]
    assert tables["prevalence"]["share_of_regions"].tolist() == [0]
    assert tables["hits_per_region"]["n_regions"].tolist() == [4]
    assert [len(tables[name]) for name in TABLES[2:]] == [0, 0, 0, 0]
    assert list(tables["distances"].columns) == ["motif_a", "motif_b", "orientation", "distance", "n"]


def test_one_region_and_one_hit(call_command: Run, folder: Path) -> None:
    for name in ("SYN.counts.hits.bed", "SYN.regions.tsv"):
        lines = (folder / name).read_text().splitlines()[:2]
        (folder / name).write_text("\n".join(lines) + "\n")
    done = summarize(call_command, folder)
    assert done.returncode == 0, done.stderr
    pairs = pd.read_csv(folder / "out" / "SYN.counts.cooccurrence.tsv", sep="\t")
    assert pairs["p_value"].tolist() == [1]
    assert pairs["n_both"].tolist() == [0]


def test_a_table_without_regions_is_one_error(call_command: Run, folder: Path) -> None:
    bed = folder / "SYN.counts.hits.bed"
    bed.write_text(bed.read_text().replace("region_id", "region"))
    done = summarize(call_command, folder)
    assert done.returncode == 2
    assert "lacks the column(s) region_id" in done.stderr
    assert "Traceback" not in done.stderr
