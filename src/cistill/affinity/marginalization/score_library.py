"""The command `marginalize`: from a model and a library of inserts to files of scores."""

import hashlib
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from cistill.affinity.marginalization.footprints import write_footprints
from cistill.affinity.marginalization.inserts import (
    Inserts,
    ToCompute,
    generated_inserts,
    read_inserts,
    sequences_to_compute,
)
from cistill.affinity.marginalization.marginalize import chosen_tasks, statistics_of
from cistill.affinity.marginalization.marginalizer import (
    Deltas,
    Marginalizer,
    check_lengths,
    describe_checks,
    exact_products,
)
from cistill.affinity.marginalization.panel import Panel, ensemble_panels, fasta_panel, write_panels
from cistill.affinity.marginalization.score_files import NUMBERS, write_scores
from cistill.affinity.marginalization.settings import Backgrounds, EngineSettings, MarginalizeInput, Outputs
from cistill.affinity.marginalization.strong_hits import sites_of
from cistill.affinity.tables.generate import generated, write_inserts
from cistill.checkpoints import checkpoint_folder, kept_array
from cistill.console import progress
from cistill.errors import InputError
from cistill.files import sha256
from cistill.formats.deltas import delta_writer
from cistill.model.device import describe_device, find_device
from cistill.model.ensemble import Ensemble, load_ensemble
from cistill.model.windows.dataset import read_dataset
from cistill.provenance import write_provenance


def score_library(
    model: Path,
    library: MarginalizeInput,
    backgrounds: Backgrounds,
    engine: EngineSettings,
    outputs: Outputs,
    tasks: str | None = None,
    device_name: str = "cpu",
) -> None:
    """Score a library of inserts by marginalization; write scores, what was asked for beside them, and provenance.

    Raises
    ------
    InputError
        If library, backgrounds and model do not fit, or an input is bad.
    """
    device = find_device(device_name)
    if engine.precision == "tf32" and device.type != "cuda":
        raise InputError("precision tf32 exists on GPUs only: use fp32 or bf16")
    exact_products()
    ensemble = load_ensemble(model, device)
    names = chosen_tasks(ensemble, None if tasks is None else tasks.split(","))
    inserts = _inserts(library)
    check_lengths(inserts, ensemble.input_length)
    panels, panel_of = _panels(ensemble, backgrounds)
    prefix = outputs.prefix or ensemble.tf
    outputs.outdir.mkdir(parents=True, exist_ok=True)
    chunked = outputs.chunk.of > 1
    stem = f"{prefix}.chunk_{outputs.chunk.index}" if chunked else prefix
    if library.generate and outputs.chunk.index == 1:
        write_inserts(outputs.outdir / f"{prefix}.library.tsv", _every(library.generate))
    if outputs.write_panel:
        write_panels(outputs.outdir / f"{prefix}.backgrounds.fa", panels)
    work = sequences_to_compute(inserts.sequences, engine.both_orientations)
    key = [*_digests(model, panels, work), [names, panel_of, asdict(engine), outputs.deltas, device_name]]
    run = hashlib.sha256(repr(key).encode()).hexdigest()[:16]
    started = time.monotonic()
    marginalizer = Marginalizer(ensemble, panels, panel_of, names, inserts, engine)
    describe_checks(marginalizer.checks)
    ready = time.monotonic()
    part = [outputs.chunk.index, outputs.chunk.of]
    with checkpoint_folder(outputs.state, f"{stem}.marginalize", [*key, part]) as folder:
        scored = _score(marginalizer, work, inserts, outputs, stem, folder, ensemble.tf)
    seconds = time.monotonic() - ready
    if outputs.footprints and outputs.chunk.index == 1:
        chosen = inserts.sequences[: outputs.footprints]
        write_footprints(outputs.outdir, prefix, ensemble, panels, panel_of, names, chosen, engine.both_orientations)
    write_provenance(
        outputs.outdir / f"{stem}.marginalize.json",
        _settings(library, backgrounds, engine, names),
        _inputs(model, library, backgrounds),
        {
            "run": run,
            "chunk": part,
            "device": describe_device(device),
            **_facts(inserts, len(work.sequences), scored, marginalizer, panels),
            "preparing_seconds": round(ready - started, 2),
            "scoring_seconds": round(seconds, 2),
            "unit": "ln(1 + 5' ends)",
        },
        backgrounds.panel.seed,
    )


def _settings(
    library: MarginalizeInput, backgrounds: Backgrounds, engine: EngineSettings, tasks: list[str]
) -> dict[str, Any]:
    """Return the settings of a run, as its provenance has them."""
    return {
        "tasks": tasks,
        "generate": list(library.generate),
        "panel": asdict(backgrounds.panel),
        "reject": backgrounds.reject,
        "reject_mismatches": backgrounds.mismatches,
        "reject_share": backgrounds.share,
        "engine": asdict(engine),
    }


