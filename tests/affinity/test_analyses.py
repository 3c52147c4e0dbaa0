"""Analyses of scores: backgrounds, paralogs, genomic matches, footprints, affinity matrix, kinds of variation."""

import json
import math
import subprocess
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from affinity_toys import CONSENSUS, RT, toy_library, toy_scores, write_library, write_scores

from cistill.affinity.analyses.background_numbers import background_tables, read_partial_scores, score_table_of
from cistill.affinity.analyses.distilled_psam import distilled_psam, psam_table
from cistill.affinity.analyses.footprint_tables import insert_tables, peak_tables
from cistill.affinity.analyses.genomic_matches import (
    find_matches,
    fitted_window,
    match_counts,
    matched_summary,
    matched_table,
)
from cistill.affinity.analyses.specificity import difference_table, specificity_table
from cistill.affinity.analyses.variation import repeat_table, variation_table
from cistill.affinity.calibration.methods import ScoreTable
from cistill.affinity.calibration.settings import SampleSettings
from cistill.affinity.calibration.study import make_study
from cistill.affinity.tables.generate import library_pieces, repeat_inserts
from cistill.errors import InputError
from cistill.formats.deltas import delta_writer
from cistill.formats.library import Library
from cistill.motifs.motif_footprints import open_profiles
from cistill.tables import read_table

Run = Callable[..., subprocess.CompletedProcess[str]]
COMPLEMENT = str.maketrans("ACGT", "TGCA")


@pytest.fixture
def library() -> Library:
    return toy_library()


def write_deltas(path: Path, library: Library, backgrounds: int = 20, noise: float = 1.0) -> Path:
    """Write changes in every background: the score and noise; of a second task, twice that."""
    rng = np.random.default_rng(0)
    scores = toy_scores(library, 0.0)
    values = scores[:, None] + rng.normal(0, noise, (len(scores), backgrounds))
    sequences = np.array(library.table["sequence"].tolist(), dtype="S")
    with delta_writer(path, "T", sequences, ["a", "b"], np.arange(backgrounds), np.arange(len(scores))) as delta:
        delta[:, 0], delta[:, 1] = values, 2 * values
    return path


def test_more_backgrounds_less_error_and_smaller_standard_errors(tmp_path: Path, library: Library) -> None:
    file = write_deltas(tmp_path / "x.deltas.h5", library)
    partial = read_partial_scores(file, "a", (1, 5, 10, 50))
    assert partial.numbers == [1, 5, 10, 20]  # 50 are not there; all are added
    with h5py.File(file) as h5:
        delta = h5["delta"][:].astype(float)
    assert partial.scores[:, 1] == pytest.approx(delta[:, 0, :5].mean(axis=1))
    assert partial.errors[:, 1] == pytest.approx(delta[:, 0, :5].std(axis=1, ddof=1) / math.sqrt(5))
    assert np.isnan(partial.errors[:, 0]).all()
    assert read_partial_scores(file, None, (5,)).scores[:, 0] == pytest.approx(1.5 * partial.scores[:, 1])
    scores = score_table_of(partial, file)
    study, _ = make_study(library, [ScoreTable("model", file, scores, scores * np.nan)], SampleSettings(seed=1))
    table, histograms = background_tables(partial, study)
    line = table[table["calibrator"] == "ols"].set_index("n_backgrounds")
    assert line.loc[20, "rmse"] < line.loc[5, "rmse"] < line.loc[1, "rmse"]
    assert line.loc[20, "sd_of_observed"] > line.loc[1, "sd_of_observed"]
    assert line.loc[20, "pearson_with_all"] == pytest.approx(1)
    assert set(table["calibrator"]) == {"ols", "langmuir", "isotonic", "excess"}
    assert set(histograms.groupby("source")["count"].sum()) == {138}
    with pytest.raises(InputError, match="no task 'c'; the tasks are a, b"):
        read_partial_scores(file, "c")
    (tmp_path / "no.h5").write_text("text")
    with pytest.raises(InputError, match="not an HDF5 file"):
        read_partial_scores(tmp_path / "no.h5")


