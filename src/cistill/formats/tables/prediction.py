"""Files of `predict` and `bounds`."""

from cistill.formats import predictions
from cistill.formats.published import ResultFile, ResultTable, columns_of

METRICS = ResultTable(
    "metrics.tsv", "predict", "metrics with their bounds", "predict", role="metrics",
    columns=columns_of("""
        task text: whose regions
        split text: `test` (only networks predicted that never saw the chromosome), `valid`, `train`, `seen` (a test \
            region that no network leaves out)
        regions text: `peaks`, `peaks+background`
        metric text: name of the metric; unique without the strand
        strand text: `both`, `+`, `-`
        value float?: of the model
        lower float?: bound that a guess which knows nothing reaches
        average float?: what the means of training regions reach
        upper float?: bound that the observation itself reaches
        normalised float?: (value - lower) / (upper - lower)
        n int: regions where the metric is defined
    """),
)  # fmt: skip
BOUNDS = ResultTable(
    "bounds.tsv", "", "bounds of the metrics, without a model", "bounds",
    columns=columns_of("""
        task text: whose regions
        split text: `test`, `valid`, `train`
        regions text: `peaks`, `peaks+background`
        metric text: name of the metric
        strand text: `both`, `+`, `-`
        lower float?: bound that a guess which knows nothing reaches
        average float?: what the means of training regions reach
        upper float?: bound that the observation itself reaches
        n int: regions where the metric is defined
    """),
)  # fmt: skip
REGION_PREDICTIONS = ResultTable(
    "region_predictions.tsv", "predict", "counts and profile distance of every region", "predict",
    role="region_predictions",
    columns=columns_of("""
        region_id text: a row for every task of which the region is a peak or a matched background (the first of \
            each peak)
        +kind text: `peak` or `background`
        +split text: as in metrics.tsv; `none` has no scores
        unseen bool: whether only networks predicted that never saw the chromosome
        task text
        +observed_log_count float?: ln(1 + 5' ends), both strands summed
        predicted_log_count float: the same, predicted
        +observed_log_count_plus float?: of the + strand
        predicted_log_count_plus float
        +observed_log_count_minus float?: of the - strand
        predicted_log_count_minus float
        +profile_jsd float?: joint Jensen-Shannon distance of observed and predicted profile, base e
        +profile_jsd_mean float?: the same of the mean training profile
        +profile_nll float?: multinomial negative log-likelihood, nats
        +profile_cross_entropy float?: the same per read, without the term of the reads' arrangements
        +profile_js_divergence float?: against smoothed reads, peaks alone
        +profile_pearson float?: against smoothed reads, peaks alone
        +profile_spearman float?: against smoothed reads, peaks alone
        +profile_mse float?: of probabilities, against smoothed reads, peaks alone
    """),
)  # fmt: skip
PREDICTIONS = ResultFile(
    "predictions.h5", "predict", predictions.LAYOUT.words, "predict", role="predictions", layout=predictions.LAYOUT
)
PREDICTED_PLUS = ResultFile(
    "predicted.plus.bw", "predict", "expected 5' ends per base, + strand (`--predict_bigwigs`)", "predict",
    "{tf}.{task}",
)  # fmt: skip
PREDICTED_MINUS = ResultFile(
    "predicted.minus.bw", "predict", "expected 5' ends per base, - strand (`--predict_bigwigs`)", "predict",
    "{tf}.{task}",
)  # fmt: skip
