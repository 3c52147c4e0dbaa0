"""All files of the browsers of one factor: page, IGV session, tracks made for them, track hub."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cistill.console import LOG
from cistill.data.annotation import read_annotation
from cistill.data.genome import chromosome_sizes, read_chromosomes
from cistill.errors import InputError
from cistill.formats.tables.browser import BROWSER_PAGE, GENOME_2BIT, HUB, SESSION
from cistill.formats.twobit import write_twobit
from cistill.report.browser.browser_page import write_page
from cistill.report.browser.hub import Assembly, word_of, write_hub
from cistill.report.browser.session import write_session
from cistill.report.browser.shown_places import Place, places_by_rule, places_of_user
from cistill.report.browser.track_files import published_tracks, written_tracks
from cistill.report.reading.tf_results import TfResults

FOLDERS = ("coverage", "predict", "shap")
"""Folders of the results whose bigWigs a session and a hub point to."""
SHOWN = 240
"""Bases around a summit that are shown first: as many as letters have room for."""


@dataclass(frozen=True)
class Wishes:
    """What the user chose.

    Attributes
    ----------
    fasta : path, optional
        The genome, for an assembly of the hub's own.
    genome_name : str, optional
        The assembly's name at UCSC.
    annotation, regions : path, optional
        Genes; intervals to show in place of those by rule.
    roots : mapping
        Folder of `FOLDERS` to its path from the folder that hub and session are published in; `../FOLDER` by default.
    link_root : str, optional
        Path from the page to the folder of all results; without it the page links to no file.
    """

    fasta: Path | None = None
    genome_name: str | None = None
    annotation: Path | None = None
    regions: Path | None = None
    roots: Mapping[str, str] = field(default_factory=dict)
    link_root: str | None = None


def write_browsers(
    results: TfResults, bigwigs: Collection[str], wishes: Wishes, outdir: str | os.PathLike[str]
) -> dict[str, Any]:
    """Write `{tf}.browser.html`, `{tf}.igv.xml`, `{tf}.*.bb` and, where the assembly is known, the hub's files.

    Parameters
    ----------
    results : TfResults
    bigwigs : collection of str
        Names of the bigWigs among the result files.
    wishes : Wishes
    outdir : path
        Must exist.

    Returns
    -------
    dict
        `places`, `hub` (whether there is one) and `tracks`, for the record.

    Raises
    ------
    InputError
        If there is nothing to show, or a file that the user gave cannot be read.
    """
    folder, tf = Path(outdir), results.tf
    transcripts = read_annotation(wishes.annotation) if wishes.annotation is not None else []
    places = places_by_rule(results, SHOWN) if wishes.regions is None else places_of_user(results, wishes.regions)
    if not places:
        raise InputError(f"{tf}: no peak was kept, so there is no region to show")
    roots = {name: f"../{name}" for name in FOLDERS} | dict(wishes.roots)
    tracks = published_tracks(results, bigwigs, roots, folder) + written_tracks(results, transcripts, folder)
    assembly = _assembly(tf, wishes, folder)
    genome = assembly.twobit or assembly.name if assembly is not None else None
    write_session(folder / f"{tf}.{SESSION.name}", genome, tracks, places)
    if assembly is None:
        LOG.warning("%s: no track hub, since neither the genome's name nor its FASTA file was given", tf)
    else:
        first = places[0]
        write_hub(tf, assembly, tracks, f"{first.chrom}:{first.start + 1}-{first.end}", folder)
    path = folder / f"{tf}.{BROWSER_PAGE.name}"
    report = None if wishes.link_root is None else f"{tf}.report.html"
    shown = write_page(results, places, transcripts, path, _links(tf, assembly, wishes.link_root), report)
    return {
        "places": [_recorded(place) for place in places[:shown]],
        "hub": assembly is not None,
        "tracks": [one.path for one in tracks],
        "genes": len(transcripts),
    }


def _assembly(tf: str, wishes: Wishes, folder: Path) -> Assembly | None:
    """Return the assembly of the hub; one of its own is written as 2bit. None where nothing is known of the genome."""
    if wishes.genome_name is not None:
        return Assembly(wishes.genome_name)
    if wishes.fasta is None:
        return None
    name = f"{tf}.{GENOME_2BIT.name}"
    sizes = chromosome_sizes(wishes.fasta)
    write_twobit(folder / name, list(sizes), sum(sizes.values()), read_chromosomes(wishes.fasta))
    return Assembly(word_of(tf), name)


def _links(tf: str, assembly: Assembly | None, link_root: str | None) -> Sequence[Mapping[str, str]]:
    """Return the files for other browsers that the page links to."""
    files = [SESSION] if assembly is None else [SESSION, HUB]
    if link_root is None:
        return []
    return [
        {
            "name": f"{tf}.{file.name}",
            "link": f"{link_root.rstrip('/')}/{file.folder}/{tf}.{file.name}",
            "words": file.words,
        }
        for file in files
    ]


def _recorded(place: Place) -> dict[str, Any]:
    """Return a place as the provenance lists it."""
    return {
        "title": place.title,
        "reasons": list(place.reasons),
        "locus": f"{place.chrom}:{place.start + 1}-{place.end}",
        "regions": list(place.regions),
    }
