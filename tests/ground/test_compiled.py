"""Compiled loops: where they are kept, and that the set-up knows of all of them."""

import subprocess
import sys
from pathlib import Path

import pytest

from cistill.compiled import KeptLoops

SOURCE = Path(__file__).parents[2] / "src"
PROGRAM = """
import sys
sys.path[:0] = {path!r}
from toy_loop import total
from cistill import compiled
if {ahead}:
    assert compiled.compile_loops() == 1
import numpy as np
assert total(np.arange(4.0)) == 6
print(sum(total.stats.cache_hits.values()), sum(total.stats.cache_misses.values()))
"""
LOOP = """
from cistill.compiled import compiled

@compiled("(f8[::1],)")
def total(values):
    found = 0.0
    for value in values:
        found += value
    return found
"""


def hits_and_misses(folder: Path, ahead: bool = False, **variables: str) -> str:
    """Call the loop in a process of its own; return how often numba found it compiled, and how often not."""
    program = PROGRAM.format(path=[str(folder), str(SOURCE)], ahead=ahead)
    done = subprocess.run([sys.executable, "-c", program], env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A folder with a module that has a loop, which the set-up has compiled."""
    (tmp_path / "toy_loop.py").write_text(LOOP)
    assert hits_and_misses(tmp_path, ahead=True) == "0 1"
    return tmp_path


def test_a_loop_that_the_set_up_compiled_is_not_compiled_again(toy: Path) -> None:
    assert hits_and_misses(toy) == "1 0"


def test_nor_is_it_where_loops_are_kept_in_another_folder(toy: Path, tmp_path: Path) -> None:
    assert hits_and_misses(toy, NUMBA_CACHE_DIR=str(tmp_path / "other")) == "1 0"


def test_a_loop_whose_source_changed_is_compiled(toy: Path) -> None:
    (toy / "toy_loop.py").write_text(LOOP + "\n# changed\n")
    assert hits_and_misses(toy) == "0 1"


def test_where_nothing_can_be_written_a_process_has_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    from numba.core import caching

    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])
    place = KeptLoops.from_function(hits_and_misses, __file__)
    folder = Path(place.get_cache_path())
    assert folder.is_dir()
    assert Path(__file__).parent not in folder.parents


def test_the_set_up_compiles_the_loops_of_every_module() -> None:
    sys.path.append(str(SOURCE.parent / "tests" / "architecture"))
    from module_graph import modules

    from cistill.api.compilation import MODULES

    with_loops = {name for name, module in modules().items() if "cistill.compiled" in module.inside}
    assert with_loops - {"cistill.api.compilation", "cistill.interpret.modisco"} == set(MODULES)
    assert {name for name, module in modules().items() if "numba" in module.outside} == {"cistill.compiled"}
