"""Files of `shap`."""

from cistill.formats import attributions
from cistill.formats.published import HEAD, ResultFile, ResultTable, columns_of

ATTRIBUTIONS = ResultFile(
    "attributions.h5", "shap", attributions.LAYOUT.words, "shap", HEAD, "attributions", layout=attributions.LAYOUT
)
SHAP = ResultTable(
    "shap.tsv", "shap", "how far contributions are from adding up, per head and task", "shap", role="shap",
    columns=columns_of("""
        head text: `counts` or `profile`
        task text: the task or tasks that are explained together
        regions int: regions explained
        shuffles int: shuffles of each sequence
        profile_weighting text?: how the profile's logits are weighted; not for counts
        dtype text: type of the stored scores
        engine text: what computed them
        gap_median float: gap of a region, relative
        gap_95 float: 95th percentile
        gap_max float
        gap_over_1_percent int: regions with such a gap
        gap_over_5_percent int: regions with such a gap
        with_unknown_bases int: regions
        at_contig_edges int: regions
        with_shuffles_equal int: regions that have shuffles equal to their sequence
        shuffles_equal int: such shuffles
    """),
)  # fmt: skip
REGION_CONTRIBUTIONS = ResultTable(
    "region_contributions.tsv", "shap", "the same of every region", "shap", role="region_contributions",
    columns=columns_of("""
        region_id text
        task text: the task or tasks that are explained together
        unknown_bases int: in the input window
        bases_off_contig int: of the input window, beyond the chromosome's ends
        shuffles_equal int: shuffles equal to the sequence
        {head}_difference float: prediction less the mean of the shuffles
        {head}_gap float: how far the contributions are from adding up to it, relative
    """),
)  # fmt: skip
CONTRIBUTION_TRACK = ResultFile(
    "contributions.bw", "shap", "contributions as a browser track (`--contribution_bigwigs`)", "shap", HEAD
)
