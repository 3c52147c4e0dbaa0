"""A module fits on a few screens, a function on one."""

import ast
from collections.abc import Iterator

from module_graph import Module, modules

MODULE, FUNCTION = 300, 60  # lines
REASON = "Long because"  # how the docstring of a longer function begins its reason
# functions that are longer, until they are mended
KNOWN_FUNCTIONS: set[str] = {}


def functions(module: Module) -> Iterator[tuple[str, int, str]]:
    """Yield name, length and docstring of every function.

    The docstring is not counted, nor are the options that a command declares in its signature, a few lines for each.
    """
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node)
            start = node.body[0].lineno if module.name.startswith("cistill.cli.") else node.lineno
            described = (node.body[0].end_lineno or 0) - node.body[0].lineno + 1 if docstring else 0
            yield f"{module.name}.{node.name}", (node.end_lineno or 0) - start + 1 - described, docstring or ""


def test_no_module_is_longer_than_300_lines() -> None:
    lengths = {name: len(module.file.read_text().splitlines()) for name, module in modules().items()}
    assert {name: length for name, length in lengths.items() if length > MODULE} == {}


def test_no_function_is_longer_than_60_lines_without_a_reason() -> None:
    long = {
        name: length
        for module in modules().values()
        for name, length, docstring in functions(module)
        if length > FUNCTION and REASON not in docstring and name not in KNOWN_FUNCTIONS
    }
    assert long == {}
