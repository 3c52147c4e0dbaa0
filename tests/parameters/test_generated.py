"""nextflow.config, nextflow_schema.json and the page of parameters are what the table and the commands say."""

import json
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cistill.cli import COMMANDS, app_of
from cistill.parameters.command_pages import commands_page
from cistill.parameters.generated import configuration_block, parameters_page, schema_text, with_block
from cistill.parameters.options import Options, options_of
from cistill.parameters.table import find, read_table

PROJECT = Path(__file__).resolve().parents[2]
ADVICE = "run `make parameters`"


@cache
def options() -> Options:
    return options_of(COMMANDS, app_of)


def test_the_configuration_is_the_one_that_the_table_makes() -> None:
    text = (PROJECT / "nextflow.config").read_text()
    assert text == with_block(text, configuration_block(read_table(), options())), ADVICE


def test_the_schema_is_the_one_that_the_table_makes() -> None:
    text = schema_text(read_table(), options())
    assert (PROJECT / "nextflow_schema.json").read_text() == text, ADVICE
    Draft202012Validator.check_schema(json.loads(text))


def test_the_page_of_commands_is_the_one_that_they_make() -> None:
    text = commands_page(COMMANDS, app_of, options())
    assert (PROJECT / "docs" / "commands.md").read_text() == text, ADVICE
    named = set(re.findall(r"^\| .*?`--(\w+)`", text, re.MULTILINE))
    assert {one.name for group in options().values() for one in group.values() if not one.argument} <= named


def test_the_page_is_the_one_that_the_table_makes() -> None:
    assert (PROJECT / "docs" / "parameters.md").read_text() == parameters_page(read_table(), options()), ADVICE


def test_parameters_set_options_that_commands_have_and_the_pipeline_does_not_give_itself() -> None:
    table = read_table()
    for parameter in table.parameters:
        for target in (*parameter.sets, *parameter.yields_to):
            option, _ = find(options(), target)
            assert option.name not in table.given[target.command], f"--{parameter.name}: {target}"


def test_what_the_pipeline_gives_itself_are_options_of_commands() -> None:
    everywhere = {"outdir", "prefix", "tf", "checkpoint_dir"}
    for command, given in read_table().given.items():
        assert given - everywhere <= set(options()[command]), command


def test_options_that_one_parameter_sets_share_their_default() -> None:
    for parameter in read_table().parameters:
        plain = [find(options(), target) for target in parameter.sets if target.values is None]
        defaults = {(not option.default) if negative else option.default for option, negative in plain}
        assert len(defaults) <= 1, f"--{parameter.name}: {defaults}"


def test_a_default_stands_in_the_table_only_with_its_reason() -> None:
    text = (PROJECT / "src" / "cistill" / "parameters" / "table.yml").read_text()
    entries = re.findall(r"^ {4}(\w+):\n((?: {6}.*\n)+)", text, flags=re.M)
    own = {name: body for name, body in entries if re.search(r"^ {6}sets:", body, re.M) and " default:" in body}
    assert set(own) == {"input_length", "output_length"}
    assert all("# the model's" in body for body in own.values())


def copy_of_the_checkout(folder: Path) -> Path:
    """Return a copy of the checkout, as far as parameters are concerned."""
    for name in ("src", "tools", "bin", "docs"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("nextflow.config", "nextflow_schema.json"):
        shutil.copy(PROJECT / name, folder / name)
    return folder


@pytest.mark.parametrize(
    ("file", "before", "command", "parameter"),
    [
        ("model/training/settings.py", "patience: int = 10", "train", "patience"),
        (
            "affinity/marginalization/settings.py",
            "number: int = 100",
            "marginalize",
            "n_backgrounds",
        ),
        ("data/read_filter.py", "min_mapq: int = 30", "coverage", "min_mapq"),
        ("interpret/modisco_settings.py", "WINDOW = 400", "modisco", "modisco_window"),
    ],
)
def test_a_default_is_changed_in_one_file(tmp_path: Path, file: str, before: str, command: str, parameter: str) -> None:
    """Command, configuration, schema and page follow from the library's settings once the generator has run."""
    project = copy_of_the_checkout(tmp_path / "copy")
    source = project / "src" / "cistill" / file
    text = source.read_text()
    assert text.count(before) == 1
    source.write_text(text.replace(before, re.sub(r"\d+$", "17", before)))
    subprocess.run([sys.executable, project / "tools" / "parameters"], check=True)
    configured = (project / "nextflow.config").read_text()
    assert re.search(rf"^    {parameter} += 17$", configured, flags=re.M)
    groups = json.loads((project / "nextflow_schema.json").read_text())["$defs"].values()
    assert [group["properties"][parameter]["default"] for group in groups if parameter in group["properties"]] == [17]
    page = (project / "docs" / "parameters.md").read_text()
    assert re.search(rf"^\| `--{parameter}` \|.*\| `17` \|", page, flags=re.M)
    shown = subprocess.run(
        [sys.executable, project / "bin" / command, "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert "[default: 17" in " ".join(shown.split())
