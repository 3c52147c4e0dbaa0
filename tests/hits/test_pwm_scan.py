"""Scanning with position weight matrices: scores and p-values by hand, sequences with and without contributions."""

import gzip
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pandas as pd
import pytest
from planted_hits import motif, planted_hits, write_attributions

from cistill.errors import InputError
from cistill.formats.attributions import open_windows
from cistill.formats.hits import read_hits
from cistill.formats.meme import NamedMatrix, write_meme
from cistill.hits.measure import Placed
from cistill.hits.scan import scanned_sequences as sequences_module
from cistill.hits.scan.calling import call_by_scan
from cistill.hits.scan.matrix_matches import MatrixMatches, q_values
from cistill.hits.scan.scan import read_matrices, scan_sequences
from cistill.hits.scan.scanned_sequences import whole_sequences, windows_of_regions
from cistill.hits.scan.scanners import MoodsScanner, make_scanner, scan_background
from cistill.hits.scan.settings import ScanCallSettings, ScanSettings
from cistill.hits.scan.weights import ScoreTails, natural_log_odds, score_distribution

UNIFORM = np.full(4, 0.25)
AT_RICH = np.array([0.31, 0.19, 0.19, 0.31])
PFM = np.array([[0.7, 0.1, 0.1, 0.1], [0.05, 0.9, 0.03, 0.02], [0.1, 0.1, 0.6, 0.2], [0.25, 0.25, 0.2, 0.3]])


def codes_of(*texts: str) -> np.ndarray:
    return np.array([["ACGTN".index(letter) for letter in text] for text in texts], dtype=np.uint8)


def test_log_odds_are_natural_with_a_shared_out_pseudocount() -> None:
    weights = natural_log_odds(np.array([[8.0, 0.0, 1.0, 1.0]]), AT_RICH, 0.01)
    assert weights[0, 0] == pytest.approx(np.log((8 + 0.0031) / 10.01 / 0.31))
    assert weights[0, 1] == pytest.approx(np.log(0.0019 / 10.01 / 0.19))


@pytest.mark.parametrize("background", [UNIFORM, AT_RICH])
def test_p_values_are_those_of_all_words(background: np.ndarray) -> None:
    weights = natural_log_odds(PFM, background)
    distribution = score_distribution(weights, background)
    words = list(itertools.product(range(4), repeat=4))
    steps = np.array([sum(distribution.weights[i, letter] for i, letter in enumerate(word)) for word in words])
    chance = np.array([np.prod(background[list(word)]) for word in words])
    expected = np.array([chance[steps >= own].sum() for own in steps])
    assert ScoreTails([distribution]).p_values(np.zeros_like(steps), steps) == pytest.approx(expected)
    least = distribution.threshold(0.02)
    assert chance[steps >= round(least * 2000)].sum() <= 0.02 < chance[steps >= round(least * 2000) - 1].sum()


def test_a_p_value_that_no_word_has_gives_no_threshold() -> None:
    weights = natural_log_odds(PFM[:2])
    assert score_distribution(weights).threshold(1e-4) == float("inf")  # 1/16 is the smallest
    scanner = MoodsScanner([PFM[:2]], 1e-4, 0.01, UNIFORM)
    assert list(scanner.matches(codes_of("ACACAC"), 0)) == []


@pytest.mark.parametrize("scoring", ["moods", "fimo"])
def test_matches_on_both_strands_and_none_over_an_unknown_base(scoring: str) -> None:
    word = motif()  # TTACCCGG; its reverse complement is CCGGGTAA
    scanner = make_scanner(ScanSettings(scoring=scoring, p_value=1e-4), [word], UNIFORM)
    texts = codes_of("AAATTACCCGGAAA", "AAACCGGGTAAAAA", "AAATTACCNGGAAA", "TTACCCGGTACGTA")
    found = [part for part in scanner.matches(texts, 10) if len(part.score)]
    places = {
        (int(row), int(position), bool(reverse))
        for part in found
        for row, position, reverse in zip(part.placed.row, part.placed.position, part.placed.reverse, strict=True)
    }
    assert places == {(10, 3, False), (11, 3, True), (13, 0, False)}
    scores = np.concatenate([part.score for part in found])
    core = word.pfm[2:10]
    frequency = np.sort(core / core.sum(axis=1, keepdims=True), axis=1)[:, -1]
    if scoring == "moods":
        padded = (np.sort(core, axis=1)[:, -1] + 0.0025) / (core.sum(axis=1) + 0.01)
        assert scores == pytest.approx(np.log(padded / 0.25).sum())
    else:  # the base 2, in bins of a tenth of a bit
        assert scores == pytest.approx(np.log2(frequency / 0.25).sum(), abs=0.5)


