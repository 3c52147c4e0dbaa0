"""Readers of in-vitro tables: a YAML file that says where sequences and labels are, checked against a JSON schema."""

import difflib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from cistill.affinity.tables.units import UNITS
from cistill.errors import InputError
from cistill.files import require_file
from cistill.yaml_texts import read_yaml

SCHEMA = "reader.schema.json"
Column = str | int


@dataclass(frozen=True)
class Reader:
    """How a table is read.

    Attributes
    ----------
    name : str
        As it was asked for, parameters included.
    file : Path
        The YAML file.
    content : dict
        Its content, parameters filled in; valid by the schema.
    """

    name: str
    file: Path
    content: dict[str, Any]

    def part(self, name: str) -> dict[str, Any]:
        """Return one of the reader's parts, empty if it is not there."""
        return dict(self.content.get(name) or {})

    @property
    def unit(self) -> str | None:
        """Unit of the labels; None where nothing is measured."""
        unit = self.part("label").get("unit")
        return None if unit is None else str(unit)


def load_reader(text: str, folder: Path) -> Reader:
    """Load a reader by its name or path.

    Parameters
    ----------
    text : str
        Name of a reader of `folder`, or path of a YAML file; then, each after a colon, values of its parameters:
        `betseq:protein=Pho4`.
    folder : Path
        Where the readers that come with the program lie, and the schema.

    Raises
    ------
    InputError
        If there is no such reader, its YAML is broken or does not fit the schema (all problems in one message), or a
        parameter is unknown or missing.
    """
    where, rest = reader_parts(text.strip())
    settings = rest.split(":")[1:]
    file = Path(where) if where.endswith((".yml", ".yaml")) else folder / f"{where}.yml"
    if not os.path.isfile(file):  # noqa: PTH113 - pathlib's is_file raises for a name that is too long
        known = sorted(path.stem for path in folder.glob("*.yml"))
        near = difflib.get_close_matches(where, known, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise InputError(
            f"reader {where!r}: no such reader; {hint}Give the path of a YAML file or one of {', '.join(known)}"
        )
    require_file(file, "reader")
    content = read_yaml(file, "reader")
    if not isinstance(content, dict):
        raise InputError(f"reader {file}: expected names and values, as in the readers of {folder}")
    schema = json.loads((folder / SCHEMA).read_text())
    content = _fill_in(content, settings, text, file)
    problems = schema_problems(content, schema)
    unit = content.get("label", {}).get("unit") if isinstance(content.get("label"), dict) else None
    if isinstance(unit, str) and unit not in UNITS:
        problems.append(f"label.unit: unknown unit {unit!r}; the units are {', '.join(UNITS)}")
    problems += _rule_problems(content)
    if problems:
        raise InputError(f"reader {file}:\n" + "\n".join(f"  {problem}" for problem in problems))
    return Reader(text.strip(), file, content)


def reader_parts(text: str) -> tuple[str, str]:
    """Split `READER[:NAME=VALUE...]` into the reader's name or path and its parameters, colons included.

    The path of a YAML file may hold colons itself.

    Examples
    --------
    >>> reader_parts("run:3/own.yml:which=ddG")
    ('run:3/own.yml', ':which=ddG')
    """
    own = re.fullmatch(r"(.+?\.ya?ml)(:.*)?", text, re.DOTALL)
    if own:
        return own[1], own[2] or ""
    name, colon, parameters = text.partition(":")
    return name, colon + parameters


def _fill_in(content: dict[str, Any], settings: list[str], text: str, file: Path) -> dict[str, Any]:
    """Put the values of parameters where their names stand in braces."""
    parameters = content.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise InputError(f"reader {file}: parameters: expected names, each with its value or nothing")
    parameters = {str(name): value for name, value in parameters.items()}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or name not in parameters:
            names = ", ".join(parameters) or "none"
            raise InputError(
                f"reader {text!r}: {setting!r} sets no parameter of {file.name}; its parameters are: {names}"
            )
        parameters[name] = value
    missing = [name for name, value in parameters.items() if value is None]
    if missing:
        example = ":".join([text.strip(), *(f"{name}=..." for name in missing)])
        raise InputError(f"reader {text!r}: the parameter(s) {', '.join(missing)} must be given, as in {example}")
    filled: dict[str, Any] = _replaced(
        {key: value for key, value in content.items() if key != "parameters"}, parameters
    )
    return filled


def _replaced(value: Any, parameters: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(item, parameters) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, parameters) for item in value]
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda found: str(parameters.get(found[1], found[0])), value)
    return value


def schema_problems(content: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a reader's content, one line each, in the order of places."""
    found = sorted(
        Draft202012Validator(dict(schema)).iter_errors(content), key=lambda error: [str(p) for p in error.path]
    )
    return [line for error in found for line in _words(error)]


def _words(error: ValidationError) -> list[str]:
    place = ".".join(str(part) for part in error.path)
    prefix = f"{place}." if place else ""
    at = f"{place}: " if place else ""
    if error.validator == "additionalProperties" and isinstance(error.schema, dict):
        known = list(error.schema.get("properties", {}))
        lines = []
        given: Any = error.instance
        for key in sorted(set(map(str, given)) - set(known)):
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
            lines.append(f"unknown key {prefix}{key}; {hint}")
        return lines
    if error.validator == "required":
        return [f"{prefix}{error.message.split(chr(39))[1]} is missing"]
    if error.validator == "enum":
        allowed: Any = error.validator_value
        return [f"{at}{error.instance!r} is none of {', '.join(map(str, allowed))}"]
    return [f"{at}{error.message}"]


def _rule_problems(content: Mapping[str, Any]) -> list[str]:
    part = content.get("class")
    rules = part.get("rules") if isinstance(part, dict) else None
    problems = []
    for number, rule in enumerate(rules if isinstance(rules, list) else []):
        try:
            re.compile(str(rule.get("pattern", "")) if isinstance(rule, dict) else "")
        except re.error as error:
            problems.append(f"class.rules.{number}.pattern: not a regular expression: {error}")
    return problems
