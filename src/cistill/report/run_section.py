"""Which regions were used, how the training went, and how every stage was run."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from cistill.report.blocks import Block, Figure, Fold, Note, Row, Section, Table, Text
from cistill.report.charts import BLUE, GOLD, INK, Legend, Plot, limits
from cistill.report.inputs import COVERAGE, HEAD_STAGES, TF_STAGES
from cistill.report.results import Results, open_results
from cistill.report.wording import MISSING, count, duration, percent

READ_WORDS = {"qc_fail": "QC-fail", "low_mapq": "of low mapping quality", "other_mate": "of the other mate"}
SPLIT_WORDS = {
    "train": "training",
    "valid": "validation",
    "test": "test (held out)",
    "none": "none (explained only)",
}


def data_section(results: Results, summary: Mapping[str, Any]) -> Section:
    """Return the regions that were used, and why others were left out."""
    blocks: list[Block] = [Row((_regions_table(summary), _dropped(summary)))]
    reads = _read_sets(results)
    if reads is not None:
        blocks.append(reads)
    control = _control_words(results)
    if control:
        blocks.append(Text(control))
    return Section(
        "data",
        "Data",
        "The regions that the model was trained and judged on, and why others were left out.",
        tuple(blocks),
    )


def _read_sets(results: Results) -> Table | None:
    """Return how many reads of each BAM were counted; None where coverage was not counted by the pipeline."""
    rows = []
    for name, record in results.provenance.items():
        found = record.get("results", {})
        if not name.endswith(COVERAGE) or "plus" not in found:
            continue
        counted = int(found["plus"]) + int(found["minus"])
        left_out = ", ".join(
            f"{count(number)} {READ_WORDS.get(reason, reason.replace('_', ' '))}"
            for reason, number in found.get("left_out", {}).items()
            if number
        )
        rows.append(
            (name.removesuffix(COVERAGE), count(found.get("reads", counted)), count(counted), left_out or "none")
        )
    if not rows:
        return None
    return Table(
        "Reads of each BAM file, those whose 5' ends were counted, and why others were not. From coverage.json.",
        ("read set", "reads", "5' ends", "left out"),
        tuple(rows),
        frozenset({1, 2}),
        "Reads",
    )


def _control_words(results: Results) -> str:
    """Say which tasks have a control, empty if the dataset was not given or does not tell."""
    file = results.file("dataset")
    if file is None:
        return ""
    with open_results(file) as handle:
        has_control = handle["has_control"][:].tolist() if "has_control" in handle else []
    tasks = [task for task, has in zip(results.tasks, has_control, strict=False) if has]
    if not has_control:
        return ""
    if not tasks:
        return "No control experiment was given: the model explains all reads from sequence alone."
    names = "" if len(tasks) == len(results.tasks) == 1 else f" of {', '.join(tasks)}"
    return f"The model saw the reads of a control experiment{names} beside the sequence."


def run_section(results: Results, summary: Mapping[str, Any]) -> Section:
    """Return what each stage read, with which settings, on which device, and how long it took."""
    title, intro = "How it was run", "What each stage read and took, with which settings and versions."
    if not results.provenance:
        note = Note("No provenance files were given, so settings, versions and times are not known here.")
        return Section("run", title, intro, (note,))
    return Section(
        "run",
        title,
        intro,
        (
            _stages(results),
            Fold("Input files and their digests", (_input_files(results),)),
            Fold("Settings of every stage", (_settings(results),)),
            Fold("Versions", (_versions(summary),)),
        ),
    )


def _regions_table(summary: Mapping[str, Any]) -> Table:
    regions = summary["regions"]
    rows = [
        (SPLIT_WORDS.get(split, split), count(numbers["peaks"]), count(numbers["backgrounds"]))
        for split, numbers in regions["by_split"].items()
    ]
    peaks = sum(numbers["peaks"] for numbers in regions["by_split"].values())
    rows.append(("all", count(peaks), count(regions["backgrounds"])))
    return Table(
        "Regions in the dataset by their use. The split goes by chromosome, so no test region was seen in training; "
        "backgrounds match the peaks' GC content. From regions.tsv.",
        ("split", "peaks", "backgrounds"),
        tuple(rows),
        frozenset({1, 2}),
        "Regions used",
    )


def _dropped(summary: Mapping[str, Any]) -> Block:
    regions = summary["regions"]
    explained, dropped = regions["peaks_explained_only"], regions["peaks_dropped"]
    given = regions["peaks_given"]
    if not dropped and not explained:
        return Note(f"All {count(given)} peaks given were used.")
    rows = [(reason, "yes", count(n), percent(n, given)) for reason, n in explained.items()]
    rows += [(reason, "no", count(n), percent(n, given)) for reason, n in dropped.items()]
    left_out = sum(explained.values()) + sum(dropped.values())
    rows.append(("all left out", "", count(left_out), percent(left_out, given)))
    return Table(
        f"Why peaks were left out of training and scores, of {count(given)} given; those whose sequence is usable are "
        "still explained (motifs, hits). Every peak stands with its reason in regions.tsv.",
        ("reason", "explained", "peaks", "share"),
        tuple(rows),
        frozenset({2, 3}),
        "Peaks left out",
    )


def stages_in_order(results: Results) -> list[tuple[str, Mapping[str, Any]]]:
    """Return name and provenance of every stage, in the order in which the pipeline runs them."""
    order = ("coverage", *TF_STAGES, *HEAD_STAGES)
    named = [(_stage_name(results, name), record) for name, record in results.provenance.items()]
    return sorted(named, key=lambda item: (order.index(item[0].split(".")[-1]), item[0]))


def _stage_name(results: Results, name: str) -> str:
    return name.removeprefix(f"{results.tf}.").removesuffix(".json")


def _stages(results: Results) -> Table:
    rows, total = [], 0.0
    for name, record in stages_in_order(results):
        seconds = float(record.get("seconds") or 0.0)
        total += seconds
        seed = record.get("seed")
        found = {**record.get("settings", {}), **record.get("results", {})}
        rows.append(
            (
                name,
                duration(seconds),
                str(found.get("device", MISSING)),
                MISSING if seed is None else str(seed),
                str(record.get("library", ""))[:12] or MISSING,
            )
        )
    rows.append(("all", duration(total), "", "", ""))
    return Table(
        "Time of each command as it measured it, the device it computed on, the seed of its random choices, and the "
        "digest of the library's source. From the JSON beside each result.",
        ("stage", "time", "device", "seed", "library"),
        tuple(rows),
        frozenset({1, 3}),
        "Stages",
    )


def _input_files(results: Results) -> Table:
    rows = []
    for name, record in stages_in_order(results):
        for role, file in record.get("inputs", {}).items():
            rows.append(
                (
                    name,
                    role,
                    str(file.get("name", "")),
                    count(float(file.get("bytes", 0))),
                    str(file.get("sha256", ""))[:16],
                )
            )
    return Table(
        "Files that each stage read; the digest is the start of the SHA-256 of their content.",
        ("stage", "role", "file", "bytes", "SHA-256"),
        tuple(rows),
        frozenset({3}),
    )


def _settings(results: Results) -> Table:
    rows: list[tuple[str, str, str]] = []
    for name, record in stages_in_order(results):
        rows.extend((name, str(key), _value(value)) for key, value in record.get("settings", {}).items())
    return Table("Every setting that a stage ran with, defaults included.", ("stage", "setting", "value"), tuple(rows))


def _value(value: object) -> str:
    if value is None:
        return MISSING
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {_value(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_value(item) for item in value)
    return str(value)


def _versions(summary: Mapping[str, Any]) -> Table:
    return Table("Versions that the stages recorded.", ("package", "version"), tuple(summary["versions"].items()))


def training_section(results: Results, summary: Mapping[str, Any]) -> Section:
    """Return the course of the losses and the epoch whose weights were kept."""
    title, intro = "Training", "How the losses fell, epoch by epoch, and which epoch's weights were kept."
    history = results.history
    if history is None or not len(history):
        return Section("training", title, intro, (Note("No history.tsv was given: nothing is known of the training."),))
    facts, best = summary["training"], summary["training"]["best_epoch"]
    words = f"{facts['epochs']} epochs"
    if facts["seconds"] is not None:
        words += f" in {duration(facts['seconds'])}"
    if facts["device"]:
        words += f" on {facts['device']}"
    kept = f"the weights of epoch {best} were kept." if best is not None else "no epoch is marked as the chosen one."
    epochs = history["epoch"].to_numpy(float)
    curves = [
        ("Profile loss", "nats per strand", "train_profile_nll", "valid_profile_nll"),
        ("Count loss", "squared error", "train_count_mse", "valid_count_mse"),
        ("Criterion", "unexplained share", "", "criterion"),
    ]
    figures = []
    for name, unit, train, valid in curves:
        columns = [column for column in (train, valid) if column in history]
        plot = Plot(
            limits(epochs, pad=0.02),
            limits(*[history[column] for column in columns], pad=0.08),
            f"{name} per epoch",
            "epoch",
            unit,
            width=330,
            height=260,
        )
        entries = []
        if best is not None:
            plot.rule(INK, x=best)
        for column, colour, label in ((train, BLUE, "training"), (valid, GOLD, "validation")):
            if column in columns:
                plot.line(epochs, history[column], colour)
                entries.append(Legend(colour, label, "line"))
        if best is not None:
            at = int(np.flatnonzero(epochs == best)[0])
            plot.ring(best, float(history[valid].iloc[at]), GOLD)
            entries.append(Legend(INK, "kept", "dash"))
        plot.legend(entries)
        figures.append(Figure(plot.svg(), _loss_caption(name), name))
    return Section("training", title, f"{words}; {kept}", (Row(tuple(figures)),))


def _loss_caption(name: str) -> str:
    return {
        "Profile loss": "Multinomial negative log-likelihood of where reads start, mean over regions, tasks "
        "and strands: "
        "training over peaks and backgrounds, validation over peaks, so that their levels differ. From history.tsv.",
        "Count loss": "Mean squared error of the natural log of 1 + reads per strand; lower is better. From "
        "history.tsv.",
        "Criterion": "What the kept epoch is chosen by: the shares of profile and counts that stay unexplained "
        "on validation "
        "chromosomes, summed; 2 knows nothing, 0 is perfect. From history.tsv.",
    }[name]
