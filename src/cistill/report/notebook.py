"""`{tf}.explore.ipynb`: a notebook that opens the results of one TF with the Python interface."""

import json
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import cistill
from cistill.files import atomic_output
from cistill.network_heads import HEADS

TEMPLATE = Path(__file__).with_name("templates") / "explore.json"
"""Cells in their order: type, the files (without the TF's name) that each needs, lines of text."""


def write_notebook(path: str | os.PathLike[str], tf: str, results: str, names: Collection[str]) -> None:
    """Write a notebook of the cells that some results allow.

    Parameters
    ----------
    path : path
        The file to write.
    tf : str
        Name of the TF.
    results : str
        Path from the notebook's folder to the results folder.
    names : collection of str
        Names of the result files that there are.
    """
    head = next((head for head in HEADS if f"{tf}.{head}.motifs.tsv" in names), HEADS[0])
    values = {"tf": tf, "tf_text": repr(tf), "results": repr(results), "head": head}
    cells = [
        _cell(number, cell["type"], [_filled(line, values) for line in cell["lines"]])
        for number, cell in enumerate(json.loads(TEMPLATE.read_text(encoding="utf-8")))
        if all(f"{tf}.{_filled(need, values)}" in names for need in cell["needs"])
    ]
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "cistill": cistill.__version__,
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    with atomic_output(path) as temporary:
        temporary.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{{{name}}}}}", value)
    return text


def _cell(number: int, kind: str, lines: list[str]) -> dict[str, Any]:
    """Return a cell of the notebook format 4.5."""
    cell = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": list(_with_ends(lines))}
    return cell | {"execution_count": None, "outputs": []} if kind == "code" else cell


def _with_ends(lines: list[str]) -> Iterator[str]:
    yield from (f"{line}\n" for line in lines[:-1])
    yield lines[-1]
