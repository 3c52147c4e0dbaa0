"""How many regions hold a site, in one sentence."""

from collections.abc import Mapping
from typing import Any

from cistill.report.drawing.sentences import FEWEST, Result, missing, share_words, too_few
from cistill.report.drawing.wording import count


def hit_result(summary: Mapping[str, Any]) -> Result:
    """Return the number of sites and the share of regions with one: of both heads pooled, else of the better head."""
    heads: Mapping[str, Mapping[str, Any]] = summary["hits"]
    if not heads:
        return missing("Motif instances were not called, or their files were left out.")
    pooled = summary["syntax"]
    if pooled is not None and pooled["hits"] is not None:
        number, regions, holding = pooled["hits"], pooled["regions"], pooled["regions_with_hit"]
        whose = "of both heads, pooled" if len(heads) > 1 else f"of the {next(iter(heads))} head"
    else:
        name = max(heads, key=lambda head: heads[head]["regions_with_hit"])
        number, regions, holding = (heads[name][key] for key in ("n", "regions_scored", "regions_with_hit"))
        whose = f"of the {name} head"
    if regions < FEWEST:
        return too_few(regions, "region", " searched")
    rates = {hits["fdr"] for hits in heads.values()}
    rate = rates.pop() if len(rates) == 1 else None
    strict = "" if rate is None else f", called at a false discovery rate of {rate:g} against decoy motifs"
    if not number:
        return Result(f"None of {count(regions)} regions holds a motif instance{strict}.")
    return Result(
        f"{count(holding)} of {count(regions)} regions ({share_words(holding, regions)}) hold at least one of "
        f"{count(number)} motif instances {whose}{strict}."
    )
