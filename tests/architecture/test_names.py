"""Names say the subject, and one name has one meaning."""

import ast
from collections import defaultdict

from module_graph import SOURCE, modules

# words that say nothing of the subject
EMPTY = {"utils", "util", "helpers", "helper", "misc", "common"}
# these say nothing alone: of what?
EMPTY_ALONE = {"jobs", "job", "results", "core", "data", "process"}
# packages whose modules may share a name with others: what they are is said by the package
BY_PACKAGE = {
    "cistill.cli": "a command and the module of what it does have one name",
    "cistill.formats": "a file format and what makes it have one name",
    "cistill.report.sections": "the folders of sections hold the same parts: section, record, charts",
}
# names of modules that stand for one thing everywhere
SHARED = {
    "settings": "the settings of the package's own command",
    "caller": "one for every caller of hits: its class and options",
    "calling": "one for every caller of hits: what it does",
    "dataset": "the same dataset: made in data, a file in formats, in memory in model",
}


def stem(name: str) -> str:
    """Return the last part of a module's name."""
    return name.rpartition(".")[2]


def test_no_module_has_an_empty_name() -> None:
    named = [name for name, module in modules().items() if module.file.name != "__init__.py"]
    assert [name for name in named if EMPTY & set(stem(name).split("_")) or stem(name) in EMPTY_ALONE] == []


def test_no_two_modules_of_other_meaning_have_one_name() -> None:
    found = defaultdict(list)
    for name, module in modules().items():
        if module.file.name != "__init__.py" and not name.startswith(tuple(f"{package}." for package in BY_PACKAGE)):
            found[stem(name)].append(name)
    assert {key: names for key, names in found.items() if len(names) > 1 and key not in SHARED} == {}


def test_no_two_public_classes_have_one_name() -> None:
    """Those of commands are left out: each lists the values of an option and is used in its own module alone."""
    found = defaultdict(list)
    for name, module in modules().items():
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and ".cli." not in name:
                found[node.name].append(name)
    assert {key: names for key, names in found.items() if len(names) > 1} == {}


def test_no_two_modules_of_tests_have_one_name() -> None:
    """Pytest imports modules of tests by their names alone, so that two of one name cannot be collected together."""
    found = defaultdict(list)
    for file in (SOURCE.parent / "tests").rglob("*.py"):
        if file.name != "conftest.py":
            found[file.name].append(str(file))
    assert {name: files for name, files in found.items() if len(files) > 1} == {}
