"""The headline figures by name: what a person reads on the page, a program reads in summary.json."""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import jsonschema

import cistill
from cistill.files import atomic_output
from cistill.report.reading.page_context import PageContext
from cistill.report.sections.contract import PageSection

FORMAT_VERSION = 2
OWN_SCHEMA: dict[str, Any] = {
    "format": {"const": "cistill-summary"},
    "format_version": {"const": FORMAT_VERSION},
    "cistill": {"type": "string", "description": "version of the program that wrote it"},
    "tf": {"type": "string"},
    "tasks": {"type": "array", "items": {"type": "string"}},
    "results": {
        "type": "object",
        "description": "section to what it found, in one sentence; sections without any are left out",
        "additionalProperties": {
            "type": "object",
            "properties": {
                "sentence": {"type": "string"},
                "headlined": {
                    "type": "boolean",
                    "description": "whether the sentence gives a figure; if not, it says what is missing for one",
                },
            },
            "required": ["sentence", "headlined"],
            "additionalProperties": False,
        },
    },
}
"""Schema of the keys that no section adds."""
ORDER = (
    *OWN_SCHEMA, "regions", "folds", "tuning", "training", "selection", "metrics", "motifs", "merged_motifs",
    "contributions", "top_motif", "hits", "known_sites", "syntax", "callers", "affinity", "truth", "loci", "timings",
    "versions",
)  # fmt: skip
"""Order of the keys as the format has had it from its start; those of newer sections follow."""


def build_summary(page: PageContext, sections: Sequence[PageSection]) -> dict[str, Any]:
    """Return every headline figure of a TF.

    Parameters
    ----------
    page : PageContext
        All results.
    sections : sequence of PageSection
        Those whose records make up the summary.

    Returns
    -------
    dict
        Fits `summary_schema`. What no file was given for is None.
    """
    found: dict[str, Any] = {
        "format": "cistill-summary",
        "format_version": FORMAT_VERSION,
        "cistill": cistill.__version__,
        "tf": page.results.tf,
        "tasks": list(page.results.tasks),
    }
    for section in sections:
        if section.record is not None:
            found |= section.record(page)
    results = {section.name: section.result(found) for section in sections if section.result is not None}
    found["results"] = {name: result._asdict() for name, result in results.items() if result is not None}
    return _ordered(found)


def summary_schema(sections: Sequence[PageSection]) -> dict[str, Any]:
    """Return the JSON schema of summary.json, put together from those of the sections."""
    properties = dict(OWN_SCHEMA)
    for section in sections:
        properties |= section.schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "cistill summary of one TF",
        "type": "object",
        "properties": _ordered(properties),
        "required": list(_ordered(properties)),
        "additionalProperties": False,
    }


def write_summary(path: str | os.PathLike[str], summary: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    """Check the summary against its schema, then write it.

    Raises
    ------
    jsonschema.ValidationError
        If it does not fit: a defect of this program, never of the user's files.
    """
    jsonschema.validate(summary, schema)
    with atomic_output(path) as temporary:
        temporary.write_text(json.dumps(summary, indent=2, allow_nan=False, ensure_ascii=False) + "\n")


def _ordered(keys: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping with the keys of `ORDER` first."""
    known = [key for key in ORDER if key in keys]
    return {key: keys[key] for key in (*known, *(key for key in keys if key not in ORDER))}
