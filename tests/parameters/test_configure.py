"""Parameters and the file of options become the options of every command; what is wrong with any comes at once."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from option_examples import EXAMPLES

from cistill.cli import COMMANDS, app_of
from cistill.hits.callers import caller_names, own_options
from cistill.parameters.configure import Commands, Configuration, configure
from cistill.parameters.options import options_of
from cistill.parameters.table import read_table
from cistill.provenance import source_digest

PROJECT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((PROJECT / "nextflow_schema.json").read_text())
DEFAULTS = {name: p.get("default") for group in SCHEMA["$defs"].values() for name, p in group["properties"].items()}


@cache
def commands() -> Commands:
    callers = {caller: frozenset(own_options(caller)) for caller in caller_names()}
    return Commands(options_of(COMMANDS, app_of), callers, read_table())


def configured(tmp_path: Path, text: str | None = None, **parameters: Any) -> Configuration:
    file = tmp_path / "o.yml"
    file.write_text(text or "")
    return configure(commands(), DEFAULTS | parameters, SCHEMA, file if text is not None else None)


def test_a_parameter_reaches_the_options_that_it_sets(tmp_path: Path) -> None:
    options = configured(tmp_path, patience=3, hit_window=300, seed=8, keep="all", drop_duplicates=True).options
    assert options["train"]["patience"] == 3
    assert "patience" not in options["tune"]
    assert options["filterhits"] == {"seed": 8, "window": 300}
    assert all(options[f"callhits.{caller}"]["window"] == 300 for caller in ("cwm_scan", "density", "finemo", "scan"))
    assert options["select"] == {"keep": "all"}
    assert options["finetune"]["each"] is True
    assert options["coverage"] == {
        "min_mapq": 30,
        "mate": "1",
        "drop_duplicates": True,
        "unknown_contigs": "leave_out",
    }
    assert "each" not in configured(tmp_path).options["finetune"]


def test_options_of_one_caller_are_given_to_that_one_alone(tmp_path: Path) -> None:
    text = "callhits: {min_information: 0.3, min_strength: 0.2, finemo: {lambda: 0.6, min_strength: 0.4}}"
    options = configured(tmp_path, text).options
    assert options["callhits.cwm_scan"].items() >= {"fdr": 0.05, "min_strength": 0.2, "min_information": 0.3}.items()
    assert options["callhits.finemo"].items() >= {"lambda": 0.6, "min_strength": 0.4, "min_information": 0.3}.items()
    assert not {"fdr", "lambda", "min_strength"} & set(options["callhits.scan"])


def test_the_file_goes_over_the_parameters_and_null_puts_back_the_default(tmp_path: Path) -> None:
    options = configured(tmp_path, "train: {patience: 5, batch-size: null}", patience=3).options["train"]
    assert options["patience"] == 5
    assert "batch_size" not in options


def test_flags_are_written_by_the_name_that_says_what_is_wanted(tmp_path: Path) -> None:
    text = "coverage: {keep_duplicates: no, keep_secondary: true}\ncalibrate: {additive: false}\n"
    text += "train: {last_residual: true}"
    options = configured(tmp_path, text).options
    assert options["coverage"].items() >= {"drop_duplicates": True, "keep_secondary": True}.items()
    assert options["calibrate"]["no_additive"] is True
    assert options["train"]["last_residual"] is True


def test_numbers_keys_and_texts_are_read_as_the_option_takes_them(tmp_path: Path) -> None:
    text = (
        "summarizehits: {null: permutation, min_confidence: 1e-1}\ntune: {fold: 01}\nmotifs: {merge-heads: {pair: 1}}"
    )
    options = configured(tmp_path, text).options
    assert options["summarizehits"].items() >= {"null": "permutation", "min_confidence": 0.1}.items()
    assert options["tune"]["fold"] == "01"
    assert options["motifs.merge-heads"] == {"pair": 1.0}


def test_a_chosen_preset_is_not_overridden_by_parameters_at_their_defaults(tmp_path: Path) -> None:
    options = configured(tmp_path, "modisco: {preset: published}", min_seqlets=50).options["modisco"]
    assert options["min_seqlets"] == 50
    assert not {"leiden_runs", "max_seqlets", "seqlet_fdr"} & set(options)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("trian: {patience: 7}", "line 1: no such command: trian; did you mean train?"),
        ("train:\n  patiense: 7", "line 2: train has no option patiense; did you mean patience?"),
        ("train: {patience: -1}", "line 1: train.patience is -1, but must be at least 0"),
        ("train: {epochs: 1.5}", "line 1: train.epochs is '1.5', but must be a whole number"),
        ("train: {background_ratio: nan}", "line 1: train.background_ratio is 'nan', but must be a number"),
        ("train: {tf: A}", "line 1: train.tf: the pipeline gives it to each task itself; leave it out"),
        ("train: {patience: 1, patience: 2}", "line 1: patience is given twice"),
        ("coverage: {keep_duplicates: no, drop_duplicates: no}", "line 1: coverage.keep_duplicates is given twice"),
        ("train: 3", "line 1: expected options of train"),
        ("- train", "line 1: expected commands, each with its options"),
        ("train: {patience: {a: 1}}", "line 1: train.patience must be a single value"),
        ("train: {patience: [1, 2]}", "line 1: train.patience takes one value, not a list"),
        ("coverage: {keep_secondary: 2}", "line 1: coverage.keep_secondary is '2', but must be true or false"),
        ("coverage: {mate: 3}", "line 1: coverage.mate is '3', but must be one of 1, 2, both, first, second"),
        ("callhits: {scan: {fdr: 0.1}}", "line 1: callhits.scan has no option fdr; it is one of cwm_scan"),
        ("callhits: {finmo: {lambda: 1}}", "line 1: callhits has no option finmo; did you mean finemo?"),
        ("motifs: {merge-head: {}}", "line 1: motifs has no sub-command merge-head; did you mean merge-heads?"),
        ("modisco: {parameters: a.json}", "line 1: modisco.parameters is 'a.json', but must be an absolute path"),
        ("bounds: {seed: 1}", "line 1: bounds is no command of a run; those are affinity.backgrounds, "),
        ("train: {a: [", "not a YAML file: "),
    ],
)
def test_what_is_wrong_with_the_file_is_named_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    problems = configured(tmp_path, text).problems
    assert len(problems) == 1
    assert problem in problems[0]
    assert problems[0].startswith("o.yml")


def run(tmp_path: Path, *more: str, parameters: dict[str, Any] | None = None) -> subprocess.CompletedProcess[str]:
    (tmp_path / "params.json").write_text(json.dumps(DEFAULTS | (parameters or {})))
    command = [sys.executable, str(PROJECT / "bin" / "cistill"), "configure", "--params", "params.json"]
    command += ["--schema", str(PROJECT / "nextflow_schema.json"), *more]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)


def test_the_command_reports_all_problems_together_or_writes_the_options(tmp_path: Path) -> None:
    (tmp_path / "o.yml").write_text("train: {patience: x}\n")
    done = run(tmp_path, "--options", "o.yml", parameters={"hit_fdrr": 0.1, "n_shuffles": -5})
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "configure: error: 3 problems in the parameters and options; nothing was run",
        "  parameter --hit_fdrr is unknown; did you mean --hit_fdr?",
        "  parameter --n_shuffles is -5, but must be at least 1",
        "  o.yml, line 1: train.patience is 'x', but must be a whole number",
    ]
    assert not (tmp_path / "options.json").exists()
    done = run(tmp_path, "--options", "o.yml", "--problems", "problems.txt")
    assert done.returncode == 0
    assert (
        tmp_path / "problems.txt"
    ).read_text() == "o.yml, line 1: train.patience is 'x', but must be a whole number\n"
    (tmp_path / "o.yml").write_text("train: {patience: 4}\n")
    (tmp_path / "problems.txt").unlink()
    assert run(tmp_path, "--options", "o.yml", "--problems", "problems.txt").returncode == 0
    assert json.loads((tmp_path / "options.json").read_text())["train"]["patience"] == 4
    assert not (tmp_path / "problems.txt").exists()


def test_sheets_are_checked_with_the_parameters_that_no_problem_names(tmp_path: Path) -> None:
    given = {"n_shuffles": -5, "allow_fractional_counts": True}
    assert run(tmp_path, "--problems", "problems.txt", parameters=given).returncode == 0
    assert (tmp_path / "problems.txt").read_text() == "parameter --n_shuffles is -5, but must be at least 1\n"
    written = json.loads((tmp_path / "options.json").read_text())
    assert written["check"]["allow_fractional_counts"] is True
    assert "n_shuffles" not in written["shap"]


def test_another_cistill_than_the_pipelines_is_refused(tmp_path: Path) -> None:
    own = ("--pipeline_version", "0.1.0", "--pipeline_library")
    assert run(tmp_path, *own, source_digest()).returncode == 0
    other = run(tmp_path, *own, "0" * 32)
    assert other.returncode == 2
    assert "has other code than the pipeline" in other.stderr
    older = run(tmp_path, "--pipeline_version", "9.9.9")
    assert older.returncode == 2
    assert "the pipeline is version 9.9.9, but the program cistill on the PATH is version 0.1.0" in older.stderr


def test_the_example_of_a_file_of_options_is_taken_whole() -> None:
    made = configure(commands(), DEFAULTS, SCHEMA, PROJECT / "assets" / "options" / "example.yml")
    assert made.problems == []
    assert made.options["train"].items() >= {"patience": 15, "last_residual": True}.items()
    assert made.options["callhits.scan"]["p_value"] == 1e-5
    assert made.options["callhits.cwm_scan"]["min_strength"] == 0.15
    assert made.options["affinity.psam"] == {"temperature": 310.0}
    assert made.options["motifs.merge-heads"] == {"duplicate": 0.9}


def every_option() -> list[tuple[str, str | None, str]]:
    """Command, caller and name of every option that a run can be given, in a file of options."""
    known = commands()
    found = []
    for command, given in known.table.given.items():
        for option in known.options[command].values():
            if option.name in given:
                continue
            owners = [caller for caller, own in known.callers.items() if command == "callhits" and option.name in own]
            found += [(command, caller, option.name) for caller in owners or [None]]
    return found


def example_of(command: str, name: str, folder: Path) -> str:
    """A value that an option takes, and that is not its default where it has more than one."""
    option = commands().options[command][name]
    if (command, name) in EXAMPLES:
        return EXAMPLES[command, name]
    if option.kind == "boolean":
        return "false" if option.default else "true"
    if option.choices:
        return next((choice for choice in option.choices if choice != option.default), option.choices[0])
    if option.kind == "path":
        (folder / "given.json").write_text("{}")
        return str(folder / "given.json")
    if option.kind == "string":
        return "text"
    low, high = option.least, option.most
    middle = (low + high) / 2 if low is not None and high is not None else (low or 0) + 1
    return str(int(middle) if option.kind == "integer" else middle)


@pytest.mark.parametrize(("command", "caller", "name"), every_option())
def test_every_option_of_every_command_is_reached(tmp_path: Path, command: str, caller: str | None, name: str) -> None:
    option, value = commands().options[command][name], example_of(command, name, tmp_path)
    inner = f"{{{caller}: {{{name}: {value}}}}}" if caller else f"{{{name}: {value}}}"
    made = configured(tmp_path, f"{command}: {inner}")
    assert made.problems == []
    value = value.partition(", rule")[0].strip("'")
    places = [caller] if caller else sorted(commands().callers) if command == "callhits" else [None]
    for place in places:
        written = made.options[f"{command}.{place}" if place else command]
        if option.kind == "boolean" and value == "false":
            assert written[option.negative] is True
        else:
            shown = written[name][0] if option.repeated else written[name]
            assert shown == (True if option.kind == "boolean" else type(shown)(value))
