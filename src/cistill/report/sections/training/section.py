"""How the model came about: search for settings, trainings, fine-tuning, choice of networks."""

from collections.abc import Mapping, Sequence
from typing import Any

from cistill.report.drawing.blocks import ROWS_SHOWN, Block, Fold, Heading, Note, Section, SideBySide, Table, Text
from cistill.report.drawing.wording import MISSING, count, decimal, duration, plural, significant, span
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.tf_results import TfResults
from cistill.report.reading.training_runs import ALL_TASKS, TrainingRun
from cistill.report.sections.training.candidates import candidate_blocks
from cistill.report.sections.training.charts import criterion_words, fold_charts, loss_charts
from cistill.report.sections.training.choice import chosen_runs, kind_words
from cistill.report.sections.training.finetuning import finetuning_blocks
from cistill.report.sections.training.search import search_blocks


def training_section(page: PageContext, summary: Mapping[str, Any]) -> Section:
    """Return the search, the trainings, the fine-tuning and the choice, as far as their tables were given."""
    results = page.results
    blocks: list[Block] = []
    if results.tuning is not None:
        blocks += [Heading("training-search", "Search for settings"), *search_blocks(results, summary["tuning"])]
    trained: list[Block] = _run_blocks(results)
    tuned = any(run.is_finetuned for run in results.runs)
    if results.tuning is not None or results.candidates is not None or tuned:
        trained.insert(0, Heading("training-runs", "Trainings"))
    blocks += trained
    if tuned:
        blocks += [Heading("training-finetuning", "Fine-tuning"), *finetuning_blocks(results)]
    if results.candidates is not None:
        blocks += [Heading("training-choice", "Choice of networks"), *candidate_blocks(results, summary["selection"])]
    return Section("training", "Training", _intro(results, summary), tuple(blocks))


def _intro(results: TfResults, summary: Mapping[str, Any]) -> str:
    facts, selection = summary["training"], summary["selection"]
    if facts is None:
        return "How the model came about."
    where = f" on {facts['device']}" if facts["device"] else ""
    if len(results.runs) == 1:
        run = results.runs[0]
        took = f" in {duration(facts['seconds'])}" if facts["seconds"] is not None else ""
        words = MISSING if run.epochs is None else plural(run.epochs, "epoch")
        kept = "no epoch is marked as the chosen one"
        if run.best_epoch is not None:
            kept = f"the weights of epoch {run.best_epoch} were kept"
        return f"{words}{took}{where}; {kept}."
    folds = plural(len({run.fold for run in results.runs}), "fold")
    restarts = plural(max(run.restart for run in results.runs), "restart")
    words = f"{count(len(results.runs))} networks trained: {folds}, {restarts}"
    kinds = {run.kind for run in results.runs}
    if len(kinds) > 1:
        words += ", for all tasks and for single ones" if ALL_TASKS in kinds else ", each for a single task"
    if facts["seconds"] is not None:
        words += f"; {duration(facts['seconds'])} in all{where}"
    return words + (f". {plural(len(selection['chosen']), 'network')} in the model." if selection else ".")


def _run_blocks(results: TfResults) -> list[Block]:
    runs = results.runs
    with_history = [run for run in runs if run.history is not None and len(run.history)]
    if not runs:
        return [Note("No history.tsv was given: nothing is known of the training.")]
    blocks: list[Block] = [_settings_table(results)]
    diverged = [run for run in runs if run.result("divergences")]
    if diverged:
        some = ", ".join(f"{run.name} ({_times(int(run.result('divergences')))})" for run in diverged[:ROWS_SHOWN])
        more = f" and {len(diverged) - ROWS_SHOWN} more" if len(diverged) > ROWS_SHOWN else ""
        words = "Trainings whose loss stopped being a number and that started anew with half the learning rate: "
        blocks.append(Note(words + some + more + ".", "warn"))
    if not with_history:
        blocks.append(Note("No history.tsv was given: no curves of the training."))
    elif len(with_history) == 1:
        blocks.append(SideBySide((*loss_charts(with_history), *fold_charts(results, with_history)), 3))
    else:
        names = chosen_runs(results)
        kept = [run for run in with_history if run.name in names] or with_history
        title = "Losses of the chosen networks" if len(kept) < len(with_history) else "Losses of all networks"
        blocks += [Text(criterion_words(with_history)), SideBySide(fold_charts(results, with_history), 3)]
        blocks.append(Fold(title, (SideBySide(loss_charts(kept), 2),)))
    if len(runs) > 1:
        blocks.append(Fold(f"Every training ({len(runs)})", (_run_table(results),)))
    return blocks


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _settings_table(results: TfResults) -> Table:
    """Return what the trainings of each kind ran with, ranges over folds and restarts."""
    rows = []
    for kind in dict.fromkeys(run.kind for run in results.runs):
        runs = [run for run in results.runs if run.kind == kind]
        rows.append((kind_words(results, kind), *_facts(runs)))
    return Table(
        "What the trainings ran with; ranges over folds and restarts. Where the user sets none, the program takes the "
        "weight of the count loss from the data (what there is to explain of profiles over the variance of log counts, "
        "times the factor of a search), the epochs from the number of training peaks, and the precision that is "
        "fastest on the machine. Learning rate: its highest value. From train.json and history.tsv.",
        (
            "network of",
            "trainings",
            "count weight",
            "learning rate",
            "precision",
            "epochs",
            "epoch kept",
            "parameters",
            "time of each",
        ),
        tuple(rows),
        frozenset(range(1, 9)) - {4},
        "Settings",
    )


def _facts(runs: Sequence[TrainingRun]) -> tuple[str, ...]:
    precisions = dict.fromkeys(str(run.setting("precision")) for run in runs if run.setting("precision"))
    return (
        count(len(runs)),
        span([run.setting("count_weight") for run in runs], significant),
        span([run.setting("learning_rate") for run in runs], significant),
        ", ".join(precisions) or MISSING,
        f"{span([run.epochs for run in runs], count)} of {span([run.setting('epochs') for run in runs], count)}",
        span([run.best_epoch for run in runs], count),
        span([run.result("parameters") for run in runs], count),
        span([run.result("training_seconds") for run in runs], duration),
    )


def _run_table(results: TfResults) -> Table:
    chosen = chosen_runs(results)
    rows = [
        (
            run.name + (" (in the model)" if run.name in chosen else ""),
            *_facts([run])[1:6],
            decimal(run.criterion),
            MISSING if run.record.get("seed") is None else str(run.record["seed"]),
            duration(run.result("training_seconds")),
        )
        for run in results.runs
    ]
    return Table(
        "Criterion: shares of profile and counts that stay unexplained on the fold's validation regions, summed. From "
        "train.json and history.tsv.",
        (
            "training",
            "count weight",
            "learning rate",
            "precision",
            "epochs",
            "epoch kept",
            "criterion",
            "seed",
            "time",
        ),
        tuple(rows),
        frozenset(range(1, 9)) - {3},
    )
