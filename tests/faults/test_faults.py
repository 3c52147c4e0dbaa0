"""A disk that fills, fails or goes at some write of a command: no wrong file, no success, and the next run goes on.

Fifty points of the whole matrix, which `tools/faults` walks; other ones on request (CISTILL_FAULTS_SEED).
"""

import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))

from fault_walk import KINDS, MORE_KINDS, Point, Walk
from system_calls import ask_about_writes
from toy_calls import CALLS

from cistill.cli import COMMANDS, app_of

SEED = int(os.environ.get("CISTILL_FAULTS_SEED", 15))


@pytest.fixture(scope="module")
def walk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """The undisturbed runs of quick calls of many commands."""
    child = os.fork()
    if not child:  # what asks about writes cannot be taken back
        try:
            ask_about_writes()
        except OSError:
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        pytest.skip("this kernel does not let a process supervise another's writes (seccomp, Linux 5.5 or later)")
    cache = getattr(request.config, "cache", None)
    made = Walk(tmp_path_factory.mktemp("faults"), cache.mkdir("faults") if cache else None)
    made.prepare(every_day=True)
    yield made
    made.close()


def test_every_command_has_a_toy_call() -> None:
    commands = set()
    for name in COMMANDS:
        inner = [command.name for command in app_of(name).registered_commands if command.name not in (None, "main")]
        commands |= {f"{name} {each}" for each in inner} if inner else {name}
    assert commands - {call.command for call in CALLS} == set()


def test_fifty_faults_leave_no_wrong_file_and_no_success(walk: Walk) -> None:
    points = sorted(walk.points(KINDS), key=lambda point: (point.kind, point.call, point.at))
    more = sorted(walk.points(MORE_KINDS), key=lambda point: (point.kind, point.call, point.at))
    chosen = random.Random(SEED).sample(points, 42) + random.Random(SEED).sample(more, 8)
    wrong: dict[Point, list[str]] = {}
    for point in chosen:
        if problems := walk.problems(point):
            wrong[point] = problems
    print(f"{len(chosen)} of {len(points) + len(more):,} points tried, {len(wrong)} wrong")
    assert wrong == {}


def test_kills_at_writes_before_which_the_files_are_the_same_leave_the_same(walk: Walk) -> None:
    repeated = [point for point in walk.points(("kill",)) if walk.same(point) != point]
    for point in random.Random(SEED).sample(repeated, 3):
        assert walk.left(point) == walk.left(walk.same(point)), point
