"""In which numbers a network computes while it is trained."""

from typing import Literal

import torch

from cistill.errors import InputError

PrecisionName = Literal["auto", "fp32", "tf32", "bf16"]
PRECISIONS = ("auto", "fp32", "tf32", "bf16")


def choose_precision(name: str, device: torch.device) -> str:
    """Return the precision to train in: the one asked for, or what is fastest on the device at the same quality.

    `bf16` computes the trunk's convolutions in bfloat16 (weights, sums over positions, losses and the optimizer stay
    in float32). It is chosen where the hardware multiplies it natively: GPUs from compute capability 8.0, CPUs with
    AMX. Elsewhere it is emulated and slower.

    Parameters
    ----------
    name : str
        `auto`, `fp32`, `tf32` (GPUs: float32 with 10-bit mantissas inside matrix products) or `bf16`.
    device : torch.device
        Where the training runs.

    Raises
    ------
    InputError
        If the name is not known, or `tf32` is asked for on a CPU.
    """
    if name not in PRECISIONS:
        raise InputError(f"unknown precision {name!r}: use one of {', '.join(PRECISIONS)}")
    if name == "tf32" and device.type != "cuda":
        raise InputError("precision tf32 exists on GPUs only: use fp32, bf16 or auto")
    if name != "auto":
        return name
    if device.type == "cuda":
        return "bf16" if torch.cuda.get_device_capability(device) >= (8, 0) else "fp32"
    return "bf16" if torch.cpu._is_amx_tile_supported() else "fp32"


def use_precision(name: str) -> torch.dtype:
    """Set up the process for a precision and return the type that sequences are given to the network in."""
    tf32 = name == "tf32"
    torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.backends.cudnn.allow_tf32 = tf32
    return torch.bfloat16 if name == "bf16" else torch.float32
