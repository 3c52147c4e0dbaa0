"""What the model reads, in one sentence."""

from collections.abc import Mapping, Sequence
from typing import Any

from cistill.report.drawing.sentences import FEWEST, Result, missing, motif_core, share_words, too_few
from cistill.report.drawing.wording import count, plural, probability
from cistill.report.reading.main_motif import main_motif

Motif = Mapping[str, Any]


def motif_result(summary: Mapping[str, Any]) -> Result:
    """Return the main motif and its share of the seqlets of its head."""
    motifs: Sequence[Motif] | None = summary["motifs"]
    if motifs is None:
        return missing("Motifs were not looked for, or their files were left out.")
    if not motifs:
        return Result("TF-MoDISco found no motif in the contributions of the model.")
    main = main_motif(motifs)
    number = int(main["n_seqlets"])
    if number < FEWEST:
        return too_few(number, "seqlet", f" of the main motif ({motif_core(main)})")
    if main["weak"]:
        return missing(
            f"Only weak motifs were found, so no motif is headlined; the first of them, {motif_core(main)}, has "
            f"{plural(number, 'seqlet')}."
        )
    every = sum(int(motif["n_seqlets"]) for motif in motifs if motif["head"] == main["head"])
    reads = "The model reads" if main["sign"] != "neg" else "Only patterns that lower the prediction were found,"
    match = f" (in the database: {main['match']}, p {probability(main['match_p'])})" if main["match"] else ""
    return Result(
        f"{reads} {motif_core(main)}{match} above all: {count(number)} of the {count(every)} seqlets in motifs of the "
        f"{main['head']} head ({share_words(number, every)}){_others(summary, main)}."
    )


def _others(summary: Mapping[str, Any], main: Motif) -> str:
    """Say how many further motifs there are; of the merged list where there is one."""
    merged = summary["merged_motifs"]
    known = merged if merged is not None else [motif for motif in summary["motifs"] if motif["head"] == main["head"]]
    strong = sum(not motif["weak"] for motif in known) - 1
    weak = sum(bool(motif["weak"]) for motif in known)
    where = " in the merged list of both heads" if merged is not None else ""
    words = f"{plural(strong, 'further motif')}" if strong > 0 else "no further motif"
    words += f" and {count(weak)} weak {'one' if weak == 1 else 'ones'}" if weak else ""
    return f"; {words}{where}"
