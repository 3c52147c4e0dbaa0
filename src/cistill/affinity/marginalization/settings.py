"""What a run of `marginalize` is asked for: the defaults of its command, which reads them for its `--help`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cistill.affinity.marginalization.library_blocks import ALL, Chunk
from cistill.seeds import SEED

Precision = Literal["fp32", "tf32", "bf16"]
Source = Literal["peaks", "nonpeaks"]


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
class PanelSettings:
    """How panels are made.

    Attributes
    ----------
    number : int
        Backgrounds.
    seed : int
    source : {"peaks", "nonpeaks"}
        What of the dataset: peaks, or the background regions of matched GC content.
    shuffle : bool
        Whether to shuffle, keeping every dinucleotide's count, or to take the sequences as they are.
    """

    number: int = 100
    seed: int = SEED
    source: Source = "peaks"
    shuffle: bool = True


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
    share: float = 0.8


@dataclass(frozen=True)
class EngineSettings:
    """How changes are computed.

    Attributes
    ----------
    precision : {"fp32", "tf32", "bf16"}
        Of the matrix products.
    exact_check : int
        Inserts that are compared with full passes in every network; 0 for none.
    both_orientations : bool
        Whether the score is the mean over the insert and its reverse complement.
    full : bool
        Full passes for all networks.
    """

    precision: Precision = "fp32"
    exact_check: int = 4
    both_orientations: bool = True
    full: bool = False


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
