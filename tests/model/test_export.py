"""Our networks written for other programs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from cistill.data.splits import Split
from cistill.errors import InputError
from cistill.model import export_networks
from cistill.model.ensemble import Ensemble, save_ensemble
from cistill.model.member import Member
from cistill.model.network import Network, NetworkConfig, build_network

PROJECT = Path(__file__).resolve().parents[2]
SMALL = {"input_length": 66, "output_length": 40, "filters": 8, "layers": 2, "first_kernel": 7, "profile_kernel": 9}
FORMS = [{"controls": True}, {"family": "distill", "controls": True}, {"strands": 1, "joint_counts": True}]


def make(**arguments: object) -> Network:
    torch.manual_seed(0)
    network = build_network(NetworkConfig(**SMALL, tasks=2, **arguments)).eval()
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.2)
    return network


class Documented(nn.Module):
    """The example of docs/convert.md: a plain module for the default form of the profile family."""

    def __init__(self, network: dict) -> None:
        super().__init__()
        filters, tasks, width = network["filters"], network["tasks"], network["dilated_kernel"]
        self.last_residual = network["last_residual"]
        self.first = nn.Conv1d(4, filters, network["first_kernel"])
        self.dilated = nn.ModuleList(
            nn.Conv1d(filters, filters, width, dilation=2 ** (i + 1)) for i in range(network["layers"])
        )
        self.profile_weight = nn.Parameter(torch.empty(2 * tasks, filters, network["profile_kernel"]))
        self.profile_bias = nn.Parameter(torch.empty(2 * tasks))
        self.count = nn.Linear(filters, 2 * tasks)
        self.profile_mix = nn.Conv1d(4 * tasks, 2 * tasks, 1, groups=tasks)
        self.count_mix = nn.Conv1d(4 * tasks, 2 * tasks, 1, groups=tasks)

    def forward(self, sequence: Tensor, control: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.first(sequence).relu()
        for i, layer in enumerate(self.dilated):
            new = layer(hidden).relu()
            cut = (hidden.shape[-1] - new.shape[-1]) // 2
            last = i == len(self.dilated) - 1 and not self.last_residual
            hidden = new if last else new + hidden[..., cut:-cut]
        profile = nn.functional.conv1d(hidden, self.profile_weight, self.profile_bias).unflatten(1, (-1, 2))
        counts = self.count(hidden.mean(-1)).unflatten(1, (-1, 2))
        profile = self.profile_mix(torch.cat([profile, control.log1p()], 2).flatten(1, 2))
        counts = self.count_mix(torch.cat([counts, control.sum(-1).log1p()], 2).flatten(1)[..., None])
        return profile.unflatten(1, (-1, 2)), counts[..., 0].unflatten(1, (-1, 2))


def saved(folder: Path, *networks: Network) -> Path:
    members = [Member(network, ["a", "b"], f"fold_{i}", Split((), (), ())) for i, network in enumerate(networks)]
    save_ensemble(folder / "X.model.safetensors", Ensemble("X", ["a", "b"], members))
    return folder / "X.model.safetensors"


def run(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PROJECT / "bin" / "convert"), *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_plain_state_runs_in_the_documented_module(tmp_path: Path) -> None:
    networks = make(controls=True), make(controls=True, last_residual=True)
    result = run(tmp_path, "--model", saved(tmp_path, *networks), "--export", "torch")
    assert result.returncode == 0, result.stderr
    sequence, control = torch.rand(2, 4, 66), torch.rand(2, 2, 2, 40)
    for number, network in enumerate(networks, start=1):
        described = json.loads((tmp_path / f"X.member_{number}.network.json").read_text())
        assert described["inputs"] == {"sequence": ["batch", 4, 66], "control": ["batch", 2, 2, 40]}
        module = Documented(described["network"])
        module.load_state_dict(torch.load(tmp_path / f"X.member_{number}.state.pt", weights_only=True))
        with torch.no_grad():
            profile, counts = module(sequence, control)
            expected = network(sequence, control)
        torch.testing.assert_close(profile, expected.profile, rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(counts, expected.log_counts, rtol=1e-5, atol=1e-5)


def test_one_member_can_be_chosen_and_bytes_do_not_vary(tmp_path: Path) -> None:
    model = saved(tmp_path, make(), make())
    contents = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        export_networks.export_networks(model, "torch", 2, folder)
        assert not list(folder.glob("X.member_1.*"))
        contents.append((folder / "X.member_2.state.pt").read_bytes())
    assert contents[0] == contents[1]
    with pytest.raises(InputError, match="has members 1 to 2, no 3"):
        export_networks.export_networks(model, "torch", 3, tmp_path)
    with pytest.raises(InputError, match="unknown export 'h5'"):
        export_networks.export_networks(model, "h5", None, tmp_path)


@pytest.mark.parametrize("form", FORMS)
def test_onnx_predicts_the_same(tmp_path: Path, form: dict[str, object]) -> None:
    reference = pytest.importorskip("onnx.reference", reason="onnx is not installed")
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    network = make(**form)
    export_networks.write_onnx(tmp_path / "x.onnx", network)
    graph = reference.ReferenceEvaluator(str(tmp_path / "x.onnx"))
    sequence, control = torch.rand(3, 4, 66), torch.rand(3, 2, 2, 40)
    given = {"sequence": sequence.numpy()} | ({"control": control.numpy()} if network.config.controls else {})
    profile, counts = graph.run(["profile", "log_counts"], given)
    with torch.no_grad():
        expected = network(sequence, control)
    torch.testing.assert_close(torch.from_numpy(profile), expected.profile, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(torch.from_numpy(counts), expected.log_counts, rtol=1e-5, atol=1e-5)


def test_onnx_without_its_packages_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_networks.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"needs the package\(s\) onnx, onnxscript: pip install onnx onnxscript"):
        export_networks.write_onnx(tmp_path / "x.onnx", make())
    assert not list(tmp_path.iterdir())
