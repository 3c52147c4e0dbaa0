"""The ways to call motif instances: every caller takes the same inputs and gives the same table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass
from importlib import import_module
from typing import Any

import pandas as pd

from cistill.errors import InputError
from cistill.formats.motifs import Motif
from cistill.hits.settings import CallSettings, FinemoSettings, ScanSettings
from cistill.interpret.windows import AttributionWindows

__all__ = ["CallSettings", "Caller", "Calls", "FinemoSettings", "ScanSettings", "caller", "settings_of"]

DEFAULT = "cwm_scan"
# method: module, function, and which fields of `CallSettings` it takes beside `min_confidence` and `seed`
METHODS = {
    "cwm_scan": ("cistill.hits.cwm.cwm_scan", "call_by_cwm_scan", ("fdr", "min_strength", "n_decoys")),
    "density": ("cistill.hits.density", "call_by_density", ("density",)),
    "finemo": ("cistill.hits.finemo", "call_by_finemo", ("min_strength", "finemo")),
    "scan": ("cistill.hits.scan.pwm_scan", "call_by_scan", ("scan",)),
}
SHARED = ("min_confidence", "seed")
OPTION_NAMES = {
    "n_decoys": "decoys",
    "lambda_": "lambda",
    "post_filter": "no_post_filter",
    "patterns": "motifs_subset",
}


@dataclass(frozen=True)
class Calls:
    """What a caller found.

    Attributes
    ----------
    hits : pandas.DataFrame
        Columns of `cistill.formats.hits.COLUMNS` but `score`.
    calibration : mapping
        motif_id to how its cut was found: a dataclass or a mapping of plain values.
    """

    hits: pd.DataFrame
    calibration: Mapping[str, Any]


Caller = Callable[[AttributionWindows, Sequence[Motif], CallSettings], Calls]


def caller(method: str) -> Caller:
    """Return the caller of that name; what it needs is imported only now.

    Raises
    ------
    InputError
        If there is none.
    """
    if method not in METHODS:
        raise InputError(f"--method {method}: no such caller; known: {', '.join(METHODS)}")
    module, name, _ = METHODS[method]
    found: Caller = getattr(import_module(module), name)
    return found


def settings_of(method: str, settings: CallSettings) -> dict[str, Any]:
    """Return the settings that a method takes, flat, as its provenance records them.

    Raises
    ------
    InputError
        If there is no such method, or a setting that it does not take is not at its default.
    """
    if method not in METHODS:
        raise InputError(f"--method {method}: no such caller; known: {', '.join(METHODS)}")
    own = (*METHODS[method][2], *SHARED)
    default = CallSettings()
    refused: list[str] = []
    taken: dict[str, Any] = {}
    for field in fields(CallSettings):
        value = getattr(settings, field.name)
        if field.name in own:
            taken |= asdict(value) if is_dataclass(value) and not isinstance(value, type) else {field.name: value}
        elif value != getattr(default, field.name):
            refused += _changed(field.name, value)
    if refused:
        raise InputError(f"{', '.join(refused)}: not an option of --method {method}, whose own are {_options(method)}")
    return taken


def _changed(name: str, value: Any) -> list[str]:
    """Return the options by which a setting differs from its default."""
    if not is_dataclass(value) or isinstance(value, type):
        return [_option(name)]
    default = type(value)()
    return [
        _option(field.name) for field in fields(value) if getattr(value, field.name) != getattr(default, field.name)
    ]


def _option(name: str) -> str:
    return f"--{OPTION_NAMES.get(name, name)}"


def _options(method: str) -> str:
    """Return the options that a method takes, as its help names them."""
    names: list[str] = []
    for name in METHODS[method][2]:
        nested = _nested(name)
        names += [field.name for field in fields(nested)] if nested is not None else [name]
    return ", ".join(_option(name) for name in (*names, *SHARED))


def _nested(name: str) -> Any:
    """Return the dataclass of a caller's own settings, None for a setting that is a plain value."""
    if name == "density":
        return import_module("cistill.hits.density.settings").DensitySettings
    return {"finemo": FinemoSettings, "scan": ScanSettings}.get(name)
