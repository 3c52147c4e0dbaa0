"""What a run of `marginalize` is asked for."""

from dataclasses import dataclass, field
from pathlib import Path

from cistill.affinity.marginalization.library_blocks import ALL, Chunk
from cistill.affinity.marginalization.panel import PanelSettings
from cistill.affinity.marginalization.strong_hits import DEFAULT_SHARE


@dataclass(frozen=True)
class MarginalizeInput:
    """Where the inserts come from.

    Attributes
    ----------
    file : Path, optional
    column : str
        Of the file, where it is a table.
    generate : tuple of str
        Or what to generate (`cistill.affinity.tables.generate.FORMS`).
    """

    file: Path | None = None
    column: str = "sequence"
    generate: tuple[str, ...] = ()


@dataclass(frozen=True)
class Backgrounds:
    """Where the backgrounds come from.

    Attributes
    ----------
    dataset, fasta : Path, optional
        One of the two.
    panel : PanelSettings
    reject : str, optional
        A motifs.h5 or a consensus whose strong hits no background may hold.
    mismatches : int
        Mismatches with the consensus that still make a strong hit.
    share : float
        Share of a motif's largest score that makes a strong hit.
    """

    dataset: Path | None = None
    fasta: Path | None = None
    panel: PanelSettings = field(default_factory=PanelSettings)
    reject: str | None = None
    mismatches: int = 1
    share: float = DEFAULT_SHARE


@dataclass(frozen=True)
class Outputs:
    """What is written, and where.

    Attributes
    ----------
    outdir : Path
    prefix : str, optional
        Of the files; the model's TF by default.
    deltas : bool
        Whether to write the change in every single background.
    footprints : int
        Inserts, from the first on, whose profiles are written.
    write_panel : bool
        Whether to write the backgrounds as FASTA.
    chunk : Chunk
        Which part of the library to score.
    state : Path, optional
        Where finished blocks are kept, for a run that is killed and started again.
    """

    outdir: Path = Path()
    prefix: str | None = None
    deltas: bool = False
    footprints: int = 0
    write_panel: bool = False
    chunk: Chunk = ALL
    state: Path | None = None
