"""Sets of motifs to compare: the files of several heads, folds, kinds of model or tasks, under names."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cistill.errors import InputError
from cistill.formats.motifs import Motif, read_motifs

SIGNS = ("all", "pos", "neg")


@dataclass(frozen=True)
class SetMotif:
    """A motif and the set that it is of."""

    set_name: str
    motif: Motif

    @property
    def label(self) -> str:
        """`{set}:{motif_id}`."""
        return f"{self.set_name}:{self.motif.motif_id}"


@dataclass(frozen=True)
class MotifSets:
    """Motifs of several sets.

    Attributes
    ----------
    names : tuple of str
        Of the sets, in the order given; one of them may have no motifs.
    motifs : tuple of SetMotif
        Set by set, in the files' order.
    files : dict of str to Path
        `{set}` (with `#2`, ... for its further files) to file, for the provenance.
    n_left_out : int
        Motifs of the other sign, or weak ones, that were left out.
    """

    names: tuple[str, ...]
    motifs: tuple[SetMotif, ...]
    files: dict[str, Path]
    n_left_out: int

    def of(self, name: str) -> list[int]:
        """Return the indices of a set's motifs."""
        return [index for index, found in enumerate(self.motifs) if found.set_name == name]


def read_sets(given: Sequence[str], *, sign: str = "all", weak: bool = True) -> MotifSets:
    """Read sets of motifs.

    Parameters
    ----------
    given : sequence of str
        `NAME=FILE` or `FILE`, a motifs.h5; the name is by default the file's name without `.motifs.h5`. A name given
        again adds a file to its set, e.g. the other head.
    sign : {"all", "pos", "neg"}
        Which motifs to take.
    weak : bool
        Whether to take weak motifs.

    Raises
    ------
    InputError
        If a file is no motifs.h5, or an id occurs twice in one set; all problems in one message.
    """
    names: list[str] = []
    motifs: list[SetMotif] = []
    files: dict[str, Path] = {}
    problems: list[str] = []
    left_out = 0
    for text in given:
        name, path = _name_and_file(text)
        try:
            found = read_motifs(path)
        except InputError as error:
            problems.append(str(error))
            continue
        have = {motif.motif.motif_id for motif in motifs if motif.set_name == name}
        double = sorted(have & {motif.motif_id for motif in found})
        if double:
            problems.append(
                f"{path}: the set {name} already has {', '.join(double)}: give the file as NAME=FILE with another name"
            )
        kept = [motif for motif in found if (weak or not motif.weak) and sign in ("all", motif.sign)]
        left_out += len(found) - len(kept)
        names += [] if name in names else [name]
        number = sum(role.split("#")[0] == name for role in files)
        files[name if not number else f"{name}#{number + 1}"] = path
        motifs += [SetMotif(name, motif) for motif in kept]
    if problems:
        raise InputError("\n".join(problems))
    order = {name: place for place, name in enumerate(names)}
    motifs.sort(key=lambda found: order[found.set_name])
    return MotifSets(tuple(names), tuple(motifs), files, left_out)


def _name_and_file(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if equals and "/" not in name:
        if not name or not path or ":" in name or "#" in name:
            raise InputError(f"{text}: give sets of motifs as NAME=FILE; a name holds no colon and no #")
        return name, Path(path)
    file = Path(text)
    return file.name.removesuffix(".h5").removesuffix(".motifs"), file
