"""The modules of the library and what each imports, read from their source."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"
LIBRARY = "cistill"


@dataclass(frozen=True)
class Module:
    """One module.

    Attributes
    ----------
    name : str
        Dotted, of a package without `__init__`.
    file : Path
    tree : ast.Module
    inside : frozenset of str
        Modules of the library that it imports anywhere, also within functions and under TYPE_CHECKING.
    outside : frozenset of str
        First names of other packages that it imports anywhere.
    """

    name: str
    file: Path
    tree: ast.Module = field(repr=False)
    inside: frozenset[str]
    outside: frozenset[str]


@cache
def modules(root: Path = SOURCE) -> dict[str, Module]:
    """Return the modules under a folder by name."""
    files = {_name(file.relative_to(root)): file for file in sorted(root.rglob("*.py"))}
    found = {}
    for name, file in files.items():
        tree = ast.parse(file.read_text(), str(file))
        imported = set(_imported(tree, name if file.name == "__init__.py" else name.rpartition(".")[0]))
        inside = {_longest(each, files) for each in imported if each.split(".")[0] == LIBRARY}
        outside = {each.split(".")[0] for each in imported} - {LIBRARY}
        found[name] = Module(name, file, tree, frozenset(inside - {name}), frozenset(outside))
    return found


def _name(file: Path) -> str:
    return ".".join(file.with_suffix("").parts).removesuffix(".__init__")


def _imported(tree: ast.Module, package: str) -> Iterator[str]:
    """Yield every dotted name that is imported; of `from a import b` the name a.b, whether b is a module or not."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            above = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
            start = ".".join(part for part in (above, node.module or "") if part)
            yield from (f"{start}.{each.name}" for each in node.names)


def _longest(name: str, files: Mapping[str, Path]) -> str:
    """Return the module that a dotted name of the library is, or is in."""
    while name not in files:
        if "." not in name:
            raise ValueError(f"import of {name!r}, which is no module of the library")
        name = name.rpartition(".")[0]
    return name


def reached(start: str, graph: Mapping[str, Module]) -> dict[str, tuple[str, ...]]:
    """Return what importing a module loads, each with the chain of imports that leads to it.

    Packages above an imported module are loaded with it. The library's own `__init__`, which loads its parts on request
    only, is passed over.
    """
    chains = {start: (start,)}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        above = name.rpartition(".")[0]
        for each in sorted(graph[name].inside | ({above} if above else set())):
            if each not in chains and each != LIBRARY:
                chains[each] = (*chains[name], each)
                waiting.append(each)
    return chains


def circles(edges: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the groups of nodes that reach each other."""
    reach = {node: _reach(node, edges) for node in edges}
    groups = {frozenset(other for other in reach[node] if node in reach.get(other, ())) for node in edges}
    return sorted(sorted(group) for group in groups if group)


def _reach(start: str, edges: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(edges[start])
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting.extend(edges.get(node, ()))
    return seen
