"""docs/commands.md: every command with its options, from the commands' own declarations."""

import inspect
from collections.abc import Callable, Mapping
from html import escape

import typer

from cistill.parameters.options import Option, Options

INTRODUCTION = """# Commands

Written by `make parameters`; do not edit. Every stage of the pipeline is a command, `cistill COMMAND`, that you can
run separately; `cistill COMMAND --help` says the same as this page. [parameters.md](parameters.md) says which parameter
of the pipeline sets which option, [usage.md](usage.md#single-commands) shows the commands of a whole analysis.
"""
KINDS = {"integer": "whole number", "number": "number", "boolean": "switch", "path": "path", "string": "text"}


def commands_page(commands: Mapping[str, str], app_of: Callable[[str], typer.Typer], options: Options) -> str:
    """Return the text of docs/commands.md.

    Parameters
    ----------
    commands : mapping
        Name of a command to what it does, in one line.
    app_of : callable
        Returns the Typer app of a command.
    options : mapping
        Options by command, `motifs.merge-heads` for a sub-command.
    """
    parts = [INTRODUCTION, "| command | what it does |", "|---|---|"]
    parts += [f"| [`{name}`](#{name}) | {words} |" for name, words in commands.items()]
    for name in commands:
        parts += ["", f"## {name}", ""]
        helps = _helps(name, app_of(name))
        for key, text in helps.items():
            if key != name:
                parts += ["", f"### {key.replace('.', ' ')}", ""]
            parts += [text, "", *_table(options.get(key, {}))]
    return "\n".join(parts) + "\n"


def _helps(name: str, app: typer.Typer) -> dict[str, str]:
    """Return the docstrings of a command, or of it and each of its sub-commands, as Markdown."""
    of_all = [(_name_of(one), inspect.getdoc(one.callback) or "") for one in app.registered_commands]
    if len(of_all) == 1 and not app.info.help:
        return {name: _markdown(of_all[0][1])}
    own = {name: _markdown(str(app.info.help))} if isinstance(app.info.help, str) else {}
    return own | {f"{name}.{sub}": _markdown(text) for sub, text in of_all}


def _name_of(command: typer.models.CommandInfo) -> str:
    assert command.callback is not None
    return command.name or command.callback.__name__.replace("_", "-")


def _markdown(text: str) -> str:
    """Return a docstring with what Markdown would take for HTML escaped; indented lines stay code."""
    lines = text.splitlines()
    return "\n".join(line if line.startswith("    ") else escape(line, quote=False) for line in lines)


def _table(options: Mapping[str, Option]) -> list[str]:
    if not options:
        return []
    rows = [_row(option) for option in options.values()]
    return ["| option | meaning | values | default |", "|---|---|---|---|", *rows]


def _row(option: Option) -> str:
    names = [option.name.upper()] if option.argument else [f"--{option.name}"]
    names += [f"--{name}" for name in (*option.other_names, *([option.negative] if option.negative else []))]
    default = "required" if option.required else _shown(option.default)
    cells = [", ".join(f"`{name}`" for name in names), escape(option.help, quote=False), _values(option), default]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _shown(value: object) -> str:
    if value is None or value in ("", [], ()):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _values(option: Option) -> str:
    if option.choices:
        return ", ".join(f"`{choice}`" for choice in option.choices)
    words = KINDS[option.kind]
    least, most = (None if end is None else f"{end:g}" for end in (option.least, option.most))
    if least is not None and most is not None:
        words += f", {least} to {most}"
    elif least is not None:
        words += f", at least {least}"
    elif most is not None:
        words += f", at most {most}"
    return f"{words}; several" if option.repeated else words
