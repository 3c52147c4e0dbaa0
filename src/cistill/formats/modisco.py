"""TF-MoDISco's own result, modisco.h5 in the layout of tfmodisco-lite: its patterns and their seqlets."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from cistill.errors import InputError
from cistill.formats.hdf5 import Layout, Opened, opened

SEQUENCE, ACTUAL, HYPOTHETICAL = "sequence", "contrib_scores", "hypothetical_contribs"
PLACE = ("example_idx", "start", "end", "is_revcomp")
LAYOUT = Layout(
    name="tfmodisco-lite",
    version=1,
    what="a result of TF-MoDISco",
    made_by="cistill modisco",
    words="TF-MoDISco's own result file",
    attributes={"window_size": "bp of each region that were searched"},
    datasets={
        f"{{pattern}}/{SEQUENCE}": "float `(length, 4)`: base frequencies; patterns are `pos_patterns/pattern_0`, ...",
        f"{{pattern}}/{ACTUAL}": "float `(length, 4)`: mean actual contributions",
        f"{{pattern}}/{HYPOTHETICAL}": "float `(length, 4)`: mean hypothetical contributions",
        f"{{pattern}}/seqlets/{SEQUENCE}": "float `(seqlets, length, 4)`: one-hot, as the pattern is read",
        f"{{pattern}}/seqlets/{ACTUAL}": "float, the same of actual contributions",
        f"{{pattern}}/seqlets/{HYPOTHETICAL}": "float, the same of hypothetical contributions",
        "{pattern}/seqlets/example_idx": "int `(seqlets,)`: row of the attribution file",
        "{pattern}/seqlets/start": "int `(seqlets,)`: in the window searched",
        "{pattern}/seqlets/end": "int `(seqlets,)`",
        "{pattern}/seqlets/is_revcomp": "bool `(seqlets,)`: whether the seqlet is turned",
        "{pattern}/subpattern_{i}/...": "the same of TF-MoDISco's own sub-clusters of a pattern",
    },
    foreign=True,
    stamped=False,
)


class StoredPattern:
    """A pattern of an open file; a dataset that it lacks is bad input.

    Attributes
    ----------
    name : str
        `pos_patterns/pattern_0`, ...
    """

    def __init__(self, file: Opened, name: str) -> None:
        self.name, self._file, self._group = name, file, file.handle[name]

    def lacks(self, names: Sequence[str]) -> list[str]:
        """Return which of some datasets are not there."""
        return [name for name in names if not isinstance(self._group.get(name), h5py.Dataset)]

    def dataset(self, name: str) -> h5py.Dataset:
        """Return a dataset of the pattern, e.g. `seqlets/start`.

        Raises
        ------
        InputError
            If the pattern lacks it.
        """
        if self.lacks([name]):
            raise InputError(f"{self._file.file}: not {self._file.layout.what}: {self.name} lacks {name}")
        return self._group[name]

    @property
    def length(self) -> int:
        """Number of positions."""
        return int(self.dataset(SEQUENCE).shape[0])

    @property
    def base_frequencies(self) -> NDArray[np.float64]:
        """Base frequencies, float64 `(length, 4)`."""
        return np.asarray(self.dataset(SEQUENCE)[:], dtype=np.float64)

    def seqlets(self, track: str, positions: slice = slice(None)) -> NDArray[Any]:
        """Return a track of all seqlets as the pattern reads them, `(seqlets, positions, 4)`."""
        return np.asarray(self.dataset(f"seqlets/{track}")[:, positions])

    def subpatterns(self) -> list["StoredPattern"]:
        """Return TF-MoDISco's own sub-clusters of the pattern, by their number."""
        names = sorted((name for name in self._group if name.startswith("subpattern_")), key=_number)
        return [StoredPattern(self._file, f"{self.name}/{name}") for name in names]

    def places(self) -> list[tuple[Any, ...]]:
        """Return `PLACE` of every seqlet: what tells seqlets of a pattern apart."""
        return list(zip(*(self.dataset(f"seqlets/{key}")[:].tolist() for key in PLACE), strict=True))


class ModiscoReader:
    """The patterns of an open file.

    Parameters
    ----------
    file : Opened
    """

    def __init__(self, file: Opened) -> None:
        self.file = file

    def names(self, sign: str) -> list[str]:
        """Return the names of the patterns of a sign, `pos` or `neg`, by their number; none without such a group."""
        group = self.file.handle.get(f"{sign}_patterns")
        found = list(group) if isinstance(group, h5py.Group) else []
        # pattern_2 before pattern_10
        return [f"{sign}_patterns/{name}" for name in sorted(found, key=lambda name: (len(name), name))]

    def pattern(self, name: str) -> StoredPattern | None:
        """Return a pattern by its name; None if the file does not have it."""
        return StoredPattern(self.file, name) if name and isinstance(self.file.handle.get(name), h5py.Group) else None


@contextmanager
def open_modisco(path: str | os.PathLike[str]) -> Iterator[ModiscoReader]:
    """Open a modisco.h5, ours or another's: tfmodisco-lite leaves out the group of a sign that has no pattern.

    Raises
    ------
    InputError
        If the file is missing, damaged, or of another format.
    """
    with opened(path, LAYOUT) as file:
        yield ModiscoReader(file)


def _number(name: str) -> int:
    return int(name.rsplit("_", 1)[1])
