"""Running the discovery of motifs and writing all of its files."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from cistill.console import LOG
from cistill.files import named
from cistill.formats.attributions import AttributionWindows
from cistill.formats.meme import NamedMatrix, write_meme
from cistill.formats.motifs import write_motifs
from cistill.formats.tables.motifs import MOTIFS, SEQLETS, SUMMIT_DISTANCES
from cistill.interpret.modisco import find_patterns, save_modisco
from cistill.interpret.modisco_settings import FOOTPRINT_WIDTH, ModiscoSettings
from cistill.motifs.motif_footprints import Profiles, write_footprints_of
from cistill.motifs.pattern_motifs import (
    Discovery,
    distance_table,
    meme_motifs,
    motif_table,
    motifs_from_patterns,
    seqlet_table,
)
from cistill.provenance import write_provenance


def discover(
    stem: Path,
    windows: AttributionWindows,
    database: Sequence[NamedMatrix],
    database_file: Path | None,
    settings: ModiscoSettings,
    seed: int,
    max_regions: int,
    profiles: Profiles | None = None,
    footprint_width: int = FOOTPRINT_WIDTH,
    preset: str = "default",
) -> Discovery:
    """Find the motifs of one attribution file and write all of its files.

    These are modisco.h5, motifs.{tsv,h5,meme}, seqlets.tsv, summit_distances.tsv, modisco.json, and footprints.h5 where
    there are profiles.

    Parameters
    ----------
    stem : Path
        Folder and start of the files' names, e.g. `results/REB1.counts`.
    windows : AttributionWindows
        What to search.
    database, database_file : sequence of NamedMatrix, Path
        Known motifs, and the file that they were read from; both empty for none.
    settings : ModiscoSettings
        Parameters of TF-MoDISco.
    seed : int
        Seed of the order in which regions are taken.
    max_regions : int
        Limit on the number of regions.
    profiles : Profiles, optional
        Files that mean profiles around the seqlets are taken from.
    footprint_width : int
        Their width, bp; at most half the output window.
    preset : str
        Name of the preset that the settings started from, for the record.

    Returns
    -------
    Discovery
    """
    result = find_patterns(windows, settings, seed, max_regions)
    discovery = motifs_from_patterns(result, windows, database)
    for motif, matches in zip(discovery.motifs, discovery.matches, strict=True):
        known = f", resembles {matches[0].label} (q = {matches[0].q_value:.2g})" if matches else ""
        weak = f"; weak: {motif.weak_reason}" if motif.weak else ""
        LOG.info("%s: %d seqlets%s%s", motif.motif_id, motif.n_seqlets, known, weak)

    save_modisco(named(stem, "modisco.h5"), result, windows.length)
    write_motifs(named(stem, "motifs.h5"), discovery.motifs, windows.tf, windows.head)
    MOTIFS.write(named(stem, "motifs.tsv"), motif_table(discovery.motifs, discovery.matches))
    write_meme(named(stem, "motifs.meme"), meme_motifs(discovery.motifs), result.base_composition)
    seqlets = seqlet_table(discovery, windows)
    SEQLETS.write(named(stem, "seqlets.tsv"), seqlets)
    SUMMIT_DISTANCES.write(
        named(stem, "summit_distances.tsv"), distance_table(discovery.motifs, seqlets, windows.length)
    )
    facts = {}
    if profiles is not None:
        facts = write_footprints_of(named(stem, "footprints.h5"), profiles, seqlets, footprint_width)
    inputs = {"attributions": windows.path, **(profiles.files if profiles is not None else {})}
    if database_file is not None:
        inputs["motif_db"] = database_file
    write_provenance(
        named(stem, "modisco.json"),
        settings={"window": windows.length, "max_regions": max_regions, "preset": preset, **asdict(settings)},
        inputs=inputs,
        results={
            "motifs": len(discovery.motifs),
            "weak_motifs": sum(motif.weak for motif in discovery.motifs),
            "regions": len(windows),
            "regions_used": result.regions_used,
            "regions_with_n": result.regions_with_n,
            "regions_not_finite": result.regions_not_finite,
            "regions_over_limit": result.regions_over_limit,
            "remarks": list(result.remarks),
            **facts,
        },
        seed=seed,
    )
    return discovery
