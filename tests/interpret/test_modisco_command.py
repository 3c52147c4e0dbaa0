"""The command modisco on planted motifs, and on inputs that TF-MoDISco cannot work on."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from planted_attributions import planted, site_matrix, write_attributions

from cistill.dna.matrices import reverse_complement
from cistill.formats.attributions import open_windows
from cistill.formats.meme import NamedMatrix, read_meme, write_meme
from cistill.formats.motifs import read_motifs
from cistill.interpret.modisco import ModiscoSettings, find_patterns
from cistill.motifs.discovery import discover

PROJECT = Path(__file__).resolve().parents[2]
SUFFIXES = (
    "modisco.h5", "motifs.tsv", "motifs.h5", "motifs.meme", "seqlets.tsv", "summit_distances.tsv", "modisco.json",
)  # fmt: skip


def modisco(*arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = [str(PROJECT / "bin" / "modisco"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with attributions of 240 regions (region 7 holds an N) and a database that knows the motif reversed."""
    folder = tmp_path_factory.mktemp("modisco")
    scores, bases, sites = planted(240, 130, 1)
    bases[7, 60] = 0
    write_attributions(folder / "SYN.counts.attributions.h5", scores, bases)
    rng = np.random.default_rng(0)
    others = [NamedMatrix(f"X{i}", "", rng.dirichlet([0.3] * 4, size=10)) for i in range(40)]
    write_meme(folder / "db.meme", [*others, NamedMatrix("P1", "PLANTED", reverse_complement(site_matrix()))])
    (folder / "sites.json").write_text(json.dumps(sites))
    return folder


@pytest.fixture(scope="module")
def results(inputs: Path) -> Path:
    """The folder of results of one run."""
    arguments = ("--attributions", inputs / "SYN.counts.attributions.h5", "--motif_db", inputs / "db.meme")
    done = modisco(*arguments, "--window", 120, "--outdir", inputs / "results")
    assert done.returncode == 0, done.stderr
    return inputs / "results"


def test_every_file_of_the_contract_is_there_and_nothing_else(results: Path) -> None:
    assert sorted(file.name for file in results.iterdir()) == sorted(f"SYN.counts.{suffix}" for suffix in SUFFIXES)


def test_the_planted_motif_comes_first_and_matches_itself(results: Path) -> None:
    table = pd.read_csv(results / "SYN.counts.motifs.tsv", sep="\t", keep_default_na=False)
    first = table.iloc[0]
    assert first["motif_id"] == "counts.pos_0"
    assert first["match_1"] == "P1 PLANTED"
    assert float(first["match_1_q"]) < 1e-3
    assert not first["weak"]
    assert first["weak_reason"] == "NA"
    assert float(first["match_1_p"]) < float(first["match_2_p"]) < float(first["match_3_p"])


def test_a_motif_lies_as_its_match_in_the_database(results: Path) -> None:
    table = pd.read_csv(results / "SYN.counts.motifs.tsv", sep="\t")
    assert "GGGTAA" in table["consensus"][0]  # the database has CCGGGTAA


def test_matrices_share_one_orientation_and_the_core(results: Path) -> None:
    motif = read_motifs(results / "SYN.counts.motifs.h5")[0]
    core = slice(*motif.core)
    assert 6 <= motif.core[1] - motif.core[0] <= 9
    strongest = motif.pfm[core].argmax(axis=1)
    assert np.array_equal(motif.cwm[core].argmax(axis=1), strongest)
    assert np.array_equal(motif.hcwm[core].argmax(axis=1), strongest)
    [named] = [m for m in read_meme(results / "SYN.counts.motifs.meme") if m.name == "counts.pos_0"]
    assert np.abs(named.matrix - motif.pfm[core]).max() < 0.01


def test_seqlets_lie_on_the_planted_sites_in_their_regions(inputs: Path, results: Path) -> None:
    motif = read_motifs(results / "SYN.counts.motifs.h5")[0]
    table = pd.read_csv(results / "SYN.counts.seqlets.tsv", sep="\t")
    table = table[table["motif_id"] == "counts.pos_0"]
    assert len(table) == motif.n_seqlets
    sites = {
        f"chr1:{1000 * (i + 1)}": (1000 * (i + 1) - 65 + start, s)
        for i, start, s in json.loads((inputs / "sites.json").read_text())
    }
    right = 0
    for row in table.itertuples():
        inset = motif.core[0] if row.strand == "+" else motif.length - motif.core[1]
        start, strand = sites.get(row.region_id, (-1, "?"))
        # the motif is shown as the reverse complement of what was planted
        right += abs(row.start + inset - start) <= 1 and row.strand != strand
    assert right > 0.9 * len(table)
    assert "chr1:8000" not in set(table["region_id"])  # the region with an N


def test_example_idx_is_the_row_of_the_attributions(results: Path) -> None:
    table = pd.read_csv(results / "SYN.counts.seqlets.tsv", sep="\t")
    with h5py.File(results / "SYN.counts.modisco.h5") as file:
        assert set(file) == {"pos_patterns", "neg_patterns"}
        assert file.attrs["window_size"] == 120
        seqlets = file["pos_patterns/pattern_0/seqlets"]
        rows, starts = seqlets["example_idx"][:], seqlets["start"][:]
        for sub in (name for name in file["pos_patterns/pattern_0"] if name.startswith("subpattern")):
            assert set(file[f"pos_patterns/pattern_0/{sub}/seqlets/example_idx"][:]) <= set(rows)
    first = table[table["motif_id"] == "counts.pos_0"]
    assert first["region_id"].tolist() == [f"chr1:{1000 * (row + 1)}" for row in rows]
    assert first["start"].tolist() == (1000 * (rows + 1) - 60 + starts).tolist()


