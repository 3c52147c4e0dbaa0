"""Files of `comparehits`: of one set of hits, and of the callers side by side."""

from dataclasses import replace

from cistill.formats.published import HEAD, ResultTable, columns_of

RECALL = """
    site_class text: class of known sites
    n_sites int: in the regions' reach
    n_found int
    recall float?
"""
SITE_RECALL = ResultTable(
    "site_recall.tsv", "comparehits", "known sites found, per class", "comparehits", HEAD, "site_recall",
    columns=columns_of(RECALL),
)  # fmt: skip
SITE_CURVE = ResultTable(
    "site_curve.tsv", "comparehits", "precision and recall over all cuts", "comparehits", HEAD, "site_curve",
    columns=columns_of("""
        cut float: on the confidence
        n_hits int
        precision_any float?: share of hits at a site of any class
        recall_{class} float?
    """),
)  # fmt: skip
SETS = ResultTable(
    "sets.tsv", "comparehits", "figures of each set of hits", "comparehits", HEAD,
    columns=columns_of("""
        hit_set text
        ranked_by text: column that hits are ranked by
        n_hits int
        n_called int: hits at the caller's own cut
        +precision_called float?
        +recall_called float?
        +n_sites int
        +largest_recall float?: of all hits
        +average_precision float?: area under the precision-recall curve
        +mean_precision_shared float?: mean precision over the recalls that all sets reach
        precision_top_{n} float?: of the best n hits
        recall_top_{n} float?
        +n_scored int: hits with a signal around them
        +mean_footprint float?
        +n_strong int: hits at a strong signal
        +n_weak int
        +footprint_average_precision float?
    """),
)  # fmt: skip
SETS_CURVE = ResultTable(
    "sets_curve.tsv", "comparehits", "precision and recall of each set over all cuts", "comparehits", HEAD,
    columns=columns_of("""
        hit_set text
        cut float
        n_hits int
        precision_any float?
        recall_{class} float?
    """),
)  # fmt: skip
SETS_RECALL = ResultTable(
    "sets_recall.tsv", "comparehits", "recall of each set by class of sites", "comparehits", HEAD,
    columns=columns_of("hit_set text\n" + RECALL),
)  # fmt: skip
SETS_SHARED = ResultTable(
    "sets_shared.tsv", "comparehits", "hits that sets share", "comparehits", HEAD,
    columns=columns_of("""
        hit_set text
        other_set text: `any_other`: all others together
        n_hits int
        n_shared int: hits with a hit of the other set near
        share_shared float?
        n_unique int
        n_shared_same_motif int
    """),
)  # fmt: skip
SETS_HITS_PER_REGION = ResultTable(
    "sets_hits_per_region.tsv", "comparehits", "hits per region of each set", "comparehits", HEAD,
    columns=columns_of("""
        hit_set text
        motif_id text: `any` first
        n_hits int
        n_regions int
        n_regions_with_hit int
        share_of_regions float?
        mean float?: hits per region, regions without hits included
        min float?
        q25 float?
        median float?
        q75 float?
        q99 float?
        max float?
    """),
)  # fmt: skip
SETS_FOOTPRINT = ResultTable(
    "sets_footprint.tsv", "comparehits", "signal around hits by rank", "comparehits", HEAD,
    columns=columns_of("""
        hit_set text
        bin int
        first_rank int
        last_rank int
        rank_value float?: of the bin's last hit
        mean_footprint float?: of the bin's hits
        running_mean float?
        running_sum float?
        n_strong int
        n_weak int
        precision_strong float?
    """),
)  # fmt: skip
SETS_MEAN_FOOTPRINT = ResultTable(
    "sets_mean_footprint.tsv", "comparehits", "mean signal around hits", "comparehits", HEAD,
    columns=columns_of("""
        hit_set text
        motif_id text
        n_hits int
        offset int: from the hit's middle, bp
        same_strand float?: 5' ends on the hit's strand
        opposite_strand float?
    """),
)  # fmt: skip
SETS_EXAMPLES = ResultTable(
    "sets_examples.tsv", "comparehits", "hits that one set has and another lacks", "comparehits", HEAD,
    columns=columns_of("""
        kind text: `strongest_unique`, `random_unique` or `random_shared`
        hit_set text
        other_set text
        region_id text
        chrom text
        start int
        end int
        motif_id text
        strand text
        rank_value float?
        n_hits_{set} int: hits of the region
    """),
)  # fmt: skip


def _callers(table: ResultTable, role: str, words: str) -> ResultTable:
    """Return the table of callers side by side that has the columns of one of sets."""
    return replace(table, name=f"methods.{table.name}", role=role, words=words)


METHODS = _callers(SETS, "callers", "callers side by side")
METHODS_CURVE = _callers(SETS_CURVE, "callers_curve", "precision and recall of each caller over all cuts")
METHODS_RECALL = _callers(SETS_RECALL, "callers_recall", "recall of each caller by class of sites")
METHODS_SHARED = _callers(SETS_SHARED, "callers_shared", "hits that callers share")
METHODS_PER_REGION = _callers(SETS_HITS_PER_REGION, "callers_per_region", "hits per region of each caller")
METHODS_FOOTPRINT = _callers(SETS_FOOTPRINT, "callers_footprint", "signal around hits by rank")
METHODS_MEAN_FOOTPRINT = _callers(SETS_MEAN_FOOTPRINT, "callers_mean_footprint", "mean signal around hits")
METHODS_EXAMPLES = _callers(SETS_EXAMPLES, "callers_examples", "hits that one caller has and another lacks")
