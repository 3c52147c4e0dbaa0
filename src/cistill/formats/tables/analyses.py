"""Files of the sub-commands of `affinity`."""

from cistill.formats.published import LIBRARY, ResultFile, ResultTable, columns_of

ENERGIES = ResultTable(
    "energies.tsv", "analyse", "energies of all sequences, from scores alone", "affinity energies", LIBRARY, "energies",
    columns=columns_of("""
        sequence text
        +class text?: with `--library`
        +name text?: with `--library`
        score float: change in predicted natural-log counts
        ln_affinity float: relative to the background's counts
        standard_error float?
        expected float?: by the bases alone
        deviation float?: ln_affinity less expected
        ddG float: kcal/mol, against the consensus or else the tightest
    """),
)  # fmt: skip
PSAM = ResultTable(
    "psam.tsv", "analyse", "distilled energies, one row per position and base", "affinity psam", LIBRARY, "psam",
    columns=columns_of("""
        position int
        base text
        consensus bool: whether it is the consensus' base
        score_change float?: of the score, against the consensus
        ddG float?: kcal/mol
        relative_affinity float?
        logo float?: height of the letter: mean ddG of the position less ddG, kcal/mol
    """),
)  # fmt: skip
PSAM_MATRIX = ResultFile(
    "psam.csv", "analyse", "distilled matrix of relative affinities", "affinity psam", LIBRARY, "psam_matrix"
)
VARIATION = ResultTable(
    "variation.tsv", "analyse", "scores by class of variation", "affinity variation", LIBRARY, "variation",
    columns=columns_of("""
        method text
        class text
        n int
        mean float
        sd float?
        min float
        median float
        max float
        from_consensus float?: mean less the consensus' score
    """),
)  # fmt: skip
VARIATION_SCORES = ResultTable(
    "variation_scores.tsv", "analyse", "scores with class and name of every sequence", "affinity variation", LIBRARY,
    "variation_scores",
    columns=columns_of("""
        method text
        sequence text
        class text?
        name text?
        label float?
        score float
        standard_error float?
    """),
)  # fmt: skip
REPEAT_FLANKS = ResultTable(
    "repeat_flanks.tsv", "analyse", "short tandem repeats as flanks", "affinity variation", LIBRARY, "repeat_flanks",
    columns=columns_of("""
        method text
        unit text: the repeat
        length int: bp of its flanks
        with_site float?: score of the site in the flanks
        alone float?: score of the repeat alone
        gain float?: of the site, what the flank does to it
        gain_from_mean float?
        label_with_site float?
        label_alone float?
    """),
)  # fmt: skip
GENOMIC_MATCHES = ResultTable(
    "genomic_matches.tsv", "analyse", "where the genome has the sequences", "affinity matches", LIBRARY,
    "genomic_matches",
    columns=columns_of("""
        sequence text
        region_id text
        kind text
        split text
        chrom text
        start int
        end int
        strand text
        task text
        observed float: 5' ends of both strands in the window
        predicted float?: the same, expected
        unseen bool?: whether only networks predicted that never saw the chromosome
    """),
)  # fmt: skip
MATCHED_SEQUENCES = ResultTable(
    "matched_sequences.tsv", "analyse", "reads around the sequences in the genome", "affinity matches", LIBRARY,
    "matched_sequences",
    columns=columns_of("""
        sequence text
        label float?
        score float?
        split text
        task text
        n_matches int
        observed_log_count float?: ln(1 + mean 5' ends)
        predicted_log_count float?
    """),
)  # fmt: skip
MATCHED_SUMMARY = ResultTable(
    "matched_summary.tsv", "analyse", "correlations in the genome", "affinity matches", LIBRARY, "matched_summary",
    columns=columns_of("""
        split text: `any`: all
        task text
        x text: `label` (larger is tighter), `score`, `observed` or `predicted`
        y text
        n int: sequences
        pearson float?
        spearman float?
    """),
)  # fmt: skip
FOOTPRINT_AGGREGATE = ResultTable(
    "footprint_aggregate.tsv", "analyse", "mean profiles with and without inserts", "affinity footprints", LIBRARY,
    "footprint_aggregate",
    columns=columns_of("""
        group text: `without` an insert, `all`, or a class
        n int: inserts
        task text
        strand text
        position int: 0 is the middle, bp
        profile float: mean probability
        ends float: mean expected 5' ends
    """),
)  # fmt: skip
FOOTPRINT_HEATMAP = ResultTable(
    "footprint_heatmap.tsv", "analyse", "profile of every insert", "affinity footprints", LIBRARY, "footprint_heatmap",
    columns=columns_of("""
        rank int: by the size of the change, from 1
        sequence text
        class text?
        task text
        js_distance float: of the profiles with and without the insert
        strand text
        position int
        profile float
        change float: against the profile without an insert
    """),
)  # fmt: skip
PEAK_AGGREGATE = ResultTable(
    "peak_aggregate.tsv", "analyse", "mean profiles of peaks", "affinity footprints", LIBRARY, "peak_aggregate",
    columns=columns_of("""
        source text: `observed` or `predicted`
        n int: peaks
        task text
        strand text
        position int: 0 is the summit, bp
        ends float: mean 5' ends
    """),
)  # fmt: skip
PEAK_HEATMAP = ResultTable(
    "peak_heatmap.tsv", "analyse", "profile of every peak", "affinity footprints", LIBRARY, "peak_heatmap",
    columns=columns_of("""
        source text
        rank int: by observed 5' ends, from 1
        region_id text
        task text
        counts float: observed 5' ends in the output window
        strand text
        position int
        share float: of the strand's 5' ends
    """),
)  # fmt: skip
SPECIFICITY = ResultTable(
    "specificity.tsv", "specificity", "models against sets of measurements", "affinity specificity", LIBRARY,
    "specificity",
    columns=columns_of("""
        model text
        set text: of measurements
        unit text
        n int
        pearson float?: with the label, turned so that larger is tighter
        spearman float?
        n_held_out int
        rmse float?: OLS
        label_sd float?
        rmse_of_sd float?
        rank int?: of the model for this set, by Pearson
    """),
)  # fmt: skip
SPECIFICITY_DIFFERENCES = ResultTable(
    "specificity_differences.tsv", "specificity", "differences between paralogs", "affinity specificity", LIBRARY,
    "specificity_differences",
    columns=columns_of("""
        model_a text
        model_b text
        n int: sequences in both sets
        pearson float?: of the difference of standardised scores with that of standardised labels
        spearman float?
    """),
)  # fmt: skip
BACKGROUND_NUMBERS = ResultTable(
    "background_numbers.tsv", "analyse", "error and range by number of backgrounds", "affinity backgrounds", LIBRARY,
    "background_numbers",
    columns=columns_of("""
        n_backgrounds int
        calibrator text
        n int
        observed_sd float
        predicted_sd float
        sd_of_observed float: predicted_sd / observed_sd
        rmse float
        pearson float?
        spearman float?
        standard_error float?: mean, of the score
        pearson_with_all float?: with the scores of all backgrounds
    """),
)  # fmt: skip
BACKGROUND_HISTOGRAMS = ResultTable(
    "background_histograms.tsv", "analyse", "distributions by number of backgrounds", "affinity backgrounds", LIBRARY,
    "background_histograms",
    columns=columns_of("""
        source text: `observed` or the number
        low float
        high float
        count int
    """),
)  # fmt: skip