def _digests(model: Path, panels: Sequence[Panel], work: ToCompute) -> list[Any]:
    """Return what tells one run's model, backgrounds and sequences from another's."""
    of_panels = [hashlib.sha256(panel.codes.tobytes()).hexdigest() for panel in panels]
    return [sha256(model), of_panels, hashlib.sha256(work.sequences.tobytes()).hexdigest()]


def _facts(
    inserts: Inserts, computed: int, scored: int, marginalizer: Marginalizer, panels: Sequence[Panel]
) -> dict[str, Any]:
    """Return what was scored in which backgrounds, as the provenance has it."""
    return {
        "rows": inserts.rows,
        "inserts": len(inserts),
        "treated": inserts.treated,
        "computed": computed,
        "scored": scored,
        "backgrounds": marginalizer.backgrounds,
        "independent_backgrounds": len(set(marginalizer.source.tolist())),
        "panels": [panel.record for panel in panels],
        "networks": marginalizer.checks,
    }


def _inputs(model: Path, library: MarginalizeInput, backgrounds: Backgrounds) -> dict[str, Path]:
    """Return the files that a run reads, by role."""
    files = {"model": model, "dataset": backgrounds.dataset, "backgrounds": backgrounds.fasta, "library": library.file}
    if backgrounds.reject and Path(backgrounds.reject).is_file():
        files["rejected_motifs"] = Path(backgrounds.reject)
    return {role: path for role, path in files.items() if path is not None}


def _score(
    marginalizer: Marginalizer,
    work: ToCompute,
    inserts: Inserts,
    outputs: Outputs,
    stem: str,
    folder: Path | None,
    tf: str,
) -> int:
    """Score the blocks of a chunk and write them; return the number of inserts of the library that they are."""
    spans = outputs.chunk.spans(len(work.sequences))
    first, last = (spans[0][0], spans[-1][1]) if spans else (0, 0)
    rows = np.flatnonzero((work.of_row >= first) & (work.of_row < last))
    sequences, tasks = inserts.sequences[rows], marginalizer.tasks
    numbers = np.full((last - first, len(tasks), len(NUMBERS)), np.nan)
    # where each computed sequence goes: rows in the order of what is computed
    order = np.argsort(work.of_row[rows], kind="stable")
    sorted_work = work.of_row[rows][order]
    with ExitStack() as stack:
        delta = None
        if outputs.deltas:
            path = outputs.outdir / f"{stem}.deltas.h5"
            delta = stack.enter_context(delta_writer(path, tf, sequences, tasks, marginalizer.source, rows))
        size = spans[0][1] - spans[0][0] if spans else 1
        for span in progress(spans, "marginalizing", last - first, "inserts", size):
            block = work.sequences[slice(*span)]
            own = slice(span[0] - first, span[1] - first)
            file = None if folder is None else folder / f"block_{span[0]:010d}.npz"
            if delta is None:
                numbers[own] = kept_array(file, lambda: statistics_of(marginalizer.deltas(block), marginalizer.source))  # noqa: B023
                continue
            # the networks' deviations are kept with the changes, as if they were one more background
            kept = kept_array(file, lambda: np.dstack(marginalizer.deltas(block)))  # noqa: B023
            found = kept[:, :, :-1]
            numbers[own] = statistics_of(Deltas(found, kept[:, :, -1]), marginalizer.source)
            begin, end = np.searchsorted(sorted_work, span)
            at = np.sort(order[begin:end])
            if len(at):
                delta[at] = found[work.of_row[rows[at]] - span[0]]
    write_scores(
        outputs.outdir / f"{stem}.scores.tsv",
        sequences,
        tasks,
        numbers[work.of_row[rows] - first],
        marginalizer.backgrounds,
        rows if outputs.chunk.of > 1 else None,
    )
    return len(rows)


def _every(texts: Sequence[str]) -> Any:
    """Chain what several texts generate."""
    return (insert for text in texts for insert in generated(text))


def _inserts(library: MarginalizeInput) -> Inserts:
    if (library.file is None) == (not library.generate):
        raise InputError("give either a library file or what to generate")
    if library.file is not None:
        return read_inserts(library.file, library.column)
    return generated_inserts(_every(library.generate))


def _panels(ensemble: Ensemble, backgrounds: Backgrounds) -> tuple[list[Panel], list[int]]:
    if (backgrounds.dataset is None) == (backgrounds.fasta is None):
        raise InputError("give either a dataset or a FASTA file to make backgrounds from")
    sites = sites_of(backgrounds.reject, backgrounds.mismatches, backgrounds.share)
    if backgrounds.fasta is not None:
        panels = fasta_panel(backgrounds.fasta, ensemble.input_length, backgrounds.panel, sites)
        return panels, [0] * len(ensemble.members)
    assert backgrounds.dataset is not None
    return ensemble_panels(ensemble, read_dataset(backgrounds.dataset), backgrounds.panel, sites)
