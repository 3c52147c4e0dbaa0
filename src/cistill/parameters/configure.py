"""What every command of a run is given by the parameters and by the file of options, and what is wrong with both."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cistill.data.parameters import parameter_problems
from cistill.errors import InputError
from cistill.files import atomic_output, file_problem
from cistill.parameters.choice_of_networks import choice_problems
from cistill.parameters.given_files import GivenFile, given_file_problems
from cistill.parameters.options import Options
from cistill.parameters.options_file import Callers, GivenOptions, owners_of, read_options_file
from cistill.parameters.table import Parameter, ParameterTable, find
from cistill.parameters.value_checks import value_problems


@dataclass(frozen=True)
class Commands:
    """What is known of the commands of this version.

    Attributes
    ----------
    options : mapping
        Command to its options by name, see `options_of`.
    callers : mapping
        Caller of motif instances to the names of the options of `callhits` that are its own.
    table : ParameterTable
    """

    options: Options
    callers: Callers
    table: ParameterTable


@dataclass
class Configuration:
    """What the commands of a run are given.

    Attributes
    ----------
    options : dict
        Command (`train`, `motifs.merge-heads`, `callhits.finemo` for a caller) to option to value, as they are written
        on a command line: true is a bare flag. Where there are problems: what parameters give that none of them names.
    problems : list of str
        One line for each thing that is wrong.
    """

    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def configure(
    commands: Commands,
    parameters: Mapping[str, Any],
    schema: Mapping[str, Any],
    options_file: str | os.PathLike[str] | None = None,
    given_files: Sequence[GivenFile] = (),
    samplesheet: str | os.PathLike[str] | None = None,
) -> Configuration:
    """Check the parameters and the file of options, and resolve them to the options of each command.

    What neither gives is left out: the command's own default holds. Values that no range describes are checked by what
    will use them, once nothing else is wrong with the parameters.

    Parameters
    ----------
    commands : Commands
    parameters : mapping
        The pipeline's parameters by name; null: not given.
    schema : mapping
        `nextflow_schema.json`.
    options_file : path, optional
    given_files : sequence of GivenFile
        Files that parameters name, to be read.
    samplesheet : path, optional
        Its TFs and tasks must suit the table of `--choice`.
    """
    problems = parameter_problems(parameters, schema)
    given = GivenOptions()
    if options_file is not None:
        try:
            given = read_options_file(options_file, commands.options, commands.table, commands.callers)
        except InputError as error:
            problems += str(error).split("\n")
    problems += given.problems
    resolved = _of_parameters(commands, parameters, given)
    # what is given to one caller goes over what is given to all
    for (command, caller), values in sorted(given.values.items(), key=lambda item: item[0][1] is not None):
        for name, value in values.items():
            for where in _commands(command, caller, name, commands.callers):
                resolved.setdefault(where, {})[name] = value
    of_files = given_file_problems(given_files)
    if not problems:
        models = [file.path for file in given_files if file.parameter == "model" and not of_files]
        problems += _path_problems(commands, given) or value_problems(resolved, next(iter(models), None))
    problems += of_files or choice_problems(parameters, given_files, samplesheet)
    if problems:
        resolved = _of_parameters(commands, _undisputed(parameters, problems), GivenOptions())
    written = {
        command: _written(commands.options[command if command in commands.options else "callhits"], values)
        for command, values in resolved.items()
    }
    return Configuration(written, problems)


def write_configuration(configuration: Configuration, path: str | os.PathLike[str]) -> None:
    """Write the options of each command as JSON."""
    with atomic_output(path) as temporary:
        temporary.write_text(json.dumps(configuration.options, indent=2) + "\n")


def pipeline_problems(version: str | None, library: str | None) -> list[str]:
    """Say whether another cistill than the pipeline's own would run.

    Parameters
    ----------
    version : str, optional
        The pipeline's version.
    library : str, optional
        The digest of its `src/cistill`, see `cistill.provenance.source_digest`.
    """
    import cistill
    from cistill.provenance import source_digest

    where = Path(cistill.__file__).parent
    if version is not None and version != cistill.__version__:
        return [
            f"the pipeline is version {version}, but the program cistill on the PATH is version {cistill.__version__} "
            f"({where}): activate the environment of the pipeline, or use the image of its version"
        ]
    if library is not None and library != source_digest():
        return [
            f"the program cistill on the PATH ({where}) has other code than the pipeline, though both are version "
            f"{cistill.__version__}: activate the environment of the pipeline, or build the image again"
        ]
    return []


def _path_problems(commands: Commands, given: GivenOptions) -> list[str]:
    """Say which files that the file of options names cannot be read."""
    problems = []
    for (command, _), values in given.values.items():
        for name, value in values.items():
            local = commands.options[command][name].kind == "path" and value is not None and "://" not in str(value)
            problem = file_problem(value) if local else ""
            if problem:
                problems.append(f"option {command}.{name}: {problem}")
    return problems


def _of_parameters(commands: Commands, parameters: Mapping[str, Any], given: GivenOptions) -> dict[str, dict[str, Any]]:
    """Return the options that parameters set, by command."""
    resolved: dict[str, dict[str, Any]] = {}
    for parameter in commands.table.parameters:
        value = parameters.get(parameter.name)
        if value is None or _yields(parameter, value, given, commands.options):
            continue
        for target in parameter.sets:
            option, negative = find(commands.options, target)
            if target.values is not None:
                if value not in target.values:
                    continue
                taken = target.values[value]
            else:
                taken = not value if negative and isinstance(value, bool) else value
            for where in _commands(target.command, target.caller, option.name, commands.callers):
                resolved.setdefault(where, {})[option.name] = taken
    return resolved


def _undisputed(parameters: Mapping[str, Any], problems: Sequence[str]) -> dict[str, Any]:
    """Return the parameters that no problem names: what the sheets are checked with, so that all is told at once."""
    named = {found[1] for found in map(re.compile(r"parameter --(\w+)").match, problems) if found}
    return {name: value for name, value in parameters.items() if name not in named}


def _commands(command: str, caller: str | None, option: str, callers: Callers) -> list[str]:
    """Return the names under which an option of a command stands: `callhits` has its own for each caller."""
    if command != "callhits":
        return [command]
    methods = [caller] if caller is not None else owners_of(command, option, callers) or callers
    return [f"callhits.{method}" for method in methods]


def _yields(parameter: Parameter, value: Any, given: GivenOptions, options: Options) -> bool:
    """Return whether a parameter at its default gives way to what the file of options gives."""
    if not parameter.yields_to or value != parameter.described(options).get("default"):
        return False
    return any(
        given.values.get((target.command, target.caller), {}).get(target.option) is not None
        for target in parameter.yields_to
    )


def _written(of_command: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return options as they are written: flags by the name that says so, none that is put back to its default."""
    written: dict[str, Any] = {}
    for name, value in values.items():
        option = of_command[name]
        if value is None:
            continue
        if option.kind == "boolean" and isinstance(value, bool):
            if value:
                written[name] = True
            elif option.negative:
                written[option.negative] = True
        else:
            written[name] = value
    return written