def paralogs() -> tuple[dict[str, "pd.Series[float]"], dict[str, Library]]:
    """Return two models and two sets that agree pair by pair, up to noise."""
    libraries = {"one": toy_library(), "two": toy_library()}
    rng = np.random.default_rng(5)
    libraries["two"].table["label"] = rng.permutation(libraries["two"].labels)
    sequences = pd.Index(libraries["one"].table["sequence"])
    models = {name: pd.Series(toy_scores(library, 0.2), index=sequences) for name, library in libraries.items()}
    return models, libraries


def test_each_paralog_fits_its_own_set_best() -> None:
    models, libraries = paralogs()
    table = specificity_table(models, libraries, SampleSettings()).set_index(["model", "set"])
    for name, other in (("one", "two"), ("two", "one")):
        assert table.loc[(name, name), "rank"] == 1
        assert table.loc[(other, name), "rank"] == 2
        assert table.loc[(name, name), "spearman"] > 0.8  # larger is tighter, though lower energies are
        assert abs(table.loc[(other, name), "spearman"]) < 0.3
        assert table.loc[(name, name), "rmse_of_sd"] < 0.8 < table.loc[(other, name), "rmse_of_sd"]
    differences = difference_table(models, libraries)
    assert differences[["model_a", "model_b", "n"]].to_numpy().tolist() == [["one", "two", 154]]
    assert differences["pearson"].iloc[0] > 0.7


def test_a_model_without_scores_of_a_set_has_no_figures() -> None:
    models, libraries = paralogs()
    models["two"] = models["two"].iloc[:4]
    table = specificity_table(models, libraries, SampleSettings()).set_index(["model", "set"])
    assert table.loc[("two", "one"), "n"] == 4
    assert math.isnan(table.loc[("two", "one"), "rmse"])


LENGTH, OUT, JITTER = 60, 30, 2


def write_regions(folder: Path, sites: dict[int, tuple[int, str]]) -> tuple[Path, Path, np.ndarray, np.ndarray]:
    """Write dataset.h5 and predictions.h5 of six regions, with sites put at (offset in the input window, sequence).

    Regions 0 and 1 overlap: their summits are 4 bp apart. Region 5 is a background. Return files, counts, predictions.
    """
    rng = np.random.default_rng(3)
    summit = np.array([1000, 1004, 2000, 3000, 4000, 5000])
    genome = rng.integers(0, 4, 6000).astype(np.uint8)
    genome[genome == 1] = 0  # without C there is no chance match of what follows
    for region, (offset, text) in sites.items():
        start = summit[region] - LENGTH // 2 + offset
        genome[start : start + len(text)] = ["ACGT".index(base) for base in text]
    first = summit - LENGTH // 2 - JITTER
    sequence = np.stack([genome[start : start + LENGTH + 2 * JITTER] for start in first])
    counts = rng.integers(0, 4, (6, 1, 2, OUT + 2 * JITTER))
    flat = counts.reshape(-1, counts.shape[-1])
    window, position = np.nonzero(flat)
    text = h5py.string_dtype()
    names = [f"chr1:{place}" for place in summit[:5]] + ["bg:chr1:5000"]
    dataset, predictions = folder / "T.dataset.h5", folder / "T.predictions.h5"
    log_counts = rng.uniform(2, 3, (6, 1, 2)).astype(np.float32)
    log_profile = np.log(rng.dirichlet(np.ones(OUT), (6, 1, 2))).astype(np.float16)
    with h5py.File(dataset, "w") as h5:
        h5.attrs.update(format="cistill-dataset", format_version=2)
        h5.attrs.update(tasks=json.dumps(["a"]), output_length=OUT, input_length=LENGTH, max_jitter=JITTER)
        columns = {"region_id": names, "kind": ["peak"] * 5 + ["background"], "chrom": ["chr1"] * 6}
        columns["split"] = ["train", "train", "test", "test", "valid", "train"]
        for name, values in columns.items():
            h5.create_dataset(name, data=np.array(values, dtype=object), dtype=text)
        h5["summit"], h5["sequence"] = summit, sequence
        h5["is_peak"] = np.array([[True]] * 5 + [[False]])
        group = h5.create_group("signal")
        group["indptr"] = np.concatenate([[0], np.cumsum(np.bincount(window, minlength=len(flat)))])
        group["position"], group["value"] = position.astype(np.uint16), flat[window, position].astype(np.uint8)
    with h5py.File(predictions, "w") as h5:
        h5.attrs.update(format="cistill-predictions", format_version=1, tasks=json.dumps(["a"]), output_length=OUT)
        h5.create_dataset("region_id", data=np.array(names, dtype=object), dtype=text)
        h5["summit"], h5["log_counts"], h5["log_profile"] = summit, log_counts, log_profile
        h5["unseen"] = np.array([False, False, True, True, False, False])
    expected = np.expm1(log_counts.astype(float))[..., None] * np.exp(log_profile.astype(float))
    return dataset, predictions, counts[..., JITTER:][..., :OUT], expected


