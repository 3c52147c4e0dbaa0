"""Values that cannot be used are reported by `configure`, before any task runs, whatever step a run begins with."""

import json
from pathlib import Path
from typing import Any

import pytest
from test_configure import DEFAULTS, SCHEMA, commands, configured

from cistill.parameters.configure import configure
from cistill.parameters.given_files import GivenFile

PARAMETERS: list[tuple[dict[str, Any], str]] = [
    ({"n_shuffles": -5, "step": "interpret"}, "parameter --n_shuffles is -5, but must be at least 1"),
    ({"seed": 2**40}, "parameter --seed is 1099511627776, but must be at most 2147483647"),
    ({"learning_rate": float("nan")}, "parameter --learning_rate is nan, but must be a number"),
    ({"restarts": 10**9}, "parameter --restarts is 1000000000, but must be at most 1000"),
    ({"epochs": -1}, "parameter --epochs is -1, but must be at least 0"),
    ({"hit_fdr": 2}, "parameter --hit_fdr is 2, but must be at most 1"),
    ({"weighting": "median"}, "parameter --weighting is 'median', but must be one of"),
    ({"site_class_regex": "(ab"}, "comparehits: --class_regex (ab: not a regular expression"),
    ({"reject": "TGAXTCA"}, "marginalize: pattern 'TGAXTCA': give IUPAC letters"),
    ({"n_backgrounds": "many"}, "parameter --n_backgrounds is 'many', but must be of type integer"),
]
OPTIONS = [
    ("callhits: {density: {core_length: 30}}", "callhits.density: a core of 30 bases in a seqlet of 25"),
    ("callhits: {finemo: {lambda: 1.5}}", "callhits.finemo: --lambda 1.5: must lie between 0 and 1"),
    ("callhits: {finemo: {mode: px}}", "callhits.finemo.mode is 'px', but must be one of pp, ph, hp, hh"),
    ("callhits: {scan: {background: '1,2'}}", "callhits.scan: --background 1,2: give flat, regions, or four"),
    ("callhits: {scan: {scoring: fimo, background: regions}}", "fimo knows a flat --background alone"),
    ("callhits: {density: {sign: both_ways}}", "must be one of both, pos, neg"),
    ("collapse: {column: colour}", "collapse: --column colour: must be one of"),
    ("collapse: {rule: best}", "collapse.rule is 'best', but must be one of nms, chain"),
    ("comparehits: {track_smoothing: 4}", "comparehits: --track_smoothing 4: give an odd number"),
    ("comparehits: {top: 'ten'}", "comparehits: --top ten: expected whole numbers"),
    ("affinity: {backgrounds: {numbers: '1,x'}}", "affinity.backgrounds: '1,x': give whole numbers"),
    ("summarizehits: {null: none}", "must be one of exact, permutation, fisher"),
    ("modisco: {parameters: /nowhere/p.json}", "option modisco.parameters: no such file: /nowhere/p.json"),
    ("modisco: {leiden_runs: 0}", "modisco.leiden_runs is 0, but must be at least 1"),
]


@pytest.mark.parametrize(("given", "problem"), PARAMETERS)
def test_a_parameter_that_cannot_be_used_is_reported(tmp_path: Path, given: dict[str, Any], problem: str) -> None:
    problems = configured(tmp_path, **given).problems
    assert any(problem in one for one in problems), problems


@pytest.mark.parametrize(("text", "problem"), OPTIONS)
def test_an_option_that_cannot_be_used_is_reported(tmp_path: Path, text: str, problem: str) -> None:
    problems = configured(tmp_path, text).problems
    assert any(problem in one for one in problems), problems


def test_the_file_of_modiscos_parameters_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    for text, words in (
        ("{", "not a JSON file"),
        ('{"flank": 3}', "there is no parameter flank"),
        ("[]", "JSON object"),
    ):
        file.write_text(text)
        assert any(words in one for one in configured(tmp_path, f"modisco: {{parameters: {file}}}").problems)


@pytest.mark.parametrize(
    ("preset", "given", "problem"),
    [
        ({"input_length": 546, "output_length": 200}, {"layers": 3}, "do not close"),
        ({"input_length": 546, "output_length": 200}, {"input_length": 600}, "no number of layers takes 600 bp"),
        ({"input_length": 546, "output_length": 200}, {"output_length": 900}, "--input_length 546 is shorter"),
        ({"input_length": 546, "output_length": 200, "filters": "8"}, {}, "filters must be a whole number"),
        ({"input_length": 546, "output_length": 200, "layers": 6, "first_kernel": 20}, {}, "first_kernel must be odd"),
        ({"input_length": 546, "output_length": 200, "joint_profile": True}, {}, "networks trained here predict each"),
    ],
)
def test_a_network_that_does_not_take_the_windows_is_reported(
    tmp_path: Path, preset: dict[str, Any], given: dict[str, Any], problem: str
) -> None:
    file = tmp_path / "m.json"
    file.write_text(json.dumps(preset))
    parameters = DEFAULTS | {"model": str(file)} | given
    made = configure(commands(), parameters, SCHEMA, given_files=[GivenFile("model", "m.json", file)])
    assert any(problem in one for one in made.problems), made.problems
    assert len(set(made.problems)) == len(made.problems)
