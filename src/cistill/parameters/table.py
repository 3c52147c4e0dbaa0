"""The table of parameters: groups, what each parameter sets, and which options the pipeline gives to each task."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from importlib import import_module
from importlib.resources import files
from typing import Any

import yaml

import cistill
from cistill.parameters.options import Option, Options

OWN_KEYS = (
    *("format", "mimetype", "schema", "enum", "examples"),
    *("minimum", "maximum", "exclusiveMinimum", "pattern", "errorMessage"),
)


@dataclass(frozen=True)
class Target:
    """An option that a parameter sets.

    Attributes
    ----------
    command : str
        As `options_of` names it.
    caller : str, optional
        For `callhits`: the caller whose option it is.
    option : str
    values : mapping, optional
        Values of the parameter to values of the option; others set nothing. None: the parameter's value as it is.
    """

    command: str
    caller: str | None
    option: str
    values: Mapping[str, Any] | None = None

    def __str__(self) -> str:
        """Return `COMMAND.OPTION`, as the table writes it."""
        return ".".join(filter(None, (self.command, self.caller, self.option)))


@dataclass(frozen=True)
class Parameter:
    """A parameter of the pipeline.

    Attributes
    ----------
    name : str
    sets : list of Target
        Options that take its value; empty for a parameter that the pipeline alone reads.
    yields_to : list of Target
        Where the file of options gives one of these, the parameter at its default is not written.
    like : Target, optional
        For a parameter that sets nothing: an option that it is like.
    own : mapping
        What the table itself says of it, over what its first option says: `help`, `type`, `default`, ranges, formats.
    """

    name: str
    sets: list[Target] = field(default_factory=list)
    yields_to: list[Target] = field(default_factory=list)
    like: Target | None = None
    own: Mapping[str, Any] = field(default_factory=dict)

    def described(self, options: Options) -> dict[str, Any]:
        """Return its JSON schema: type, description, default where there is one, range, choices, format."""
        of_option: dict[str, Any] = {}
        first = self.sets[0] if self.sets else self.like
        if first is not None:
            of_option = _schema_of(*find(options, first))
        keys = ("type", "description", "default", *OWN_KEYS)
        own = {("description" if key == "help" else key): value for key, value in self.own.items()}
        about = {key: (of_option | own)[key] for key in keys if key in of_option or key in own}
        return {key: value for key, value in about.items() if not (key == "default" and value in (None, ""))}


@dataclass(frozen=True)
class Group:
    """Parameters that belong together.

    Attributes
    ----------
    name, title, help : str
    parameters : list of Parameter
    """

    name: str
    title: str
    help: str
    parameters: list[Parameter]


@dataclass(frozen=True)
class ParameterTable:
    """All parameters, and the commands that a run calls.

    Attributes
    ----------
    description : str
        What the pipeline does, in a sentence.
    groups : list of Group
    given : mapping
        Command to the options that the pipeline itself gives to each of its tasks.
    """

    description: str
    groups: list[Group]
    given: Mapping[str, frozenset[str]]

    @property
    def parameters(self) -> list[Parameter]:
        """All parameters, in order."""
        return [parameter for group in self.groups for parameter in group.parameters]


def read_table() -> ParameterTable:
    """Return the table of this version, `table.yml`."""
    content = yaml.safe_load((files("cistill.parameters") / "table.yml").read_text())
    everywhere = frozenset(content["given_everywhere"])
    groups = [
        Group(
            group["name"],
            group["title"],
            group["help"],
            [_parameter(name, about) for name, about in group["parameters"].items()],
        )
        for group in content["groups"]
    ]
    given = {command: everywhere | set(own) for command, own in content["commands"].items()}
    return ParameterTable(content["description"], groups, given)


def find(options: Options, target: Target) -> tuple[Option, bool]:
    """Return the option that a target names, and whether by the name that switches it off.

    Raises
    ------
    KeyError
        If the command has no such option.
    """
    found = by_any_name(options[target.command], target.option)
    if found is None:
        raise KeyError(f"{target}: no such option")
    return found


def by_any_name(of_command: Mapping[str, Option], name: str) -> tuple[Option, bool] | None:
    """Return the option of a name of its, and whether this is the one that switches it off; None if there is none."""
    plain = name.lstrip("-").replace("-", "_")
    for option in of_command.values():
        if plain in (option.name, *option.other_names):
            return option, False
        if plain == option.negative:
            return option, True
    return None


def _parameter(name: str, about: Mapping[str, Any]) -> Parameter:
    """Return a parameter from its entry of the table."""
    own = {
        key: value
        for key, value in about.items()
        if key not in ("sets", "yields_to", "like", "default_of", "examples_of")
    }
    if "default_of" in about:
        own["default"] = _named(about["default_of"])
    if "examples_of" in about:
        own["examples"] = list(_named(about["examples_of"]))
        own["help"] = own["help"].replace("{examples}", ", ".join(own["examples"]))
    like = _targets(about["like"])[0] if "like" in about else None
    if "default" in own:
        own["default"] = _filled(own["default"])
    return Parameter(name, _targets(about.get("sets", [])), _targets(about.get("yields_to", [])), like, own)


def _filled(default: Any) -> Any:
    """Return a default with this version's number in it."""
    return default.replace("{version}", cistill.__version__) if isinstance(default, str) else default


def _named(path: str) -> Any:
    """Return what a dotted path names: a constant of a module, or a field's default of a class there."""
    module, *attributes = path.split(":")
    return reduce(getattr, attributes[0].split("."), import_module(module))


def _targets(entry: Any) -> list[Target]:
    """Return the targets of an entry: one, or a list of them, each a text or `{text: {value: value}}`."""
    found = []
    for one in entry if isinstance(entry, list) else [entry]:
        text, values = next(iter(one.items())) if isinstance(one, dict) else (one, None)
        *command, option = text.split(".")
        caller = command.pop() if len(command) > 1 and command[0] == "callhits" else None
        found.append(Target(".".join(command), caller, option, values))
    return found


def _schema_of(option: Option, negative: bool) -> dict[str, Any]:
    """Return the JSON schema of an option."""
    about: dict[str, Any] = {"type": "string" if option.kind == "path" else option.kind, "description": option.help}
    about["default"] = not option.default if negative else option.default
    if option.choices:
        about["enum"] = list(option.choices)
    if option.least is not None:
        about["minimum"] = option.least
    if option.most is not None:
        about["maximum"] = option.most
    return about
