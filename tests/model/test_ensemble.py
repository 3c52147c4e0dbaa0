from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from cistill.data.splits import Split
from cistill.errors import InputError
from cistill.model.checkpoint import write_tensors
from cistill.model.ensemble import Ensemble, load_ensemble, save_ensemble
from cistill.model.member import Member
from cistill.model.network import NetworkConfig, build_network
from cistill.model.windows.batches import Batch

CONFIG = NetworkConfig(66, 40, filters=8, layers=2, first_kernel=7, profile_kernel=9)


def member(seed: int, test: str, tasks: tuple[str, ...] = ("a", "b"), controls: bool = False) -> Member:
    config = NetworkConfig(**{**CONFIG.to_json(), "tasks": len(tasks), "controls": controls})
    network = build_network(config)
    network.reset(torch.Generator().manual_seed(seed))
    return Member(network.eval(), list(tasks), f"fold{seed}", Split(("chr8",), ("chr9",), (test,)), {"run": str(seed)})


def batch(n: int = 4, tasks: int = 2, control: bool = False) -> Batch:
    random = np.random.default_rng(1)
    codes = random.integers(0, 4, (n, 66))
    sequence = (codes[:, None] == np.arange(4)[:, None]).astype(np.int8)
    given = torch.from_numpy(random.poisson(1.0, (n, tasks, 2, 40)).astype(np.float32))
    return Batch(torch.from_numpy(sequence), torch.zeros(n, tasks, 2, 40), given if control else None)


def test_a_model_comes_back_as_it_was_and_with_the_same_bytes(tmp_path: Path) -> None:
    whole = Ensemble("TOY", ["a", "b"], [member(1, "chr1"), member(2, "chr2")], {"chosen_from": 7})
    whole.members[1].votes = ["b"]
    for name in ("x", "y"):
        save_ensemble(tmp_path / name, whole)
    assert (tmp_path / "x").read_bytes() == (tmp_path / "y").read_bytes()
    loaded = load_ensemble(tmp_path / "x")
    assert (loaded.tf, loaded.tasks, loaded.record) == ("TOY", ["a", "b"], {"chosen_from": 7})
    for one, other in zip(whole.members, loaded.members, strict=True):
        assert (one.tasks, one.votes, one.fold, one.split) == (other.tasks, other.votes, other.fold, other.split)
        assert all(torch.equal(a, b) for a, b in zip(one.network.parameters(), other.network.parameters(), strict=True))


def test_a_region_is_predicted_by_the_networks_that_never_saw_its_chromosome() -> None:
    first, second = member(1, "chr1"), member(2, "chr2")
    whole = Ensemble("TOY", ["a", "b"], [first, second])
    regions = batch()
    chrom = np.array(["chr1", "chr2", "chr8", "chr1"])
    found = whole.predict(regions, chrom)
    assert found.unseen.tolist() == [True, True, False, True]
    alone = [Ensemble("TOY", ["a", "b"], [one]).predict(regions, chrom) for one in (first, second)]
    np.testing.assert_allclose(found.log_counts[[0, 3]], alone[0].log_counts[[0, 3]], rtol=1e-6)
    np.testing.assert_allclose(found.log_counts[1], alone[1].log_counts[1], rtol=1e-6)
    # where all networks saw the chromosome, all are averaged: log counts, and probabilities
    mean = (alone[0].log_counts[2] + alone[1].log_counts[2]) / 2
    np.testing.assert_allclose(found.log_counts[2], mean, rtol=1e-5)
    mean = (np.exp(alone[0].log_profile[2]) + np.exp(alone[1].log_profile[2])) / 2
    np.testing.assert_allclose(np.exp(found.log_profile[2]), mean, rtol=1e-5)


