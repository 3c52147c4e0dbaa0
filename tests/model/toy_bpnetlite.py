"""bpnet-lite's networks, as its classes are."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


class Logger:
    """Something that is no module, kept beside the layers."""

    def __init__(self) -> None:
        self.data = {"Epoch": [1.5, np.float64(2)]}


class BPNet(nn.Module):
    """bpnet-lite's BPNet: padded convolutions, controls in the wide convolution, one log count."""

    def __init__(self, filters: int = 5, layers: int = 2, outputs: int = 2, controls: int = 2, **settings: Any) -> None:
        super().__init__()
        self.n_layers, self.trimming = layers, settings.get("trimming") or 47 + sum(2**i for i in range(1, layers + 1))
        self.logger = Logger()
        self.iconv = nn.Conv1d(4, filters, 21, padding=10)
        self.irelu = nn.ReLU()
        self.rconvs = nn.ModuleList(
            nn.Conv1d(filters, filters, 3, padding=2**i, dilation=2**i) for i in range(1, layers + 1)
        )
        self.rrelus = nn.ModuleList(nn.ReLU() for _ in range(layers))
        self.fconv = nn.Conv1d(filters + controls, outputs, 75, padding=37, bias=settings.get("bias", True))
        self.linear = nn.Linear(filters + (controls > 0), 1)

    def trunk(self, x: Tensor) -> Tensor:
        x = self.irelu(self.iconv(x))
        for relu, conv in zip(self.rrelus, self.rconvs, strict=True):
            x = x + relu(conv(x))
        return x

    def control_count(self, control: Tensor, start: int, end: int) -> Tensor:
        return torch.log(control[:, :, start - 37 : end + 37].sum((1, 2)) + 1)

    def forward(self, x: Tensor, control: Tensor | None = None) -> tuple[Tensor, Tensor]:
        start, end = self.trimming, x.shape[2] - self.trimming
        x = self.trunk(x)
        profile = self.fconv(x if control is None else torch.cat([x, control], 1))[:, :, start:end]
        pooled = x[:, :, start - 37 : end + 37].mean(2)
        if control is not None:
            pooled = torch.cat([pooled, self.control_count(control, start, end)[:, None]], -1)
        return profile, self.linear(pooled)


class BasePairNet(BPNet):
    """bpnet-lite's other network: sums before the ReLU, ln(2 + control of the output window)."""

    def trunk(self, x: Tensor) -> Tensor:
        x = self.iconv(x)
        for relu, conv in zip(self.rrelus, self.rconvs, strict=True):
            x = x + conv(relu(x))
        return self.irelu(x)

    def control_count(self, control: Tensor, start: int, end: int) -> Tensor:
        return torch.log(control[:, :, start:end].sum((1, 2)) + 2)


class ChromBPNet(nn.Module):
    def __init__(self, bias: nn.Module, accessibility: nn.Module) -> None:
        super().__init__()
        self.bias, self.accessibility = bias, accessibility
