"""Count the 5' ends of reads, strand by strand, base by base."""

from pathlib import Path
from typing import Annotated

import typer

from cistill.data.contigs import LEAVE_OUT, UnknownContigs
from cistill.data.read_filter import Mate, ReadFilter

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    bam: Annotated[
        Path,
        typer.Option(help="Reads: BAM or CRAM, sorted by coordinate, without index; or fragments, tagAlign or BED."),
    ],
    readset: Annotated[str, typer.Option(help="Name of the read set: prefix of the files written.")],
    min_mapq: Annotated[int, typer.Option("--min_mapq", min=0, max=255, help="Least mapping quality.")] = (
        ReadFilter.min_mapq
    ),
    keep_duplicates: Annotated[
        bool,
        typer.Option("--keep_duplicates/--drop_duplicates", help="Count reads marked as duplicates, or not."),
    ] = ReadFilter.keep_duplicates,
    mate: Annotated[Mate, typer.Option(help="Mate of paired reads to count; both give a biased pattern.")] = (
        ReadFilter.mate
    ),
    keep_secondary: Annotated[bool, typer.Option("--keep_secondary", help="Count secondary alignments too.")] = (
        ReadFilter.keep_secondary
    ),
    keep_supplementary: Annotated[
        bool, typer.Option("--keep_supplementary", help="Count supplementary alignments too.")
    ] = ReadFilter.keep_supplementary,
    keep_qc_fail: Annotated[
        bool, typer.Option("--keep_qc_fail", help="Count reads that failed quality control too.")
    ] = ReadFilter.keep_qc_fail,
    keep_mate_unmapped: Annotated[
        bool, typer.Option("--keep_mate_unmapped", help="Count reads whose mate is unmapped too.")
    ] = ReadFilter.keep_mate_unmapped,
    sizes: Annotated[
        Path | None,
        typer.Option(help="Chromosome sizes (genome.sizes of check; needed for text); reads on others are left out."),
    ] = None,
    unknown_contigs: Annotated[
        UnknownContigs,
        typer.Option(
            "--unknown_contigs", help="Leave out contigs that the genome lacks, or refuse files with reads on any."
        ),
    ] = LEAVE_OUT,
    outdir: Annotated[Path, typer.Option(help="Folder for the results.")] = Path(),
) -> None:
    """Count the 5' ends of reads, strand by strand, base by base.

    Writes READSET.plus.bw and READSET.minus.bw (counts at single bases, positive on both strands) and
    READSET.coverage.json (reads counted, and left out by reason).
    """
    from dataclasses import asdict

    from cistill.data.coverage import write_coverage
    from cistill.data.genome import read_sizes
    from cistill.provenance import write_provenance

    chosen = ReadFilter(
        min_mapq=min_mapq,
        mate=mate,
        keep_secondary=keep_secondary,
        keep_supplementary=keep_supplementary,
        keep_qc_fail=keep_qc_fail,
        keep_mate_unmapped=keep_mate_unmapped,
        keep_duplicates=keep_duplicates,
    )
    outdir.mkdir(parents=True, exist_ok=True)
    files = (outdir / f"{readset}.plus.bw", outdir / f"{readset}.minus.bw")
    genome = read_sizes(sizes) if sizes is not None else None
    counts = write_coverage(bam, *files, chosen, genome, unknown_contigs)
    write_provenance(
        outdir / f"{readset}.coverage.json",
        {"readset": readset, **asdict(chosen), "unknown_contigs": unknown_contigs},
        {"bam": bam} | ({"sizes": sizes} if sizes is not None else {}),
        asdict(counts),
    )
