"""What the wheel holds: every file of the library, the program, the licence."""

import zipfile
from email import message_from_string
from pathlib import Path

import pytest
from wheels import PROJECT, build_wheel

import cistill


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return zipfile.ZipFile(build_wheel(tmp_path_factory.mktemp("wheel")))


def test_every_file_of_the_library_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    source = PROJECT / "src"
    files = {file.relative_to(source).as_posix() for file in (source / "cistill").rglob("*") if file.is_file()}
    expected = {name for name in files if "__pycache__" not in name and not Path(name).name.startswith(".")}
    info = f"cistill-{cistill.__version__}.dist-info/"
    assert {name for name in wheel.namelist() if not name.startswith(info)} == expected


def test_the_wheel_installs_the_program_and_says_what_it_needs(wheel: zipfile.ZipFile) -> None:
    info = f"cistill-{cistill.__version__}.dist-info"
    assert "cistill = cistill.cli:main" in wheel.read(f"{info}/entry_points.txt").decode()
    assert f"{info}/licenses/LICENSE" in wheel.namelist()
    facts = message_from_string(wheel.read(f"{info}/METADATA").decode())
    assert facts["Version"] == cistill.__version__
    needs = facts.get_all("Requires-Dist")
    assert "captum==0.9.0" in needs
    assert 'tangermeme==1.6.0; extra == "engines"' in needs
