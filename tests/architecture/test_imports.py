"""The direction of imports: packages lie in one order, nothing goes in a circle, the report needs no network."""

import ast
from collections import defaultdict

import pytest
from module_graph import LIBRARY, circles, modules, reached

# from the top: a package imports those below it only
ORDER = (
    "cli",
    "parameters",
    "api",
    "report",
    "affinity",
    "hits",
    "motifs",
    "interpret",
    "model",
    "data",
    "formats",
    "dna",
)
# stands alone: simulated data must not share code with what is tested on them
APART = "simulation"
MAY_IMPORT_SIMULATION = {"cli"}


def package(name: str) -> str:
    """Return the first part of a module's name below the library's own, empty for the library itself."""
    return name.split(".")[1] if "." in name else ""


def level(name: str) -> int:
    """Return how low a module lies; the ground (`errors`, `files`, `tables`, ...) is below all packages."""
    return ORDER.index(package(name)) if package(name) in ORDER else len(ORDER)


def test_packages_import_only_those_below_them() -> None:
    graph = modules()
    backwards = {
        (name, other)
        for name, module in graph.items()
        for other in module.inside
        if name != LIBRARY and APART not in (package(name), package(other)) and level(other) < level(name)
    }
    assert backwards == set()


def test_simulation_stands_apart() -> None:
    graph = modules()
    used = {
        package(other)
        for name, module in graph.items()
        if package(name) == APART
        for other in module.inside
        if package(other) in ORDER
    }
    assert used <= {"dna"}
    users = {package(name) for name, module in graph.items() for other in module.inside if package(other) == APART}
    assert users - {APART} <= MAY_IMPORT_SIMULATION


def test_modules_import_each_other_in_no_circle() -> None:
    assert circles({name: set(module.inside) - {LIBRARY} for name, module in modules().items()}) == []


def test_packages_import_each_other_in_no_circle() -> None:
    """Within every package its modules and sub-packages, each taken as one, stand in an order too."""
    graph = modules()
    within: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for name, module in graph.items():
        for other in module.inside - {LIBRARY}:
            mine, theirs = name.split("."), other.split(".")
            shared = next((at for at, pair in enumerate(zip(mine, theirs, strict=False)) if pair[0] != pair[1]), None)
            if shared is not None:  # else one is the package that the other is in
                within[".".join(mine[:shared])][mine[shared]].add(theirs[shared])
    found = {parent: circles(edges) for parent, edges in within.items()}
    assert {parent: groups for parent, groups in found.items() if groups} == {}


def test_the_library_itself_is_imported_for_its_version_alone() -> None:
    """Else its parts, loaded on request, would be a way around the order."""
    taken = set()
    for module in modules().values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom) and node.module == LIBRARY:
                taken |= {(module.name, each.name) for each in node.names if f"{LIBRARY}.{each.name}" not in modules()}
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == LIBRARY:
                taken |= {(module.name, node.attr)}
    assert {name for _, name in taken} <= {"__version__", "__file__", "__path__"}, taken


@pytest.fixture(scope="module")
def behind_the_report() -> dict[str, str]:
    """Every module that the report loads, with a chain of imports that leads to it."""
    graph = modules()
    chains = [reached(name, graph) for name in graph if package(name) == "report"]
    return {name: " -> ".join(chain) for found in chains for name, chain in found.items()}


@pytest.mark.parametrize("forbidden", ["model", "interpret", "simulation", "cli"])
def test_the_report_reaches_no_network(forbidden: str, behind_the_report: dict[str, str]) -> None:
    assert {chain for name, chain in behind_the_report.items() if package(name) == forbidden} == set()


@pytest.mark.parametrize("heavy", ["torch", "captum", "modiscolite", "numba", "finemo"])
def test_the_report_loads_no_deep_learning(heavy: str, behind_the_report: dict[str, str]) -> None:
    graph = modules()
    assert {chain for name, chain in behind_the_report.items() if heavy in graph[name].outside} == set()
