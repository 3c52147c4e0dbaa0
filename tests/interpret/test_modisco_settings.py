"""Parameters of TF-MoDISco: presets, files, checks."""

import inspect
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from cistill.errors import InputError
from cistill.interpret.modisco_settings import PRESETS, ModiscoSettings, modisco_settings


def test_the_published_preset_value_by_value() -> None:
    assert asdict(PRESETS["published"]) == {
        "sliding_window_size": 21,
        "flank_size": 10,
        "min_metacluster_size": 100,
        "weak_threshold_for_counting_sign": 0.8,
        "max_seqlets_per_metacluster": 20_000,
        "target_seqlet_fdr": 0.05,
        "min_passing_windows_frac": 0.03,
        "max_passing_windows_frac": 0.2,
        "n_leiden_runs": 50,
        "n_leiden_iterations": -1,
        "min_overlap_while_sliding": 0.7,
        "nearest_neighbors_to_compute": 500,
        "affmat_correlation_threshold": 0.15,
        "tsne_perplexity": 10.0,
        "frac_support_to_trim_to": 0.2,
        "min_num_to_trim_to": 30,
        "trim_to_window_size": 30,
        "initial_flank_to_add": 10,
        "final_flank_to_add": 0,
        "prob_and_pertrack_sim_merge_thresholds": ((0.8, 0.8), (0.5, 0.85), (0.2, 0.9)),
        "prob_and_pertrack_sim_dealbreaker_thresholds": ((0.4, 0.75), (0.2, 0.8), (0.1, 0.85), (0.0, 0.9)),
        "subcluster_perplexity": 50,
        "merging_max_seqlets_subsample": 300,
        "final_min_cluster_size": 30,
        "min_ic_in_window": 0.6,
        "min_ic_windowsize": 6,
        "ppm_pseudocount": 0.001,
    }


def test_the_default_differs_in_the_number_of_clusterings_alone() -> None:
    published, default = asdict(PRESETS["published"]), asdict(PRESETS["default"])
    assert {name for name in default if default[name] != published[name]} == {"n_leiden_runs"}


def test_every_parameter_of_the_package_is_passed() -> None:
    from modiscolite.tfmodisco import TFMoDISco

    known = set(inspect.signature(TFMoDISco).parameters) - {"one_hot", "hypothetical_contribs", "verbose"}
    assert set(ModiscoSettings().arguments()) == known


def test_options_go_over_the_file_and_this_over_the_preset(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text('{"n_leiden_runs": 5, "final_min_cluster_size": 20, "tsne_perplexity": 5}')
    found = modisco_settings("published", file, {"final_min_cluster_size": 40, "target_seqlet_fdr": None})
    assert (found.n_leiden_runs, found.final_min_cluster_size, found.target_seqlet_fdr) == (5, 40, 0.05)
    assert isinstance(found.tsne_perplexity, float)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"n_leiden_run": 3}, "there is no parameter n_leiden_run; is n_leiden_runs meant"),
        ({"target_seqlet_fdr": 1.5}, "target_seqlet_fdr: must be between 0 and 1, found 1.5"),
        ({"n_leiden_runs": 2.5}, "n_leiden_runs: must be a whole number, found 2.5"),
        ({"n_leiden_runs": "2"}, 'n_leiden_runs: must be a number, found "2"'),
        ({"min_metacluster_size": 1}, "min_metacluster_size: must be at least 10"),
        ({"prob_and_pertrack_sim_merge_thresholds": [0.8]}, "must be a list of pairs of numbers"),
        ({"trim_to_window_size": 60}, "trim_to_window_size 60 is longer than a seqlet of 41"),
        ({"min_passing_windows_frac": 0.5}, "min_passing_windows_frac is larger than max_passing_windows_frac"),
        ([1], "expected a JSON object"),
    ],
)
def test_wrong_parameters_are_refused(tmp_path: Path, values: Any, message: str) -> None:
    file = tmp_path / "p.json"
    file.write_text(json.dumps(values))
    with pytest.raises(InputError) as caught:
        modisco_settings("default", file)
    assert message in str(caught.value)
    assert str(file) in str(caught.value)


def test_all_that_is_wrong_is_in_one_message(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text('{"a": 1, "n_leiden_runs": 0}')
    with pytest.raises(InputError, match=r"no parameter a\nn_leiden_runs: must be at least 1"):
        modisco_settings("default", file)
    file.write_text("{")
    with pytest.raises(InputError, match="not a JSON file"):
        modisco_settings("default", file)
    with pytest.raises(InputError, match="choose default or published"):
        modisco_settings("other")
