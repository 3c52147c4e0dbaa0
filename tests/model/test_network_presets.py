"""Filters by the number of peaks: presets have some for few peaks."""

import json
from pathlib import Path

import pytest

from cistill.errors import InputError
from cistill.model.network.presets import FEW_PEAKS, NetworkData, config_for
from cistill.presets import MODELS

PRESET = MODELS / "profile-546.json"


@pytest.mark.parametrize(("peaks", "filters"), [(None, 64), (FEW_PEAKS, 64), (FEW_PEAKS - 1, 32), (78, 32)])
def test_few_peaks_take_fewer_filters(peaks: int | None, filters: int) -> None:
    assert config_for(NetworkData(546, 200, peaks=peaks), PRESET, {}).filters == filters


def test_what_the_user_gives_is_taken() -> None:
    assert config_for(NetworkData(546, 200, peaks=78), PRESET, {"filters": 64}).filters == 64


def test_a_preset_without_them_keeps_its_filters(tmp_path: Path) -> None:
    own = tmp_path / "own.json"
    own.write_text(json.dumps({"filters": 48, "layers": 6}))
    assert config_for(NetworkData(546, 200, peaks=78), own, {}).filters == 48


def test_they_are_a_whole_number(tmp_path: Path) -> None:
    own = tmp_path / "own.json"
    own.write_text(json.dumps({"filters_for_few_peaks": "some"}))
    with pytest.raises(InputError, match="filters_for_few_peaks must be a whole number"):
        config_for(NetworkData(546, 200, peaks=78), own, {})
