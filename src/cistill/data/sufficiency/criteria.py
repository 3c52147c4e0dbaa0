"""What each figure of a TF's data is called where people read it, and what to do if it is low."""

from typing import NamedTuple


class Criterion(NamedTuple):
    """What a figure is called where people read it, and what to do if it is low."""

    words: str
    advice: str


CRITERIA = {
    "train_peaks": Criterion(
        "peaks that train", "lower the threshold of the peak caller, pool experiments, or train on more chromosomes"
    ),
    "held_out_peaks": Criterion(
        "held-out peaks",
        "read scores with their intervals; give validation and test more chromosomes, or train all folds",
    ),
    "train_reads": Criterion(
        "reads above background in training peaks", "sequence deeper, or add the reads of further replicates"
    ),
    "reads_per_peak": Criterion(
        "reads above background per training peak", "sequence deeper, or keep the stronger peaks only"
    ),
    "with_reads": Criterion(
        "share of peaks with a read",
        "check that peaks and bigWigs are of one experiment and one genome, and that both strands were given",
    ),
    "frip": Criterion(
        "share of reads in peaks (FRiP)", "check the enrichment of the experiment, and that the peaks are its own"
    ),
    "enrichment": Criterion(
        "reads in peaks over those in backgrounds", "check that the peaks are of this experiment and this genome"
    ),
    "separation": Criterion(
        "AUROC of observed counts, peaks against backgrounds",
        "sequence deeper, or raise the threshold of the peak caller",
    ),
    "concentration": Criterion(
        "reads near summits over a flat profile",
        "give peaks with summits (narrowPeak); check that they are of this genome",
    ),
    "strand_balance": Criterion(
        "weaker over stronger strand", "check that each bigWig is of the strand that it is given as"
    ),
    "same_strands": Criterion(
        "both strands the same", "the two bigWigs hold the same reads: give one file of each strand"
    ),
    "replicates": Criterion(
        "correlation of replicates", "look for the replicate that differs, and leave it out if it failed"
    ),
    "complexity": Criterion(
        "occupied positions over those expected",
        "remove PCR duplicates by barcodes (UMI) if there are any; sequencing deeper will not help",
    ),
    "control_depth": Criterion("reads of the control over those of the signal", "sequence the control deeper"),
    "control_likeness": Criterion(
        "unlikeness of control and signal", "check that the control is none of the signal's files"
    ),
    "chromosomes": Criterion(
        "peaks on chromosomes that a bigWig lacks",
        "give bigWigs of the whole genome, or peaks of their chromosomes only",
    ),
}


def criterion_of(measure: str, split: str, strand: str) -> str:
    """Return the name of the thresholds that judge a figure; empty where none do.

    Parameters
    ----------
    measure, split, strand : str
        As in `{tf}.sufficiency.tsv`.
    """
    trains = split == "train"
    names = {
        "peaks": "train_peaks" if trains else "held_out_peaks",
        "reads_above_background": "train_reads" if trains else "",
        "reads_per_peak": "reads_per_peak" if trains else "",
        "enrichment": "enrichment" if strand == "both" else "",
        "peaks_on_lacking_chromosomes": "chromosomes",
    }
    return names.get(measure, measure if measure in CRITERIA else "")
