"""What the sub-commands of `motifs` do: read, compute, write tables and provenance."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from cistill.console import LOG
from cistill.errors import InputError
from cistill.files import named
from cistill.formats.meme import NamedMatrix, write_meme
from cistill.formats.motif_files.reader import read_database
from cistill.formats.motifs import Motif, read_motifs, tf_and_head, write_motifs
from cistill.formats.tables import motifs as tables
from cistill.motifs.across_tasks import prevalence, read_sheet
from cistill.motifs.clusters import (
    Clustering,
    cluster_motifs,
    cluster_table,
    dendrogram_table,
    read_groups,
    similarity_table,
)
from cistill.motifs.export_motifs import export
from cistill.motifs.match import match_database, match_sets
from cistill.motifs.merge import HEAD, largest_similarity, merge_heads, merge_table
from cistill.motifs.motif_footprints import open_profiles, write_footprints_of
from cistill.motifs.pattern_motifs import database_matches, meme_motifs, motif_table
from cistill.motifs.reproducibility import reproducibility
from cistill.motifs.sets import MotifSets, read_sets
from cistill.motifs.settings import LeidenSettings, Measure, MergeSettings
from cistill.motifs.subclusters import subcluster_seqlets, subcluster_table, subclusters
from cistill.network_heads import HEADS
from cistill.provenance import write_provenance


def chosen(path: Path, sign: str, weak: bool) -> list[Motif]:
    """Read the motifs of a file, those of one sign, with or without weak ones."""
    return [found.motif for found in read_sets([f"x={path}"], sign=sign, weak=weak).motifs]


def stem_of(outdir: Path, prefix: str, path: Path) -> Path:
    """Return folder and start of the output files' names: the prefix, or `{tf}.{head}` of a motifs.h5."""
    if not prefix:
        read_motifs(path)
        prefix = ".".join(part for part in tf_and_head(path) if part) or path.name.split(".")[0]
    outdir.mkdir(parents=True, exist_ok=True)
    return outdir / prefix


def export_motifs(stem: Path, path: Path, settings: Mapping[str, Any]) -> None:
    """Write the motifs of a file as MEME and as tables; see `export.export`."""
    motifs = chosen(path, settings["sign"], settings["weak"])
    names = ("trim", "min_information", "pad", "orientation")
    export(stem, motifs, **{name: settings[name] for name in names})
    _record(stem, "export", settings, {"motifs": path}, {"motifs": len(motifs)})


def match_motifs(
    stem: Path, path: Path, database: Path | None, others: Sequence[str], settings: Mapping[str, Any]
) -> None:
    """Write matches of a file's motifs with a database and with other sets."""
    if database is None and not others:
        raise InputError("give --motif_db, a database in MEME format, or --others, motifs to compare with, or both")
    motifs = chosen(path, settings["sign"], settings["weak"])
    inputs, facts = {"motifs": path}, {"motifs": len(motifs)}
    known = read_database(database) if database is not None else []
    sets = read_sets(others, sign=settings["sign"], weak=settings["weak"])
    if database is not None:
        table = match_database(motifs, known, settings["top"], settings["max_q"])
        tables.MATCHES.write(named(stem, "matches.tsv"), table)
        inputs["motif_db"] = database
        facts["matched"] = int(table["motif_id"].nunique())
    if others:
        pairs = match_sets(
            motifs, sets.motifs, top=settings["top"], centre=settings["centre"], measure=settings["measure"],
            pair=settings["pair"],
        )  # fmt: skip
        tables.SET_MATCHES.write(named(stem, "set_matches.tsv"), pairs)
        inputs |= sets.files
        facts["paired"] = int(pairs["paired"].sum())
    _record(stem, "match", settings, inputs, facts)


def cluster_sets(
    stem: Path, given: Sequence[str], groups: Path | None, database: Path | None, settings: Mapping[str, Any]
) -> None:
    """Cluster the motifs of several sets and write all tables."""
    sets = read_sets(given, sign=settings["sign"], weak=settings["weak"])
    found = _clustered(sets, groups, settings)
    known = read_database(database) if database is not None else []
    _write_clusters(stem, sets, found, known)
    inputs = sets.files | ({"groups": groups} if groups else {}) | ({"motif_db": database} if database else {})
    facts = {"motifs": len(sets.motifs), "clusters": len(found.clusters), "motifs_left_out": sets.n_left_out}
    _record(stem, "cluster", settings, inputs, facts)


