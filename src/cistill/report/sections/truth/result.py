"""How much of what was planted was found, in one sentence."""

from collections.abc import Mapping
from typing import Any

from cistill.report.drawing.sentences import FEWEST, Result, listed, share_words, too_few
from cistill.report.drawing.wording import count, decimal, plural

ANY = "any"


def truth_result(summary: Mapping[str, Any]) -> Result | None:
    """Return which planted motifs were recovered, and the share of planted sites that hits find."""
    truth = summary["truth"]
    if truth is None:
        return None
    motifs: Mapping[str, Mapping[str, Any]] = truth["motifs"]
    found = [name for name, motif in motifs.items() if motif["recovered"]]
    are = "is" if len(found) == 1 else "are"
    words = f"{count(len(found))} of {plural(len(motifs), 'planted motif')} {are} recovered"
    if found:
        likeness = [f"{name}: correlation {decimal(motifs[name]['correlation'])}" for name in found]
        words += f" ({listed(likeness)})"
    known = {head: sites["classes"][ANY] for head, sites in summary["known_sites"].items() if ANY in sites["classes"]}
    if not known:
        return Result(f"{words}.")
    head = max(known, key=lambda name: known[name]["n_found"])
    sites = known[head]
    if sites["n_sites"] < FEWEST:
        few = too_few(sites["n_sites"], "planted site", " in reach of the regions")
        return Result(f"{words}. {few.sentence}", False)
    return Result(
        f"{words}; hits of the {head} head find {count(sites['n_found'])} of {count(sites['n_sites'])} planted sites "
        f"in reach ({share_words(sites['n_found'], sites['n_sites'])})."
    )
