"""The callers of motif instances by name, and which options are whose; nothing that computes is imported for it."""

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

from cistill.declared import DeclaredOption, options_of
from cistill.errors import InputError
from cistill.hits.caller import Caller, Calls, CallSettings
from cistill.hits.search_scope import Selection

__all__ = [
    "CALLERS", "DEFAULT", "CallSettings", "Caller", "Calls", "all_own_options", "caller", "caller_names", "needed",
    "own_options", "settings_for", "shared_options",
]  # fmt: skip

DEFAULT = "cwm_scan"
# name: module and class. To add a caller, add a line; everything else follows from its class.
CALLERS = {
    "cwm_scan": "cistill.hits.cwm.caller:CwmScan",
    "density": "cistill.hits.density.caller:Density",
    "finemo": "cistill.hits.finemo.caller:Finemo",
    "scan": "cistill.hits.scan.caller:Scan",
}


def caller_names() -> tuple[str, ...]:
    """Return the names of all callers."""
    return tuple(CALLERS)


def caller(method: str) -> type[Caller[Any]]:
    """Return the caller of that name; use it as `caller(method)(settings).call(windows, motifs)`.

    Raises
    ------
    InputError
        If there is none.
    """
    if method not in CALLERS:
        raise InputError(f"--method {method}: no such caller; known: {', '.join(CALLERS)}")
    module, name = CALLERS[method].split(":")
    found: type[Caller[Any]] = getattr(import_module(module), name)
    return found


def shared_options() -> tuple[DeclaredOption, ...]:
    """Return the options that all callers take."""
    return (*options_of(Selection), *options_of(CallSettings))


def own_options(method: str) -> tuple[str, ...]:
    """Return the names of the options that a caller takes and not all others do, without dashes.

    Examples
    --------
    >>> own_options("scan")
    ('scoring', 'p_value', 'pseudocount', 'background')
    """
    return tuple(one.name for one in _own(method))


def needed(method: str) -> tuple[str, ...]:
    """Return those of a caller's own options that it cannot do without, as the modisco file of `density`."""
    return tuple(caller(method).needs)


def all_own_options() -> tuple[DeclaredOption, ...]:
    """Return the own options of all callers, each once, with the names of its callers at the start of its help.

    Raises
    ------
    ValueError
        If two callers declare one option in different ways.
    """
    owners: dict[str, list[str]] = {}
    found: dict[str, DeclaredOption] = {}
    for method in CALLERS:
        for one in _own(method):
            if found.setdefault(one.name, one) != one:
                raise ValueError(f"--{one.name}: {owners[one.name][0]} and {method} declare it in different ways")
            owners.setdefault(one.name, []).append(method)
    return tuple(one.with_help(f"{', '.join(owners[name])}: {one.help}") for name, one in found.items())


def settings_for(
    method: str, values: Mapping[str, Any], selection: Selection, given: Iterable[str] | None = None
) -> CallSettings:
    """Return the settings of a caller.

    Parameters
    ----------
    method : str
        Name of the caller.
    values : mapping
        Values of options by their names; what is left out has its default.
    selection : Selection
        What is searched.
    given : iterable of str, optional
        The options that were asked for, among `values`; all of them by default.

    Raises
    ------
    InputError
        If there is no such caller, an option is given that is another one's, or one is missing that it needs.
    """
    chosen = caller(method)
    own = own_options(method)
    asked = set(values if given is None else given)
    refused = [one for one in all_own_options() if one.name not in own and asked & {one.name, one.parameter}]
    if refused:
        names = [*own, *(one.name for one in options_of(CallSettings))]
        raise InputError(
            f"{', '.join(f'--{one.name}' for one in refused)}: not an option of --method {method}, whose own are "
            f"{', '.join(f'--{name}' for name in names)}"
        )
    for name, what in chosen.needs.items():
        if values.get(name) is None:
            raise InputError(f"--method {method} needs --{name}, {what}")
    return chosen.make_settings(values, selection)


def _own(method: str) -> tuple[DeclaredOption, ...]:
    shared = {one.name for one in options_of(CallSettings)}
    return tuple(one for one in options_of(caller(method).Settings) if one.name not in shared)
