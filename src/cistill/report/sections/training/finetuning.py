"""What fine-tuning did to each network: criterion before and after, and the course of both heads' losses."""

import altair as alt
import pandas as pd

from cistill.report.drawing import vega
from cistill.report.drawing.blocks import Block, Chart, SideBySide, Table, folded_if_long
from cistill.report.drawing.palette import BLUE, GREEN, INK
from cistill.report.drawing.wording import MISSING, count, decimal
from cistill.report.reading.tf_results import TfResults
from cistill.report.reading.training_runs import TrainingRun
from cistill.report.sections.training.choice import FINETUNED, chosen_names
from cistill.report.sections.training.record import better_heads

FEW_CURVES = 10
HEADS = (
    ("Profile head", "valid_profile_nll", "profile_nll", BLUE),
    ("Counts head", "valid_count_mse", "count_mse", GREEN),
)


def finetuning_blocks(results: TfResults) -> list[Block]:
    """Return the course of the losses, where it is known what they started from, and a table of all networks tuned."""
    tuned = [run for run in results.runs if run.is_finetuned]
    charts = [chart for head in HEADS if (chart := _chart(results, tuned, *head)) is not None]
    blocks: list[Block] = [SideBySide(tuple(charts), 2)] if charts else []
    return [folded_if_long(_table(results, tuned), "Every fine-tuned network"), *blocks]


def _table(results: TfResults, tuned: list[TrainingRun]) -> Table:
    chosen = chosen_names(results)
    rows = []
    for run in tuned:
        found, history = run.finetuned_record.get("results", {}), run.finetuned_history
        before, after = found.get("before", run.criterion), found.get("after")
        known = before is not None and after is not None
        rows.append(
            (
                run.name + (" (in the model)" if f"{run.name}.{FINETUNED}" in chosen else ""),
                decimal(before, 4),
                decimal(after, 4),
                decimal(before - after, 4) if known else MISSING,
                MISSING if history is None else count(history["restart"].nunique()),
                MISSING if history is None else count(len(history[["restart", "epoch"]].drop_duplicates())),
                MISSING if history is None else f"{better_heads(history)} of {2 * history['task'].nunique()}",
            )
        )
    return Table(
        "The trunk of a trained network stays as it is, and its heads are trained on, those of each task on the "
        "task's own regions. A head is kept only if it does better on the validation regions than the one it came "
        "from, so the criterion cannot rise. Gain: criterion before less criterion after. From finetuned.json and "
        "finetuned.history.tsv.",
        ("network", "before", "after", "gain", "restarts", "epochs in all", "heads improved"),
        tuple(rows),
        frozenset(range(1, 7)),
        "Networks fine-tuned",
    )


def _chart(
    results: TfResults, tuned: list[TrainingRun], title: str, column: str, score: str, colour: str
) -> Chart | None:
    """Draw the change of a head's validation loss by epoch, a line for each network, restart and task."""
    curves = []
    for run in tuned:
        if run.finetuned_history is None:
            continue
        for (restart, task), rows in run.finetuned_history.groupby(["restart", "task"], sort=False):
            before = _score_before(results.candidates, run.name, str(task), score)
            if before and rows[column].notna().any():
                names = {"network": run.name, "restart": restart, "task": str(task)}
                change = 100 * (rows[column].to_numpy(float) / before - 1)
                curves.append(pd.DataFrame(names | {"epoch": rows["epoch"].to_numpy(int), "change": change}))
    if not curves:
        return None
    table = pd.concat(curves, ignore_index=True).dropna(subset=["change"])
    few = len(curves) < FEW_CURVES
    lines = (
        vega.chart(height=250)
        .mark_line(color=colour, strokeWidth=1.6 if few else 1, strokeOpacity=1 if few else 0.5)
        .encode(
            x=alt.X("epoch:Q", title="epoch of fine-tuning", axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("change:Q", title="change of the loss, %"),
            detail=["network:N", "restart:N", "task:N"],
            tooltip=vega.tips(network="", task="", restart="d", epoch="d", change="+.2f"),
        )
    )
    return Chart(
        table,
        lines + vega.rule(y=0.0, colour=INK),
        f"Validation loss of the head against that of the network as trained ({column.removeprefix('valid_')}), a line "
        f"for each network, task and restart; lowest {decimal(float(table['change'].min()), 1)}%; dashed: as trained. "
        "From finetuned.history.tsv and candidates.tsv.",
        title,
        f"fine-tuning {title}",
        f"Fine-tuning of the {title.lower()}: change of the validation loss per epoch",
    )


def _score_before(candidates: pd.DataFrame | None, run: str, task: str, score: str) -> float | None:
    """Return a validation score of a network as trained; None where it is not known."""
    if candidates is None:
        return None
    found = candidates.loc[(candidates["candidate"] == run) & (candidates["task"] == task), score].dropna()
    return float(found.iloc[0]) if len(found) else None
