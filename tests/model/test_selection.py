from pathlib import Path

import pandas as pd
import pytest
import torch

from cistill.data.splits import Split
from cistill.errors import InputError
from cistill.model.ensemble import Ensemble, load_ensemble, save_ensemble
from cistill.model.member import Member
from cistill.model.network import NetworkConfig, build_network
from cistill.model.training.select import select


def candidate(
    folder: Path,
    fold: str,
    restart: int,
    scores: dict[str, float],
    kind: str = "all",
    stage: str = "trained",
    **more: str,
) -> Path:
    """Write a network whose criterion on each task is given, half of it from each head."""
    config = NetworkConfig(66, 40, filters=4, layers=2, first_kernel=7, profile_kernel=9, tasks=len(scores))
    network = build_network(config)
    network.reset(torch.Generator().manual_seed(restart))
    run = f"{kind}.fold_{fold}.restart_{restart}"
    validation = {
        task: {
            "profile_nll": 100 * value,
            "count_mse": value,
            "profile_unexplained": value / 2,
            "count_unexplained": value / 2,
            "criterion": value,
        }
        for task, value in scores.items()
    }
    record = {"run": run, "kind": kind, "restart": restart, "stage": stage, "dataset_sha256": "d", **more}
    member = Member(network, list(scores), fold, Split(("x",), ("y",), (fold,)), {**record, "validation": validation})
    path = folder / f"{run}.{stage}.model.safetensors"
    save_ensemble(path, Ensemble("TOY", list(scores), [member]))
    return path


def chosen(folder: Path) -> set[tuple[str, str]]:
    table = pd.read_csv(folder / "TOY.candidates.tsv", sep="\t", dtype={"fold": str})
    rows = table[table["chosen"]]
    return set(zip(rows["candidate"], rows["task"], strict=True))


def test_the_best_network_of_every_fold_is_kept(tmp_path: Path) -> None:
    files = [
        candidate(tmp_path, "0", 1, {"a": 0.9}),
        candidate(tmp_path, "0", 2, {"a": 0.8}),
        candidate(tmp_path, "0", 2, {"a": 0.7}, stage="finetuned"),
        # another fold is harder: all its networks are worse, and one of them is kept all the same
        candidate(tmp_path, "1", 1, {"a": 1.5}),
        candidate(tmp_path, "1", 2, {"a": 1.6}),
    ]
    select(files, None, "best", None, tmp_path)
    assert chosen(tmp_path) == {("all.fold_0.restart_2.finetuned", "a"), ("all.fold_1.restart_1", "a")}
    model = load_ensemble(tmp_path / "TOY.model.safetensors")
    assert [member.fold for member in model.members] == ["0", "1"]
    assert model.members[0].record["stage"] == "finetuned"


def test_all_restarts_that_did_not_fail_may_be_kept(tmp_path: Path) -> None:
    files = [candidate(tmp_path, "0", restart, {"a": value}) for restart, value in ((1, 0.9), (2, 0.92), (3, 1.9))]
    files.append(candidate(tmp_path, "0", 2, {"a": 0.85}, stage="finetuned"))
    select(files, None, "all", None, tmp_path)
    assert chosen(tmp_path) == {("all.fold_0.restart_1", "a"), ("all.fold_0.restart_2.finetuned", "a")}


def test_each_task_takes_the_better_of_one_network_for_all_and_one_of_its_own(tmp_path: Path) -> None:
    files = [
        candidate(tmp_path, "0", 1, {"a": 0.9, "b": 0.9}),
        candidate(tmp_path, "0", 1, {"a": 0.95}, kind="a"),
        candidate(tmp_path, "0", 1, {"b": 0.5}, kind="b"),
    ]
    select(files, None, "best", None, tmp_path)
    assert chosen(tmp_path) == {("all.fold_0.restart_1", "a"), ("b.fold_0.restart_1", "b")}
    model = load_ensemble(tmp_path / "TOY.model.safetensors")
    assert model.tasks == ["a", "b"]
    assert [member.votes for member in model.members] == [["a"], ["b"]]


def test_an_edited_table_overrides_the_criterion(tmp_path: Path) -> None:
    files = [candidate(tmp_path, "0", restart, {"a": value}) for restart, value in ((1, 0.9), (2, 0.8))]
    select(files, None, "best", None, tmp_path)
    table = pd.read_csv(tmp_path / "TOY.candidates.tsv", sep="\t")
    table["chosen"] = ~table["chosen"]
    table.to_csv(tmp_path / "mine.tsv", sep="\t", index=False)
    select(files, None, "best", tmp_path / "mine.tsv", tmp_path)
    assert chosen(tmp_path) == {("all.fold_0.restart_1", "a")}
    table.assign(chosen="perhaps").to_csv(tmp_path / "mine.tsv", sep="\t", index=False)
    with pytest.raises(InputError, match="row 2, column chosen: 'perhaps' is neither True nor False"):
        select(files, None, "best", tmp_path / "mine.tsv", tmp_path)
    table.assign(candidate="nobody").to_csv(tmp_path / "mine.tsv", sep="\t", index=False)
    with pytest.raises(InputError, match="there is no candidate nobody"):
        select(files, None, "best", tmp_path / "mine.tsv", tmp_path)


def test_networks_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    one = candidate(tmp_path, "0", 1, {"a": 0.9})
    with pytest.raises(InputError, match="is given twice"):
        select([one, one], None, "best", None, tmp_path)
    other = candidate(tmp_path, "1", 1, {"a": 0.9}, dataset_sha256="other")
    with pytest.raises(InputError, match="trained on another dataset"):
        select([one, other], None, "best", None, tmp_path)