SITE = "CCGCCA"
TURNED = SITE.translate(COMPLEMENT)[::-1]


def test_matches_are_found_on_both_strands_once_and_their_counts_are_those_around_them(tmp_path: Path) -> None:
    sites = {0: (27, SITE), 2: (30, TURNED), 3: (2, SITE), 5: (27, SITE)}
    dataset, predictions, counts, expected = write_regions(tmp_path, sites)
    found = find_matches(dataset, [SITE, "CCCCCCCC"], 10)
    # the site of region 0 is in region 1, too, whose summit is farther; that of region 3 is outside the output window
    assert found[["sequence", "region_id", "strand", "start", "split"]].to_numpy().tolist() == [
        [SITE, "chr1:1000", "+", 997, "train"],
        [SITE, "chr1:2000", "-", 2000, "test"],
    ]
    assert len(find_matches(dataset, [SITE], 10, peaks_only=False)) == 3
    profiles = open_profiles(dataset, predictions)
    assert profiles is not None
    table = match_counts(profiles, found, 10)
    # centre of the site: 1000 = the summit = base 15 of the output window; the window begins 5 before it
    assert table["observed"].tolist() == [counts[0, 0, :, 10:20].sum(), counts[2, 0, :, 13:23].sum()]
    assert table["predicted"].tolist() == pytest.approx(
        [expected[0, 0, :, 10:20].sum(), expected[2, 0, :, 13:23].sum()]
    )
    assert table["unseen"].tolist() == [False, True]


@pytest.mark.parametrize(("window", "output", "used"), [(100, 1000, 100), (100, 100, 100), (100, 99, 49), (5, 1, 1)])
def test_a_window_that_does_not_fit_shrinks_to_half_the_output_window(window: int, output: int, used: int) -> None:
    assert fitted_window(window, output) == used


@pytest.mark.parametrize("sites", [{0: (27, CONSENSUS)}, {}])
def test_a_short_output_window_is_analysed_in_a_window_that_fits_and_recorded(
    tmp_path: Path, library: Library, call_command: Run, sites: dict[int, tuple[int, str]]
) -> None:
    table = write_library(tmp_path / "x", library)
    dataset, predictions, counts, _ = write_regions(tmp_path, sites)
    scores = write_scores(tmp_path / "x.scores.tsv", library.table["sequence"].tolist(), {"a": toy_scores(library)})
    files = ("--library", table, "--dataset", dataset, "--predictions", predictions, "--scores", scores)
    done = call_command("affinity", "matches", *files, "--prefix", "o", "--outdir", tmp_path)
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "o.genomic_matches.json").read_text())
    assert record["settings"]["window"] == 100
    assert (record["results"]["window"], record["results"]["output_length"]) == (15, 30)
    found = read_table(tmp_path / "o.genomic_matches.tsv")
    own = found[(found["sequence"] == CONSENSUS) & (found["region_id"] == "chr1:1000")]
    # the site's centre is base 15 of the output window; 15 bp around it begin 7 before
    assert own["observed"].tolist() == [counts[0, 0, :, 8:23].sum()] * len(sites)


