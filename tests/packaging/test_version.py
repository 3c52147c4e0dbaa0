"""One version: that of the library; everything that repeats it is compared with it."""

import json
import re
import tomllib
from pathlib import Path

import pytest

import cistill

PROJECT = Path(__file__).resolve().parents[2]
PLACES = {
    "nextflow.config": [r"^    container +?= 'cistill:([^']+)'", r"^    version +?= '([^']+)'"],
    "CITATION.cff": [r"^version: (\S+)"],
    "containers/Dockerfile": [r"cistill:(\d\S*)"],
}


@pytest.mark.parametrize("place", PLACES)
def test_the_version_is_repeated_rightly(place: str) -> None:
    text = (PROJECT / place).read_text()
    for pattern in PLACES[place]:
        assert re.findall(pattern, text, re.MULTILINE) == [cistill.__version__]


def test_the_image_of_the_parameter_schema_is_of_this_version() -> None:
    schema = json.loads((PROJECT / "nextflow_schema.json").read_text())
    parameters = {name: value for group in schema["$defs"].values() for name, value in group["properties"].items()}
    assert parameters["container"]["default"] == f"cistill:{cistill.__version__}"


def test_the_package_takes_its_version_from_the_library() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    assert "version" not in project["project"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "cistill.__version__"}


def test_the_changelog_has_the_version() -> None:
    assert f"## [{cistill.__version__}]" in (PROJECT / "CHANGELOG.md").read_text()
