"""A small model of several networks, made in code."""

from pathlib import Path

import torch

from cistill.model.ensemble import Ensemble
from cistill.model.member import Member
from cistill.model.network import NetworkConfig, build_network
from cistill.model.windows.dataset import read_dataset


def toy_ensemble(folds: list[str], tasks: list[str], dataset: Path, controls: bool = False) -> Ensemble:
    """Return untrained networks, one for each fold, that predict unlike each other."""
    data = read_dataset(dataset)
    config = NetworkConfig(
        input_length=data.input_length,
        output_length=data.output_length,
        filters=8,
        layers=2,
        first_kernel=7,
        profile_kernel=9,
        tasks=len(tasks),
        controls=controls,
    )
    members = []
    for number, fold in enumerate(folds):
        network = build_network(config)
        network.reset(torch.Generator().manual_seed(number))
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.mul_(2.0)
        network.start_counts_at(torch.full((len(tasks), 2), 3.0))
        members.append(Member(network.eval(), tasks, fold, data.folds[fold]))
    return Ensemble("TOY", tasks, members)
