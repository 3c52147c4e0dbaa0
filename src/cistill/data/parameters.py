"""Checking the pipeline's parameters against their JSON schema, in words."""

import difflib
import math
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator, ValidationError


def parameter_problems(parameters: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Say what is wrong with parameters.

    Parameters
    ----------
    parameters : mapping
        Name to value; those that are null count as not given.
    schema : mapping
        `nextflow_schema.json`: JSON schema, draft 2020-12, its parameters in groups under `$defs`.

    Returns
    -------
    list of str
        One line for each problem, in the order of the parameters' names.
    """
    given = {name: value for name, value in parameters.items() if value is not None}
    known = _properties(schema)
    problems = []
    for name in sorted(set(given) - set(known)):
        near = difflib.get_close_matches(name, known, n=1)
        problems.append(f"parameter --{name} is unknown" + (f"; did you mean --{near[0]}?" if near else ""))
    for name, value in list(given.items()):
        if isinstance(value, float) and not math.isfinite(value):
            problems.append(f"parameter --{name} is {value}, but must be a number")
            del given[name]
    errors = Draft202012Validator(dict(schema)).iter_errors(given)
    worded = {(".".join(map(str, error.path)), _words(error)): None for error in errors}
    problems += [text for _, text in sorted(worded) if text]
    return problems


def _properties(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return every parameter that the schema describes."""
    found = dict(schema.get("properties", {}))
    for group in {**schema.get("$defs", {}), **schema.get("definitions", {})}.values():
        found |= group.get("properties", {})
    return found


def _words(error: ValidationError) -> str:
    """Word an error for a reader who has never seen a schema."""
    name = f"parameter --{'.'.join(map(str, error.path))}"
    value = error.instance
    limit: Any = error.validator_value
    match error.validator:
        case "required":
            return f"parameter --{error.message.split(chr(39))[1]} is needed but not given"
        case "type":
            kinds = " or ".join(limit) if isinstance(limit, list) else limit
            return f"{name} is {value!r}, but must be of type {kinds}"
        case "enum":
            return f"{name} is {value!r}, but must be one of {', '.join(map(str, limit))}"
        case "minimum":
            return f"{name} is {value}, but must be at least {limit}"
        case "maximum":
            return f"{name} is {value}, but must be at most {limit}"
        case "exclusiveMinimum":
            return f"{name} is {value}, but must be greater than {limit}"
        case "exclusiveMaximum":
            return f"{name} is {value}, but must be less than {limit}"
        case "pattern":
            told = (error.schema if isinstance(error.schema, dict) else {}).get("errorMessage")
            return f"{name} is {value!r}: {told or f'it must match the pattern {limit}'}"
        case "additionalProperties" | "unevaluatedProperties":
            return ""  # told above, with the nearest name
        case _:
            return f"{name}: {error.message}"
