"""The options of every command, read from the commands' own declarations."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from typer import Typer
from typer.models import ArgumentInfo, OptionInfo, ParameterInfo


@dataclass(frozen=True)
class Option:
    """One option of a command.

    Attributes
    ----------
    command : str
        `train`, or `motifs.merge-heads` for a sub-command.
    name : str
        Written with underscores, without the leading hyphens: `batch_size`.
    kind : {"integer", "number", "boolean", "path", "string"}
    default : object
        What the command takes without it, as a plain value; None if it takes nothing.
    required, repeated, argument : bool
        Whether the command needs it; it may be given several times; it has no name on the command line.
    least, most : float, optional
        The range of a number, both ends included.
    choices : tuple of str
        All values of a choice; empty for others.
    negative : str, optional
        The name that switches a flag off.
    other_names : tuple of str
        Further names of the same option.
    help : str
    """

    command: str
    name: str
    kind: str
    default: Any
    required: bool
    repeated: bool
    argument: bool
    least: float | None
    most: float | None
    choices: tuple[str, ...]
    negative: str | None
    other_names: tuple[str, ...]
    help: str


Options = Mapping[str, Mapping[str, Option]]


def options_of(commands: Iterable[str], app_of: Callable[[str], Typer]) -> dict[str, dict[str, Option]]:
    """Return the options of commands, by command (`motifs.merge-heads` for a sub-command) and name.

    Parameters
    ----------
    commands : iterable of str
        Names of commands.
    app_of : function
        From the name of a command to its Typer app.
    """
    found = {}
    for command in commands:
        registered = app_of(command).registered_commands
        for one in registered:
            function = one.callback
            if function is None:
                continue
            name = command if len(registered) == 1 else f"{command}.{one.name or function.__name__}"
            found[name] = _options(name, function)
    return found


def _options(command: str, function: Callable[..., Any]) -> dict[str, Option]:
    """Return the options that a command's function declares as `Annotated[type, typer.Option(...)]`."""
    found = {}
    for name, parameter in inspect.signature(function).parameters.items():
        annotation = parameter.annotation
        kind, *notes = get_args(annotation) if hasattr(annotation, "__metadata__") else (annotation,)
        info = next((note for note in notes if isinstance(note, ParameterInfo)), None)
        if info is not None:
            option = _option(command, name, kind, info, parameter.default)
            found[option.name] = option
    return found


def _option(command: str, name: str, annotation: Any, info: ParameterInfo, default: Any) -> Option:
    """Return one option."""
    names, negatives = _names(name, info)
    inner, repeated = _inner(annotation)
    choices: tuple[str, ...] = ()
    if get_origin(inner) is Literal:
        choices, inner = tuple(map(str, get_args(inner))), str
    elif isinstance(inner, type) and issubclass(inner, Enum):
        choices = tuple(str(member.value) for member in inner)
    return Option(
        command=command,
        name=names[0],
        kind={bool: "boolean", int: "integer", float: "number", Path: "path"}.get(inner, "string"),
        default=None if default is inspect.Parameter.empty else _plain(default),
        required=default is inspect.Parameter.empty,
        repeated=repeated,
        argument=isinstance(info, ArgumentInfo),
        least=info.min,
        most=info.max,
        choices=choices,
        negative=negatives[0] if negatives else None,
        other_names=tuple(names[1:]),
        help=info.help or "",
    )


def _names(name: str, info: ParameterInfo) -> tuple[list[str], list[str]]:
    """Return the names of an option, and those that switch it off, from `--NAME/--NO_NAME` or the parameter's own."""
    # `Annotated[bool, typer.Option("--a/--no_a")]` has its first name where a default would be
    declared = [info.default, *(info.param_decls or ())] if isinstance(info, OptionInfo) else []
    pairs = [text.split("/") for text in declared if isinstance(text, str) and text.startswith("--")] or [[name]]
    plain = [[part.lstrip("-").replace("-", "_") for part in pair] for pair in pairs]
    return [pair[0] for pair in plain], [pair[1] for pair in plain if len(pair) > 1]


def _inner(annotation: Any) -> tuple[Any, bool]:
    """Return the type of one value, and whether several may be given."""
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(part for part in get_args(annotation) if part is not NoneType)
    if get_origin(annotation) is list:
        return get_args(annotation)[0], True
    return annotation, False


def _plain(value: Any) -> Any:
    """Return a default as a plain value."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    return value
