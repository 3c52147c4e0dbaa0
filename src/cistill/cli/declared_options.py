"""Options of a command that settings classes declare (`cistill.declared`)."""

import inspect
from collections.abc import Callable, Iterable
from typing import Annotated

import typer

from cistill.declared import DeclaredOption

Command = Callable[..., None]


def with_options(declared: Iterable[DeclaredOption]) -> Callable[[Command], Command]:
    """Return a decorator that adds declared options to a command whose function takes them as `**options`.

    Use it below `@app.command()`. The function receives the options by their names as parameters, see
    `cistill.declared.settings_from`.

    Parameters
    ----------
    declared : iterable of DeclaredOption
    """
    more = [
        inspect.Parameter(
            one.parameter,
            inspect.Parameter.KEYWORD_ONLY,
            default=one.default,
            annotation=Annotated[one.type, typer.Option(f"--{one.name}", help=one.help, min=one.min, max=one.max)],
        )
        for one in declared
    ]

    def extend(main: Command) -> Command:
        signature = inspect.signature(main, eval_str=True)
        own = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
        parameters = [*own, *more]
        main.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        main.__annotations__ = {one.name: one.annotation for one in parameters} | {"return": None}
        return main

    return extend


def given_options(context: typer.Context) -> set[str]:
    """Return the parameters whose options the command line gives."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return {name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"}
