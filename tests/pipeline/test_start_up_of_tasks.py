"""Which packages the tasks of a run load: importing torch takes longer than most tasks work."""

import json

import pytest
from pipeline_runs import Run

pytestmark = pytest.mark.nextflow
# Commands that run or read a network.
WITH_NETWORK = {"finetune", "marginalize", "pagemodel", "predict", "select", "shap", "train"}


def test_only_tasks_that_need_a_network_load_torch(finished: Run) -> None:
    tasks = [json.loads(file.read_text()) for file in sorted((finished.folder / "loaded").glob("*.json"))]
    assert {task["command"] for task in tasks if "torch" in task["modules"]} == WITH_NETWORK
    assert {"configure", "sheetfiles", "check", "coverage", "dataset", "modisco", "browser", "report"} <= {
        task["command"] for task in tasks
    }
