"""`convert` as a user runs it: other programs' networks in, ours out."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from test_convert_keras import affinity, bpnet2, chrombpnet, chrombpnet_predictions, motif_discovery
from toy_keras import ToyKeras, sequences

from cistill.errors import InputError
from cistill.model.convert.convert import convert as convert_file
from cistill.model.convert.network_files import read_source
from cistill.model.ensemble import Ensemble, load_ensemble
from cistill.model.windows.batches import Batch

PROJECT = Path(__file__).resolve().parents[2]


def convert(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PROJECT / "bin" / "convert"), *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def predicted(ensemble: Ensemble, sequence: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    batch = Batch(torch.from_numpy(sequence).float().transpose(1, 2), torch.zeros(3, 1, 2, 26), None)
    output = ensemble.members[0].outputs(batch.sequence, None)
    return output.profile.detach().numpy(), output.log_counts.detach().numpy()


def test_a_source_becomes_a_model_that_predicts_the_same(tmp_path: Path) -> None:
    keras = chrombpnet()
    path = keras.save(tmp_path / "source.h5")
    result = convert(tmp_path, "--source", path, "--tf", "ATAC", "--task", "liver")
    assert result.returncode == 0, result.stderr
    ensemble = load_ensemble(tmp_path / "ATAC.model.safetensors")
    member = ensemble.members[0]
    assert (ensemble.tf, ensemble.tasks, member.fold) == ("ATAC", ["liver"], "imported")
    assert (member.split.train, member.split.valid, member.split.test) == ((), (), ())
    assert (member.record["source"], member.record["format"]) == ("source.h5", "chrombpnet")
    assert len(member.record["sha256"]) == 64
    assert json.loads((tmp_path / "ATAC.convert.json").read_text())["results"]["network"]["strands"] == 1

    # unstranded, averaged over both orientations, half the reads for each strand
    x = sequences(60)
    forward, backward = (chrombpnet_predictions(keras, s) for s in (x, x[:, ::-1, ::-1]))
    profiles = [np.exp(p) / np.exp(p).sum(-1, keepdims=True) for p, _ in (forward, backward)]
    expected = (profiles[0] + profiles[1][..., ::-1]) / 2
    profile, log_counts = predicted(ensemble, x)
    np.testing.assert_allclose(profile, np.repeat(expected, 2, 2), rtol=1e-4, atol=1e-6)
    halves = [np.log1p(np.clip(np.expm1(c), 0, None) / 2) for _, c in (forward, backward)]
    np.testing.assert_allclose(log_counts, np.repeat(sum(halves) / 2, 2, 2), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("source", [motif_discovery(2), bpnet2([2, 0], joint=False), affinity(True)])
def test_every_format_is_read_back_the_same_every_time(tmp_path: Path, source: ToyKeras) -> None:
    path = source.save(tmp_path / "x.h5")
    contents = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        convert_file(path, "auto", "X", [], None, "auto", None, 2.0, folder)
        contents.append((folder / "X.model.safetensors").read_bytes())
    assert contents[0] == contents[1]
    ensemble = load_ensemble(tmp_path / "a" / "X.model.safetensors")
    tasks = ensemble.members[0].network.config.tasks
    assert ensemble.tasks == (["X"] if tasks == 1 else ["X_1", "X_2"])
    assert ensemble.takes_controls


def test_arguments_that_do_not_fit_the_file_are_refused(tmp_path: Path) -> None:
    path = chrombpnet().save(tmp_path / "source.h5")
    for arguments, message in (
        ({"form": "caffe"}, "unknown format 'caffe'"),
        ({"strands": "+-"}, "unknown strand order"),
        ({"part": "bias"}, "has no part 'bias'"),
        ({"input_length": 500}, "--input_length is for networks of bpnet-lite"),
    ):
        with pytest.raises(InputError, match=message):
            read_source(path, **arguments)


def test_strands_can_be_told_to_be_the_other_way_round(tmp_path: Path) -> None:
    path = bpnet2([2], joint=False).save(tmp_path / "x.h5")
    networks = [read_source(path, strands=order)[1].network() for order in ("plus_minus", "minus_plus")]
    x = torch.from_numpy(sequences(66)).float().transpose(1, 2)
    control = torch.rand(3, 1, 2, 34)
    with torch.no_grad():
        given, other = networks[0](x, control), networks[1](x, control.flip(2))
    torch.testing.assert_close(given.profile, other.profile.flip(2))
    torch.testing.assert_close(given.log_counts, other.log_counts.flip(2))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give either --source"),
        (("--model", "source.h5"), "--model and --export go together"),
        (("--source", "source.h5", "--task", "a,b"), "the network predicts 1 task(s)"),
    ],
)
def test_bad_input_is_one_message(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    chrombpnet().save(tmp_path / "source.h5")
    result = convert(tmp_path, *arguments)
    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert not list(tmp_path.glob("*.safetensors"))


def test_help_names_the_formats(tmp_path: Path) -> None:
    assert "affinity_distillation" in convert(tmp_path, "--help").stdout
