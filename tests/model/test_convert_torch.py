"""bpnet-lite's networks, pickled as it pickles them, against its forward passes; and what pickles must not do."""

import os
import sys
import types
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from toy_bpnetlite import BasePairNet, BPNet, ChromBPNet, Logger
from toy_keras import sequences

from cistill.errors import InputError
from cistill.model.convert.network_files import read_source
from cistill.model.convert.torch_archive import read_torch
from cistill.model.convert.torch_records import Described

LENGTH = 160  # 2 (47 + 2 + 4) bp are cut: 54 bp remain


@pytest.fixture
def bpnetlite(monkeypatch: pytest.MonkeyPatch) -> None:
    """The classes above under the names that bpnet-lite's have, as pickles refer to them."""
    for name, classes in (("bpnet", [BPNet, BasePairNet]), ("chrombpnet", [ChromBPNet]), ("logging", [Logger])):
        module = types.ModuleType(f"bpnetlite.{name}")
        monkeypatch.setitem(sys.modules, module.__name__, module)
        for kind in classes:
            setattr(module, kind.__name__, kind)
            monkeypatch.setattr(kind, "__module__", module.__name__)
    monkeypatch.setitem(sys.modules, "bpnetlite", types.ModuleType("bpnetlite"))
    torch.manual_seed(0)


