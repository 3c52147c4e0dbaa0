"""Checks of track hubs and IGV sessions against their published descriptions.

Hubs: https://genome.ucsc.edu/goldenPath/help/hgTrackHubHelp.html and .../trackDb/trackDbHub.html. Sessions: what IGV
reads (org.broad.igv.session, of version 8).
"""

import re
from pathlib import Path
from xml.etree import ElementTree

HUB = {"hub", "shortLabel", "longLabel", "genomesFile", "email"}
GENOME = {"genome", "trackDb"}
OWN_GENOME = {"twoBitPath", "organism", "defaultPos", "scientificName", "description"}
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
TYPE = re.compile(r"bigWig|bigBed (3|4|5|6|8|9|12)( \+)?")
SETTINGS = {
    "track": NAME, "parent": NAME, "shortLabel": re.compile(r".{1,17}"), "longLabel": re.compile(r".{1,76}"),
    "type": TYPE, "bigDataUrl": re.compile(r"[^/\s][^\s]*"), "container": re.compile("multiWig"),
    "aggregate": re.compile("transparentOverlay|solidOverlay|stacked|none"),
    "showSubtrackColorOnUi": re.compile("on|off"), "visibility": re.compile("hide|dense|squish|pack|full"),
    "autoScale": re.compile("on|off"), "alwaysZero": re.compile("on|off"), "negateValues": re.compile("on|off"),
    "itemRgb": re.compile("on"), "maxHeightPixels": re.compile(r"\d+:\d+:\d+"), "priority": re.compile(r"\d+"),
    "color": re.compile(r"\d{1,3},\d{1,3},\d{1,3}"),
}  # fmt: skip
RESOURCES = {"bigwig": "org.broad.igv.track.DataSourceTrack", "bigbed": "org.broad.igv.track.FeatureTrack"}
MERGED = "org.broad.igv.track.MergedTracks"


def stanzas(path: Path) -> list[dict[str, str]]:
    """Read settings: lines of name and value, stanzas between empty lines."""
    found = []
    for text in re.split(r"\n\s*\n", path.read_text().strip()):
        pairs = [line.split(" ", 1) for line in text.splitlines()]
        assert len({name for name, _ in pairs}) == len(pairs), text
        found.append(dict(pairs))
    return found


def check_hub(hub: Path) -> list[dict[str, str]]:
    """Check the three files of a hub, and that what they name is there; return the stanzas of tracks."""
    (head,) = stanzas(hub)
    assert set(head) == HUB
    assert NAME.fullmatch(head["hub"])
    assert len(head["shortLabel"]) <= 17
    assert len(head["longLabel"]) <= 80
    (genome,) = stanzas(hub.parent / head["genomesFile"])
    assert set(genome) in (GENOME, GENOME | OWN_GENOME)
    if "twoBitPath" in genome:
        assert (hub.parent / genome["twoBitPath"]).is_file()
        assert NAME.fullmatch(genome["genome"])
        assert re.fullmatch(r"\S+:\d+-\d+", genome["defaultPos"])
    tracks = stanzas(hub.parent / genome["trackDb"])
    names = [track["track"] for track in tracks]
    assert len(set(names)) == len(names)
    containers = {track["track"]: track for track in tracks if "container" in track}
    for number, track in enumerate(tracks):
        wrong = {name: value for name, value in track.items() if not SETTINGS[name].fullmatch(value)}
        assert wrong == {}
        assert {"track", "type", "shortLabel", "longLabel"} <= set(track)
        assert ("bigDataUrl" in track) != ("container" in track)
        if "parent" in track:
            assert track["type"] == containers[track["parent"]]["type"] == "bigWig"
            assert names.index(track["parent"]) < number
        if "bigDataUrl" in track:
            assert (hub.parent / track["bigDataUrl"]).resolve().is_file(), track["bigDataUrl"]
    return tracks


def check_session(session: Path, known_genomes: tuple[str, ...] = ()) -> list[str]:
    """Check a session, and that its files are there; return the paths of its resources."""
    root = ElementTree.parse(session).getroot()
    assert root.tag == "Session"
    assert root.attrib["version"] == "8"
    genome = root.get("genome")
    assert genome is None or genome in known_genomes or (session.parent / genome).is_file()
    assert re.fullmatch(r"\S+:\d+-\d+", root.attrib["locus"])
    assert [child.tag for child in root] == ["Resources", "Panel", "Panel", "Regions"]
    kinds = {found.attrib["path"]: found.attrib["type"] for found in root.iter("Resource")}
    for path in kinds:
        assert not Path(path).is_absolute()
        assert (session.parent / path).resolve().is_file(), path
    shown = []
    for track in root.iter("Track"):
        if track.attrib["clazz"] == MERGED:
            assert len(track) == 2
        else:
            shown.append(track.attrib["id"])
            assert track.attrib["clazz"] == RESOURCES[kinds[track.attrib["id"]]]
    assert shown == list(kinds)
    for region in root.iter("Region"):
        assert 0 <= int(region.attrib["start"]) < int(region.attrib["end"])
        assert region.attrib["chromosome"]
    return shown