def test_a_palindrome_is_found_once(tmp_path: Path) -> None:
    dataset, _, _, _ = write_regions(tmp_path, {2: (27, "GGCGCC")})
    assert find_matches(dataset, ["GGCGCC"], 10)["strand"].tolist() == ["+"]


def test_matched_sequences_are_averaged_and_correlated() -> None:
    columns = ["sequence", "split", "task", "observed", "predicted"]
    rows = [("A", "test", "a", 10.0, 8.0), ("A", "test", "a", 20.0, 10.0), ("A", "train", "a", 3.0, 3.0)]
    rows += [("C", "test", "a", 5.0, 4.0), ("G", "test", "a", 1.0, 2.0)]
    table = matched_table(pd.DataFrame(rows, columns=columns), {"A": 0.0, "C": 1.0, "G": 2.0}, {"A": 3.0, "C": 2.0})
    first = table.iloc[0]
    assert (first["n_matches"], first["observed_log_count"]) == (2, pytest.approx(math.log(16)))
    summary = matched_summary(table, higher_is_tighter=False).set_index(["split", "x", "y"])
    assert summary.loc[("test", "label", "observed"), "n"] == 3
    assert summary.loc[("test", "label", "observed"), "spearman"] == pytest.approx(1)
    assert summary.loc[("any", "label", "score"), "n"] == 2
    assert summary.loc[("train", "label", "observed"), "n"] == 1


def test_footprints_of_peaks_are_means_and_shares(tmp_path: Path) -> None:
    dataset, predictions, counts, expected = write_regions(tmp_path, {})
    profiles = open_profiles(dataset, predictions)
    assert profiles is not None
    aggregate, heat_map = peak_tables(profiles, 10, 2)
    plus = aggregate[(aggregate["strand"] == "+")]
    observed = plus[plus["source"] == "observed"]
    assert observed["position"].tolist() == list(range(-5, 5))
    assert observed["ends"].to_numpy() == pytest.approx(counts[:5, 0, 0, 10:20].mean(axis=0))
    predicted = plus[plus["source"] == "predicted"]["ends"].to_numpy()
    assert predicted == pytest.approx(expected[:5, 0, 0, 10:20].mean(axis=0))
    strongest = heat_map[(heat_map["source"] == "observed") & (heat_map["rank"] == 1)]
    assert strongest["counts"].iloc[0] == counts[:5].sum(axis=(1, 2, 3)).max()
    assert heat_map.groupby(["source", "rank", "strand"])["share"].sum().to_numpy() == pytest.approx(np.ones(8))


def write_insert_footprints(path: Path) -> Path:
    with h5py.File(path, "w") as h5:
        h5.attrs.update(format="cistill-footprints", format_version=1, tf="T")
        h5["sequence"] = np.array([b"AAAA", b"CCCC", b"GGGG"])
        h5.create_dataset("task", data=np.array(["a"], dtype=object), dtype=h5py.string_dtype())
        h5["profile_without"] = h5["ends_without"] = np.full((1, 2, 8), 0.125, np.float32)
        h5["profile"] = np.random.default_rng(0).dirichlet(np.ones(8), (3, 1, 2)).astype(np.float32)
        h5["ends"] = 2 * h5["profile"][:]
        h5["js_distance"] = np.array([[0.1], [0.3], [0.2]], np.float32)
    return path


def test_footprints_of_inserts_by_class_and_the_strongest(tmp_path: Path) -> None:
    file = write_insert_footprints(tmp_path / "x.footprints.h5")
    aggregate, heat_map = insert_tables(file, {"AAAA": "x", "CCCC": "x", "GGGG": None}, 4, 2)
    assert aggregate["group"].drop_duplicates().tolist() == ["without", "all", "x"]
    with h5py.File(file) as h5:
        profile = h5["profile"][:].astype(float)
    of_class = aggregate[(aggregate["group"] == "x") & (aggregate["strand"] == "-")]
    assert of_class["profile"].to_numpy() == pytest.approx(profile[:2, 0, 1, 2:6].mean(axis=0))
    assert of_class["position"].tolist() == [-2, -1, 0, 1]
    assert heat_map.drop_duplicates("rank")["sequence"].tolist() == ["CCCC", "GGGG"]
    first = heat_map[(heat_map["rank"] == 1) & (heat_map["strand"] == "+")]
    assert first["change"].to_numpy() == pytest.approx(profile[1, 0, 0, 2:6] - 0.125)


