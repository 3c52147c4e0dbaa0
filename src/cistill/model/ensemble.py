"""Models as they are kept and used: one or more trained networks that predict together."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from cistill.data.chromosome_split import PARTS, Split, fold_uses
from cistill.errors import InputError
from cistill.formats.foreign import expecting
from cistill.model.checkpoint import read_tensors, write_tensors
from cistill.model.member import Member, member_control
from cistill.model.network import NetworkConfig, NetworkOutput
from cistill.model.network.fitting import build_fitting
from cistill.model.windows.batches import Batch

FORMAT = "cistill-model"
FORMAT_VERSION = 2


class Prediction(NamedTuple):
    """What an ensemble predicts.

    Attributes
    ----------
    log_profile : float32 array, shape=(batch, tasks, 2, output_length)
        Log-probabilities of the position of a read's 5' end, each strand on its own.
    log_counts : float32 array, shape=(batch, tasks, 2)
        Natural log of (1 + number of 5' ends in the output window).
    unseen : bool array, shape=(batch,)
        Whether only networks predicted that never saw the region.
    """

    log_profile: np.ndarray
    log_counts: np.ndarray
    unseen: np.ndarray


@dataclass
class Ensemble:
    """Networks of one TF that predict together.

    Members may cover different tasks; a task is predicted by those that cover it. All read windows of the same lengths.

    Attributes
    ----------
    tf : str
    tasks : list of str
    members : list of Member
    record : dict
        How the ensemble was chosen, as JSON.
    """

    tf: str
    tasks: list[str]
    members: list[Member]
    record: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lengths = {(m.network.config.input_length, m.network.config.output_length) for m in self.members}
        if len(lengths) != 1:
            raise InputError(f"networks of an ensemble must read windows of the same lengths, not {sorted(lengths)}")
        (self.input_length, self.output_length) = lengths.pop()
        uncovered = [task for task in self.tasks if not any(task in m.votes for m in self.members)]
        if uncovered:
            raise InputError(f"no network of the ensemble predicts the task(s) {', '.join(uncovered)}")

    @property
    def takes_controls(self) -> bool:
        """Whether any member takes control tracks."""
        return any(member.network.config.controls for member in self.members)

    def to(self, device: torch.device) -> "Ensemble":
        """Move all networks to a device."""
        for member in self.members:
            member.network.to(device)
        return self

    @cached_property
    def _splits(self) -> list[Split]:
        """The different splits of the members."""
        return list(dict.fromkeys(member.split for member in self.members))

    def members_for(self, task: str, tested_by: Sequence[Split]) -> tuple[list[Member], bool]:
        """Return the members that predict a task in regions that these splits test, and whether they never saw them.

        Those of the splits, if there are any; all others saw the regions, or stopped by them.
        """
        able = [member for member in self.members if task in member.votes]
        unseen = [member for member in able if member.split in tested_by]
        return (unseen, True) if unseen else (able, False)

    def unseen(self, chrom: np.ndarray, centre: np.ndarray) -> np.ndarray:
        """Say of which regions every task is predicted by members that never saw them, bool `(regions,)`."""
        found = np.zeros(len(chrom), dtype=bool)
        for rows, _, unseen in self._groups(chrom, centre):
            found[rows] = unseen
        return found

    def predict(
        self,
        batch: Batch,
        chrom: np.ndarray,
        tasks: Sequence[str] | None = None,
        centre: np.ndarray | None = None,
    ) -> Prediction:
        """Predict regions, each by the members that never saw it where there are any, else by all.

        Probabilities and log counts are averaged over members and over both orientations of the sequence.

        Parameters
        ----------
        batch : Batch
            Regions; on any device.
        chrom : str array, shape=(batch,)
            Their chromosomes.
        tasks : sequence of str, optional
            What the axis of the control's tasks means; the ensemble's tasks by default.
        centre : int array, shape=(batch,), optional
            Where on them the middle of the input windows is, as `summit` of a dataset; without, chromosomes that are
            split within count as seen.
        """
        names = list(self.tasks if tasks is None else tasks)
        size = len(batch.sequence)
        log_profile = np.full((size, len(self.tasks), 2, self.output_length), np.nan, dtype=np.float32)
        log_counts = np.full((size, len(self.tasks), 2), np.nan, dtype=np.float32)
        unseen = np.zeros(size, dtype=bool)
        with torch.inference_mode():
            for rows, voters, never_saw in self._groups(chrom, centre):
                unseen[rows] = never_saw
                for index, output in self._of_group(batch, rows, voters, names):
                    log_profile[rows, index] = output.profile.cpu().numpy()
                    log_counts[rows, index] = output.log_counts.cpu().numpy()
        return Prediction(log_profile, log_counts, unseen)

    def _groups(
        self, chrom: np.ndarray, centre: np.ndarray | None
    ) -> list[tuple[np.ndarray, dict[str, list[Member]], bool]]:
        """Return the rows that the same members predict, these by task, and whether none saw the rows.

        Groups are in the order in which their first regions are.
        """
        names, codes = np.unique(chrom, return_inverse=True)
        nowhere = np.full(len(chrom), -self.input_length)
        starts = nowhere if centre is None else centre.astype(np.int64) - self.input_length // 2
        splits = {str(number): split for number, split in enumerate(self._splits)}
        tested = fold_uses(splits, names.tolist(), codes, starts, self.input_length) == PARTS.index("test")
        patterns, first, inverse = np.unique(tested, axis=0, return_index=True, return_inverse=True)
        alike: dict[object, tuple[list[int], dict[str, list[Member]], bool]] = {}
        for index in np.argsort(first).tolist():
            tested_by = [split for split, tests in zip(self._splits, patterns[index], strict=True) if tests]
            found = {task: self.members_for(task, tested_by) for task in self.tasks}
            key = tuple((tuple(id(member) for member in members), unseen) for members, unseen in found.values())
            voters = {task: members for task, (members, _) in found.items()}
            group = alike.setdefault(key, ([], voters, all(unseen for _, unseen in found.values())))
            group[0].append(index)
        return [
            (np.flatnonzero(np.isin(inverse.ravel(), own)), voters, unseen) for own, voters, unseen in alike.values()
        ]

    def _of_group(
        self, batch: Batch, rows: np.ndarray, voters: dict[str, list[Member]], names: list[str]
    ) -> list[tuple[int, NetworkOutput]]:
        """Return (task index, averaged output) of every task for regions that the same members predict."""
        sums: dict[str, list[NetworkOutput]] = {task: [] for task in self.tasks}
        at = torch.from_numpy(rows)
        for member in self.members:
            wanted = [task for task in self.tasks if any(voter is member for voter in voters[task])]
            if not wanted:
                continue
            device = next(member.network.parameters()).device
            moved = Batch(
                batch.sequence[at.to(batch.sequence.device)],
                batch.signal[:0],
                member_control(member, batch.control, at, names),
            ).to(device)
            output = member.outputs(moved.sequence, moved.control)
            for task in wanted:
                own = member.tasks.index(task)
                sums[task].append(NetworkOutput(output.profile[:, own], output.log_counts[:, own]))
        averaged = []
        for index, task in enumerate(self.tasks):
            # the floor keeps the logarithm of a probability too small for float32 finite
            profile = torch.log(torch.stack([output.profile for output in sums[task]]).mean(0).clamp(min=1e-30))
            counts = torch.stack([output.log_counts for output in sums[task]]).mean(0)
            averaged.append((index, NetworkOutput(profile, counts)))
        return averaged


def save_ensemble(path: str | os.PathLike[str], ensemble: Ensemble) -> None:
    """Write a model file, whole or not at all.

    Parameters
    ----------
    path : path
        The file, `{tf}.model.safetensors` by convention.
    ensemble : Ensemble
        Weights, configurations and records of all members are kept.
    """
    tensors = {
        f"{index}.{name}": tensor
        for index, member in enumerate(ensemble.members)
        for name, tensor in member.network.state_dict().items()
    }
    metadata = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "tf": ensemble.tf,
        "tasks": ensemble.tasks,
        "record": ensemble.record,
        "members": [
            {
                "network": member.network.config.to_json(),
                "tasks": member.tasks,
                "votes": member.votes,
                "fold": member.fold,
                "split": asdict(member.split),
                "record": member.record,
            }
            for member in ensemble.members
        ],
    }
    write_tensors(path, tensors, metadata)


def load_ensemble(path: str | os.PathLike[str], device: torch.device | None = None) -> Ensemble:
    """Read a model file, ready to predict.

    Raises
    ------
    InputError
        If the file is not a model of this program, is damaged, or of a version it does not know.
    """
    file = Path(path)
    tensors, metadata = read_tensors(file)
    if metadata.get("format") != FORMAT:
        raise InputError(f"{file}: holds no trained model (the state of a running training, perhaps)")
    if metadata.get("format_version") != FORMAT_VERSION:
        raise InputError(f"{file}: model format {metadata.get('format_version')}, this program reads {FORMAT_VERSION}")
    with expecting("a model of cistill", file):
        members = []
        for index, described in enumerate(metadata["members"]):
            own = {n.removeprefix(f"{index}."): t for n, t in tensors.items() if n.startswith(f"{index}.")}
            members.append(_member(file, described, own, device or torch.device("cpu")))
        return Ensemble(str(metadata["tf"]), _names(metadata["tasks"]), members, dict(metadata["record"]))


def _member(file: Path, described: Mapping[str, Any], tensors: Mapping[str, Tensor], device: torch.device) -> Member:
    try:
        network = build_fitting(NetworkConfig(**described["network"]), {n: t.shape for n, t in tensors.items()})
    except InputError as error:
        raise InputError(f"{file}: {error}") from error
    network.load_state_dict(dict(tensors))
    if not all(torch.isfinite(tensor).all() for tensor in tensors.values()):
        raise InputError(f"{file}: the weights hold numbers that are not finite; train again")
    split = Split(**{part: tuple(_names(names)) for part, names in described["split"].items()})
    return Member(
        network.to(device).eval(),
        _names(described["tasks"]),
        str(described["fold"]),
        split,
        dict(described["record"]),
        _names(described["votes"]),
    )


def _names(given: Any) -> list[str]:
    """Return a list of names as it was kept."""
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise TypeError(f"expected a list of names, found {given!r:.60}")
    return given
