"""The density-adapted caller: options, inputs that hold nothing, and bad input."""

import json
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from planted_hits import write_attributions
from planted_patterns import FLANK, Planted, plant, read_motifs_of, write_modisco, write_planted

from cistill.errors import InputError
from cistill.formats.attributions import open_windows
from cistill.formats.hits import COLUMNS, read_hits
from cistill.formats.motifs import write_motifs
from cistill.hits.caller import Calls
from cistill.hits.density.calling import call_by_density, confidence
from cistill.hits.density.duplicates import HitSites, one_of_each
from cistill.hits.density.settings import DensitySettings

WIDTH = 9
LENGTH = 100
ALL = 1e-9  # confidence below which nothing is left out


@pytest.fixture(scope="module")
def planted() -> Planted:
    """60 regions with instances of two positive motifs and a negative one."""
    return plant(60, LENGTH, [1, 1, -1], seed=8, sites_per_region=2)


@pytest.fixture
def modisco(tmp_path: Path, planted: Planted) -> Path:
    return write_modisco(tmp_path / "patterns.modisco.h5", planted, seqlets=25)


def call(
    folder: Path, scores: np.ndarray, bases: np.ndarray, modisco: Path, step: int = 2000, **options: object
) -> Calls:
    """Call hits in an attribution file of these arrays."""
    attributions = write_attributions(folder / "x.attributions.h5", scores, bases, step=step)
    settings = DensitySettings(min_confidence=ALL, modisco=modisco, leiden_seeds=1, **options)
    return call_by_density(open_windows(attributions), read_motifs_of(modisco, WIDTH), settings)


def is_empty(calls: Calls) -> bool:
    named = [column for column in COLUMNS if column != "score"]
    return len(calls.hits) == 0 and set(named) | {"precision"} == set(calls.hits.columns)


def test_planted_instances_are_found_with_their_strand(tmp_path: Path, planted: Planted, modisco: Path) -> None:
    hits = call(tmp_path, planted.scores, planted.bases, modisco).hits
    names = ["counts.pos_0", "counts.pos_1", "counts.neg_0"]
    found = set(zip(hits["start"], hits["motif_id"], hits["strand"], strict=True))
    expected = [
        (2000 * region + 500 + start, names[motif], "+-"[int(reverse)])
        for region, start, motif, reverse in planted.sites
        if FLANK <= start < LENGTH - FLANK - WIDTH  # where a seqlet around it lies within the region
    ]
    assert len(expected) > 40
    assert np.mean([site in found for site in expected]) > 0.95
    assert hits["end"].sub(hits["start"]).eq(WIDTH).all()


def test_threads_do_not_change_the_hits(tmp_path: Path, planted: Planted, modisco: Path) -> None:
    one = call(tmp_path, planted.scores, planted.bases, modisco, threads=1).hits
    three = call(tmp_path, planted.scores, planted.bases, modisco, threads=3).hits
    pd.testing.assert_frame_equal(one, three)


def test_only_chosen_patterns_compete(tmp_path: Path, planted: Planted, modisco: Path) -> None:
    calls = call(tmp_path, planted.scores, planted.bases, modisco, patterns=("pos_1", "neg_patterns/pattern_0"))
    assert set(calls.hits["motif_id"]) == {"counts.pos_1", "counts.neg_0"}
    assert set(calls.calibration) == {"counts.pos_1", "counts.neg_0"}


def test_patterns_without_a_motif_compete_but_give_no_hits(tmp_path: Path, planted: Planted, modisco: Path) -> None:
    attributions = write_attributions(tmp_path / "x.attributions.h5", planted.scores, planted.bases)
    first = read_motifs_of(modisco, WIDTH)[:1]
    alone, all_of_them = (
        call_by_density(
            open_windows(attributions),
            first,
            DensitySettings(modisco=modisco, leiden_seeds=1, all_compete=compete),
        ).hits
        for compete in (False, True)
    )
    instances = {(2000 * region + 500 + start, motif) for region, start, motif, _ in planted.sites}
    wrong = [sum((start, 1) in instances for start in hits["start"]) for hits in (alone, all_of_them)]
    assert set(all_of_them["motif_id"]) == {"counts.pos_0"}
    assert len(all_of_them) < 0.8 * len(alone)
    right = [sum((start, 0) in instances for start in hits["start"]) for hits in (alone, all_of_them)]
    assert right[1] >= 0.95 * right[0] > 0
    assert wrong[1] <= wrong[0]


@pytest.mark.parametrize(("sign", "names"), [("pos", {"counts.pos_0", "counts.pos_1"}), ("neg", {"counts.neg_0"})])
def test_signs_are_called_apart(tmp_path: Path, planted: Planted, modisco: Path, sign: str, names: set[str]) -> None:
    assert set(call(tmp_path, planted.scores, planted.bases, modisco, sign=sign).hits["motif_id"]) == names