def test_the_affinity_matrix_of_additive_energies_is_their_boltzmann_factors(library: Library) -> None:
    sequences = library.table["sequence"].tolist()
    psam = distilled_psam(sequences, -2.0 * library.labels, CONSENSUS, RT / 1.9872036e-3, library.labels)
    table = psam_table(psam)
    assert psam.consensus == CONSENSUS
    assert table.loc[table["consensus"], "ddG"].abs().max() < 1e-12
    lookup = dict(zip(sequences, library.labels, strict=True))
    assert psam.energy[0, 2] == pytest.approx(lookup["G" + CONSENSUS[1:]])
    assert psam.affinity[0, 2] == pytest.approx(math.exp(-lookup["G" + CONSENSUS[1:]] / RT))
    assert psam.affinity.max(axis=1).tolist() == [1.0] * 6
    assert table.groupby("position")["logo"].sum().to_numpy() == pytest.approx(np.zeros(6), abs=1e-9)
    assert table["logo"].iloc[2] == pytest.approx(psam.energy[0].mean() - psam.energy[0, 2])


def test_without_a_calibrator_energies_are_rt_times_the_change_of_scores() -> None:
    sequences = ["TACT", "TCCT", "TGCT", "TTCT", "TAAT", "TAGT", "TATT"]  # flanks T and T are constant
    scores = np.array([3.0, 1.0, 2.0, 4.0, 0.0, 0.0, 0.0])
    psam = distilled_psam(sequences, scores, "TACT", RT / 1.9872036e-3)
    assert (psam.consensus, psam.start) == ("AC", 1)
    assert psam.energy[0] == pytest.approx(RT * np.array([0, 2, 1, -1]))
    assert psam.affinity[0] == pytest.approx(np.exp([-1, -3, -2, 0]))  # T is better than the consensus


def test_affinity_matrices_that_cannot_be() -> None:
    with pytest.raises(InputError, match="the consensus GG has no score"):
        distilled_psam(["AC"], np.zeros(1), "GG", 298)
    with pytest.raises(InputError, match="no single substitution of AC has a score"):
        distilled_psam(["AC"], np.zeros(1), "AC", 298)
    with pytest.raises(InputError, match=r"4 single substitution\(s\) of AC have no score: A1G, A1T, C2G, C2T"):
        distilled_psam(["AC", "CC", "AA"], np.zeros(3), "AC", 298)


def test_classes_are_summarised_against_the_consensus() -> None:
    rows = pd.DataFrame(
        {"method": "m", "class": ["consensus", "spacer_1", "spacer_1"], "name": None, "score": [3.0, 1.0, 2.0]}
    )
    table = variation_table(rows).set_index("class")
    assert table.loc["spacer_1", ["n", "mean", "min", "max", "from_consensus"]].tolist() == [2, 1.5, 1, 2, -1.5]


def test_repeats_say_what_a_flank_does_to_the_site() -> None:
    rows = pd.concat(library_pieces(repeat_inserts("CACGTG", 2, 6)), ignore_index=True).assign(method="m")
    effect = {"A": 0.5, "AC": -0.5}
    rows["score"] = [
        2.0 * (kind == "repeat") * (1 + effect.get(name, 0)) + 0.1 * len(name)
        for kind, name in zip(rows["class"], rows["name"], strict=True)
    ]
    table = repeat_table(rows).set_index("unit")
    assert table.loc["A", "gain"] == pytest.approx(3)
    assert table.loc["AC", "gain"] == pytest.approx(1)
    assert table.loc["C", "gain_from_mean"] == pytest.approx(0)
    assert table.loc["AC", "alone"] == pytest.approx(0.2)
    assert repeat_table(rows[rows["class"] == "none"]).empty


