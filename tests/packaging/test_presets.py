"""Presets, readers and folds: part of the package, reached by name or by the paths of assets/."""

import shutil
from pathlib import Path

import pytest

from cistill.errors import InputError
from cistill.presets import CHROM_SPLITS, MODELS, READERS, preset_file

PROJECT = Path(__file__).resolve().parents[2]
FOLDERS = {"models": MODELS, "readers": READERS, "chrom_splits": CHROM_SPLITS}


@pytest.mark.parametrize("name", FOLDERS)
def test_assets_show_the_folders_of_the_package(name: str) -> None:
    shown = PROJECT / "assets" / name
    assert shown.resolve() == FOLDERS[name]
    assert list(shown.iterdir())


def test_a_copy_of_assets_alone_holds_the_files(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "assets", tmp_path / "assets")
    assert (tmp_path / "assets/models/profile-546.json").read_text() == (MODELS / "profile-546.json").read_text()


def test_a_preset_is_given_by_name_or_as_a_file(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text("{}")
    assert preset_file(None, MODELS, "--preset") is None
    assert preset_file(Path("profile-546"), MODELS, "--preset") == MODELS / "profile-546.json"
    assert preset_file(own, MODELS, "--preset") == own
    assert preset_file(Path("none.json"), MODELS, "--preset") == Path("none.json")  # the reader says that it is absent


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError) as refused:
        preset_file(Path("hg19"), CHROM_SPLITS, "--splits")
    assert str(refused.value) == "--splits hg19: no such file or name; give a JSON file or one of hg38, mm10, sacCer3"
