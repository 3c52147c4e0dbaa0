"""The Python interface: its names, loaded when used, and what each function returns, on toy models."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from affinity.marginal_toys import INPUT, OUTPUT, letters, random_codes, toy_model, toy_network, write_dataset
from interpret.planted_attributions import planted, site_matrix, write_attributions

import cistill
from cistill.dna.codes import ONE_HOT
from cistill.formats.hits import MEASURED, read_hits
from cistill.formats.motifs import Motif, write_motifs

PROJECT = Path(__file__).resolve().parents[1]
RT = 0.0019872041 * 298.15  # kcal/mol


@pytest.fixture
def model(tmp_path: Path) -> cistill.Ensemble:
    """A model of two networks and two tasks."""
    return cistill.load_model(toy_model(tmp_path / "TOY.model.safetensors", ("0", "1"), ("a", "b")))


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import cistill, sys; assert not {'torch', 'numpy', 'pandas'} & set(sys.modules); print(len(dir(cistill)))"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(PROJECT / "src")})


def test_every_name_is_there_and_documented() -> None:
    for name in cistill.__all__:
        assert getattr(cistill, name).__doc__, name
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = cistill.nonsense


def test_the_page_names_every_public_name() -> None:
    functions = {name for name in cistill.__all__ if name[0].islower()}
    text = (PROJECT / "docs" / "python.md").read_text()
    table = text[text.index("| function |") :]
    assert functions == set(re.findall(r"^\| `(\w+)\(", table, re.MULTILINE))
    assert [name for name in cistill.__all__ if f"`{name}" not in text and f"cistill.{name}`" not in text] == []


def test_predictions_are_the_mean_of_networks_and_orientations(model: cistill.Ensemble) -> None:
    codes = random_codes(3, INPUT)
    sequence = torch.from_numpy(ONE_HOT[codes].swapaxes(1, 2).copy())
    counts = []
    with torch.inference_mode():
        for network in (toy_network(number, tasks=2) for number in (0, 1)):
            counts += [network(sequence).log_counts, network(sequence.flip(1, 2)).log_counts.flip(-1)]
    made = cistill.predict(model, [letters(row) for row in codes])
    assert made.tasks == ["a", "b"]
    np.testing.assert_allclose(made.log_counts, torch.stack(counts).mean(0).numpy(), atol=1e-5)
    assert made.profile.shape == (3, 2, 2, OUTPUT)
    np.testing.assert_allclose(made.profile.sum(-1), 1, atol=1e-5)


def test_longer_sequences_are_cut_to_their_middle_and_parts_do_not_matter(
    model: cistill.Ensemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = random_codes(5, INPUT + 6)
    expected = cistill.predict(model, codes[:, 3:-3])
    monkeypatch.setattr("cistill.api.sequence_functions.PREDICTED_AT_ONCE", 2)
    made = cistill.predict(model, codes)
    np.testing.assert_allclose(made.log_counts, expected.log_counts, atol=1e-6)
    np.testing.assert_allclose(made.profile, expected.profile, atol=1e-6)


def test_a_model_that_takes_controls_predicts_and_explains_with_empty_ones(tmp_path: Path) -> None:
    model = cistill.load_model(toy_model(tmp_path / "m.safetensors", controls=True))
    assert np.isfinite(cistill.predict(model, random_codes(1, INPUT)).log_counts).all()
    assert cistill.explain(model, random_codes(1, INPUT), n_shuffles=2).gap[0] < 1e-3


@pytest.mark.parametrize("head", ["counts", "profile"])
def test_contributions_are_those_of_the_bases_that_are_there(model: cistill.Ensemble, head: str) -> None:
    codes = random_codes(3, INPUT)
    codes[1, 10] = 4
    made = cistill.explain(model, codes, head, n_shuffles=3)
    assert made.hypothetical.shape == (3, INPUT, 4)
    np.testing.assert_allclose(made.contributions, (made.hypothetical * ONE_HOT[codes]).sum(-1), atol=1e-6)
    assert made.contributions[1, 10] == 0
    assert (made.gap < 1e-3).all()


def test_contributions_of_tasks_add_up(model: cistill.Ensemble) -> None:
    codes = random_codes(2, INPUT)
    both, a, b = (cistill.explain(model, codes, tasks=tasks, n_shuffles=3) for tasks in (None, ["a"], ["b"]))
    np.testing.assert_allclose(both.contributions, a.contributions + b.contributions, atol=1e-5)


@pytest.mark.parametrize("function", [cistill.predict, cistill.explain])
def test_sequences_that_do_not_fit_are_refused(model: cistill.Ensemble, function: Callable[..., object]) -> None:
    with pytest.raises(cistill.InputError, match=f"sequence 1 has 4 bp, the model reads {INPUT} bp"):
        function(model, ["A" * INPUT, "ACGT"])
    with pytest.raises(cistill.InputError, match="at least one sequence"):
        function(model, [])


def test_a_head_or_task_that_is_not_there_is_refused(model: cistill.Ensemble) -> None:
    with pytest.raises(cistill.InputError, match="head 'count': use one of counts, profile"):
        cistill.explain(model, random_codes(1, INPUT), "count")
    with pytest.raises(cistill.InputError, match="no task c"):
        cistill.explain(model, random_codes(1, INPUT), tasks=["c"])


def write_planted(folder: Path) -> tuple[Path, Path]:
    """Contributions with planted sites, and the motif of these."""
    scores, bases, _ = planted(60, 100, 3)
    pfm = site_matrix()
    cwm = 0.3 * (pfm - 0.25)
    motif = Motif("counts.pos_0", "counts", "pos", "pos_patterns/pattern_0", False, 50, pfm, cwm, cwm, (0, 8))
    write_motifs(folder / "TOY.counts.motifs.h5", [motif], "TOY", "counts")
    return write_attributions(folder / "TOY.counts.attributions.h5", scores, bases), folder / "TOY.counts.motifs.h5"


def test_hits_are_those_of_the_command(
    tmp_path: Path, call_command: Callable[..., subprocess.CompletedProcess]
) -> None:
    attributions, motifs = write_planted(tmp_path)
    hits = cistill.call_hits(attributions, motifs, window=80, min_confidence=0.6)
    options = ("--window", 80, "--min_confidence", 0.6, "--outdir", tmp_path)
    call_command("callhits", "--attributions", attributions, "--motifs", motifs, *options)
    (bed,) = tmp_path.glob("*.hits.bed")
    expected = read_hits(bed)
    assert len(hits) == len(expected) > 20
    assert list(hits.columns) == list(MEASURED)
    assert hits[["region_id", "start", "strand"]].equals(expected[["region_id", "start", "strand"]])
    np.testing.assert_allclose(hits["confidence"], expected["confidence"], atol=1e-4)
    assert [motif.motif_id for motif in cistill.read_motifs(motifs)] == ["counts.pos_0"]


def test_an_option_of_no_or_another_caller_is_refused(tmp_path: Path) -> None:
    attributions, motifs = write_planted(tmp_path)
    with pytest.raises(cistill.InputError, match="nonsense: no option of the method cwm_scan"):
        cistill.call_hits(attributions, motifs, nonsense=1)


def test_energies_are_those_that_scores_were_made_from() -> None:
    library = [a + b + c + d + e for a in "ACGT" for b in "ACGT" for c in "ACGT" for d in "ACGT" for e in "ACGT"]
    effects = np.random.default_rng(0).normal(0, 0.7, (5, 4))
    log_affinity = 1 + np.array([sum(effects[i, "ACGT".index(base)] for i, base in enumerate(s)) for s in library])
    noise = np.random.default_rng(1).normal(0, 0.02, len(library))
    made = cistill.distil_energies(library, np.log1p(np.exp(log_affinity)) + noise)
    assert made.effects.shape == (5, 4)
    assert np.corrcoef(made.energies, -RT * log_affinity)[0, 1] > 0.999
    assert np.abs(made.energies + RT * log_affinity).mean() < 0.05
    with pytest.raises(cistill.InputError, match="no energies: the sequences have several lengths"):
        cistill.distil_energies(["A", "AC"], np.zeros(2))


def test_the_lines_of_the_page_run_as_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    toy_model(Path("REB1.model.safetensors"), ("0", "1"))
    write_dataset(Path("REB1.dataset.h5"))
    attributions, motifs = write_planted(tmp_path)
    attributions.rename("REB1.counts.attributions.h5")
    motifs.rename("REB1.counts.motifs.h5")
    pages = (PROJECT / "docs" / "python.md", PROJECT / "README.md")
    blocks = [block for page in pages for block in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)]
    names: dict[str, object] = {}
    assert "open_run" in blocks.pop(0)  # tests/report/test_results_folder.py runs it
    exec(blocks[0], names)
    assert names["scores"].shape == (3, 1)
    assert names["contributions"].shape == (40, INPUT)
    exec(blocks[1], names)
    assert names["scores"].shape == names["energies"].shape == (64,)
    exec(blocks[2], names)
    assert len(names["hits"]) > 20
    exec(blocks[3], names)
    assert names["scores"].shape == (2, 1)
