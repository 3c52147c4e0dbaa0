"""How many of the known sites the hits find, in one sentence."""

from collections.abc import Mapping
from typing import Any

from cistill.report.drawing.sentences import FEWEST, Result, missing, share_words, too_few
from cistill.report.drawing.wording import count

ANY = "any"


def site_result(summary: Mapping[str, Any]) -> Result:
    """Return recall of known sites and precision of hits, of the head that finds more of them."""
    heads: Mapping[str, Mapping[str, Any]] = summary["known_sites"]
    known = {head: found for head, found in heads.items() if found["classes"]}
    if not known:
        return missing("No known sites were given for this TF, so how many of them the hits find is not known.")
    head = max(known, key=lambda name: every_site(known[name])["n_found"])
    sites = every_site(known[head])
    if sites["n_sites"] < FEWEST:
        return too_few(sites["n_sites"], "known site", " in reach of the regions")
    words = (
        f"Hits of the {head} head find {count(sites['n_found'])} of {count(sites['n_sites'])} known sites in reach "
        f"({share_words(sites['n_found'], sites['n_sites'])})"
    )
    precision, hits = known[head]["precision_any"], known[head]["n_hits"]
    if precision is None or not hits:
        return Result(f"{words}.")
    at_site = round(precision * hits)
    return Result(f"{words}; {count(at_site)} of its {count(hits)} hits lie at one ({share_words(at_site, hits)}).")


def every_site(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the numbers of sites of any class, or of the only class."""
    classes: Mapping[str, Mapping[str, Any]] = found["classes"]
    return classes.get(ANY) or next(iter(classes.values()))
