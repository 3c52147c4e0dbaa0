"""Options of every command reach its tasks: from the file of options, the parameters, and `ext.args`."""

import json
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from option_examples import EXAMPLES
from pipeline_runs import PATH, PROJECT, Run
from recorded_commands import make_recording, read_record, write_program

from cistill.cli import COMMANDS, app_of
from cistill.hits.callers import caller_names, own_options
from cistill.parameters.options import Option, options_of
from cistill.parameters.table import read_table

pytestmark = pytest.mark.nextflow
TABLE = read_table()
OPTIONS = options_of(COMMANDS, app_of)
# These run before the options are known, or with no choice of the user's.
ARGUMENTS = [
    *("-profile", "test", "--tune_trials", 1, "--hit_methods", "cwm_scan,density,finemo,scan"),
    *("--filter_hits", "true", "--specificity", "true"),
]


# where the values of several options must fit each other: lengths that close, a background that the scoring knows
TOGETHER = {
    ("callhits", "background"): "flat",
    ("callhits", "core_length"): 7,
    ("callhits", "max_passing"): 0.3,
    ("collapse", "merge_coordinates"): True,
    ("collapse", "rule"): "chain",
    ("dataset", "input_length"): 546,
    ("dataset", "output_length"): 200,
    ("marginalize", "reject_share"): 0.5,
    ("train", "first_kernel"): 23,
    ("train", "layers"): 6,
    ("train", "profile_kernel"): 73,
    ("tune", "layers"): 6,
}


def other_value(option: Option) -> Any:
    """Return a value of an option that is not its default, and that fits those of the others."""
    examples = {key: yaml.safe_load(value) for key, value in EXAMPLES.items()} | TOGETHER
    if (option.command, option.name) in examples:
        return examples[option.command, option.name]
    if option.kind == "boolean":
        return not option.default
    if option.choices:
        value: Any = next(choice for choice in option.choices if choice != option.default)
    elif option.kind in ("integer", "number"):
        start = option.least if option.least is not None else 1
        steps = (start + step for step in ((1, 2) if option.kind == "integer" else (0.25, 0.5)))
        value = next(number for number in steps if number != option.default)
        value = int(value) if option.kind == "integer" else float(value)
        if option.most is not None:
            value = min(value, int(option.most) if option.kind == "integer" else float(option.most))
    elif option.kind == "path":
        value = str(PROJECT / "tests" / "nf-test" / "no_options.json")  # one that can be read
    else:
        value = f"/nowhere/{option.name}_of_{option.command.replace('.', '_')}"
    return [value] if option.repeated else value


def written(option: Option, value: Any) -> list[str]:
    """Return an option as it stands on a command line."""
    if option.kind == "boolean":
        return [f"--{option.name if value else option.negative}"]
    return [f"--{option.name}", str(value[0] if isinstance(value, list) else value)]


def all_options() -> tuple[dict[str, Any], dict[str, list[list[str]]]]:
    """Return the content of a file that gives every option, and what each command must then be called with."""
    content: dict[str, Any] = {}
    expected: dict[str, list[list[str]]] = {}
    callers = {caller: own_options(caller) for caller in caller_names()}
    for command, given in TABLE.given.items():
        for option in OPTIONS[command].values():
            if option.name in given or option.argument:
                continue
            value = other_value(option)
            if option.kind == "boolean" and not value and option.negative is None:
                continue
            owners = [caller for caller, own in callers.items() if option.name in own] if command == "callhits" else []
            place = content
            for part in command.split("."):
                place = place.setdefault(part, {})
            for caller in owners or [None]:
                (place.setdefault(caller, {}) if caller else place)[option.name] = value
            names = [f"callhits.{caller}" for caller in owners or callers] if command == "callhits" else [command]
            for name in names:
                expected.setdefault(name, []).append(written(option, value))
    return content, expected


def holds(words: list[str], part: list[str]) -> bool:
    """Whether the words of an option stand next to each other among those of a call."""
    return any(words[start : start + len(part)] == part for start in range(len(words)))


@pytest.fixture
def program(tmp_path: Path, project_copy: Path) -> Path:
    """A folder with a `cistill` that notes how it is called, in `record` beside it."""
    make_recording(project_copy)
    write_program(tmp_path / "first", project_copy, tmp_path / "record")
    return tmp_path / "first"


