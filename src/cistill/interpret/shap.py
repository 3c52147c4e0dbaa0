"""What `shap` does, from files to files."""

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from cistill.ahead import ahead
from cistill.checkpoints import checkpoint_folder, kept
from cistill.console import progress
from cistill.errors import InputError
from cistill.files import named, sha256
from cistill.formats.attributions import attribution_writer
from cistill.formats.tables.contributions import REGION_CONTRIBUTIONS, SHAP
from cistill.interpret.contribution_tracks import write_contributions
from cistill.interpret.engines import find_engine
from cistill.interpret.ensembles import explain
from cistill.interpret.explained_regions import RegionBlock, RegionSource, own_regions, peaks_of
from cistill.interpret.outcome import Explained, Outcome
from cistill.interpret.shap_settings import ShapSettings
from cistill.interpret.shuffle import dinucleotide_shuffles
from cistill.model.device import describe_device, find_device, on_one_thread, threads_restored
from cistill.model.ensemble import Ensemble, load_ensemble
from cistill.model.precision import use_precision
from cistill.provenance import write_provenance

BLOCKS_PER_SEGMENT = 64  # blocks that are kept together for a run that goes on


@dataclass(frozen=True)
class Regions:
    """Where the regions come from: a dataset, or a BED file and a genome."""

    dataset: Path | None = None
    bed: Path | None = None
    fasta: Path | None = None

    def files(self) -> dict[str, Path]:
        """Return the files by role."""
        return {role: file for role, file in vars(self).items() if file is not None}

    def open(self, ensemble: Ensemble) -> RegionSource:
        """Return the regions for a model."""
        if self.dataset is not None:
            return peaks_of(self.dataset, ensemble)
        if self.bed is None or self.fasta is None:
            raise InputError("give either a dataset, or a BED file and a genome")
        return own_regions(self.bed, self.fasta, ensemble)


