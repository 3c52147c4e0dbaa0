"""Files of `callhits`, `scan`, `filterhits`, `collapse` and `summarizehits`."""

from cistill.formats.hits import HITS_COLUMNS
from cistill.formats.published import HEAD, TF, ResultTable, columns_of

HITS = ResultTable(
    "hits.bed", "callhits", "motif instances, BED", "callhits", HEAD, "hits", columns=HITS_COLUMNS, bed=True
)
FILTER = ResultTable(
    "filter.tsv", "filterhits", "thresholds of each motif and what they took away", "filterhits", HEAD,
    columns=columns_of("""
        motif_id text
        n_hits int: before
        n_background int: chance matches that the thresholds come from
        importance_threshold float?
        save_threshold float?: importance that saves a hit of low similarity
        similarity_threshold float?
        n_below_importance int
        n_below_similarity int
        n_kept int
    """),
)  # fmt: skip
POOLED_HITS = ResultTable(
    "hits.bed", "collapse", "motif instances of both heads, BED", "collapse", TF, "pooled_hits", columns=HITS_COLUMNS,
    bed=True,
)  # fmt: skip
PREVALENCE = ResultTable(
    "prevalence.tsv", "summarizehits", "how many regions hold each motif", "summarizehits", TF, "prevalence",
    columns=columns_of("""
        motif_id text: `any` first
        n_hits int
        n_regions_with_hit int
        n_regions int
        n_regions_with_any_hit int
        n_hits_of_all int
        share_of_regions float?: n_regions_with_hit / n_regions
        share_of_regions_with_any_hit float?: n_regions_with_hit / n_regions_with_any_hit
        share_of_hits float?: n_hits / n_hits_of_all
        hits_per_region_with_hit float?: n_hits / n_regions_with_hit
    """),
)  # fmt: skip
HITS_PER_REGION = ResultTable(
    "hits_per_region.tsv", "summarizehits", "number of regions by their number of hits", "summarizehits", TF,
    "hits_per_region",
    columns=columns_of("""
        motif_id text
        hits int: number of hits
        n_regions int: with exactly this many
        share_at_most float?
        share_at_least float?
    """),
)  # fmt: skip
HOMOTYPIC = ResultTable(
    "homotypic.tsv", "summarizehits", "regions with several hits of a motif", "summarizehits", TF, "homotypic",
    columns=columns_of("""
        motif_id text
        at_least int: k
        n_regions int: with k hits or more
        share_of_regions float?
        share_of_regions_with_hit float?
        expected float?: of the same hits placed at random; for k >= 2
        sd float?
        p_value float?
        q_value float?: Benjamini-Hochberg over all rows
    """),
)  # fmt: skip
COOCCURRENCE = ResultTable(
    "cooccurrence.tsv", "summarizehits", "pairs of motifs that share regions", "summarizehits", TF, "cooccurrence",
    columns=columns_of("""
        motif_a text
        motif_b text
        n_regions int
        n_a int: regions with a hit of motif_a
        n_b int: regions with a hit of motif_b
        n_both int: regions with both; for a motif with itself those with two or more
        expected float?: under the null
        sd float?
        enrichment float?: n_both / expected
        p_value float?: P(this many regions or more)
        p_value_mid float?: P(more) + P(as many) / 2
        p_value_random float?: P(more) + u P(as many), u random
        p_value_depleted float?: P(this many or fewer)
        q_value float?: Benjamini-Hochberg over all pairs
        q_value_depleted float?
        null text: `exact`, `permutation` or `fisher`
    """),
)  # fmt: skip
DISTANCES = ResultTable(
    "distances.tsv", "summarizehits", "distances between hits, counted", "summarizehits", TF, "distances",
    columns=columns_of("""
        motif_a text
        motif_b text
        orientation text: `same_strand_a_first`, `same_strand_b_first`, `same_strand`, `convergent`, `divergent`
        distance float: between centres, bp
        n int: couples
    """),
)  # fmt: skip
DISTANCE_SUMMARY = ResultTable(
    "distance_summary.tsv", "summarizehits", "distances between hits, quartiles", "summarizehits", TF,
    "distance_summary",
    columns=columns_of("""
        motif_a text
        motif_b text
        orientation text: as above, and `all`
        n int: couples
        min float: bp
        q25 float
        median float
        q75 float
        max float
    """),
)  # fmt: skip
