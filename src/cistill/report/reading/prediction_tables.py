"""The tables of metrics and of predicted regions: which regions are scored, and in which part they count."""

import pandas as pd

PREDICTION_COLUMNS = (
    "region_id", "kind", "split", "unseen", "task", "observed_log_count", "predicted_log_count", "profile_jsd",
)  # fmt: skip
METRIC_COLUMNS = (
    "task", "split", "regions", "metric", "strand", "value", "lower", "average", "upper", "normalised", "n",
)  # fmt: skip
SEEN = "seen"
"""In place of `test`: regions that networks predicted which saw their chromosome."""
SPLITS = ("test", "valid", SEEN, "train")
"""Parts of metrics.tsv, those that say most of new regions first."""


def scored_predictions(predictions: pd.DataFrame, regions: pd.DataFrame) -> pd.DataFrame:
    """Return the predictions that are scored, under the name of the part that metrics.tsv counts them in."""
    unseen = predictions["unseen"]
    part = predictions["split"].mask((predictions["split"] == "test") & ~unseen, SEEN)
    # the further backgrounds of a peak are there for training alone, and are not scored where they were predicted
    further = predictions["region_id"].isin(regions.loc[regions["match_rank"] > 0, "region_id"])
    return predictions.assign(split=part, unseen=unseen)[~further]


def best_split(predictions: pd.DataFrame) -> str:
    """Return the split that figures show: test regions, or the next best where there are none."""
    return next((split for split in SPLITS if (predictions["split"] == split).any()), "train")
