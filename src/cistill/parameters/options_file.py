"""The file of --options: command, option, value, as YAML; every problem with its line."""

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from cistill.errors import InputError
from cistill.files import require_file
from cistill.parameters.options import Option, Options
from cistill.parameters.table import ParameterTable, by_any_name
from cistill.parameters.values import value_of
from cistill.yaml_texts import compose_yaml

Callers = Mapping[str, frozenset[str]]


@dataclass
class GivenOptions:
    """What a file of options gives.

    Attributes
    ----------
    values : dict
        (command, caller or None) to the options given there, by name; None for an option put back to its default.
    problems : list of str
        One line for each problem.
    """

    values: dict[tuple[str, str | None], dict[str, Any]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def read_options_file(
    path: str | os.PathLike[str], options: Options, table: ParameterTable, callers: Callers
) -> GivenOptions:
    """Read a file of options and check all of it.

    Parameters
    ----------
    path : path
        YAML: `command: {option: value}`; sub-commands nested or as `command.sub`, options of one caller of motif
        instances under its name below `callhits`.
    options : mapping
        Options of all commands.
    table : ParameterTable
        Which commands a run calls, and which of their options the pipeline gives itself.
    callers : mapping
        Caller to the names of the options of `callhits` that it takes and not every other caller does.
    """
    file = require_file(path, "options")
    given = GivenOptions()
    try:
        node = compose_yaml(file, "options")
    except InputError as error:
        raise InputError(str(error).replace(f"options {file}", file.name, 1)) from error
    if node is not None:
        _Reader(file.name, options, table, callers, given).file(node)
    return given


@dataclass
class _Reader:
    """Reads the nodes of one file."""

    name: str
    options: Options
    table: ParameterTable
    callers: Callers
    given: GivenOptions

    def file(self, node: yaml.Node) -> None:
        """Read `command: ...` for every command."""
        for name, below, line in self._entries(node, "commands, each with its options"):
            self._command(name, below, line)

    def _command(self, name: str, node: yaml.Node, line: int) -> None:
        """Read the options of one command, or its sub-commands."""
        subs = {command.partition(".")[2] for command in self.options if command.startswith(f"{name}.")}
        if subs:
            for sub, below, of_sub in self._entries(node, f"sub-commands of {name}, each with its options"):
                found = _near(sub, subs) if sub not in subs else None
                if found is not None:
                    self._problem(of_sub, f"{name} has no sub-command {sub}{found}")
                else:
                    self._command(f"{name}.{sub}", below, of_sub)
        elif name not in self.options:
            self._problem(line, f"no such command: {name}{_near(name, self.table.given)}")
        elif name not in self.table.given:
            self._problem(line, f"{name} is no command of a run; those are {', '.join(self.table.given)}")
        else:
            for option, below, where in self._entries(node, f"options of {name}"):
                if name == "callhits" and option in self.callers:
                    for inner, value, inner_line in self._entries(below, f"options of {name} by {option}"):
                        self._option(name, option, inner, value, inner_line)
                else:
                    self._option(name, None, option, below, where)

    def _option(self, command: str, caller: str | None, name: str, node: yaml.Node, line: int) -> None:
        """Read one option."""
        where = ".".join(filter(None, (command, caller)))
        known = self.options[command]
        found = by_any_name(known, name)
        if found is None:
            taken = [one for one in known if one not in self.table.given[command]]
            more = [*taken, *(option.negative for option in known.values() if option.negative)]
            more += self.callers if command == "callhits" and caller is None else []
            self._problem(line, f"{where} has no option {name}{_near(name, more)}")
            return
        option, negative = found
        if option.name in self.table.given[command]:
            self._problem(line, f"{where}.{name}: the pipeline gives it to each task itself; leave it out")
            return
        owners = owners_of(command, option.name, self.callers)
        if owners and caller is not None and caller not in owners:
            self._problem(line, f"{where} has no option {name}; it is one of {', '.join(owners)}")
            return
        value, problem = self._value(option, node)
        if problem:
            self._problem(line, f"{where}.{name} {problem}")
            return
        if negative and value is not None:
            value = not value
        values = self.given.values.setdefault((command, caller), {})
        if option.name in values:
            self._problem(line, f"{where}.{option.name} is given twice")
        values[option.name] = value

    def _value(self, option: Option, node: yaml.Node) -> tuple[Any, str]:
        """Return the value of an option, and what is wrong with it."""
        if isinstance(node, yaml.SequenceNode) and all(isinstance(one, yaml.ScalarNode) for one in node.value):
            if not option.repeated:
                return None, "takes one value, not a list"
            pairs = [value_of(option, one.value) for one in node.value]
            return [value for value, _ in pairs], next((problem for _, problem in pairs if problem), "")
        if not isinstance(node, yaml.ScalarNode):
            return None, "must be a single value"
        if node.tag == "tag:yaml.org,2002:null":
            return None, ""
        value, problem = value_of(option, node.value)
        return [value] if option.repeated and not problem else value, problem

    def _entries(self, node: yaml.Node, what: str) -> Iterator[tuple[str, yaml.Node, int]]:
        """Yield key, value and line number of a mapping."""
        if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null":
            return
        if not isinstance(node, yaml.MappingNode):
            self._problem(node.start_mark.line + 1, f"expected {what}")
            return
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                self._problem(key.start_mark.line + 1, f"{name} is given twice")
                continue
            seen.add(name)
            yield name, value, key.start_mark.line + 1

    def _problem(self, line: int, text: str) -> None:
        self.given.problems.append(f"{self.name}, line {line}: {text}")


def owners_of(command: str, option: str, callers: Callers) -> list[str]:
    """Return the callers that an option of `callhits` belongs to; none where all take it, or it is no caller's."""
    return [method for method, own in callers.items() if option in own] if command == "callhits" else []


def _near(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean X?`, or nothing where no name is near."""
    found = difflib.get_close_matches(name.replace("-", "_"), list(known), n=1)
    return f"; did you mean {found[0]}?" if found else ""
