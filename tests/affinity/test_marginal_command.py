"""The command `marginalize`: scores, chunks, what survives a kill, and bad input."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from marginal_toys import INPUT, PROJECT, in_process, letters, random_codes, toy_model, toy_network, write_dataset

from cistill.affinity.marginalization import score_library
from cistill.affinity.marginalization.changes import one_hot
from cistill.affinity.marginalization.footprints import js_distance
from cistill.affinity.marginalization.marginalizer import agreement
from cistill.affinity.marginalization.settings import (
    Backgrounds,
    EngineSettings,
    MarginalizeInput,
    Outputs,
    PanelSettings,
)
from cistill.dna.codes import reverse_complement_text
from cistill.model.ensemble import Ensemble, load_ensemble
from cistill.tables import read_table

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return toy_model(tmp_path / "TOY.model.safetensors", ("0", "1"), ("a", "b"), family="distill")


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return write_dataset(tmp_path / "TOY.dataset.h5", tasks=("a", "b"))


def scores_of(folder: Path, name: str = "TOY") -> dict[tuple[str, str], float]:
    table = read_table(folder / f"{name}.scores.tsv")
    return {(row.sequence, row.task): row.score for row in table.itertuples()}


def read_fasta(path: Path) -> dict[str, str]:
    records = path.read_text().split(">")[1:]
    return dict(record.strip().split("\n") for record in records)


def slow_score(model: Path, panels: dict[str, str], insert: str, task: int) -> tuple[float, float, float]:
    """Return score, standard error and deviation of networks by full passes, one background at a time."""
    changes: dict[int, list[float]] = {0: [], 1: []}
    members = load_ensemble(model).members
    for name, text in panels.items():
        number = int(name.split(":")[0].removeprefix("panel_"))
        codes = np.array(["ACGT".index(base) for base in text], dtype=np.uint8)[None]
        start = (INPUT - len(insert)) // 2
        changed = codes.copy()
        changed[0, start : start + len(insert)] = ["ACGT".index(base) for base in insert]
        network = members[number].network
        with torch.no_grad():
            after, before = (network(one_hot(c, network.first.weight)).log_counts[0, task] for c in (changed, codes))
        changes[number].append(float((after - before).mean()))
    of_background = (np.array(changes[0]) + np.array(changes[1])) / 2
    error = of_background.std(ddof=1) / len(of_background) ** 0.5
    return of_background.mean(), error, np.mean(list(changes.values()), axis=1).std(ddof=1)


def test_scores_are_means_over_networks_backgrounds_and_strands(
    run_command: Run, model: Path, dataset: Path, tmp_path: Path
) -> None:
    library = tmp_path / "library.tsv"
    library.write_text("sequence\tlabel\nACGTACGTAC\t1\nTTTTCACGTGAAA\tNA\nacgtacgtac\t2\nNNN\t1\nC\t0\n")
    done = run_command(
        "marginalize", "--model", model, "--dataset", dataset, "--library", library, "--n-backgrounds", 8,
        "--orientations", "forward", "--write_panel", "--outdir", tmp_path / "out",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "largest difference to full passes" in done.stderr
    table = read_table(tmp_path / "out/TOY.scores.tsv")
    numbers = ["score", "standard_error", "sd_backgrounds", "sd_networks"]
    assert list(table.columns) == ["sequence", "task", *numbers, "n_backgrounds"]
    assert table["sequence"].tolist() == [s for s in ("ACGTACGTAC", "TTTTCACGTGAAA", "C") for _ in range(2)]
    assert table["task"].tolist() == ["a", "b"] * 3
    panels = read_fasta(tmp_path / "out/TOY.backgrounds.fa")
    assert len(panels) == 16
    for row in table.itertuples():
        score, error, of_networks = slow_score(model, panels, row.sequence, "ab".index(row.task))
        assert row.score == pytest.approx(score, abs=2e-5)
        assert row.standard_error == pytest.approx(error, abs=2e-5)
        assert row.sd_networks == pytest.approx(of_networks, abs=2e-5)
        assert row.sd_backgrounds == pytest.approx(row.standard_error * 8**0.5, rel=1e-4)
    record = json.loads((tmp_path / "out/TOY.marginalize.json").read_text())
    assert record["results"]["inserts"] == 3
    assert record["results"]["treated"]["left out, letters other than A, C, G, T"] == 1
    assert [network["engine"] for network in record["results"]["networks"]] == ["fast path"] * 2
    assert all(network["largest_difference"] <= 1e-5 for network in record["results"]["networks"])
    assert record["results"]["panels"][0]["chromosomes"] == ["chr4"]


def test_full_passes_give_the_same_scores(model: Path, dataset: Path, tmp_path: Path) -> None:
    common = ["--model", model, "--dataset", dataset, "--generate", "substitutions:ACGTA:1", "--n_backgrounds", 5]
    for name, more in (("fast", []), ("full", ["--full_passes"])):
        done = in_process("marginalize", *common, *more, "--outdir", tmp_path / name)
        assert done.returncode == 0, done.stderr
    fast, full = scores_of(tmp_path / "fast"), scores_of(tmp_path / "full")
    assert fast.keys() == full.keys()
    assert max(abs(fast[key] - full[key]) for key in fast) < 1e-5
    library = read_table(tmp_path / "fast/TOY.library.tsv")
    assert library["class"].value_counts().to_dict() == {"substitution_1": 15, "consensus": 1}


def test_both_orientations_score_an_insert_and_its_reverse_complement_once(
    model: Path, dataset: Path, tmp_path: Path
) -> None:
    common = ["--model", model, "--dataset", dataset, "--n_backgrounds", 4, "--generate", "pattern:NNCACGTGNN"]
    for way in ("forward", "both"):
        done = in_process("marginalize", *common, "--orientations", way, "--outdir", tmp_path / way)
        assert done.returncode == 0, done.stderr
    forward, both = scores_of(tmp_path / "forward"), scores_of(tmp_path / "both")
    assert list(forward) == list(both)
    for (sequence, task), score in both.items():
        other = reverse_complement_text(sequence)
        assert score == pytest.approx((forward[sequence, task] + forward[other, task]) / 2, abs=2e-5)
        assert score == both[other, task]
    computed = json.loads((tmp_path / "both/TOY.marginalize.json").read_text())["results"]["computed"]
    assert computed == (256 + 16) / 2


@pytest.mark.parametrize("orientations", ["forward", "both"])
def test_joined_chunks_are_the_whole_run_byte_by_byte(
    model: Path, dataset: Path, tmp_path: Path, orientations: str
) -> None:
    library = tmp_path / "library.csv"
    codes = random_codes(70, 12)
    texts = [letters(row)[: 8 + i % 5] for i, row in enumerate(codes)]
    texts += [reverse_complement_text(text) for text in texts[::3]]
    library.write_text("\n".join(["sequence", *texts]) + "\n")
    common = ["--model", model, "--dataset", dataset, "--library", library, "--n_backgrounds", 3, "--deltas"]
    common += ["--orientations", orientations, "--outdir"]
    assert in_process("marginalize", *common, tmp_path / "whole").returncode == 0
    parts = []
    for i in (3, 1, 2):
        done = in_process("marginalize", *common, tmp_path / "parts", "--chunk", f"{i}/3")
        assert done.returncode == 0, done.stderr
        parts += ["--merge", tmp_path / f"parts/TOY.chunk_{i}.scores.tsv"]
    done = in_process("marginalize", *parts, "--outdir", tmp_path / "joined")
    assert done.returncode == 0, done.stderr
    for name in ("TOY.scores.tsv", "TOY.deltas.h5"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "joined" / name).read_bytes()
    record = json.loads((tmp_path / "joined/TOY.marginalize.json").read_text())
    assert record["results"]["scored"] == len(set(texts))
    missing = in_process("marginalize", *parts[:4], "--outdir", tmp_path / "joined")
    assert missing.returncode == 2
    assert "every one is needed, once; given are 1/3, 3/3" in missing.stderr


def test_deltas_hold_every_background(model: Path, dataset: Path, tmp_path: Path) -> None:
    done = in_process(
        "marginalize", "--model", model, "--dataset", dataset, "--generate", "kmers:2:CAC:GTG", "--n_backgrounds", 12,
        "--deltas", "--tasks", "b", "--prefix", "mine", "--outdir", tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    table = read_table(tmp_path / "mine.scores.tsv")
    with h5py.File(tmp_path / "mine.deltas.h5") as h5:
        assert h5["delta"].shape == (16, 1, 12)
        assert [s.decode() for s in h5["sequence"]] == table["sequence"].tolist()
        np.testing.assert_allclose(h5["delta"][:, 0].mean(1), table["score"], atol=1e-5)
        assert list(h5["task"].asstr()) == ["b"]
        assert h5["source"][:].tolist() == [*range(10), 0, 1]


def test_footprints_are_mean_profiles_with_and_without(model: Path, dataset: Path, tmp_path: Path) -> None:
    done = in_process(
        "marginalize", "--model", model, "--dataset", dataset, "--generate", "kmers:1:CACGT", "--n_backgrounds", 3,
        "--footprints", 2, "--outdir", tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with h5py.File(tmp_path / "TOY.footprints.h5") as h5:
        profile, without = h5["profile"][:], h5["profile_without"][:]
        assert [s.decode() for s in h5["sequence"]] == ["CACGTA", "CACGTC"]
        assert profile.shape == (2, 2, 2, 40)
        np.testing.assert_allclose(profile.sum(-1), 1, atol=1e-5)
        np.testing.assert_allclose(h5["js_distance"][:], js_distance(profile, without[None]), atol=1e-4)
        assert (h5["ends"][:] >= 0).all()
    table = read_table(tmp_path / "TOY.footprints.tsv")
    assert table["task"].tolist() == ["a", "b", "a", "b"]
    assert (table["js_distance"] > 0).all()


def test_distance_of_profiles_by_hand() -> None:
    p, q = np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([[0.0, 1.0], [0.5, 0.5]])
    assert js_distance(p, q) == pytest.approx((np.log(2) / 2) ** 0.5)
    assert js_distance(p, p) == 0


def test_a_killed_run_goes_on_where_it_stopped(model: Path, dataset: Path, tmp_path: Path) -> None:
    arguments = ["--model", model, "--dataset", dataset, "--generate", "kmers:6:CAC", "--n_backgrounds", 20]
    command = [sys.executable, str(PROJECT / "bin/marginalize"), *map(str, arguments)]
    state = tmp_path / "state"
    process = subprocess.Popen(
        [*command, "--checkpoint_dir", state, "--outdir", tmp_path / "a"], stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 180
    while len(list(state.glob("*/block_*.npz"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    kept = {file: file.stat().st_mtime_ns for file in state.glob("*/block_*.npz")}
    assert 3 <= len(kept) < 64
    assert not (tmp_path / "a/TOY.scores.tsv").exists()
    next(iter(kept)).write_bytes(b"damaged")
    for more in (["--checkpoint_dir", state, "--outdir", tmp_path / "a"], ["--outdir", tmp_path / "b"]):
        assert in_process("marginalize", *arguments, *more).returncode == 0
    assert (tmp_path / "a/TOY.scores.tsv").read_bytes() == (tmp_path / "b/TOY.scores.tsv").read_bytes()
    unchanged = [file.stat().st_mtime_ns == time for file, time in kept.items()]
    assert sum(unchanged) == len(kept) - 1
    assert len(list(state.glob("*/block_*.npz"))) == 64


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--generate", "kmers:2"], "give either a dataset or a FASTA file"),
        (["--dataset", "{dataset}"], "give either a library file or what to generate"),
        (["--dataset", "{dataset}", "--generate", "kmers:2", "--tasks", "c"], "has no task c; its tasks are a, b"),
        (["--dataset", "{dataset}", "--generate", "kmers:2", "--chunk", "3/2"], "must be between 1 and the second"),
        (["--dataset", "{dataset}", "--generate", "kmers:2", "--chunk", "half"], "give i/n"),
        (
            ["--dataset", "{dataset}", "--generate", "pattern:" + "A" * 115],
            "longer than the 114 bp that the model reads",
        ),
        (["--dataset", "{dataset}", "--generate", "kmers:2", "--precision", "tf32"], "tf32 exists on GPUs only"),
        (["--dataset", "{dataset}", "--generate", "kmers:2", "--reject", "AC!"], "give IUPAC letters"),
        (["--dataset", "{dataset}", "--library", "{dataset}.no"], "no such file"),
    ],
)
def test_bad_arguments_are_one_message(
    model: Path, dataset: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    given = [argument.format(dataset=dataset) for argument in arguments]
    done = in_process("marginalize", "--model", model, *given, "--outdir", tmp_path / "out")
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def score(model: Path, dataset: Path, outdir: Path, settings: EngineSettings) -> dict:
    score_library.score_library(
        model,
        MarginalizeInput(generate=("substitutions:CACGTG:1",)),
        Backgrounds(dataset, panel=PanelSettings(4)),
        settings,
        Outputs(outdir),
    )
    return json.loads((outdir / "TOY.marginalize.json").read_text())["results"]["networks"]


def test_a_network_of_no_known_family_gets_full_passes(
    model: Path, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    score(model, dataset, tmp_path / "known", EngineSettings())

    class Foreign(type(toy_network(family="distill"))):  # type: ignore[misc]
        """Something else, as far as its type says."""

    def load(path: Path, device: torch.device) -> Ensemble:
        ensemble = load_ensemble(path, device)
        for member in ensemble.members:
            member.network.__class__ = Foreign
        return ensemble

    monkeypatch.setattr(score_library, "load_ensemble", load)
    networks = score(model, dataset, tmp_path / "foreign", EngineSettings())
    assert [network["engine"] for network in networks] == ["full passes"] * 2
    assert "of no family that the fast path knows" in caplog.text
    known, foreign = scores_of(tmp_path / "known"), scores_of(tmp_path / "foreign")
    assert max(abs(known[key] - foreign[key]) for key in known) < 1e-5


def test_a_fast_path_that_differs_is_not_used(
    model: Path, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("cistill.affinity.marginalization.marginalizer.TOLERANCE", -1.0)
    networks = score(model, dataset, tmp_path, EngineSettings())
    assert [network["engine"] for network in networks] == ["full passes"] * 2
    assert "full passes instead" in caplog.text


def test_lower_precision_needs_to_pass_its_test(
    model: Path, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "cistill.affinity.marginalization.marginalizer.LARGEST_SHARE_OF_SD"
    for share, precision in ((1.0, "bf16"), (0.0, "fp32")):
        monkeypatch.setattr(name, share)
        monkeypatch.setattr(name.replace("LARGEST_SHARE_OF_SD", "LEAST_CORRELATION"), 1 - share)
        networks = score(model, dataset, tmp_path, EngineSettings(precision="bf16"))
        assert [network["precision"] for network in networks] == [precision] * 2
        assert networks[0]["precision_test"]["largest_share_of_sd"] > 0


def test_agreement_by_hand() -> None:
    exact = np.array([[0.0], [2.0]])
    share, correlation = agreement(np.array([[0.5], [2.0]]), exact)
    assert share == 0.5
    assert correlation == pytest.approx(1)
    assert np.isnan(agreement(exact[:1], exact[:1])).all()