def test_provenance_counts_the_regions_left_out(results: Path) -> None:
    record = json.loads((results / "SYN.counts.modisco.json").read_text())
    assert record["results"]["regions"] == 240
    assert record["results"]["regions_with_n"] == 1
    assert record["results"]["regions_used"] == 239
    own = {"window": 120, "max_regions": 50_000, "preset": "default"}
    assert record["settings"] == own | json.loads(json.dumps(ModiscoSettings().arguments()))
    assert record["seed"] == 1  # the default


def test_the_same_inputs_give_the_same_bytes(inputs: Path, results: Path, tmp_path: Path) -> None:
    arguments = ("--attributions", inputs / "SYN.counts.attributions.h5", "--motif_db", inputs / "db.meme")
    assert modisco(*arguments, "--window", 120, "--outdir", tmp_path).returncode == 0
    for suffix in SUFFIXES[:-1]:
        name = f"SYN.counts.{suffix}"
        assert (tmp_path / name).read_bytes() == (results / name).read_bytes(), name


def zeros(scores: np.ndarray, bases: np.ndarray) -> None:
    scores[:] = 0


def not_a_number(scores: np.ndarray, bases: np.ndarray) -> None:
    scores[:, 30] = np.nan


def all_n(scores: np.ndarray, bases: np.ndarray) -> None:
    bases[:, 30] = 0


def only_positive(scores: np.ndarray, bases: np.ndarray) -> None:
    scores[:] = np.abs(scores)


def only_negative(scores: np.ndarray, bases: np.ndarray) -> None:
    scores[:] = -np.abs(scores)


def discovered(folder: Path, scores: np.ndarray, bases: np.ndarray) -> Path:
    """Run the discovery within this process, which spares the imports; return the stem of the results."""
    windows = open_windows(write_attributions(folder / "a.h5", scores, bases), 400)
    discover(folder / "SYN", windows, [], None, ModiscoSettings(), seed=0, max_regions=100)
    return folder / "SYN"


@pytest.mark.parametrize(
    ("spoil", "remark"),
    [
        (zeros, "no contributions other than zero"),
        (not_a_number, "no region without N and with finite contributions"),
        (all_n, "no region without N and with finite contributions"),
        (only_positive, "no sign has more than 100 seqlets"),
        (only_negative, "too few or too one-sided contributions"),
    ],
)
def test_inputs_without_anything_to_find_give_empty_results(
    tmp_path: Path, spoil: Callable[..., None], remark: str
) -> None:
    scores, bases, _ = planted(30, 60, 2)
    spoil(scores, bases)
    stem = discovered(tmp_path, scores, bases)
    table = pd.read_csv(f"{stem}.motifs.tsv", sep="\t")
    assert len(table) == 0
    assert "match_3_q" in table.columns
    assert read_motifs(f"{stem}.motifs.h5") == []
    assert len(pd.read_csv(f"{stem}.seqlets.tsv", sep="\t")) == 0
    with h5py.File(f"{stem}.modisco.h5") as file:
        assert set(file) == {"pos_patterns", "neg_patterns"}
    [told] = json.loads(Path(f"{stem}.modisco.json").read_text())["results"]["remarks"]
    assert remark in told


@pytest.mark.parametrize("regions", [0, 1, 3])
def test_hardly_any_region_gives_empty_results(tmp_path: Path, regions: int) -> None:
    scores, bases, _ = planted(regions, 60, 3)
    stem = discovered(tmp_path, scores, bases)
    assert len(pd.read_csv(f"{stem}.motifs.tsv", sep="\t")) == 0


def test_of_too_many_regions_a_random_share_is_searched(tmp_path: Path) -> None:
    windows = open_windows(write_attributions(tmp_path / "a.h5", *planted(40, 60, 3)[:2]), 400)
    result = find_patterns(windows, ModiscoSettings(), seed=0, max_regions=25)
    assert (result.regions_used, result.regions_over_limit) == (25, 15)


def test_a_window_shorter_than_a_seqlet_is_refused_without_traces(inputs: Path, tmp_path: Path) -> None:
    done = modisco("--attributions", inputs / "SYN.counts.attributions.h5", "--window", 40, "--outdir", tmp_path)
    assert done.returncode == 2
    assert "a window of 40 bases is shorter than a seqlet of 41" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_bad_database_is_refused_before_anything_runs(inputs: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.meme").write_text("MEME version 4\n")
    arguments = ("--attributions", inputs / "SYN.counts.attributions.h5", "--motif_db", tmp_path / "bad.meme")
    done = modisco(*arguments, "--outdir", tmp_path / "out")
    assert done.returncode == 2
    assert "no motif in the file" in done.stderr
    assert not (tmp_path / "out").exists()


def test_help_is_instant_and_states_units() -> None:
    done = modisco("--help")
    assert done.returncode == 0
    assert "--max_seqlets" in done.stdout
