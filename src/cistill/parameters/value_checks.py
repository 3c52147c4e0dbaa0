"""Values of options that no range describes, checked by what will use them, before anything runs."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from cistill.declared import settings_from
from cistill.errors import InputError

Values = Mapping[str, Any]


def value_problems(resolved: Mapping[str, Values], model: Path | None = None) -> list[str]:
    """Say which values of options cannot be used, each by itself or with others of its command.

    Parameters
    ----------
    resolved : mapping
        Command (`callhits.finemo` for a caller) to option to value.
    model : path, optional
        JSON file of the network; without it the network is not checked.
    """
    problems = []
    for command, values in resolved.items():
        given = {name: value for name, value in values.items() if value is not None}  # None: put back to its default
        if command in CHECKS:
            problems += _problems(command, partial(CHECKS[command], given))
        elif command.startswith("callhits."):
            problems += _problems(command, partial(_check_caller, command, given))
    if model is not None:
        problems += _problems("parameter --model", partial(_check_network, resolved, model))
    return problems


def _problems(command: str, check: Callable[[], Any]) -> list[str]:
    """Return the lines of what a check raises."""
    try:
        check()
    except InputError as error:
        return [f"{command}: {line}" for line in str(error).split("\n")]
    return []


def _check_caller(command: str, values: Values) -> None:
    """Check the settings of a caller of motif instances."""
    from cistill.hits.callers import caller

    settings = settings_from(caller(command.partition(".")[2]).Settings, values)
    if hasattr(settings, "check"):
        settings.check()


def _check_comparison(values: Values) -> None:
    """Check the settings of `comparehits`."""
    from cistill.hits.comparison.settings import ComparisonSettings, tops_of

    settings_from(ComparisonSettings, values).check()
    tops_of(values.get("top") or "")


def _check_collapse(values: Values) -> None:
    """Check the settings of `collapse`."""
    from cistill.hits.pooling.settings import CollapseSettings

    settings_from(CollapseSettings, values).check()


def _check_marginalize(values: Values) -> None:
    """Check the consensus, or the motifs, that backgrounds are rejected for."""
    if not values.get("reject"):
        return
    from cistill.affinity.marginalization.strong_hits import sites_of

    names = {"reject_mismatches": "mismatches", "reject_share": "share"}
    given = {names[name]: value for name, value in values.items() if name in names and value is not None}
    sites_of(values.get("reject"), **given)


def _check_modisco(values: Values) -> None:
    """Check the file of TF-MoDISco's parameters, and those that are given by name."""
    from cistill.interpret.modisco_settings import OPTION_NAMES, modisco_settings

    given = {field: values.get(option) for option, field in OPTION_NAMES.items()}
    modisco_settings(values.get("preset") or "default", values.get("parameters"), given)


def _check_numbers(values: Values) -> None:
    """Check the numbers of backgrounds that are compared."""
    from cistill.affinity.analyses.background_numbers import numbers_of

    if values.get("numbers"):
        numbers_of(values["numbers"])


def _check_network(resolved: Mapping[str, Values], model: Path) -> None:
    """Check that the network that is asked for takes the windows of the dataset that is asked for."""
    from cistill.model.network.presets import NetworkData, config_for, read_preset

    lengths = {name: value for name, value in read_preset(model).items() if name in ("input_length", "output_length")}
    asked = {name: resolved.get("dataset", {}).get(name) for name in ("input_length", "output_length")}
    lengths |= {name: value for name, value in asked.items() if value is not None}
    if len(lengths) == 2 and lengths["input_length"] < lengths["output_length"]:
        raise InputError(
            "--input_length {input_length} is shorter than --output_length {output_length}".format(**lengths)
        )
    for command in ("train", "tune"):
        own = {name: resolved.get(command, {}).get(name) for name in NETWORK_OPTIONS}
        for controls in (False, True):
            config_for(NetworkData(**lengths, controls=controls), model, own)


NETWORK_OPTIONS = ("filters", "layers", "first_kernel", "profile_kernel", "last_residual")
CHECKS: Mapping[str, Callable[[Values], None]] = {
    "affinity.backgrounds": _check_numbers,
    "collapse": _check_collapse,
    "comparehits": _check_comparison,
    "marginalize": _check_marginalize,
    "modisco": _check_modisco,
}
"""Command to what checks the values of its options."""