def _clustered(sets: MotifSets, groups: Path | None, settings: Mapping[str, Any]) -> Clustering:
    cuts = [settings["k"] is not None, settings["distance"] is not None, groups is not None]
    if sum(cuts) != 1:
        raise InputError("give one of --k, the number of clusters, --distance, where to cut the tree, and --groups")
    measure: Measure = settings["measure"]
    return cluster_motifs(
        sets.motifs, linkage=settings["linkage"], k=settings["k"], distance=settings["distance"],
        groups=None if groups is None else read_groups(groups), centre=settings["centre"], measure=measure,
    )  # fmt: skip


def _write_clusters(stem: Path, sets: MotifSets, found: Clustering, known: Sequence[NamedMatrix]) -> None:
    motifs = [cluster.motif for cluster in found.clusters]
    tables.CLUSTERS.write(named(stem, "clusters.tsv"), cluster_table(sets.motifs, found))
    tables.SIMILARITY.write(named(stem, "similarity.tsv"), similarity_table(sets.motifs, found))
    tables.DENDROGRAM.write(named(stem, "dendrogram.tsv"), dendrogram_table(sets.motifs, found))
    _write_motifs(stem, motifs, "", "cluster", known)


def _write_motifs(stem: Path, motifs: Sequence[Motif], tf: str, head: str, known: Sequence[NamedMatrix]) -> None:
    write_motifs(named(stem, "motifs.h5"), motifs, tf, head)
    matches = [database_matches(motif, known) for motif in motifs]
    tables.CLUSTER_MOTIFS.write(named(stem, "motifs.tsv"), motif_table(motifs, matches))
    write_meme(named(stem, "motifs.meme"), meme_motifs(motifs))


def merge_motifs(
    outdir: Path, prefix: str, counts: Path, profile: Path, database: Path | None, settings: MergeSettings
) -> None:
    """Merge the motifs of the two heads of one model; write motifs.{h5,tsv,meme} of the head `merged`, merged.tsv."""
    motifs = [read_motifs(path) for path in (counts, profile)]
    tfs = {tf_and_head(path)[0] for path in (counts, profile)}
    heads = [{motif.head for motif in found} for found in motifs]
    problems = []
    if len(tfs) > 1:
        problems.append(f"the two files are of different TFs: {', '.join(sorted(tfs))}")
    for path, given, head in zip((counts, profile), heads, HEADS, strict=True):
        if given - {head}:
            problems.append(f"{path}: its motifs are of the head {', '.join(sorted(given - {head}))}, not {head}")
    if problems:
        raise InputError("\n".join(problems))
    tf = next(iter(tfs))
    outdir.mkdir(parents=True, exist_ok=True)
    stem = outdir / (prefix or tf)
    known = read_database(database) if database is not None else []
    merged = merge_heads(motifs[0], motifs[1], settings)
    for found in merged:
        LOG.info("%s: of %s", found.motif.motif_id, ", ".join(found.motif.members))
    _write_motifs(named(stem, HEAD), [found.motif for found in merged], tf, HEAD, known)
    tables.MERGED.write(named(stem, "merged.tsv"), merge_table(merged))
    inputs = {"counts": counts, "profile": profile} | ({"motif_db": database} if database else {})
    largest = largest_similarity(merged, settings.measure)
    facts = {
        "motifs_counts": len(motifs[0]),
        "motifs_profile": len(motifs[1]),
        "motifs": len(merged),
        "in_both_heads": sum(len({member.head for member in found.members}) == 2 for found in merged),
        # of any two of one sign that are left: below `duplicate`, none is in the list twice
        "largest_similarity": None if np.isnan(largest) else largest,
    }
    _record(stem, "merge", asdict(settings), inputs, facts)