def test_other_attributions_of_another_length_are_searched(tmp_path: Path, planted: Planted, modisco: Path) -> None:
    own = write_attributions(tmp_path / "own.attributions.h5", planted.scores, planted.bases)
    scores, bases = 3 * planted.scores[:30, 10:90], planted.bases[:30, 10:90]
    calls = call(tmp_path, scores, bases, modisco, background=own)
    assert len(calls.hits) > 20
    start = dict(zip(calls.hits["region_id"], calls.hits["start"], strict=True))
    assert all(name.startswith("chr1:") and abs(int(name[5:]) - at) <= 40 for name, at in start.items())


def test_patterns_of_too_little_information_are_not_called(
    tmp_path: Path, planted: Planted, modisco: Path, caplog: pytest.LogCaptureFixture
) -> None:
    calls = call(tmp_path, planted.scores, planted.bases, modisco, min_information=1.999)
    assert is_empty(calls)
    assert "no position of 1.999 bits" in caplog.text


def test_no_motifs_give_no_hits(tmp_path: Path, planted: Planted, modisco: Path) -> None:
    attributions = write_attributions(tmp_path / "x.attributions.h5", planted.scores, planted.bases)
    settings = DensitySettings(modisco=modisco)
    assert is_empty(call_by_density(open_windows(attributions), [], settings))


def test_no_regions_give_no_hits(tmp_path: Path, planted: Planted, modisco: Path) -> None:
    assert is_empty(call(tmp_path, planted.scores[:0], planted.bases[:0], modisco))


def test_contributions_of_zero_give_no_hits(tmp_path: Path, planted: Planted, modisco: Path) -> None:
    assert is_empty(call(tmp_path, np.zeros_like(planted.scores), planted.bases, modisco))


def test_regions_without_contributions_are_no_obstacle(tmp_path: Path, planted: Planted, modisco: Path) -> None:
    scores = np.where(np.arange(60)[:, None, None] < 50, 0, planted.scores)
    hits = call(tmp_path, scores, planted.bases, modisco).hits
    assert len(hits) > 5
    assert (hits["start"] >= 2000 * 50).all()


@pytest.mark.parametrize("seqlets", [0, 3])
def test_too_few_seqlets_give_no_hits(
    tmp_path: Path, planted: Planted, seqlets: int, caplog: pytest.LogCaptureFixture
) -> None:
    few = write_modisco(tmp_path / "few.modisco.h5", planted, seqlets=seqlets or 1)
    if seqlets == 0:
        with h5py.File(few, "a") as file:
            for group in [*file["pos_patterns"].values(), *file["neg_patterns"].values()]:
                for name in ("contrib_scores", "hypothetical_contribs"):
                    shape = group["seqlets"][name].shape
                    del group["seqlets"][name]
                    group["seqlets"].create_dataset(name, data=np.zeros((0, *shape[1:]), dtype="f4"))
    assert is_empty(call(tmp_path, planted.scores, planted.bases, few))
    assert ("has no seqlets" if seqlets == 0 else "tell of no density") in caplog.text


def test_regions_with_nan_or_n_are_left_out_and_counted(
    tmp_path: Path, planted: Planted, modisco: Path, caplog: pytest.LogCaptureFixture
) -> None:
    scores, bases = planted.scores.copy(), planted.bases.copy()
    scores[3, 5] = np.nan
    bases[4, 0] = 0
    hits = call(tmp_path, scores, bases, modisco).hits
    assert not hits["region_id"].isin(["chr1:6550", "chr1:8550"]).any()
    assert "1 region(s) with bases other than A, C, G, T" in caplog.text
    assert "1 region(s) with scores that are NaN" in caplog.text
    with_n = call(tmp_path, scores, bases, modisco, keep_n=True).hits
    assert "chr1:8550" in set(with_n["region_id"])


def test_nothing_but_nan_gives_no_hits(tmp_path: Path, planted: Planted, modisco: Path) -> None:
    assert is_empty(call(tmp_path, np.full_like(planted.scores, np.nan), planted.bases, modisco))


