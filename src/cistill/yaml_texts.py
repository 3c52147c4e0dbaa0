"""YAML that users write: plain values alone, nothing that refers to something else or makes objects."""

import os
from typing import Any

import yaml

from cistill.errors import InputError
from cistill.texts import read_text

LARGEST = 1 << 18  # characters
DEEPEST = 50  # lists and mappings within each other


def read_yaml(path: str | os.PathLike[str], what: str) -> Any:
    """Return the content of a YAML file.

    Parameters
    ----------
    path : path
    what : str
        Its role, for messages.

    Raises
    ------
    InputError
        As `read_text`, and if it is no YAML, is nested too deeply, or uses aliases or tags of objects.
    """
    loader = yaml.SafeLoader("")
    node = compose_yaml(path, what)
    try:
        return None if node is None else loader.construct_document(node)
    except (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError, RecursionError, OverflowError) as error:
        raise InputError(f"{what} {path}: not a YAML file of plain values: {_words(error)}") from error


def compose_yaml(path: str | os.PathLike[str], what: str) -> yaml.Node | None:
    """Return the nodes of a YAML file, which know their lines; None for an empty document.

    Raises
    ------
    InputError
        As for `read_yaml`.
    """
    text = read_text(path, what, LARGEST)
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                raise InputError(f"{what} {path}: nested more than {DEEPEST} deep; this is not such a file")
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1 if event.start_mark else 0
                raise InputError(f"{what} {path}, line {line}: aliases (*{event.anchor}) are not read; write the value")
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{what} {path}: not a YAML file: {_words(error)}") from error


def _words(error: BaseException) -> str:
    """Return an error of the parser on one line."""
    words = " ".join(str(error).replace("\x00", " ").split())
    return f"{words[:300]} (a tab? a missing quote?)" if isinstance(error, yaml.YAMLError) else words[:300]
