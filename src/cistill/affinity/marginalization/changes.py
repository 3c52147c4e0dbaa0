"""The exact fast path: of all that a network computes, only what an insert can change.

A background's activations are computed once. An insert changes a range of positions around the middle, a little wider
with every layer (`reach`); only the change D of a layer's output is carried on:

- a convolution is linear: its change is the convolution of D, one matrix product per tap over the changed positions of
  the layer below;
- a ReLU with input z in the background changes by relu(z + e) - relu(z) = max(min(z, 0) + e, -relu(z)), both cached;
- the first convolution of an insert in a background is that of the background without its middle plus that of the
  insert alone, which is computed once for all backgrounds;
- the count head is linear in the trunk's output, so that the change of log counts is a sum over D, whatever the
  controls.

The numbers are those of full passes but for rounding; they are never differences of two large totals. Changes are laid
out as (positions, inserts, channels): a tap meets one contiguous piece of memory.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from cistill.affinity.marginalization.reach import Reach, Tap
from cistill.affinity.marginalization.settings import Precision
from cistill.dna.codes import ONE_HOT
from cistill.model.device import on_one_thread, threads_restored
from cistill.model.network import DistillNetwork, Network, ProfileNetwork

# numbers of one layer that are worked on at once on a CPU: they should stay in a core's cache
CACHED_NUMBERS = 400_000


def known(network: torch.nn.Module) -> bool:
    """Return whether the fast path computes what this network computes."""
    return type(network) in (ProfileNetwork, DistillNetwork)


def one_hot(codes: np.ndarray, like: Tensor) -> Tensor:
    """Return codes (n, length) as one-hot (n, 4, length), of the type and on the device of a tensor."""
    return torch.from_numpy(ONE_HOT[codes]).transpose(1, 2).to(like)


def count_coefficients(network: Network, background: np.ndarray) -> Tensor:
    """Return how the mean predicted log count over strands depends on the trunk's output, per task.

    Parameters
    ----------
    network : Network
    background : uint8 array, shape=(length,)
        Any sequence: the head is linear, its gradient is the same everywhere.

    Returns
    -------
    Tensor, shape=(tasks, channels, positions)
    """
    config = network.config
    weight = network.first.weight
    control = weight.new_zeros(1, config.tasks, 2, config.control_length) if config.controls else None
    hidden = network.trunk(one_hot(background[None], weight)).detach()
    with torch.enable_grad():
        hidden.requires_grad_()
        counts = network.heads(hidden, control).log_counts.mean(-1)[0]  # (tasks,)
        gradients = [torch.autograd.grad(count, hidden, retain_graph=True)[0][0] for count in counts]
    return torch.stack(gradients).to(weight)


class Changes:
    """The change of a network's log counts by inserts in backgrounds.

    Parameters
    ----------
    network : Network
        Of a known family, in evaluation mode, on its device.
    backgrounds : uint8 array, shape=(backgrounds, input_length)
    longest : int
        Length in bp of the longest insert that will come.
    precision : {"fp32", "tf32", "bf16"}
        Of the matrix products; everything else is float32.
    """

    def __init__(self, network: Network, backgrounds: np.ndarray, longest: int, precision: Precision = "fp32") -> None:
        self.network, self.config, self.precision = network, network.config, precision
        self.backgrounds = backgrounds
        kernels = [(weight.detach(), bias.detach()) for weight, bias in network.kernels()]
        self.first_weight, self.first_bias = kernels[0]
        self.device = self.first_weight.device
        # per dilated layer (taps, channels, outputs), or with rounding (channels, taps * outputs)
        self.weights = [weight.permute(2, 1, 0).contiguous() for weight, _ in kernels[1:]]
        if precision == "bf16":
            self.weights = [torch.cat(list(weight), 1).bfloat16() for weight in self.weights]
        coefficients = count_coefficients(network, backgrounds[0]) * self.config.trunk_scale
        self.uniform = bool((coefficients == coefficients[..., :1]).all())
        # (channels, tasks), or (positions, channels, tasks) where positions count differently
        self.coefficients = coefficients[..., 0].T.contiguous() if self.uniform else coefficients.permute(2, 1, 0)
        self.longest = Reach(self.config, longest)
        with torch.inference_mode():
            self.cache = [self._cached(background) for background in backgrounds]
        self._reach = self.longest
        self._middles: Tensor | None = None

    def _cached(self, background: np.ndarray) -> list[tuple[Tensor, Tensor]]:
        """Return min(z, 0) and -relu(z) of every ReLU's input z, (positions, 1, channels), where inserts reach."""
        cached = []
        for z, (first, last) in zip(self._relu_inputs(background), self.longest.spans, strict=True):
            part = z[0, :, 0, first:last].T.contiguous()[:, None]
            cached.append((part.clamp(max=0), -part.relu()))
        return cached

    def _relu_inputs(self, background: np.ndarray) -> list[Tensor]:
        """Return the inputs of all ReLUs, first to last, each (1, channels, 1, positions)."""
        config, kind = self.config, self.config.residual
        kernels = [(weight.detach(), bias.detach()) for weight, bias in self.network.kernels()]
        x = one_hot(background[None], self.first_weight)[:, :, None]
        inputs = [functional.conv2d(x, kernels[0][0][:, :, None], kernels[0][1])]
        hidden = inputs[0] if kind == "pre" else inputs[0].relu()
        for i, (weight, bias) in enumerate(kernels[1:]):
            dilation = config.dilations[i]
            seen = hidden.relu() if kind == "pre" else hidden
            new = functional.conv2d(seen, weight[:, :, None], bias, dilation=(1, dilation))
            crop = (hidden.shape[-1] - new.shape[-1]) // 2
            below = hidden[..., crop : crop + new.shape[-1]] if config.adds(i) else 0
            if kind == "post":
                inputs.append(new)
                hidden = new.relu() + below
            else:
                hidden = new + below
                inputs.append(hidden)
                hidden = hidden if kind == "pre" else hidden.relu()
        return inputs

    def __len__(self) -> int:
        return len(self.backgrounds)

    def log_counts(self, inserts: np.ndarray) -> np.ndarray:
        """Return how inserts change the mean predicted log count over strands.

        Parameters
        ----------
        inserts : uint8 array, shape=(inserts, length)
            Coded 0..3, all of one length.

        Returns
        -------
        float32 array, shape=(inserts, tasks, backgrounds)
        """
        number, length = inserts.shape
        with torch.inference_mode():
            self._prepare(length)
            own = self._first_of_inserts(inserts)  # (positions, inserts, channels)
            out = torch.empty(len(self), number, self.config.tasks, device=self.device, dtype=self.first_weight.dtype)
            if self.device.type == "cpu":
                self._on_cpu(own, out)
            else:
                # the cached activations and the first layer are always made in float32
                torch.backends.cuda.matmul.allow_tf32 = self.precision == "tf32"
                for background in range(len(self)):
                    out[background] = self._changed(background, own)
                torch.backends.cuda.matmul.allow_tf32 = False
            return out.permute(1, 2, 0).cpu().numpy()

    def _on_cpu(self, own: Tensor, out: Tensor) -> None:
        """Fill in the changes of log counts, (backgrounds, inserts, tasks), pieces that fit the cache on every core.

        Each piece is worked on by one thread, so that the numbers do not depend on how many there are.
        """
        size = self.inserts_at_once()

        def in_background(background: int) -> None:
            with torch.inference_mode():
                for begin in range(0, own.shape[1], size):
                    part = own[:, begin : begin + size]
                    out[background, begin : begin + size] = self._changed(background, part)

        with threads_restored() as threads, ThreadPoolExecutor(threads) as pool:
            list(pool.map(on_one_thread(in_background), range(len(self))))

    def inserts_at_once(self) -> int:
        """Return how many inserts a CPU's cache takes."""
        return max(1, CACHED_NUMBERS // (max(self._reach.widths) * self.config.channels))

    def _prepare(self, length: int) -> None:
        """Set what depends on the inserts' length: their reach, and the first layer of backgrounds without middle."""
        if self._middles is not None and self._reach.length == length:
            return
        if length > self.longest.length:
            raise ValueError(f"an insert of {length} bp, longer than the {self.longest.length} bp announced")
        reach = self._reach = Reach(self.config, length)
        without = self.backgrounds.copy()
        without[:, reach.start : reach.start + length] = 4  # no base: all zeros
        first, last = reach.spans[0]
        x = one_hot(without[:, first : last + self.config.first_kernel - 1], self.first_weight)
        rest = functional.conv1d(x, self.first_weight, self.first_bias)  # (backgrounds, channels, positions)
        self._middles = rest.permute(0, 2, 1)[:, :, None].contiguous()
        self._offsets = [own[0] - all_[0] for own, all_ in zip(reach.spans, self.longest.spans, strict=True)]

    def _of_background(self, background: int, relu: int) -> tuple[Tensor, Tensor]:
        """Return min(z, 0) and -relu(z) of a background where inserts of the present length reach."""
        begin = self._offsets[relu]
        own = slice(begin, begin + self._reach.widths[relu])
        negative, positive = self.cache[background][relu]
        return negative[own], positive[own]

    def _first_of_inserts(self, inserts: np.ndarray) -> Tensor:
        """Return the first convolution of inserts alone, without bias: (positions, inserts, channels)."""
        reach, width = self._reach, self.config.first_kernel
        first, last = reach.spans[0]
        left, right = reach.start - first, last + width - 1 - reach.start - reach.length
        x = functional.pad(one_hot(inserts, self.first_weight), (left, right))
        return functional.conv1d(x, self.first_weight).permute(2, 0, 1).contiguous()

    def _changed(self, background: int, own: Tensor) -> Tensor:
        """Return the changes of log counts, (inserts, tasks), of some inserts in one background."""
        config, kind, reach = self.config, self.config.residual, self._reach
        assert self._middles is not None
        inserts, channels = own.shape[1:]
        negative, floor = self._of_background(background, 0)
        changed = torch.add(own, self._middles[background])
        if kind == "pre":
            changed.sub_(negative - floor)  # z = min(z, 0) + relu(z)
        else:
            torch.maximum(changed.add_(floor), floor, out=changed)
        for i, weight in enumerate(self.weights):
            seen = changed
            if kind == "pre":
                negative, floor = self._of_background(background, i)
                seen = torch.maximum(changed + negative, floor)
                made = changed.new_zeros(reach.widths[i + 1], inserts, channels)
            else:
                negative, floor = self._of_background(background, i + 1)
                made = changed.new_empty(reach.widths[i + 1], inserts, channels).copy_(negative)
            if self.precision == "bf16":
                self._add_rounded(made, seen, weight, reach.taps[i])
            else:
                for tap in reach.taps[i]:
                    made[tap.out].flatten(0, 1).addmm_(seen[tap.into].flatten(0, 1), weight[tap.index])
            place = reach.residuals[i] if config.adds(i) else None
            if kind == "sum" and place is not None:
                made[place.out] += changed[place.into]
            if kind != "pre":
                torch.maximum(made, floor, out=made)
            if kind != "sum" and place is not None:
                made[place.out] += changed[place.into]
            changed = made
        if kind == "pre":
            negative, floor = self._of_background(background, len(self.weights))
            changed = torch.maximum(changed.add_(negative), floor, out=changed)
        if self.uniform:
            return changed.sum(0) @ self.coefficients
        first, last = reach.spans[-1]
        return torch.einsum("pic,pct->it", changed, self.coefficients[first:last])

    def _add_rounded(self, made: Tensor, seen: Tensor, weight: Tensor, taps: tuple[Tap, ...]) -> None:
        """Add what the taps make of rounded changes, in place: one product for all taps, sums in float32."""
        rounded = seen.flatten(0, 1).bfloat16()
        # only a GPU gives sums that it has not rounded
        kind: dict[str, Any] = {"out_dtype": torch.float32} if made.is_cuda else {}
        products = torch.mm(rounded, weight, **kind).view(
            *seen.shape[:2], -1, made.shape[-1]
        )  # (positions, inserts, taps, channels)
        for tap in taps:
            made[tap.out] += products[tap.into, :, tap.index].to(made.dtype)
