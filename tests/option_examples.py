"""Values of options that their commands read more closely than a type and a range, as YAML: command, option, value."""

EXAMPLES = {
    ("affinity.backgrounds", "numbers"): "'2,4'",
    ("callhits", "background"): "'0.3,0.2,0.2,0.3'",
    ("callhits", "lambda"): "0.6",
    ("callhits", "min_passing"): "0.1",
    ("callhits", "min_precision"): "0.5",
    ("callhits", "perplexity"): "12.0",
    ("callhits", "seqlet_length"): "31",
    ("callhits", "subcluster_perplexity"): "12.0",
    ("callhits", "target_fdr"): "0.1",
    ("collapse", "column"): "importance",
    ("collapse", "merge_coordinates"): "true, rule: chain",
    ("comparehits", "top"): "'10,100'",
    ("comparehits", "track_smoothing"): "3",
    ("marginalize", "reject"): "TGACTCA",
}
