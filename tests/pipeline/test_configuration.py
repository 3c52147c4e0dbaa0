"""Configuration, schema and command lines agree with each other, and every profile is one that Nextflow takes."""

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pipeline_runs import PROJECT, Run, environment

pytestmark = pytest.mark.nextflow
PROFILES = ["demo", "test", "docker", "podman", "singularity", "apptainer"]
PROFILES += ["slurm", "awsbatch", "googlebatch", "azurebatch", "gpu"]
CLOUDS = {"awsbatch": "awsbatch", "googlebatch": "google-batch", "azurebatch": "azurebatch"}


def schema() -> dict[str, Any]:
    return json.loads((PROJECT / "nextflow_schema.json").read_text())


def described() -> dict[str, dict[str, Any]]:
    return {name: about for group in schema()["$defs"].values() for name, about in group["properties"].items()}


def configuration(nextflow: str, *profiles: str) -> dict[str, str]:
    """Keys and values of `nextflow config -flat`."""
    command = [nextflow, "config", str(PROJECT), "-flat", *(["-profile", ",".join(profiles)] if profiles else [])]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(line.split(" = ", 1) for line in done.stdout.splitlines() if " = " in line)


@pytest.fixture(scope="module")
def defaults(nextflow: str) -> dict[str, str]:
    return configuration(nextflow)


def value_of(text: str) -> Any:
    """A value as Nextflow prints it."""
    if text.startswith("'"):
        return text[1:-1]
    return {"null": None, "true": True, "false": False}.get(text) if text in ("null", "true", "false") else float(text)


def test_schema_and_configuration_hold_the_same_parameters_and_defaults(defaults: dict[str, str]) -> None:
    configured = {key[7:]: value_of(text) for key, text in defaults.items() if key.startswith("params.")}
    assert configured == {name: about.get("default") for name, about in described().items()}


def test_schema_is_a_schema_and_describes_every_parameter() -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(schema())
    groups = schema()["$defs"]
    assert [group["$ref"] for group in schema()["allOf"]] == [f"#/$defs/{name}" for name in groups]
    names = [name for group in groups.values() for name in group["properties"]]
    assert len(names) == len(set(names))
    for name, about in described().items():
        assert about["description"].endswith("."), name
        assert about["type"] in ("string", "integer", "number", "boolean"), name


def test_every_profile_parses_and_names_its_executor(nextflow: str) -> None:
    done = subprocess.run(
        [nextflow, "config", str(PROJECT), "-show-profiles"],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.findall(r"^ {3}(\w+) \{", done.stdout.split("profiles {", 1)[1], flags=re.M)
    assert sorted(found) == sorted(PROFILES)


@pytest.mark.parametrize("cloud", [*CLOUDS, "slurm"])
def test_scheduler_profiles_keep_the_resources_of_the_labels(nextflow: str, cloud: str) -> None:
    flat = configuration(nextflow, cloud)
    assert flat["process.executor"] == f"'{CLOUDS.get(cloud, cloud)}'"
    assert "12.GB" in flat["process.'withLabel:process_gpu'.memory"]
    assert flat["process.container"] == "'cistill:0.1.0'"


@pytest.mark.parametrize("cloud", CLOUDS)
def test_cloud_profiles_run_the_whole_pipeline_as_stubs(
    run_pipeline: Callable[..., Run], tmp_path: Path, cloud: str
) -> None:
    run = run_pipeline(tmp_path, "-profile", f"test,{cloud}", "-stub", "-process.executor=local", "--region", "nowhere")
    assert run.returncode == 0, run.output
    assert len(run.names("COMPLETED")) == 30
    assert {"report/SIM.report.html", "report/SIM.summary.json", "sheets/models.csv"} <= run.published()
    # what computes on one core for much of its time, for each head, leaves the other one half of a machine
    cores = {task["name"].split(" ")[0]: int(task["cpus"]) for task in run.tasks()}
    half = max(1, (os.cpu_count() or 1) // 2)
    assert (cores["MODISCO"], cores["CALLHITS"], cores["ANALYSE"]) == (min(4, half), min(2, half), min(2, half))
    assert cores["TRAIN"] == cores["SHAP"] == min(4, os.cpu_count() or 1)


def test_help_shows_every_parameter(nextflow: str, tmp_path: Path) -> None:
    command = [nextflow, "run", str(PROJECT), "--help"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True)
    assert all(f"--{name} " in done.stdout for name in described())
    assert not (tmp_path / "results").exists()
