"""How reads became a model and its predictions, in sentences."""

from collections.abc import Iterable, Mapping
from typing import Any

from cistill.report.drawing.wording import count, plural, significant, span
from cistill.report.reading.roles import COVERAGE
from cistill.report.reading.tf_results import TfResults

Record = Mapping[str, Any]
FAMILIES = {
    "profile": "dilated convolutions with sums of residuals that predict counts and profiles, after Avsec et al. 2021",
    "distill": "dilated convolutions that treat both strands alike, after Alexandari et al. 2023",
}
CRITERION = "the smallest unexplained shares of profiles and counts on the validation regions"


def reads(results: TfResults) -> str:
    """Return how reads were counted; empty where the pipeline did not count them."""
    records = [record for name, record in results.provenance.items() if name.endswith(COVERAGE)]
    if not records:
        return ""
    quality, duplicates = (shared(records, name) for name in ("min_mapq", "keep_duplicates"))
    kept = f" of mapping quality {quality} or more" if quality is not None else ""
    rule = "" if duplicates is None else ", duplicates included," if duplicates else ", without duplicates,"
    total = sum(int(record["results"].get(strand, 0)) for record in records for strand in ("plus", "minus"))
    files = plural(len(records), "read set")
    return f"The 5' ends of reads{kept}{rule} were counted by strand in {files} ({count(total)} 5' ends)."


def regions(results: TfResults, summary: Mapping[str, Any]) -> str:
    """Return what windows the model was given, and how they were split."""
    record = results.stage("dataset")
    shape = record.get("settings", {}).get("shape")
    if not shape:
        return ""
    numbers, folds = summary["regions"], len(summary["folds"])
    split = "into training, validation and test regions"
    split += f", in {plural(folds, 'fold')}" if folds > 1 else ""
    return (
        f"Windows of {shape['input_length']} bp around {plural(numbers['peaks_kept'], 'peak summit')} and "
        f"{plural(numbers['backgrounds'], 'background region')} of matched GC content were split by chromosome "
        f"{split}; counts were taken in the central {shape['output_length']} bp, and windows shifted by up to "
        f"{shape['max_jitter']} bp in training."
    )


def training(results: TfResults) -> str:
    """Return the networks and how they were trained; empty without a record."""
    runs = [run for run in results.runs if run.record.get("settings")]
    if not runs:
        return ""
    settings = [run.record["settings"].get("training") or {} for run in runs]
    networks = [run.record["settings"].get("network") or {} for run in runs]
    families = dict.fromkeys(str(network["family"]) for network in networks if network.get("family"))
    folds, restarts = len({run.fold for run in runs}), max(run.restart for run in runs)
    made = [
        f"{plural(folds, 'fold')}, {plural(restarts, 'restart')}",
        *(FAMILIES.get(name, name) for name in families),
        _values("{} layers", networks, "layers") + _values(" of {} filters", networks, "filters"),
    ]
    limits = [
        _values("at most {} epochs", settings, "epochs"),
        _values("batches of {} regions", settings, "batch_size"),
        _values("learning rate {}", settings, "learning_rate"),
        _values("{} background regions a peak", settings, "background_ratio"),
    ]
    how = f" ({', '.join(filter(None, limits))})" if any(limits) else ""
    weight = _values("{} times ", settings, "count_weight") or "a weight times "
    were = "was" if len(runs) == 1 else "were"
    return (
        f"{plural(len(runs), 'network')} ({'; '.join(filter(None, made))}) {were} trained on the multinomial "
        f"likelihood of each strand's profile plus {weight}the squared error of ln(1 + 5' ends){how}. The "
        f"epoch with {CRITERION} was kept."
    )


def _values(words: str, settings: list[Record], name: str) -> str:
    """Return words with a setting, its range where trainings differ; empty where it is not known."""
    values = [of[name] for of in settings if of.get(name) is not None]
    return words.format(span(values, significant)) if values else ""


def choice(results: TfResults, summary: Mapping[str, Any]) -> str:
    """Return fine-tuning and choice of networks; empty without either."""
    words = []
    tuned = [run for run in results.runs if run.is_finetuned]
    if tuned:
        words.append("Heads were trained further with the other layers frozen.")
    selection = summary["selection"]
    if selection is not None and selection["chosen"]:
        how = "by the user" if selection["chosen_by"] == "user" else f"by {CRITERION}"
        words.append(
            f"{plural(len(selection['chosen']), 'network')} of {plural(selection['candidates'], 'candidate')} "
            f"{'was' if len(selection['chosen']) == 1 else 'were'} chosen {how}."
        )
    return " ".join(words)


def scores(summary: Mapping[str, Any]) -> str:
    """Return how predictions were judged; empty without held-out metrics."""
    metrics = summary["metrics"]
    if metrics is None or not metrics["test"]:
        return ""
    return (
        "Scores are of regions on chromosomes that the networks which predict them never saw. 95% intervals: AUROC by "
        "Newcombe's method 5 (Newcombe 2006), correlations by Fisher's transformation, means by Student's t, shares by "
        "Wilson's method (Wilson 1927)."
    )


def shared(records: Iterable[Record], setting: str) -> Any:
    """Return the value of a setting that all records have alike; None where they differ or lack it."""
    values = [record.get("settings", {}).get(setting) for record in records]
    return values[0] if values and all(value == values[0] for value in values) else None
