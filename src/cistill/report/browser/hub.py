"""A UCSC track hub of one factor: hub.txt, genomes.txt, trackDb.txt, on a named assembly or one of its own.

The files follow https://genome.ucsc.edu/goldenPath/help/hgTrackHubHelp.html and its trackDb definitions.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from cistill.files import atomic_output
from cistill.report.browser.track_files import TrackFile

SHORT, LONG = 17, 76
"""Characters that UCSC shows of short and long labels."""
EMAIL = "nobody@example.org"
"""UCSC asks for an address; whoever puts the hub on a server writes theirs."""
HEIGHTS = "100:48:16"


@dataclass(frozen=True)
class Assembly:
    """The assembly that a hub is of.

    Attributes
    ----------
    name : str
        Of UCSC (`hg38`), or of the hub's own.
    twobit : str, optional
        For one of its own: name of the 2bit file next to the hub.
    """

    name: str
    twobit: str | None = None


def write_hub(
    tf: str, assembly: Assembly, tracks: Sequence[TrackFile], position: str, outdir: str | os.PathLike[str]
) -> list[str]:
    """Write `{tf}.hub.txt`, `{tf}.genomes.txt` and `{tf}.trackDb.txt`; return their names.

    Parameters
    ----------
    tf : str
    assembly : Assembly
    tracks : sequence of TrackFile
        Their paths are relative to `outdir`, as the hub's have to be.
    position : str
        What the browser shows first, `chrom:start-end`, counted from 1.
    outdir : path
    """
    names = {part: f"{tf}.{part}.txt" for part in ("hub", "genomes", "trackDb")}
    word = word_of(tf)
    hub = {
        "hub": f"cistill_{word}",
        "shortLabel": f"cistill {tf}"[:SHORT],
        "longLabel": f"cistill: what a model of {tf} binding reads in DNA"[:LONG],
        "genomesFile": names["genomes"],
        "email": EMAIL,
    }
    genome = {"genome": assembly.name, "trackDb": names["trackDb"]}
    if assembly.twobit is not None:
        genome |= {
            "twoBitPath": assembly.twobit,
            "organism": f"Genome of {tf}",
            "description": "Genome of the run",
            "defaultPos": position,
            "scientificName": f"Genome of {tf}",
        }
    texts = {
        "hub": stanza(hub),
        "genomes": stanza(genome),
        "trackDb": "\n".join(stanza(one) for one in track_stanzas(tracks)),
    }
    for part, name in names.items():
        with atomic_output(Path(outdir) / name) as temporary:
            temporary.write_text(texts[part], encoding="utf-8")
    return list(names.values())


def word_of(text: str) -> str:
    """Return a name of letters, digits and underscores alone, as UCSC wants names of hubs, tracks and genomes."""
    return re.sub(r"[^A-Za-z0-9_]", "_", text)


def stanza(settings: Mapping[str, str]) -> str:
    """Return settings as lines of name and value."""
    return "".join(f"{name} {' '.join(value.split())}\n" for name, value in settings.items())


def track_stanzas(tracks: Sequence[TrackFile]) -> Iterator[dict[str, str]]:
    """Yield the settings of every track; the strands of a signal lie in one container, the minus strand downwards."""
    groups = [(group, list(own)) for group, own in groupby(tracks, key=lambda one: one.group or one.key)]
    for priority, (group, own) in enumerate(groups, 1):
        if own[0].group:
            yield {
                "track": group,
                "container": "multiWig",
                "type": "bigWig",
                "shortLabel": own[0].name.removesuffix(" +")[:SHORT],
                "longLabel": own[0].words.removesuffix(", plus strand")[:LONG],
                "aggregate": "transparentOverlay",
                "showSubtrackColorOnUi": "on",
                "visibility": "full",
                "autoScale": "on",
                "alwaysZero": "on",
                "maxHeightPixels": HEIGHTS,
                "priority": str(priority),
            }
        for one in own:
            yield _settings(one, priority)


def _settings(one: TrackFile, priority: int) -> dict[str, str]:
    """Return the settings of a track of its own file."""
    settings = {"track": one.key}
    if one.group:
        settings["parent"] = one.group
    settings |= {
        "type": f"bigBed {one.fields}{' +' if one.fields == 9 else ''}" if one.kind == "bigBed" else "bigWig",
        "bigDataUrl": one.path,
        "shortLabel": one.name[:SHORT],
        "longLabel": one.words[:LONG],
        "color": ",".join(str(int(one.colour[at : at + 2], 16)) for at in (1, 3, 5)),
    }
    if one.negative:
        settings["negateValues"] = "on"
    if one.kind == "bigBed":
        settings |= {"itemRgb": "on", "visibility": "pack"}
    if not one.group:
        settings["priority"] = str(priority)
        if one.kind == "bigWig":
            settings |= {"visibility": "full", "autoScale": "on", "maxHeightPixels": HEIGHTS}
    return settings
