"""The same model on the same references through other programs' DeepLIFT: captum's and tangermeme's.

Both put hooks on modules, so the network is laid out for them as they need it: a ReLU module of its own per layer, and
a profile whose weights p are given. They are for comparison: slower, and one output at a time.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from cistill.dna.codes import ONE_HOT
from cistill.errors import InputError
from cistill.interpret.attribution_arrays import Attributions, Output, from_means
from cistill.interpret.deepshap import RESOLUTION, explain_outputs
from cistill.interpret.shap_settings import Weighting
from cistill.model.network import Network
from cistill.model.network.convolution import cropped

Explainer = Callable[..., Attributions]


class HookedNetwork(nn.Module):
    """One explained output of a network, its ReLUs as modules of their own.

    Parameters
    ----------
    network : Network
        Any form that a configuration can name.
    output : Output
        What is explained.
    """

    def __init__(self, network: Network, output: Output) -> None:
        super().__init__()
        self.network, self.output = network, output
        self.relus = nn.ModuleList(nn.ReLU() for _ in range(network.config.layers + 1))

    def trunk(self, x: Tensor) -> Tensor:
        """Return the trunk's activations, (batch, channels, positions)."""
        config, relus, kernels = self.network.config, list(self.relus), self.network.kernels()
        hidden = functional.conv1d(x, *kernels[0])
        if config.residual != "pre":
            hidden = relus.pop(0)(hidden)
        for i, (weight, bias) in enumerate(kernels[1:]):
            # captum's rule replaces the whole gradient of what enters a ReLU: what also goes past it must be a copy
            seen = relus.pop(0)(hidden.clone()) if config.residual == "pre" else hidden
            new = functional.conv1d(seen, weight, bias, dilation=config.dilations[i])
            if config.residual == "post":
                new = relus.pop(0)(new)
            if config.adds(i):
                new = new + cropped(hidden, new.shape[-1])
            hidden = relus.pop(0)(new) if config.residual == "sum" else new
        if config.residual == "pre":
            hidden = relus.pop(0)(hidden)
        return hidden * config.trunk_scale

    def forward(self, sequence: Tensor, weights: Tensor, control: Tensor) -> Tensor:
        """Return the explained output, (batch, 1); `weights` (batch, tasks, strands, output_length) are used as p."""
        predicted = self.network.heads(self.trunk(sequence), control)
        tasks = list(self.output.tasks)
        if self.output.head == "counts":
            return predicted.log_counts[:, tasks].sum((1, 2))[:, None]
        over = (-2, -1) if self.network.config.joint_profile else (-1,)
        centred = predicted.profile - predicted.profile.mean(over, keepdim=True)
        return (centred * weights)[:, tasks].sum((1, 2, 3))[:, None]


def _by_hooks(attribute: Callable[..., tuple[Tensor, Tensor]]) -> Explainer:
    """Return an explainer like `explain_outputs` from one that explains one output of sequences.

    Parameters
    ----------
    attribute : callable
        From a HookedNetwork, sequences (batch, 4, length), references (batch, n, 4, length), weights and controls (one
        of each per sequence): means over references of the multipliers, (batch, 4, length), and of the multipliers of
        the references' bases, (batch, length).
    """

    def explain(
        network: Network,
        codes: np.ndarray,
        references: np.ndarray,
        outputs: Sequence[Output],
        control: Tensor | None = None,
        weighting: Weighting = "input",
    ) -> Attributions:
        if weighting != "input":
            raise InputError("other engines explain a profile with fixed weights: use --weighting input with them")
        weight = network.count.weight
        one_hot = torch.from_numpy(ONE_HOT[codes]).to(weight).transpose(1, 2).contiguous()
        referred = torch.from_numpy(ONE_HOT[references]).to(weight).transpose(2, 3).contiguous()
        if control is None:
            control = weight.new_zeros(len(codes), network.config.tasks, 2, network.config.output_length)
        n = referred.shape[1]
        with torch.no_grad():
            profile = network(one_hot, control).profile
            flat = profile.flatten(2) if network.config.joint_profile else profile
            weights = torch.softmax(flat, -1).view(profile.shape)
        found = []
        for output in outputs:
            model = HookedNetwork(network, output).eval()
            with torch.no_grad():
                value = model(one_hot, weights, control)
                extra = (x.repeat_interleave(n, 0) for x in (weights, control))
                differences = value - model(referred.flatten(0, 1), *extra).view(-1, n)
            mean, at_reference = attribute(model, one_hot, referred, weights, control)
            scale = torch.maximum(differences.abs().mean(1), RESOLUTION * value[:, 0].abs())
            found.append((mean, at_reference, differences.mean(1), scale))
        means, at_references, difference, scales = (torch.stack(x, 1).detach() for x in zip(*found, strict=True))
        return from_means(means, at_references, one_hot, difference, scales)

    return explain


def _tangermeme(
    model: HookedNetwork, one_hot: Tensor, references: Tensor, weights: Tensor, control: Tensor
) -> tuple[Tensor, Tensor]:
    from tangermeme.deep_lift_shap import deep_lift_shap

    multipliers = deep_lift_shap(
        model,
        one_hot,
        args=(weights, control),
        references=references,
        raw_outputs=True,
        only_warn=True,  # unknown bases are all zeros
        warning_threshold=float("inf"),  # gaps are measured and recorded here
        device=str(one_hot.device),
    )
    multipliers = multipliers.to(one_hot)  # (batch, n, 4, length)
    return multipliers.mean(1), (multipliers * references).sum(2).mean(1)


def _captum(
    model: HookedNetwork, one_hot: Tensor, references: Tensor, weights: Tensor, control: Tensor
) -> tuple[Tensor, Tensor]:
    from captum.attr import DeepLiftShap

    def kept(multipliers: tuple[Tensor], _: Any, baselines: tuple[Tensor]) -> tuple[Tensor]:
        at_reference = (multipliers[0] * baselines[0]).sum(1, keepdim=True)
        return (torch.cat([multipliers[0], at_reference], 1),)

    explainer = DeepLiftShap(model)
    made = [
        explainer.attribute(
            one_hot[row : row + 1],
            references[row],
            target=0,
            additional_forward_args=(weights[row : row + 1], control[row : row + 1]),
            custom_attribution_func=kept,
        )
        for row in range(len(one_hot))  # captum compares every sequence with every reference that it is given
    ]
    both = torch.cat(made)
    return both[:, :4], both[:, 4]


ENGINES: dict[str, Explainer] = {
    "cistill": explain_outputs,
    "captum": _by_hooks(_captum),
    "tangermeme": _by_hooks(_tangermeme),
}


def find_engine(name: str) -> Explainer:
    """Return the explainer called `name`: it takes what `explain_outputs` takes.

    Raises
    ------
    InputError
        If there is none, or its package is not installed.
    """
    if name not in ENGINES:
        raise InputError(f"unknown engine {name!r}: use one of {', '.join(ENGINES)}")
    if name != "cistill":
        from importlib.util import find_spec

        if find_spec(name) is None:
            raise InputError(f"--engine {name} needs the package {name}: pip install 'cistill[engines]'")
    return ENGINES[name]