def test_q_values_are_those_of_benjamini_and_hochberg() -> None:
    nothing = np.zeros(5, dtype=np.int64)
    placed = Placed(nothing, nothing, np.array([0, 0, 0, 1, 0]), nothing.astype(bool))
    found = MatrixMatches(placed, np.zeros(5), np.array([0.03, 0.001, 0.02, 0.001, 0.9]))
    # motif 0, 10 tests: 0.001*10/1, 0.02*10/2, 0.03*10/3, 0.9*10/4 -> 0.01, 0.1, 0.1, 1; motif 1, 4 tests
    assert q_values(found, np.array([10, 4])).tolist() == pytest.approx([0.1, 0.01, 0.1, 0.004, 1.0])


def test_the_base_composition_is_given_or_counted() -> None:
    counted = np.array([0.4, 0.1, 0.1, 0.4])
    assert scan_background(ScanSettings(background="regions"), lambda: counted) is counted
    given = scan_background(ScanSettings(background="0.3,0.2,0.2,0.3"), lambda: counted)
    assert given == pytest.approx([0.3, 0.2, 0.2, 0.3])
    for wrong in ("0.3,0.2", "a,b,c,d", "0.5,0.5,0.5,0.5", "0,0.5,0.5,0"):
        with pytest.raises(InputError, match="four frequencies"):
            scan_background(ScanSettings(background=wrong), lambda: counted)
    with pytest.raises(InputError, match="flat --background alone"):
        scan_background(ScanSettings("fimo", background="regions"), lambda: counted)
    with pytest.raises(InputError, match="--scoring best"):
        scan_background(ScanSettings("best"), lambda: counted)


@pytest.fixture
def genome(tmp_path: Path) -> tuple[Path, str]:
    """A genome of one long and one short sequence, gzipped, with a stretch of N."""
    rng = np.random.default_rng(2)
    text = "".join(rng.choice(list("ACGT"), 5000))
    for place, word in ((10, "TTACCCGG"), (95, "CCGGGTAA"), (4992, "TTACCCGG"), (3000, "NNNNNNNN")):
        text = text[:place] + word + text[place + 8 :]
    with gzip.open(tmp_path / "g.fa.gz", "wt") as handle:
        handle.write(f">chrA some words\n{text}\n>chrB\nACGTTACCCGGA\n>tiny\nACG\n")
    return tmp_path / "g.fa.gz", text


def by_loops(text: str, name: str) -> set[tuple[str, int, str]]:
    """Return the places of a p-value of at most 1e-4, found one after the other."""
    scanner = MoodsScanner([motif().pfm[2:10]], 1e-4, 0.01, UNIFORM)
    found = set()
    for start in range(len(text) - 7):
        codes = ["ACGTN".index(letter) for letter in text[start : start + 8]]
        if 4 in codes:
            continue
        for strand in "+-":
            read = codes if strand == "+" else [3 - code for code in codes[::-1]]
            if sum(scanner.weights[0][i, code] for i, code in enumerate(read)) >= scanner.least[0]:
                found.add((name, start, strand))
    return found


def places(hits: pd.DataFrame) -> set[tuple[str, int, str]]:
    return set(zip(hits["chrom"], hits["start"], hits["strand"], strict=True))


@pytest.mark.parametrize("tile", [7, 100, 32_768])
def test_a_long_sequence_is_scanned_in_pieces_without_seams(
    monkeypatch: pytest.MonkeyPatch, genome: tuple[Path, str], tile: int
) -> None:
    monkeypatch.setattr(sequences_module, "TILE", tile)
    file, text = genome
    whole = whole_sequences(file, 8)
    hits, cuts = scan_sequences(whole, [motif()], ScanSettings())
    expected = by_loops(text, "chrA") | by_loops("ACGTTACCCGGA", "chrB")
    assert {("chrA", 10, "+"), ("chrA", 95, "-"), ("chrA", 4992, "+"), ("chrB", 3, "+")} <= expected
    assert places(hits) == expected
    assert len(hits) == len(expected)
    assert whole.places(8) == 4993 + 5
    letters = np.array([sum(part.count(letter) for part in (text, "ACGTTACCCGGA", "ACG")) + 1 for letter in "ACGT"])
    assert whole.composition() == pytest.approx((letters + letters[::-1]) / (letters + letters[::-1]).sum())
    assert list(cuts) == ["counts.pos_0"]