def test_every_option_of_every_command_reaches_its_tasks(
    run_pipeline: Callable[..., Run], project_copy: Path, program: Path, tmp_path: Path
) -> None:
    content, expected = all_options()
    (tmp_path / "options.yml").write_text(yaml.safe_dump(content))
    config = tmp_path / "more.config"
    config.write_text("process { withName: 'TRAIN' { ext.args = '--batch_size 99' } }\n")
    run = run_pipeline(
        tmp_path,
        *("-c", config, *ARGUMENTS, "--options", "options.yml"),
        project=project_copy,
        PATH=f"{program}:{PATH}",
    )
    assert run.returncode == 0, run.output
    called = read_record(tmp_path / "record")
    missing = {
        f"{command}: {' '.join(part)}"
        for command, parts in expected.items()
        for part in parts
        if not any(holds(words, part) for words in called.get(command, []))
    }
    assert missing == set()
    # what ext.args gives stands last, where it is the one that counts
    assert all(words[-2:] == ["--batch_size", "99"] for words in called["train"])
    stored = run.outdir / "pipeline_info"
    assert yaml.safe_load((stored / "options.yml").read_text()) == content
    assert json.loads((stored / "options.json").read_text())["train"]["patience"] == content["train"]["patience"]


def test_a_wrong_option_is_refused_before_anything_runs(run_pipeline: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "options.yml").write_text("train: {patients: 3}\nmodisco: {window: wide}\ncoverage: {bam: x.bam}\n")
    run = run_pipeline(tmp_path, "-profile", "test", "--options", "options.yml", "--n_shuffles", -5)
    assert run.returncode == 1
    assert run.output.count("4 problems in the parameters and options; nothing was run") == 1, run.output
    for text in (
        "options.yml, line 1: train has no option patients; did you mean patience?",
        "options.yml, line 2: modisco.window",
        "options.yml, line 3: coverage.bam: the pipeline gives it",
        "parameter --n_shuffles is -5",
    ):
        assert text in run.output, text
    assert [name.split(" ")[0] for name in run.names("COMPLETED")] == ["CONFIGURE"]


@pytest.mark.parametrize("step", ["train", "interpret", "report"])
def test_wrong_parameters_are_refused_whatever_the_step(
    run_pipeline: Callable[..., Run], finished: Run, tmp_path: Path, step: str
) -> None:
    run = run_pipeline(
        tmp_path, "--step", step, "--from", finished.outdir, "--epoch", 3, "--n_shuffles", -5, "--restarts", "many"
    )
    assert run.returncode == 1
    assert "3 problems in the parameters and options; nothing was run" in run.output, run.output
    assert "parameter --epoch is unknown; did you mean --epochs?" in run.output
    assert "Exception" not in run.output
    assert [name.split(" ")[0] for name in run.names("COMPLETED")] == ["CONFIGURE"]


OTHER_VERSION = """#!{python}
import sys
sys.path.insert(0, "{project}/src")
import cistill
cistill.__version__ = "9.9.9"
from cistill.cli import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (OTHER_VERSION, "but the program cistill on the PATH is version 9.9.9"),
        (
            "#!/bin/sh\necho what? >&2\nexit 1\n",
            "cannot run this pipeline, which is version 0.1.0: what?",
        ),
    ],
    ids=["of another version", "not ours"],
)
def test_another_program_named_cistill_is_refused_at_the_start(
    run_pipeline: Callable[..., Run], tmp_path: Path, program: str, message: str
) -> None:
    file = tmp_path / "first" / "cistill"
    file.parent.mkdir()
    file.write_text(program.format(python=sys.executable, project=PROJECT))
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    run = run_pipeline(tmp_path, "-profile", "test", PATH=f"{file.parent}:{PATH}")
    assert run.returncode == 1
    assert message in " ".join(run.output.split()), run.output
    assert [name.split(" ")[0] for name in run.names("COMPLETED")] == ["CONFIGURE"]
    assert run.published() == set()


def test_programs_named_like_commands_are_not_run(finished: Run) -> None:
    """That run found failing programs of all our commands' names first on its PATH."""
    programs = finished.folder / "foreign"
    assert {program.name for program in programs.iterdir()} == {*COMMANDS} - {"cistill"}
    assert (finished.outdir / "report/SIM1.report.html").exists()