@pytest.mark.parametrize("controls", [False, True])
def test_both_orientations_of_a_sequence_are_predicted_alike(controls: bool) -> None:
    whole = Ensemble("TOY", ["a", "b"], [member(1, "chr1", controls=controls)])
    forward = batch(control=controls)
    control = None if forward.control is None else forward.control.flip(-1, -2)
    backward = Batch(forward.sequence.flip(1, 2), forward.signal, control)
    chrom = np.repeat("chr1", 4)
    one, other = whole.predict(forward, chrom), whole.predict(backward, chrom)
    np.testing.assert_allclose(one.log_counts, other.log_counts[..., ::-1], atol=1e-5)
    np.testing.assert_allclose(one.log_profile, other.log_profile[..., ::-1, ::-1], atol=1e-5)
    np.testing.assert_allclose(np.exp(one.log_profile).sum(-1), 1, rtol=1e-5)


def test_networks_of_a_single_task_predict_their_own() -> None:
    both, single = member(1, "chr1"), member(2, "chr1", tasks=("b",))
    both.votes = ["a"]
    whole = Ensemble("TOY", ["a", "b"], [both, single])
    regions, chrom = batch(), np.repeat("chr1", 4)
    found = whole.predict(regions, chrom)
    of_single = Ensemble("TOY", ["b"], [single]).predict(regions, chrom, ["a", "b"])
    np.testing.assert_allclose(found.log_counts[:, 1], of_single.log_counts[:, 0], rtol=1e-6)


def test_controls_are_taken_by_the_name_of_their_task() -> None:
    single = member(2, "chr1", tasks=("b",), controls=True)
    regions = batch(control=True)
    assert regions.control is not None
    alone = Ensemble("TOY", ["b"], [single])
    own = Batch(regions.sequence, regions.signal, regions.control[:, [1]])
    chrom = np.repeat("chr1", 4)
    one, other = alone.predict(regions, chrom, ["a", "b"]), alone.predict(own, chrom)
    np.testing.assert_array_equal(one.log_counts, other.log_counts)
    with pytest.raises(InputError, match="takes controls"):
        alone.predict(batch(), chrom)


def test_a_joint_profile_is_split_into_strands() -> None:
    config = NetworkConfig(**{**CONFIG.to_json(), "joint_profile": True, "joint_counts": True})
    network = build_network(config)
    network.reset(torch.Generator().manual_seed(3))
    network.start_counts_at(torch.full((1, 2), 3.0))
    whole = Ensemble("TOY", ["a"], [Member(network.eval(), ["a"], "f", Split((), (), ()), {})])
    found = whole.predict(batch(tasks=1), np.repeat("chr1", 4))
    assert found.log_counts.shape == (4, 1, 2)
    np.testing.assert_allclose(np.exp(found.log_profile).sum(-1), 1, rtol=1e-5)
    total = network(batch().sequence.float()).log_counts.detach().numpy()[:, 0, 0]
    # both orientations differ a little; their totals stay near
    np.testing.assert_allclose(np.log(np.expm1(found.log_counts).sum((1, 2)) + 1), total, atol=0.5)


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    with pytest.raises(InputError, match="no such file"):
        load_ensemble(path)
    path.write_bytes(b"\x80\x04 a pickle, perhaps")
    with pytest.raises(InputError, match="not a safetensors file"):
        load_ensemble(path)
    save_file({"x": torch.zeros(1)}, path)
    with pytest.raises(InputError, match="not one that cistill wrote"):
        load_ensemble(path)
    write_tensors(path, {"x": torch.zeros(1)}, {"state": {}})
    with pytest.raises(InputError, match="no trained model"):
        load_ensemble(path)


def test_weights_that_are_not_numbers_are_refused(tmp_path: Path) -> None:
    broken = member(1, "chr1")
    with torch.no_grad():
        broken.network.first.weight[0, 0, 0] = float("nan")
    save_ensemble(tmp_path / "m", Ensemble("TOY", ["a", "b"], [broken]))
    with pytest.raises(InputError, match="not finite"):
        load_ensemble(tmp_path / "m")


def test_a_task_without_a_network_is_refused() -> None:
    with pytest.raises(InputError, match=r"no network of the ensemble predicts the task\(s\) c"):
        Ensemble("TOY", ["a", "c"], [member(1, "chr1")])