def test_windows_of_regions_are_scanned(tmp_path: Path, genome: tuple[Path, str]) -> None:
    file, text = genome
    (tmp_path / "r.bed").write_text("chrB\t0\t12\nchrA\t0\t40\nchrA\t90\t110\nchrA\t92\t112\n")
    regions = windows_of_regions(tmp_path / "r.bed", file, 40)
    hits, _ = scan_sequences(regions, [motif()], ScanSettings())
    near = by_loops(text[:40], "chrA") | {(c, s + 80, t) for c, s, t in by_loops(text[80:122], "chrA")}
    assert places(hits) == near | {("chrB", 3, "+")}
    assert not hits.duplicated(["chrom", "start", "strand"]).any()  # of the two that overlap, once
    (tmp_path / "r.bed").write_text("chrZ\t0\t12\n")
    with pytest.raises(InputError, match=r"chromosomes that .* lacks: chrZ"):
        windows_of_regions(tmp_path / "r.bed", file, 40)


def test_sequences_and_contributions_give_the_same_matches(tmp_path: Path) -> None:
    scores, bases, _ = planted_hits(regions=20)
    windows = open_windows(write_attributions(tmp_path / "a.h5", scores, bases), 400)
    called = call_by_scan(windows, [motif()], ScanCallSettings()).hits
    filler = "N" * 880
    text = "N" * 500 + filler.join("".join("ACGT"[code] for code in row.argmax(axis=1)) for row in bases)
    (tmp_path / "g.fa").write_text(f">chr1\n{text}\n")
    scanned, _ = scan_sequences(whole_sequences(tmp_path / "g.fa", 8), [motif()], ScanSettings())
    assert places(scanned) == places(called)
    assert len(scanned) >= 10
    scanned, called = (table.sort_values(["start", "strand"]) for table in (scanned, called))
    assert scanned["method_score"].tolist() == pytest.approx(called["method_score"].tolist())
    assert scanned["confidence"].tolist() == pytest.approx(called["confidence"].tolist())
    assert scanned["importance"].isna().all()


def test_matrices_of_a_meme_file_and_of_none(tmp_path: Path) -> None:
    write_meme(tmp_path / "m.meme", [NamedMatrix("M1", "ONE", PFM), NamedMatrix("M2", "TWO", PFM[::-1])])
    assert [one.motif_id for one in read_matrices(tmp_path / "m.meme", "M2", False)] == ["M2"]
    with pytest.raises(InputError, match="no motif is named M3; there are: M1, M2"):
        read_matrices(tmp_path / "m.meme", "M3", False)


def test_the_command(
    run_command: Callable[..., CompletedProcess[str]], tmp_path: Path, genome: tuple[Path, str]
) -> None:
    core = motif().pfm[2:10]
    write_meme(tmp_path / "m.meme", [NamedMatrix("M1", "", core), NamedMatrix("short", "", PFM)])
    done = run_command(
        "scan", "--motifs", tmp_path / "m.meme", "--fasta", genome[0], "--prefix", "X", "--outdir", tmp_path / "out"
    )
    assert done.returncode == 0, done.stderr
    assert "1 motif(s), which are too short: short" in done.stderr
    hits = read_hits(tmp_path / "out/X.hits.bed")
    assert places(hits) == by_loops(genome[1], "chrA") | {("chrB", 3, "+")}
    assert set(hits["region_id"]) == {"chrA", "chrB"}
    record = json.loads((tmp_path / "out/X.scan.json").read_text())
    assert record["results"]["bases"] == 5015
    assert record["results"]["cuts"]["short"] is None
    done = run_command("scan", "--motifs", tmp_path / "m.meme", "--prefix", "X", "--outdir", tmp_path / "none")
    assert done.returncode == 2
    assert "give --fasta" in done.stderr
