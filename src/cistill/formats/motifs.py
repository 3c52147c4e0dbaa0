"""The motifs of one head of one TF, and their file `motifs.h5`."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import h5py
import numpy as np

from cistill.dna.matrices import Matrix, information, reverse_complement
from cistill.errors import InputError
from cistill.formats.foreign import UNEXPECTED, is_of_the_system
from cistill.formats.foreign_hdf5 import check_dataset
from cistill.formats.hdf5 import Layout, new_file, opened

MATRICES = ("pfm", "cwm", "hcwm")
LAYOUT = Layout(
    name="cistill-motifs",
    version=1,
    what="a motifs.h5",
    made_by="cistill modisco",
    words="motif matrices",
    attributes={
        "tf": "name of the TF",
        "head": "`counts`, `profile`, `merged` or `cluster`",
        "{motif}: head": "head of the motif",
        "{motif}: sign": "`pos` or `neg`",
        "{motif}: rank": "place in the list",
        "{motif}: n_seqlets": "number of seqlets",
        "{motif}: pattern": "where it is in `modisco.h5`",
        "{motif}: flipped": "whether it is turned against `modisco.h5`",
        "{motif}: trim": "start and end of the core",
        "{motif}: weak": "whether hits are not called with it",
        "{motif}: weak_reason": "why",
        "{motif}: members": "of a merged motif: JSON list of ids",
        "{motif}: scale_{head}": "of a merged motif: size of its contributions in a head, relative to `cwm`",
    },
    datasets={
        "{motif}/pfm": "float64 `(length, 4)`: base frequencies",
        "{motif}/cwm": "float64 `(length, 4)`: mean actual contributions",
        "{motif}/hcwm": "float64 `(length, 4)`: mean hypothetical contributions",
    },
)
FOOTPRINT_LAYOUT = Layout(
    name="cistill-footprints",
    version=1,
    what="a file of footprints",
    made_by="cistill modisco",
    words="mean observed and predicted profiles around seqlets",
    attributes={
        "tasks": "JSON list",
        "width": "bp",
        "centre": "position of the middle base of the core",
        "{motif}: rank": "place in the list",
        "{motif}: n_seqlets": "number of seqlets",
        "{motif}: n_outside": "seqlets whose surroundings are not within an output window",
    },
    datasets={
        "{motif}/n": "int64 `(tasks,)`: seqlets in regions that have 5' ends of the task",
        "{motif}/observed": "float32 `(tasks, 2 strands [same, opposite], width)`: mean share of the region's 5' ends",
        "{motif}/predicted": "float32, the same of predicted 5' ends",
        "{motif}/observed_reads": "float32, the same in 5' ends per base",
        "{motif}/predicted_reads": "float32, the same in predicted 5' ends per base",
    },
)
SCALE = "scale_"
"""Start of the attributes that hold `scales`."""


@dataclass(frozen=True)
class Motif:
    """A motif that TF-MoDISco found.

    Attributes
    ----------
    motif_id : str
        `{head}.pos_0`, `{head}.neg_1`, ...
    head : str
        `counts` or `profile`.
    sign : str
        `pos` if its sites raise the output, `neg` if they lower it.
    pattern : str
        Where the pattern lies in TF-MoDISco's file, e.g. `pos_patterns/pattern_0`.
    flipped : bool
        Whether the matrices are the reverse complement of that pattern.
    n_seqlets : int
        Number of seqlets that it was made from.
    pfm, cwm, hcwm : (length, 4)
        Base frequencies, mean actual contributions, mean hypothetical contributions, all in one orientation.
    core : (start, end)
        Half-open span of the positions that matter.
    weak : bool
        Whether the pattern is too uninformative to call hits with.
    weak_reason : str
        Why; empty for a motif that is not weak.
    members : tuple of str
        Of a motif that was merged from others: their ids, `{set}:{motif_id}` where they are of several sets; else
        empty.
    scales : mapping of str to float
        Of a motif that was merged from several heads: the size of its contributions in each head, relative to `cwm`.
    """

    motif_id: str
    head: str
    sign: str
    pattern: str
    flipped: bool
    n_seqlets: int
    pfm: Matrix
    cwm: Matrix
    hcwm: Matrix
    core: tuple[int, int]
    weak: bool = False
    weak_reason: str = ""
    members: tuple[str, ...] = ()
    scales: Mapping[str, float] = field(default_factory=dict)

    @property
    def length(self) -> int:
        """Number of positions."""
        return len(self.pfm)

    @property
    def core_information(self) -> float:
        """Information of the core against a uniform background, in bits."""
        return float(information(self.pfm[slice(*self.core)]).sum())

    def reversed(self) -> "Motif":
        """Return the motif as read from the other strand: all matrices and the core turned together."""
        start, end = self.core
        return replace(
            self,
            flipped=not self.flipped,
            pfm=reverse_complement(self.pfm),
            cwm=reverse_complement(self.cwm),
            hcwm=reverse_complement(self.hcwm),
            core=(self.length - end, self.length - start),
        )

    def scaled_to(self, head: str) -> "Motif":
        """Return the motif with contributions of the size that they have in a head, if the motif knows it."""
        scale = self.scales.get(head, 1.0)
        return self if scale == 1.0 else replace(self, cwm=self.cwm * scale, hcwm=self.hcwm * scale)


def write_motifs(path: str | os.PathLike[str], motifs: Iterable[Motif], tf: str, head: str) -> None:
    """Write motifs as HDF5: one group per motif, named by its id; the layout is in docs/formats.md.

    Parameters
    ----------
    path : path
        The file to write; it appears whole or not at all. No motif is a valid file.
    motifs : iterable of Motif
        In the order in which they are to be read.
    tf, head : str
        Recorded as attributes of the file.
    """
    with new_file(path) as file:
        LAYOUT.stamp(file)
        file.attrs.update(tf=tf, head=head)
        for rank, motif in enumerate(motifs):
            group = file.create_group(motif.motif_id)
            group.attrs["rank"] = rank
            for name in ("head", "sign", "pattern", "weak_reason"):
                group.attrs[name] = getattr(motif, name)
            for name in ("flipped", "weak"):
                group.attrs[name] = bool(getattr(motif, name))
            group.attrs["n_seqlets"] = motif.n_seqlets
            for name in MATRICES:
                group.create_dataset(name, data=np.asarray(getattr(motif, name), dtype=np.float64))
            group.attrs["trim"] = np.array(motif.core, dtype=np.int64)
            if motif.members:
                group.attrs["members"] = json.dumps(list(motif.members))
            for name, scale in sorted(motif.scales.items()):
                group.attrs[f"{SCALE}{name}"] = float(scale)


def read_motifs(path: str | os.PathLike[str]) -> list[Motif]:
    """Read the file that `write_motifs` writes.

    Returns
    -------
    list of Motif
        In the order in which they were written.

    Raises
    ------
    InputError
        If the file is missing, is no such file, or a motif lacks a part.
    """
    with opened(path, LAYOUT) as file:
        groups = sorted(file.handle.values(), key=lambda group: int(group.attrs.get("rank", 0)))
        try:
            return [_read_motif(group) for group in groups]
        except UNEXPECTED as error:
            if is_of_the_system(error):
                raise
            raise InputError(
                f"{file.file}: not a readable motifs.h5: a motif lacks a part or has a damaged one: {error}"
            ) from error


def tf_and_head(path: str | os.PathLike[str]) -> tuple[str, str]:
    """Return the TF and the head that a motifs.h5 says it is of; empty texts if it does not."""
    with opened(path, LAYOUT) as file:
        return str(file.handle.attrs.get("tf", "")), str(file.handle.attrs.get("head", ""))


def _read_motif(group: h5py.Group) -> Motif:
    start, end = (int(value) for value in group.attrs["trim"])
    matrices = {name: _matrix(group, name) for name in MATRICES}
    length = len(matrices["pfm"])
    if {len(matrix) for matrix in matrices.values()} != {length} or not 0 <= start <= end <= length:
        raise ValueError(f"{group.name}: matrices of different lengths, or a core outside of them")
    return Motif(
        motif_id=group.name.removeprefix("/"),
        head=str(group.attrs["head"]),
        sign=str(group.attrs["sign"]),
        pattern=str(group.attrs["pattern"]),
        flipped=bool(group.attrs["flipped"]),
        n_seqlets=int(group.attrs["n_seqlets"]),
        **matrices,
        core=(start, end),
        weak=bool(group.attrs["weak"]),
        weak_reason=str(group.attrs["weak_reason"]),
        members=tuple(json.loads(str(group.attrs.get("members", "[]")))),
        scales={
            name.removeprefix(SCALE): float(value) for name, value in group.attrs.items() if name.startswith(SCALE)
        },
    )


def _matrix(group: h5py.Group, name: str) -> Matrix:
    """Return a matrix of a motif, checked to be finite numbers `(length, 4)`."""
    data = group[name]
    check_dataset(data, f"{group.file.filename}: {data.name}")
    matrix = np.asarray(data[:], dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[1] != 4 or not len(matrix) or not np.isfinite(matrix).all():
        raise ValueError(f"{data.name} is no matrix of finite numbers (length, 4)")
    return matrix