def test_a_site_in_two_regions_is_written_once(tmp_path: Path, planted: Planted, modisco: Path) -> None:
    apart = call(tmp_path, planted.scores[:20], planted.bases[:20], modisco).hits
    twice = np.repeat(planted.scores[:20], 2, axis=0), np.repeat(planted.bases[:20], 2, axis=0)
    path = write_attributions(tmp_path / "y.attributions.h5", *twice, step=2000)
    with h5py.File(path, "a") as file:
        starts = 2000 * (np.arange(40) // 2) + 500
        file["coords_start"][:], file["coords_end"][:] = starts, starts + LENGTH
        file["region_id"][:] = [f"chr1:{start}#{number % 2}" for number, start in enumerate(starts)]
    settings = DensitySettings(min_confidence=ALL, modisco=modisco, leiden_seeds=1)
    both = call_by_density(open_windows(path), read_motifs_of(modisco, WIDTH), settings).hits
    assert sorted(both["start"]) == sorted(apart["start"])


def test_of_overlapping_regions_the_best_of_a_site_is_kept() -> None:
    def sites(region: list[int]) -> HitSites:
        count = len(region)
        return HitSites(
            chrom=np.zeros(count, dtype=int),
            start=np.array([100, 103, 106]),
            end=np.array([110, 113, 116]),
            reverse=np.array([False, True, False]),
            motif=np.zeros(count, dtype=int),
            region=np.array(region),
            score=np.array([0.5, 0.9, 0.4]),
        )

    assert one_of_each(sites([0, 1, 2])).tolist() == [False, True, False]
    assert one_of_each(sites([0, 0, 0])).tolist() == [True, True, True]


def test_confidence_is_precision_below_one_half_and_strength_above() -> None:
    sure = confidence(np.array([0.2, 0.5, 0.9, 1.0]), np.array([9.0, 2.0, 6.0, -1.0]), np.full(4, 2.0))
    assert sure.tolist() == [0.2, 0.75, 0.875, 0.5]


def test_a_pattern_that_is_not_in_the_file_is_one_error(tmp_path: Path, planted: Planted, modisco: Path) -> None:
    attributions = write_attributions(tmp_path / "x.attributions.h5", planted.scores, planted.bases)
    motifs = [replace(motif, pattern=f"{motif.pattern}7") for motif in read_motifs_of(modisco, WIDTH)]
    with pytest.raises(InputError) as error:
        call_by_density(open_windows(attributions), motifs, DensitySettings(modisco=modisco))
    assert "pos_patterns/pattern_07" in str(error.value)
    assert "pos_patterns/pattern_17" in str(error.value)


def test_a_file_that_is_no_modisco_file_is_refused(tmp_path: Path, planted: Planted, modisco: Path) -> None:
    text = tmp_path / "text.modisco.h5"
    text.write_text("no HDF5")
    attributions = write_attributions(tmp_path / "x.attributions.h5", planted.scores, planted.bases)
    motifs = read_motifs_of(modisco, WIDTH)
    with pytest.raises(InputError, match="not a readable result of TF-MoDISco"):
        call_by_density(open_windows(attributions), motifs, DensitySettings(modisco=text))


def test_a_window_shorter_than_a_seqlet_is_refused(tmp_path: Path, planted: Planted, modisco: Path) -> None:
    with pytest.raises(InputError, match="a window of 20 bases is shorter than a seqlet of 25"):
        call(tmp_path, planted.scores[:, :20], planted.bases[:, :20], modisco)


def test_all_settings_out_of_range_are_named_together() -> None:
    wrong = DensitySettings(sign="up", core_length=6, target_fdr=1, perplexity=1, leiden_seeds=0, threads=-1)
    with pytest.raises(InputError) as error:
        wrong.check()
    for text in ("sign up", "a core of 6 bases", "target_fdr 1", "perplexity 1", "leiden_seeds 0", "threads -1"):
        assert text in str(error.value)


def test_the_command_writes_hits_and_needs_the_patterns(run_command, tmp_path: Path, planted: Planted) -> None:  # type: ignore[no-untyped-def]
    attributions, modisco = write_planted(tmp_path, planted, seqlets=25)
    motifs = tmp_path / "SYN.counts.motifs.h5"
    write_motifs(motifs, read_motifs_of(modisco, WIDTH), "SYN", "counts")
    given = ("--attributions", attributions, "--motifs", motifs, "--method", "density", "--outdir", tmp_path / "out")
    refused = run_command("callhits", *given)
    assert refused.returncode == 2
    assert "--method density needs --modisco" in refused.stderr
    done = run_command("callhits", *given, "--modisco", modisco, "--leiden_seeds", 2, "--min_information", 0.3)
    assert done.returncode == 0, done.stderr
    hits = read_hits(tmp_path / "out/SYN.counts.hits.bed")
    assert list(hits.columns[: len(COLUMNS)]) == list(COLUMNS)
    assert (hits["confidence"] >= 0.5).all()
    assert len(hits) > 50
    record = json.loads((tmp_path / "out/SYN.counts.callhits.json").read_text())
    assert record["settings"]["min_information"] == 0.3
    assert record["settings"]["leiden_seeds"] == 2
