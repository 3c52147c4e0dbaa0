"""An IGV session of one factor, as IGV desktop reads it: `Session` with `Resources`, `Panel`s and `Regions`."""

import os
from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree

from cistill.files import atomic_output
from cistill.report.browser.shown_places import Place
from cistill.report.browser.track_files import TrackFile

VERSION = "8"
"""Of the format, since IGV 2.4."""
CLASSES = {"bigWig": "org.broad.igv.track.DataSourceTrack", "bigBed": "org.broad.igv.track.FeatureTrack"}
TYPES = {"bigWig": "bigwig", "bigBed": "bigbed"}
MERGED = "org.broad.igv.track.MergedTracks"
PANELS = {"DataPanel": "bigWig", "FeaturePanel": "bigBed"}
FONT = "10"


def write_session(
    path: str | os.PathLike[str], genome: str | None, tracks: Sequence[TrackFile], places: Sequence[Place]
) -> None:
    """Write a session.

    Parameters
    ----------
    path : path
        `{tf}.igv.xml`.
    genome : str, optional
        Name of an assembly that IGV knows, or path of a 2bit file from the session's folder; None: IGV's current one.
    tracks : sequence of TrackFile
        Their paths are relative to the session, which IGV finds them by.
    places : sequence of Place
        Marked as regions of interest; the first is shown.
    """
    root = ElementTree.Element("Session", {"hasGeneTrack": "true", "hasSequenceTrack": "true", "version": VERSION})
    if genome is not None:
        root.set("genome", genome)
    if places:
        root.set("locus", f"{places[0].chrom}:{places[0].start + 1}-{places[0].end}")
    resources = ElementTree.SubElement(root, "Resources")
    for one in tracks:
        ElementTree.SubElement(resources, "Resource", {"name": one.name, "path": one.path, "type": TYPES[one.kind]})
    for name, kind in PANELS.items():
        own = [one for one in tracks if one.kind == kind]
        panel = ElementTree.SubElement(root, "Panel", {"name": name})
        for group, members in groupby(own, key=lambda one: one.group or one.key):
            strands = list(members)
            parent = _merged(panel, group, strands) if len(strands) > 1 else panel
            for one in strands:
                _track(parent, one)
    regions = ElementTree.SubElement(root, "Regions")
    for place in places:
        about = {"chromosome": place.chrom, "start": str(place.start), "end": str(place.end)}
        description = "; ".join(place.reasons) or place.title
        ElementTree.SubElement(regions, "Region", {**about, "description": description})
    ElementTree.indent(root)
    with atomic_output(path) as temporary:
        ElementTree.ElementTree(root).write(temporary, encoding="UTF-8", xml_declaration=True)


def _merged(panel: ElementTree.Element, group: str, strands: Sequence[TrackFile]) -> ElementTree.Element:
    """Return the element in which the strands of a signal are overlaid."""
    name = strands[0].name.removesuffix(" +")
    about = {"attributeKey": name, "clazz": MERGED, "id": group, "name": name}
    return ElementTree.SubElement(panel, "Track", {**about, "autoScale": "true", "fontSize": FONT, "visible": "true"})


def _track(parent: ElementTree.Element, one: TrackFile) -> None:
    """Add a track; its `id` is the path of its resource."""
    colour = ",".join(str(int(one.colour[at : at + 2], 16)) for at in (1, 3, 5))
    about = {"attributeKey": one.name, "clazz": CLASSES[one.kind], "color": colour, "altColor": colour}
    about |= {"fontSize": FONT, "id": one.path, "name": one.name, "visible": "true"}
    if one.kind == "bigWig":
        about |= {"autoScale": "true", "renderer": "BAR_CHART", "windowFunction": "mean"}
    ElementTree.SubElement(parent, "Track", about)
