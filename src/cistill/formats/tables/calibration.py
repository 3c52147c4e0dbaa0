"""Files of `calibrate`."""

from cistill.formats.published import LIBRARY, ResultFile, ResultTable, columns_of

METHOD = """
    method text: `model`, another table of scores, or a motif and its statistic
    calibrator text: `score`, `ols`, `langmuir`, `isotonic`, `excess` or `distilled`
"""
CALIBRATION = ResultTable(
    "calibration.tsv", "calibrate", "errors and correlations of every method and calibrator", "calibrate", LIBRARY,
    "calibration",
    columns=columns_of(METHOD + """
        scored_on text: `held_out` or `all` sequences
        n int: sequences
        rmse float?: in the library's unit
        rmse_low float?: 95% interval
        rmse_high float?
        pearson float?
        pearson_low float?
        pearson_high float?
        spearman float?
        spearman_low float?
        spearman_high float?
        unit text
        family text: `model`, `additive`, `cwm`, `pwm`, `kmers`, ...
        statistic text?: `max`, `sum` or `occupancy` over a sequence's windows
        motif text?
        rank int: of the motif in its file, from 0
        +rmse_repeats_mean float?: over samples drawn again, each scored on what it leaves out
        +rmse_repeats_sd float?
        +pearson_repeats_mean float?
        +pearson_repeats_sd float?
        +spearman_repeats_mean float?
        +spearman_repeats_sd float?
        +repeats float?: such samples
    """),
)  # fmt: skip
CALIBRATED = ResultTable(
    "calibrated.tsv", "calibrate", "calibrated value of every sequence", "calibrate", LIBRARY, "calibrated",
    columns=columns_of("""
        sequence text
        +label float?: measured
        +in_sample bool: whether it calibrated
        +class text?
        {method}.score float?: for the model and the best method of every family by held-out RMSE
        {method}.{calibrator} float?: calibrated value
    """),
)  # fmt: skip
CALIBRATOR = ResultFile(
    "calibrator.json", "calibrate", "calibrators, to be applied to other sequences", "calibrate", LIBRARY, "calibrator"
)
RMSE_BARS = ResultTable(
    "rmse_bars.tsv", "calibrate", "errors by family of motifs", "calibrate", LIBRARY, "rmse_bars",
    columns=columns_of("""
        family text
        statistic text?
        calibrator text
        scored_on text
        measure text: `rmse`, `pearson` or `spearman`
        n_motifs int
        top float?: of the file's first motif
        mean float?: over motifs
        sd float?: over motifs, of the population
        best float?
        best_motif text?
    """),
)  # fmt: skip
REPEATS = ResultTable(
    "repeats.tsv", "calibrate", "errors over repeated samples", "calibrate", LIBRARY, "repeats",
    columns=columns_of("repeat int: number of the sample\n" + METHOD + """
        n int
        rmse float?
        pearson float?
        spearman float?
    """),
)  # fmt: skip
RESIDUALS = ResultTable(
    "residuals.tsv", "calibrate", "residuals by predicted value", "calibrate", LIBRARY, "residuals",
    columns=columns_of(METHOD + """
        bin int: tenth of the calibrated values of held-out sequences
        n int
        predicted_low float
        predicted_high float
        predicted float: mean
        residual float: mean of label less calibrated value
        residual_sd float?
        rmse float
    """),
)  # fmt: skip
LARGEST_RESIDUALS = ResultTable(
    "largest_residuals.tsv", "calibrate", "sequences that are missed most", "calibrate", LIBRARY, "largest_residuals",
    columns=columns_of(METHOD + """
        sequence text
        class text?
        label float
        predicted float
        residual float: label less predicted value
    """),
)  # fmt: skip
DYNAMIC_RANGE = ResultTable(
    "dynamic_range.tsv", "calibrate", "spread of predicted and measured values", "calibrate", LIBRARY, "dynamic_range",
    columns=columns_of("""
        source text: `observed` or a method
        calibrator text?
        n int: held-out sequences
        mean float
        sd float
        sd_of_observed float: sd / sd of the labels
        p5 float
        p50 float
        p95 float
        rmse float?
    """),
)  # fmt: skip
HISTOGRAMS = ResultTable(
    "histograms.tsv", "calibrate", "distributions of predicted and measured values", "calibrate", LIBRARY,
    "histograms",
    columns=columns_of("""
        source text: `observed` or a method
        calibrator text?
        low float: start of the bin, of 50 over the labels' range
        high float
        count int
    """),
)  # fmt: skip
CLASSES = ResultTable(
    "classes.tsv", "calibrate", "errors by class of variation", "calibrate", LIBRARY, "classes",
    columns=columns_of(METHOD + """
        scored_on text
        class text
        n int
        bias float?
        rmse float?
        pearson float?
        spearman float?
    """),
)  # fmt: skip
ADDITIVITY = ResultTable(
    "additivity.tsv", "calibrate", "multiple variants beside the sum of single changes", "calibrate", LIBRARY,
    "additivity",
    columns=columns_of("""
        reference text: sequence that changes are counted from
        sequence text: of 2 to 12 changes, each of which is there by itself
        n_substitutions int
        source text: `observed`, a method (OLS), `{method}.excess` or `{method}.distilled`
        value float?
        additive float?: reference and the sum of the single changes
        deviation float?: value less additive
    """),
)  # fmt: skip
ADDITIVITY_SUMMARY = ResultTable(
    "additivity_summary.tsv", "calibrate", "deviations from additivity in numbers", "calibrate", LIBRARY,
    "additivity_summary",
    columns=columns_of("""
        source text
        n_substitutions int: 0 is all
        n int
        rmse float?
        mean_deviation float?
        pearson float?
        pearson_with_observed float?: of its deviations with the observed ones
    """),
)  # fmt: skip