def split_motifs(
    stem: Path, modisco: Path, path: Path, seqlets: Path, motif_ids: Sequence[str], settings: Mapping[str, Any]
) -> None:
    """Write sub-clusters of motifs: subclusters.tsv, subcluster_seqlets.tsv, subclusters.motifs.{h5,tsv,meme}."""
    motifs = read_motifs(path)
    known = {motif.motif_id for motif in motifs}
    unknown = [name for name in motif_ids if name not in known]
    if unknown:
        raise InputError(f"{path}: no motif {', '.join(unknown)}; there are {', '.join(sorted(known)) or 'none'}")
    asked = [m for m in motifs if (m.motif_id in motif_ids if motif_ids else settings["weak"] or not m.weak)]
    table = tables.SEQLETS.read(seqlets, tables.SEQLETS.names[:6], "seqlets")
    leiden = LeidenSettings(settings["neighbours"], settings["resolution"], settings["runs"], settings["seed"])
    found = subclusters(modisco, asked, settings["method"], leiden)
    rows = subcluster_seqlets(found, table)
    tables.SUBCLUSTERS.write(named(stem, "subclusters.tsv"), subcluster_table(found))
    tables.SUBCLUSTER_SEQLETS.write(named(stem, "subcluster_seqlets.tsv"), rows)
    tf, head = tf_and_head(path)
    _write_motifs(named(stem, "subclusters"), [motif for own in found for motif in own.motifs], tf, head, [])
    facts = {own.parent.motif_id: len(own.motifs) for own in found}
    inputs = {"modisco": modisco, "motifs": path, "seqlets": seqlets}
    _record(stem, "subclusters", settings, inputs, {"subclusters": facts}, settings["seed"])


def measure_reproducibility(stem: Path, given: Sequence[str], settings: Mapping[str, Any]) -> None:
    """Write how well the motifs of several sets agree: reproducibility{,_by_set}.tsv, best_matches.tsv."""
    sets = read_sets(given, sign=settings["sign"], weak=settings["weak"])
    found = reproducibility(sets, centre=settings["centre"], measure=settings["measure"], found=settings["found"])
    tables.REPRODUCIBILITY.write(named(stem, "reproducibility.tsv"), found.motifs)
    tables.BEST_MATCHES.write(named(stem, "best_matches.tsv"), found.best)
    tables.REPRODUCIBILITY_BY_SET.write(named(stem, "reproducibility_by_set.tsv"), found.sets)
    facts = {"sets": len(sets.names), "motifs": len(sets.motifs), "motifs_left_out": sets.n_left_out}
    _record(stem, "reproducibility", settings, sets.files, facts)


def compare_tasks(
    stem: Path, sheet: Path, groups: Path | None, database: Path | None, settings: Mapping[str, Any]
) -> None:
    """Cluster the motifs of several tasks and count each cluster in each task: prevalence.tsv and those of cluster."""
    tasks = read_sheet(sheet)
    given = [f"{task}={file}" for task, files in tasks.items() for file in files.motifs]
    sets = read_sets(given, sign=settings["sign"], weak=settings["weak"])
    found = _clustered(sets, groups, settings)
    known = read_database(database) if database is not None else []
    table = prevalence(sets.motifs, found, tasks)
    _write_clusters(stem, sets, found, known)
    tables.TASK_PREVALENCE.write(named(stem, "prevalence.tsv"), table)
    inputs = {"sheet": sheet} | sets.files
    for task, files in tasks.items():
        for number, file in enumerate(files.instances, start=1):
            inputs[f"{task} instances {number}"] = file
    inputs |= ({"groups": groups} if groups else {}) | ({"motif_db": database} if database else {})
    facts = {"tasks": len(tasks), "motifs": len(sets.motifs), "clusters": len(found.clusters)}
    _record(stem, "across_tasks", settings, inputs, facts)


def average_footprints(stem: Path, seqlets: Path, dataset: Path | None, predictions: Path | None, width: int) -> None:
    """Write the mean profiles around the seqlets of a table: footprints.h5."""
    profiles = open_profiles(dataset, predictions)
    if profiles is None:
        raise InputError("give --dataset, --predictions or both: what the profiles are read from")
    columns = ("motif_id", "region_id", "core_start", "core_end", "strand")
    table = tables.SEQLETS.read(seqlets, columns, "seqlets")
    facts = write_footprints_of(named(stem, "footprints.h5"), profiles, table, width)
    _record(stem, "footprints", {"footprint_width": width}, {"seqlets": seqlets, **profiles.files}, facts)


def _record(
    stem: Path,
    name: str,
    settings: Mapping[str, Any],
    inputs: Mapping[str, Path],
    results: Mapping[str, Any],
    seed: int | None = None,
) -> None:
    write_provenance(named(stem, f"{name}.json"), settings=settings, inputs=inputs, results=results, seed=seed)
