"""Files of `tune`, `train`, `finetune` and `select`."""

from cistill.formats.published import RUN, ResultFile, ResultTable, columns_of

TRIAL_COLUMNS = """
    trial int: number of the trial; 1 has the defaults
    learning_rate float: of the trial
    count_weight_factor float: on the count weight that is taken from the data
    count_weight float: weight of the counts' loss
    epochs int: epochs gone through
    valid_profile_nll float?: of the best epoch, mean over tasks, nats
    valid_count_mse float?: of the best epoch, mean over tasks
    criterion float?: share of profile and counts that stays unexplained, summed
    outcome text: `finished`, `given up` or `diverged`
"""
TRIAL = ResultTable(
    "trial_{k}.tsv", "", "one trial of the search for settings", "tune", columns=columns_of(TRIAL_COLUMNS)
)
TUNING = ResultTable(
    "tuning.tsv", "tune", "trials of the search for settings", "tune", role="tuning",
    columns=columns_of(TRIAL_COLUMNS + "chosen bool: whether its settings are used"),
)  # fmt: skip
CANDIDATES = ResultTable(
    "candidates.tsv", "select", "every network trained, its scores, and which were chosen", "select", role="candidates",
    columns=columns_of("""
        candidate text: the run, and `.finetuned`
        fold text: name of its fold
        kind text: `all` tasks, or the one that the network predicts
        restart int: number of the restart
        stage text: `trained` or `finetuned`
        task text: whose regions the scores are of
        profile_nll float: on the fold's validation regions of the task, nats
        count_mse float: on the same regions
        profile_unexplained float: share of the profile that stays unexplained
        count_unexplained float: share of the counts that stays unexplained
        criterion float: sum of the two
        chosen bool: whether the network predicts this task in the model
    """),
)  # fmt: skip
MODEL = ResultFile(
    "model.safetensors", "select", "weights and settings of the networks that make up the model", "select", role="model"
)
RUN_MODEL = ResultFile("model.safetensors", "train", "weights of a training", "train", RUN, "run_model")
HISTORY = ResultTable(
    "history.tsv", "train", "losses per epoch", "train", RUN, "history",
    columns=columns_of("""
        epoch int
        learning_rate float
        train_loss float
        train_profile_nll float: nats
        train_count_mse float
        valid_profile_nll float: mean over tasks, each on its own peaks and their first backgrounds, nats
        valid_count_mse float: mean over tasks
        criterion float: share of profile and counts that stays unexplained, summed
        best bool: whether it was the best epoch so far; the last such one is kept
    """),
)  # fmt: skip
FINETUNED_MODEL = ResultFile(
    "finetuned.model.safetensors", "finetune", "weights after fine-tuning", "finetune", RUN, "finetuned_model"
)
FINETUNED_HISTORY = ResultTable(
    "finetuned.history.tsv", "finetune", "losses per epoch of fine-tuning", "finetune", RUN, "finetuned_history",
    columns=columns_of("""
        restart int: number of the restart
        epoch int: 0 is before fine-tuning
        task text: whose validation regions
        valid_profile_nll float: nats
        valid_count_mse float
        best_profile bool: whether the profile head became the best so far
        best_counts bool: whether the count head became the best so far
    """),
)  # fmt: skip
