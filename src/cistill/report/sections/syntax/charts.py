"""Charts of the arrangement of hits: prevalence, pairs, distances, homotypic density."""

import math
from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from cistill.report.drawing import vega
from cistill.report.drawing.matrix import matrix
from cistill.report.drawing.number_charts import hits_per_region
from cistill.report.drawing.palette import BLUE, GOLD, GREEN, INK, PALE, RED, RULE, SERIES
from cistill.report.drawing.wording import probability
from cistill.report.reading.hit_statistics import SIGNIFICANT

Drawn = tuple[pd.DataFrame, alt.TopLevelMixin]
STRONGEST = 2.0
"""Logarithm (base 2) of the ratio that has the full colour."""
LARGEST_DISTANCE = 150
HELIX_TURN = 10.5
PALER = 0.3
"""Strength of the colour of pairs that chance may explain."""
LINES = 5
LOG = alt.Scale(type="log")
ANY_HIT, ALL_REGIONS = "of regions with any hit", "of all regions"
ORIENTATIONS = {
    "same_strand": ("same strand", BLUE),
    "same_strand_a_first": ("same strand, motif first", BLUE),
    "same_strand_b_first": ("same strand, partner first", GREEN),
    "convergent": ("facing (→ ←)", RED),
    "divergent": ("apart (← →)", GOLD),
}
MAGNITUDE = alt.Axis(labelExpr="format(abs(datum.value), '~g')")
DOWN = ("convergent", "divergent")


