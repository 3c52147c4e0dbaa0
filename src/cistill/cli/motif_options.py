"""Options that the sub-commands of `motifs` share, and the values that they take."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cistill.motifs.settings import Measure


class Sign(StrEnum):
    """Which motifs."""

    all = "all"
    pos = "pos"
    neg = "neg"


class Weak(StrEnum):
    """Whether weak motifs are taken."""

    keep = "keep"
    drop = "drop"


class Trim(StrEnum):
    """How motifs are trimmed."""

    core = "core"
    information = "information"
    none = "none"


class Orientation(StrEnum):
    """Which strand is shown."""

    stored = "stored"
    purine = "purine"


class Linkage(StrEnum):
    """Hierarchical clustering."""

    average = "average"
    ward = "ward"
    ward_rows = "ward_rows"


class Method(StrEnum):
    """Where sub-clusters come from."""

    stored = "stored"
    leiden = "leiden"


MotifsFile = Annotated[Path, typer.Option("--motifs", help="motifs.h5 of `modisco`, of `merge-heads` or of `cluster`.")]
MotifSets = Annotated[
    list[str], typer.Option("--motifs", help="NAME=motifs.h5, once per file; files of one name are one set.")
]
Database = Annotated[
    Path | None, typer.Option("--motif_db", help="Known motifs: MEME, JASPAR, HOMER, TRANSFAC, CIS-BP or others.")
]
SignOption = Annotated[Sign, typer.Option("--sign", help="Motifs of which sign.")]
WeakOption = Annotated[Weak, typer.Option("--weak", help="Keep or drop weak motifs.")]
MeasureOption = Annotated[
    Measure,
    typer.Option("--measure", help="rows: mean cosine of the overlapping rows. whole: cosine of the whole matrices."),
]
CentreOption = Annotated[
    bool, typer.Option("--centre/--no_centre", help="Subtract each row's mean of the contributions first.")
]
LinkageOption = Annotated[
    Linkage, typer.Option("--linkage", help="Of distances 1 - similarity; ward_rows: Ward's of the matrix's rows.")
]
KOption = Annotated[int | None, typer.Option("--k", help="Cut the tree into exactly this many clusters.", min=1)]
DistanceOption = Annotated[float | None, typer.Option("--distance", help="Or cut it at this height.", min=0)]
GroupsOption = Annotated[
    Path | None, typer.Option("--groups", help="Or take these: a table of `group` and `motif` (NAME:motif_id).")
]
Prefix = Annotated[str, typer.Option("--prefix", help="Start of the output files' names.")]
Outdir = Annotated[Path, typer.Option("--outdir", help="Folder for the results; made if it is missing.")]