def test_the_commands_write_their_tables(tmp_path: Path, library: Library, run_command: Run, call_command: Run) -> None:
    sequences = library.table["sequence"].tolist()
    table = write_library(tmp_path / "x", library)
    scores = write_scores(tmp_path / "x.scores.tsv", sequences, {"a": toy_scores(library)})
    deltas = write_deltas(tmp_path / "x.deltas.h5", library)
    dataset, predictions, _, _ = write_regions(tmp_path, {0: (27, CONSENSUS)})
    footprints = write_insert_footprints(tmp_path / "x.footprints.h5")
    line = {"ols": {"slope": -0.5, "intercept": 1.0}}
    calibrator = {"format": "cistill-calibrator", "unit": "kcal/mol", "higher_is_tighter": False}
    calibrated = tmp_path / "c.json"
    calibrated.write_text(json.dumps(calibrator | {"methods": {"model": line}}))
    few = write_scores(tmp_path / "few.scores.tsv", sequences[:9], {"a": toy_scores(library)[:9]})
    raw = write_scores(tmp_path / "raw.scores.tsv", sequences, {"a": 1000 + toy_scores(library)})
    out = ("--prefix", "o", "--outdir", tmp_path / "out")
    regions = ("--dataset", dataset, "--predictions", predictions)
    commands: list[tuple[tuple[object, ...], set[str]]] = [
        (("backgrounds", "--deltas", deltas, "--library", table), {"background_numbers", "background_histograms"}),
        (
            ("specificity", "--scores", f"m={scores}", "--library", f"m={table}"),
            {"specificity", "specificity_differences"},
        ),
        (
            ("matches", "--library", table, "--scores", scores, *regions, "--window", 10),
            {"genomic_matches", "matched_sequences", "matched_summary"},
        ),
        (
            ("footprints", "--footprints", footprints, *regions, "--width", 6),
            {"footprint_aggregate", "footprint_heatmap", "peak_aggregate", "peak_heatmap"},
        ),
        (("psam", "--scores", scores, "--library", table, "--calibrator", calibrated), {"psam"}),
        (("variation", "--scores", scores, "--library", table), {"variation", "variation_scores"}),
        (("energies", "--scores", scores, "--library", table), {"energies"}),
    ]
    written: set[str] = set()
    for number, (arguments, names) in enumerate(commands):
        done = (run_command if number == 0 else call_command)("affinity", *arguments, *out)
        assert done.returncode == 0, done.stderr
        written |= {f"o.{name}.tsv" for name in names}
    found = {file.name for file in (tmp_path / "out").iterdir()}
    assert {name for name in found if name.endswith(".tsv")} == written
    assert CONSENSUS in set(read_table(tmp_path / "out/o.genomic_matches.tsv")["sequence"])
    assert (tmp_path / "out/o.psam.csv").read_text().startswith(",1,2,3,4,5,6\nA,")
    for arguments, words in (
        (("footprints", "--predictions", predictions, "--footprints", footprints), "--predictions needs the --dataset"),
        (("footprints",), "give --footprints of inserts"),
        (("psam", "--scores", scores), "give --consensus, or --library"),
        (("psam", "--scores", scores, "--library", table, "--kind", "excess"), "is a calibrator: give --calibrator"),
        (
            (
                "psam",
                "--scores",
                scores,
                "--library",
                table,
                "--calibrator",
                tmp_path / "c.json",
                "--kind",
                "distilled",
            ),
            "has no distilled of 'model'",
        ),
        (("energies", "--scores", few), "too few for"),
        (("energies", "--scores", raw), "not changes of log counts"),
        (("backgrounds", "--deltas", deltas, "--library", table, "--numbers", "0,x"), "give whole numbers"),
        (("variation", "--scores", scores, "--library", tmp_path / "none.tsv"), "no such file"),
    ):
        done = call_command("affinity", *arguments, *out)
        assert (done.returncode, words in done.stderr) == (2, True), done.stderr
