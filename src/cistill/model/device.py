"""Choosing the device, and refusing to run silently without the one asked for."""

import torch

from cistill.errors import InputError


def find_device(name: str) -> torch.device:
    """Return the device called `name`.

    Parameters
    ----------
    name : str
        `cpu` or `cuda` (`cuda:1` for a certain one).

    Raises
    ------
    InputError
        If a GPU is asked for and none is visible. A run that goes on without its GPU takes days instead of hours.
    """
    if name != "cpu" and not name.startswith("cuda"):
        raise InputError(f"unknown device {name!r}: use cpu or cuda")
    if name.startswith("cuda") and not torch.cuda.is_available():
        built = torch.version.cuda or "none"
        raise InputError(
            f"device {name} was asked for, but no GPU is visible (torch {torch.__version__}, built for CUDA {built}). "
            "Check nvidia-smi and CUDA_VISIBLE_DEVICES, or ask for --device cpu"
        )
    return torch.device(name)


def describe_device(device: torch.device) -> str:
    """Return a device's name for records: the GPU's model, or the number of CPU threads."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"cpu, {torch.get_num_threads()} threads"
