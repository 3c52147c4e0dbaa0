import json
from pathlib import Path

import pandas as pd
import pytest

from cistill.errors import InputError
from cistill.formats.tables.training import TRIAL
from cistill.model.training.settings import TrainingSettings
from cistill.model.training.trials import gather_trials
from cistill.model.training.tune import draw_trial, tuned_settings

DEFAULTS = TrainingSettings()


def write_trials(folder: Path, *criteria: float) -> list[Path]:
    files = []
    for trial, criterion in enumerate(criteria, 1):
        row = (trial, 0.001 * trial, 0.5 * trial, 10.0, 5, 200.0, 1.0, criterion, "finished")
        TRIAL.frame([row]).to_csv(folder / f"{trial}.tsv", sep="\t", index=False, na_rep="NA")
        files.append(folder / f"{trial}.tsv")
    return files


def test_the_first_trial_is_the_default_and_others_spread_over_decades() -> None:
    assert draw_trial(1, 3, DEFAULTS) == DEFAULTS
    drawn = [draw_trial(trial, 3, DEFAULTS) for trial in range(2, 40)]
    rates = sorted(settings.learning_rate for settings in drawn)
    factors = sorted(settings.count_weight_factor for settings in drawn)
    assert 0.0004 <= rates[0] < 0.0006
    assert 0.014 < rates[-1] <= 0.0201
    assert 0.1 <= factors[0] < 0.15
    assert 7 < factors[-1] <= 10


def test_a_trial_has_the_same_settings_however_many_there_are() -> None:
    assert draw_trial(5, 1, DEFAULTS) == draw_trial(5, 1, DEFAULTS)
    assert draw_trial(5, 1, DEFAULTS) != draw_trial(5, 2, DEFAULTS)


def test_the_smallest_criterion_is_chosen_and_a_diverged_trial_never(tmp_path: Path) -> None:
    files = write_trials(tmp_path, 0.8, 0.6, float("nan"), 0.6)
    gather_trials(files[::-1], "TOY", tmp_path)
    table = pd.read_csv(tmp_path / "TOY.tuning.tsv", sep="\t")
    assert table["trial"].tolist() == [1, 2, 3, 4]
    assert table["trial"][table["chosen"]].tolist() == [2]
    tuned = json.loads((tmp_path / "TOY.tuning.json").read_text())
    assert (tuned["learning_rate"], tuned["count_weight_factor"]) == (0.002, 1.0)
    assert tuned_settings(tmp_path / "TOY.tuning.json", None, None) == {
        "learning_rate": 0.002,
        "count_weight_factor": 1.0,
    }
    assert tuned_settings(tmp_path / "TOY.tuning.json", 0.5, 3.0)["learning_rate"] == 0.5


def test_a_remark_added_to_a_trial_is_left_out(tmp_path: Path) -> None:
    files = write_trials(tmp_path, 0.8, 0.6)
    pd.read_csv(files[0], sep="\t").assign(remark="slow").to_csv(files[0], sep="\t", index=False)
    gather_trials(files, "TOY", tmp_path)
    assert list(pd.read_csv(tmp_path / "TOY.tuning.tsv", sep="\t").columns) == [*TRIAL.names, "chosen"]


@pytest.mark.parametrize(
    ("criteria", "twice", "message"),
    [((float("nan"),), False, "no trial ended with a usable network"), ((0.5,), True, "trial 1 is given twice")],
)
def test_trials_without_a_choice_are_refused(
    tmp_path: Path, criteria: tuple[float, ...], twice: bool, message: str
) -> None:
    files = write_trials(tmp_path, *criteria)
    with pytest.raises(InputError, match=message):
        gather_trials(files * 2 if twice else files, "TOY", tmp_path)


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"learning_rate": 0.1}', '{"learning_rate": -1, "count_weight_factor": 1}']
)
def test_tuned_settings_that_are_none_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.json").write_text(text)
    with pytest.raises(InputError, match="count_weight_factor"):
        tuned_settings(tmp_path / "t.json", None, None)