@dataclass(frozen=True)
class _Plan:
    """What is explained of which regions with which model, and how; `groups`: tasks summed, by the sum's name."""

    source: RegionSource
    ensemble: Ensemble
    groups: dict[str, tuple[str, ...]]
    settings: ShapSettings

    @property
    def outputs(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Outputs to explain: name of the group, head, tasks."""
        return [(name, head, tasks) for name, tasks in self.groups.items() for head in self.settings.heads]

    @property
    def device(self) -> torch.device:
        return next(self.ensemble.members[0].network.parameters()).device


def shap(
    regions: Regions,
    model_file: Path,
    settings: ShapSettings,
    tf: str | None,
    device_name: str,
    bigwigs: bool,
    window: int | None,
    checkpoint_dir: Path | None,
    outdir: Path,
) -> None:
    """Explain regions with a model; write attributions, tables of regions and of outputs, tracks and provenance.

    Parameters
    ----------
    regions : Regions
    model_file : Path
    settings : ShapSettings
    tf : str, optional
        Prefix of the files written; the TF's name by default.
    device_name : str
        `cpu` or `cuda`.
    bigwigs : bool
        Whether to write tracks, of the central `window` bp of each region (all of them by default).
    window : int, optional
    checkpoint_dir : Path, optional
        Where finished parts are kept until the end, for a run that goes on after this one was killed.
    outdir : Path
        Where to write.

    Raises
    ------
    InputError
        If model and regions do not fit, there is no region, or the attributions of a region miss the difference of
        outputs by more than 5 %.
    """
    device = find_device(device_name)
    use_precision("fp32")
    find_engine(settings.engine)
    ensemble = load_ensemble(model_file, device)
    groups = _groups(ensemble, settings)
    plan = _Plan(regions.open(ensemble), ensemble, groups, settings)
    source = plan.source
    outdir.mkdir(parents=True, exist_ok=True)
    prefix = outdir / (tf or source.tf)
    files = regions.files() | {"model": model_file}
    record = Outcome(source, settings.heads, list(groups))
    began = time.monotonic()
    key = [asdict(settings), device.type, {role: sha256(file) for role, file in files.items()}]
    with checkpoint_folder(checkpoint_dir, f"{prefix.name}.shap", key) as folder:
        paths = _write(plan, prefix, record, _explained(plan, folder))
        for part in [] if folder is None else folder.glob("*.npz"):
            part.unlink()
    seconds = time.monotonic() - began
    SHAP.write(named(prefix, "shap.tsv"), record.outputs(paths, asdict(settings)))
    for path in paths if bigwigs else []:
        track = path.with_name(path.name.removesuffix(".attributions.h5") + ".contributions.bw")
        write_contributions(path, track, source.sizes, window)
    write_provenance(
        named(prefix, "shap.json"),
        asdict(settings) | {"device": device_name, "bigwigs": bigwigs, "window": window},
        files,
        {
            "device": describe_device(device),
            "members": len(ensemble.members),
            **record.summary(),
            "explaining_seconds": round(seconds, 1),
            "regions_per_second": round(len(source) / max(seconds, 1e-9), 2),
        },
        settings.seed,
    )


def _groups(ensemble: Ensemble, settings: ShapSettings) -> dict[str, tuple[str, ...]]:
    """Return the tasks that are summed, by the name of their sum."""
    tasks = tuple(ensemble.tasks) if settings.tasks is None else settings.tasks
    if not tasks or len(set(tasks)) < len(tasks) or not set(tasks) <= set(ensemble.tasks):
        known, given = ", ".join(ensemble.tasks), ", ".join(tasks) or "none"
        raise InputError(f"--tasks must name tasks of the model, each once ({known}), not {given}")
    return {task: (task,) for task in tasks} if settings.each_task else {",".join(tasks): tasks}


def _write(plan: _Plan, prefix: Path, record: Outcome, explained: Iterable[Explained]) -> list[Path]:
    """Write attribution files and the table of regions block by block; return the attribution files."""
    source, settings = plan.source, plan.settings
    columns = {"region_id": source.region_id, "chrom": source.chrom, "start": source.start}
    paths, writers = [], []
    with ExitStack() as stack:
        for name, head, tasks in plan.outputs:
            own = f"{name}.{head}" if settings.each_task else head
            paths.append(named(prefix, f"{own}.attributions.h5"))
            attributes = {
                "tf": source.tf,
                "tasks": list(tasks),
                "n_shuffles": settings.n_shuffles,
                "seed": settings.seed,
                "weighting": settings.weighting,
                "engine": settings.engine,
            }
            opened = attribution_writer(paths[-1], head, columns, source.length, attributes, settings.dtype)
            writers.append(stack.enter_context(opened))
        write = stack.enter_context(REGION_CONTRIBUTIONS.writer(named(prefix, "region_contributions.tsv")))
        for made in progress(explained, "explaining", len(source), size=settings.block_size):
            write(record.add(made))
            for index, writer in enumerate(writers):
                writer.write(made.first, made.hypothetical[index], made.codes, made.gap[index])
    return paths


def _explained(plan: _Plan, folder: Path | None) -> Iterator[Explained]:
    """Yield the attributions of all regions, block by block; what an earlier run finished comes from its folder."""
    source, settings, device = plan.source, plan.settings, plan.device
    explainer = find_engine(settings.engine)
    wanted = [(head, tasks) for _, head, tasks in plan.outputs]

    def shuffled(block: RegionBlock) -> tuple[RegionBlock, np.ndarray]:
        names = list(source.region_id[block.first : block.first + len(block.codes)])
        return block, dinucleotide_shuffles(block.codes, settings.n_shuffles, names, settings.seed)

    def explained(given: tuple[RegionBlock, np.ndarray]) -> Explained:
        (first, codes, control), references = given
        control = None if control is None else control.to(device)
        made = explain(
            plan.ensemble, explainer, codes, references, wanted, control, source.control_tasks, settings.weighting
        )
        equal = (references == codes[:, None]).all(2).sum(1)
        return Explained(first, codes, made.hypothetical.astype(settings.dtype), made.difference, made.gap, equal)

    def segment_of(blocks: list[RegionBlock]) -> Iterator[Explained]:
        if settings.engine == "cistill" and device.type == "cpu":
            return ahead(on_one_thread(lambda block: explained(shuffled(block))), blocks, threads)
        return map(explained, ahead(shuffled, blocks, 1))

    blocks = source.blocks(settings.block_size)
    with threads_restored() as threads:
        for number, segment in enumerate(iter(lambda: list(islice(blocks, BLOCKS_PER_SEGMENT)), [])):
            file = None if folder is None else folder / f"{number}.npz"
            yield from kept(file, Explained, partial(segment_of, segment))
