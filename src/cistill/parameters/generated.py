"""What is written from the table of parameters: params of nextflow.config, nextflow_schema.json, docs/parameters.md."""

import json
from collections.abc import Mapping
from typing import Any

from cistill.parameters.options import Options
from cistill.parameters.table import Parameter, ParameterTable, find

BEGIN = (
    "// Parameters, written by `make parameters` from src/cistill/parameters/table.yml and the defaults of commands;"
)
END = "// End of the parameters."
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def configuration_block(table: ParameterTable, options: Options) -> str:
    """Return the block of nextflow.config that holds the parameters, from its first comment to its last."""
    width = max(len(parameter.name) for parameter in table.parameters)
    groups = []
    for group in table.groups:
        lines = [
            f"    {parameter.name.ljust(width)} = {_groovy(parameter.described(options).get('default'))}"
            for parameter in group.parameters
        ]
        groups.append("\n".join([f"    // {group.title}", *lines]))
    told = "// nextflow_schema.json describes each of them, and `nextflow run . --help` prints that."
    return "\n".join([BEGIN, told, "params {", "\n\n".join(groups), "}", END])


def with_block(configuration: str, block: str) -> str:
    """Return the text of nextflow.config with its parameters in place of those that are there."""
    before, _, rest = configuration.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{block}{after}"


def schema_text(table: ParameterTable, options: Options) -> str:
    """Return the text of nextflow_schema.json."""
    groups = {
        group.name: {
            "title": group.title,
            "type": "object",
            "description": group.help,
            "properties": {parameter.name: parameter.described(options) for parameter in group.parameters},
        }
        for group in table.groups
    }
    schema = {
        "$schema": DRAFT,
        "$id": "cistill/nextflow_schema.json",
        "title": "cistill: parameters",
        "description": table.description,
        "type": "object",
        "$defs": groups,
        "allOf": [{"$ref": f"#/$defs/{name}"} for name in groups],
    }
    return json.dumps(schema, indent=4, ensure_ascii=False) + "\n"


def parameters_page(table: ParameterTable, options: Options) -> str:
    """Return the text of docs/parameters.md."""
    lines = [
        "# Parameters",
        "",
        "Written by `make parameters`; do not edit. The last column names the options that a parameter sets, as",
        "`command.option`: type, range and default are theirs. Other options of commands are given by `--options`, see",
        "[usage.md](usage.md#options-of-single-commands).",
    ]
    for group in table.groups:
        lines += ["", f"## {group.title}", "", group.help, "", "| parameter | meaning | values | default | sets |"]
        lines += ["|---|---|---|---|---|"]
        lines += [_row(parameter, options) for parameter in group.parameters]
    lines += ["", *_options_of_commands(table, options)]
    return "\n".join(lines) + "\n"


def _row(parameter: Parameter, options: Options) -> str:
    """Return a parameter's row of the page."""
    about = parameter.described(options)
    default = about.get("default")
    shown = "" if default is None else f"`{_plain(default)}`"
    sets = ", ".join(f"`{target}`" for target in parameter.sets)
    return f"| `--{parameter.name}` | {_cell(about['description'])} | {_values(about)} | {shown} | {sets} |"


def _options_of_commands(table: ParameterTable, options: Options) -> list[str]:
    """Return a table of the options that the file of --options takes, command by command."""
    by_parameter = {
        (target.command, find(options, target)[0].name) for parameter in table.parameters for target in parameter.sets
    }
    lines = [
        "## Options that the file of `--options` takes",
        "",
        "All options of the commands of a run but those that the pipeline gives to each task. Parameters set those in",
        "italics too. `cistill COMMAND --help` explains each.",
        "",
        "| command | options |",
        "|---|---|",
    ]
    for command, given in table.given.items():
        names = [
            f"*{option.name}*" if (command, option.name) in by_parameter else option.name
            for option in options[command].values()
            if option.name not in given
        ]
        if names:
            lines.append(f"| `{command}` | {', '.join(names).replace('_', chr(92) + '_')} |")
    return lines


def _values(about: Mapping[str, Any]) -> str:
    """Return the type, the range or the choices of a parameter."""
    if "enum" in about:
        return ", ".join(f"`{value}`" for value in about["enum"])
    kind = {"integer": "whole number", "number": "number", "boolean": "true, false"}.get(about["type"], "text")
    kind = {"file-path": "file", "directory-path": "folder", "path": "file or folder"}.get(
        about.get("format", ""), kind
    )
    least, most = about.get("minimum"), about.get("maximum")
    if least is not None and most is not None:
        return f"{kind}, {_plain(least)} to {_plain(most)}"
    if least is not None:
        return f"{kind}, at least {_plain(least)}"
    return kind if most is None else f"{kind}, at most {_plain(most)}"


def _plain(value: Any) -> str:
    """Return a value as it is written on a command line."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _cell(text: str) -> str:
    """Return a text as a cell of a table."""
    return text.replace("|", "\\|")


def _groovy(value: Any) -> str:
    """Return a value as Groovy writes it."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return _plain(value)