def prevalence_chart(table: pd.DataFrame, motifs: Sequence[str]) -> Drawn:
    """Draw for each motif the share of regions with a hit, of all and of those with any hit."""
    own = table[table["motif_id"].isin(list(motifs))]
    columns = {ANY_HIT: "share_of_regions_with_any_hit", ALL_REGIONS: "share_of_regions"}
    long = pd.concat(
        [pd.DataFrame({"motif": own["motif_id"], "of": words, "share": own[name]}) for words, name in columns.items()],
        ignore_index=True,
    ).dropna(subset=["share"])
    bars = (
        vega.chart(height=vega.rows_height(len(motifs)))
        .mark_bar()
        .encode(
            x=alt.X("share:Q", title="share of regions", stack=None, scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("motif:N", title=None, sort=list(motifs)),
            color=vega.colours("of", {ALL_REGIONS: BLUE, ANY_HIT: PALE}),
            tooltip=vega.tips(motif="", of="", share=".1%"),
        )
    )
    return long, bars


def per_region_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the number of regions for each number of hits."""
    number = np.zeros(int(table["hits"].max()) + 1 if len(table) else 1)
    np.add.at(number, table["hits"].to_numpy(int), table["n_regions"].to_numpy(float))
    return hits_per_region(number.astype(int))


def pair_matrix(table: pd.DataFrame, motifs: Sequence[str], same: Mapping[str, str]) -> Drawn:
    """Draw the ratio of observed to expected shared regions for all pairs, with q where it is small."""
    by_pair = {frozenset((row["motif_a"], row["motif_b"])): row for row in table.to_dict("records")}
    cells = []
    for one in motifs:
        for other in motifs:
            found = by_pair.get(frozenset((one, other)))
            cell = {"motif": one, "partner": other, "ratio": math.nan, "q": math.nan, "shade": None, "written": ""}
            if found is not None:
                ratio = float(found["enrichment"])
                q = float(np.nanmin([found["q_value"], found["q_value_depleted"], 1.0]))
                alike = one != other and one in same and same[one] == same.get(other)
                place = max(min(math.log2(ratio) / STRONGEST, 1.0), -1.0) if ratio > 0 else -1.0
                shade = place * (1.0 if q < SIGNIFICANT else PALER) if math.isfinite(ratio) and not alike else None
                words = [f"{ratio:.2f}×" if math.isfinite(ratio) else "–"]
                if q < SIGNIFICANT and not alike:
                    words.append(f"q {probability(q)}")
                cell |= {"ratio": ratio, "q": q, "shade": shade, "written": "\n".join(words)}
            cells.append(cell)
    filled = pd.DataFrame(cells)
    return filled, matrix(filled, "motif", "partner", vega.tips(motif="", partner="", ratio=".2f", q=".2~g"), True)


def couple_chart(table: pd.DataFrame, a: str, b: str) -> Drawn:
    """Draw the distances of a pair of motifs, one bar a base pair: same strand up, opposite strands down."""
    near = table[table["distance"] <= LARGEST_DISTANCE]
    shown = [name for name in ORIENTATIONS if (near["orientation"] == name).any()]
    words = {name: ORIENTATIONS[name][0] for name in shown}
    couples = (
        near.groupby(["orientation", "distance"], sort=True)["n"].sum().reset_index().rename(columns={"n": "couples"})
    )
    couples = couples[couples["orientation"].isin(shown)]
    couples = couples.assign(
        motif=a, partner=b, up=~couples["orientation"].isin(DOWN), orientation=couples["orientation"].map(words)
    )[["motif", "partner", "orientation", "distance", "couples", "up"]]
    bars = (
        vega.chart(height=270)
        .transform_calculate(drawn="datum.up ? datum.couples : -datum.couples", end="datum.distance + 0.9")
        .mark_bar()
        .encode(
            x=alt.X("distance:Q", title="distance of centres, bp", bin=alt.BinParams(binned=True),
                    scale=alt.Scale(domain=[0, LARGEST_DISTANCE + 1])),
            x2="end:Q",
            y=alt.Y("drawn:Q", title="couples", stack="zero", axis=MAGNITUDE),
            color=vega.colours("orientation", {ORIENTATIONS[name][0]: ORIENTATIONS[name][1] for name in shown}),
            tooltip=vega.tips(orientation="", distance="d", couples=",d"),
        )
    )  # fmt: skip
    turns = [{"turn": HELIX_TURN * turn + 0.5} for turn in range(1, int(LARGEST_DISTANCE / HELIX_TURN) + 1)]
    helix = alt.Chart(alt.InlineData(turns)).mark_rule(color=RULE).encode(x="turn:Q")
    return couples.reset_index(drop=True), helix + bars + vega.rule(y=0.0, colour=INK, dashed=False)


def homotypic_chart(table: pd.DataFrame, motifs: Sequence[str]) -> Drawn:
    """Draw shares of regions with at least k hits of a motif, and what chance would give."""
    shown = [motif for motif in motifs if (table["motif_id"] == motif).any()][:LINES]
    parts = []
    for motif in shown:
        rows = table[table["motif_id"] == motif].sort_values("at_least")
        regions = float((rows["n_regions"] / rows["share_of_regions"]).replace([np.inf], np.nan).max())
        for of, share in (("observed", rows["share_of_regions"]), ("by chance", rows["expected"] / regions)):
            values = {"motif": motif, "of": of, "hits_at_least": rows["at_least"], "share_of_regions": share}
            parts.append(pd.DataFrame(values)[share >= 0.7 / regions if math.isfinite(regions) else share > 0])
    long = pd.concat(parts, ignore_index=True)
    chance = alt.datum.of == "by chance"
    base = vega.chart().encode(
        x=alt.X("hits_at_least:Q", title="hits of the motif, at least", axis=alt.Axis(tickMinStep=1, format="d")),
        y=alt.Y(
            "share_of_regions:Q", title="share of regions", scale=alt.Scale(type="log"), axis=alt.Axis(format="~g")
        ),
        color=vega.colours("motif", {motif: SERIES[place % len(SERIES)] for place, motif in enumerate(shown)}),
        tooltip=vega.tips(motif="", of="", hits_at_least="d", share_of_regions=".3~g"),
    )
    lines = base.mark_line(strokeWidth=2).transform_filter(~chance)
    points = base.mark_circle(size=45, opacity=1).transform_filter(~chance)
    dashed = base.mark_line(strokeWidth=1.4, strokeDash=[4, 3]).transform_filter(chance)
    return long, lines + points + dashed