def saved(network: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Save a network, then make its classes unknown: reading must not need them."""
    torch.save(network, path)
    for name in [name for name in sys.modules if name.startswith("bpnetlite")]:
        monkeypatch.delitem(sys.modules, name)
    return path


def agree(source: nn.Module, path: Path, controls: int, **arguments: Any) -> None:
    """Expect the predictions of both to be equal to 1e-5; ours is given the part of the windows that it takes."""
    converted = read_source(path, input_length=LENGTH, **arguments)[1]
    network, config = converted.network(), converted.config
    x = torch.from_numpy(sequences(LENGTH)).float().transpose(1, 2)
    tracks = torch.poisson(torch.full((3, 2, LENGTH), 0.6), torch.Generator().manual_seed(2))
    given = {0: None, 1: tracks.sum(1, keepdim=True), 2: tracks}[controls]
    with torch.no_grad():
        profile, counts = source(x, given)
        cut = (LENGTH - config.input_length) // 2
        around = (LENGTH - config.control_length) // 2
        ours = network(x[..., cut : LENGTH - cut], tracks[:, None, :, around : LENGTH - around])
    assert config.output_length == profile.shape[-1]
    torch.testing.assert_close(ours.profile[:, 0], profile, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(ours.log_counts[:, 0], counts, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", [BPNet, BasePairNet])
@pytest.mark.parametrize(("outputs", "controls"), [(2, 2), (2, 1), (1, 0)])
@pytest.mark.usefixtures("bpnetlite")
def test_pickled_networks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[BPNet], outputs: int, controls: int
) -> None:
    network = kind(outputs=outputs, controls=controls)
    path = saved(network, tmp_path / "model.torch", monkeypatch)
    assert read_source(path)[0] == "bpnetlite"
    agree(network, path, controls)


@pytest.mark.usefixtures("bpnetlite")
def test_more_trimming_than_needed_and_no_bias(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = BPNet(trimming=60, bias=False)
    agree(network, saved(network, tmp_path / "model.torch", monkeypatch), 2)


@pytest.mark.usefixtures("bpnetlite")
def test_either_network_of_a_chrombpnet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    networks = {part: BPNet(outputs=1, controls=0) for part in ("bias", "accessibility")}
    path = saved(ChromBPNet(**networks), tmp_path / "model.torch", monkeypatch)
    with pytest.raises(InputError, match="choose one with --part: accessibility, bias"):
        read_source(path)
    for part, network in networks.items():
        agree(network, path, 0, part=part)


@pytest.mark.parametrize("name", ["weights.pt", "weights.safetensors"])
def test_dictionaries_of_weights(tmp_path: Path, name: str) -> None:
    network = BPNet()
    if name.endswith(".pt"):
        torch.save(network.state_dict(), tmp_path / name)
    else:
        save_file(network.state_dict(), tmp_path / name)
    agree(network, tmp_path / name, 2)


@pytest.mark.usefixtures("bpnetlite")
def test_predictions_that_saw_padding_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(BPNet(trimming=40), tmp_path / "model.torch", monkeypatch)
    with pytest.raises(InputError, match="cuts 40 bp from either side of its predictions, but 53 bp saw padding"):
        read_source(path)


@pytest.mark.usefixtures("bpnetlite")
def test_a_layer_that_we_do_not_have_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = BPNet()
    network.norm = nn.BatchNorm1d(5)
    path = saved(network, tmp_path / "model.torch", monkeypatch)
    with pytest.raises(InputError, match="layer 'norm' is a BatchNorm1d"):
        read_source(path)


def test_other_modules_are_refused(tmp_path: Path) -> None:
    torch.save(nn.Sequential(nn.Linear(2, 2)), tmp_path / "model.torch")
    with pytest.raises(InputError, match="holds a Sequential; BPNet and BasePairNet can be converted"):
        read_source(tmp_path / "model.torch")
    torch.save({"weight": torch.zeros(2)}, tmp_path / "model.pt")
    with pytest.raises(InputError, match=r"not weights of a bpnet-lite network: no iconv\.weight"):
        read_source(tmp_path / "model.pt")


class Attack:
    """Runs a command when it is unpickled."""

    def __init__(self, touched: Path) -> None:
        self.touched = touched

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, (f"touch {self.touched}",)


def test_nothing_in_a_pickle_is_called_or_imported(tmp_path: Path) -> None:
    torch.save({"attack": Attack(tmp_path / "touched"), "weight": torch.arange(6.0).view(2, 3).t()}, tmp_path / "m.pt")
    sys.modules.pop("this", None)
    read = read_torch(tmp_path / "m.pt")
    assert isinstance(read["attack"], Described)
    assert read["attack"].arguments == (f"touch {tmp_path / 'touched'}",)
    assert not (tmp_path / "touched").exists()
    assert torch.equal(read["weight"], torch.arange(6.0).view(2, 3).t())


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_every_protocol_gives_the_same_tensors(tmp_path: Path, protocol: int) -> None:
    state = {"a": torch.randn(3, 4), "b": torch.arange(5), "c": torch.randn(2).half(), "d": torch.tensor(1.5)}
    torch.save({"nested": [state, (None, True, -1, 1e300, "text")]}, tmp_path / "m.pt", pickle_protocol=protocol)
    read, others = read_torch(tmp_path / "m.pt")["nested"]
    assert others == (None, True, -1, 1e300, "text")
    assert all(torch.equal(read[name], value) for name, value in state.items())


def test_damaged_and_foreign_archives_are_refused(tmp_path: Path) -> None:
    whole = tmp_path / "m.pt"
    torch.save({"a": torch.zeros(1000)}, whole)

    def refused(path: Path, message: str) -> None:
        with pytest.raises(InputError, match=message):
            read_torch(path)

    (tmp_path / "half.pt").write_bytes(whole.read_bytes()[:2000])
    refused(tmp_path / "half.pt", "not a zip archive of torch.save")
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(tmp_path / "short.pt", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name)[:-8] if "/data/" in name else old.read(name))
    refused(tmp_path / "short.pt", "does not hold the 1000 numbers it should")
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(tmp_path / "packed.pt", "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    refused(tmp_path / "packed.pt", "compressed")
    with zipfile.ZipFile(tmp_path / "other.pt", "w") as new:
        new.writestr("readme", "no model")
    refused(tmp_path / "other.pt", "not an archive of torch.save")
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(tmp_path / "cut.pt", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name)[:60] if name.endswith("data.pkl") else old.read(name))
    refused(tmp_path / "cut.pt", "damaged")
    torch.save({"a": torch.zeros(2)}, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    refused(tmp_path / "old.pt", "not a zip archive of torch.save")
