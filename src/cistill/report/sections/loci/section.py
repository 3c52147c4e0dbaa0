"""Example loci and average footprints: observed beside predicted, contributions, hits."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup

from cistill.report.drawing.blocks import (
    Block,
    Card,
    Chart,
    Figure,
    Fold,
    Heading,
    Note,
    Section,
    SideBySide,
    Text,
    folded_if_many,
)
from cistill.report.drawing.mirrored import mirrored, mirrored_table
from cistill.report.drawing.tracks import (
    MINUS,
    PLUS,
    Box,
    hit_track,
    letter_track,
    motif_colours,
    profile_track,
)
from cistill.report.drawing.wording import HEAD_TITLES, count, decimal, plural
from cistill.report.reading.average_profiles import SUMMITS, AverageProfile, HitPlace
from cistill.report.reading.facts import top_motif_id
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.tf_results import TfResults
from cistill.report.sections.loci.choice import RULES, Locus, read_loci

LETTERS_SHOWN = 140
"""Bases around the summit that are drawn as letters: as many as can be read side by side."""


TASKS_OPEN = 2
"""Tasks whose example loci are open; those of further ones are folded away."""
FOOTPRINTS_OPEN = 6


def locus_places(page: PageContext) -> dict[str, HitPlace]:
    """Return the top motif of each head, whose hits average profiles are drawn around."""
    places = {}
    for head in page.results.heads.values():
        motif_id = top_motif_id(head)
        if motif_id is not None and head.hits is not None:
            places[motif_id] = HitPlace(head.name, motif_id)
    return places


def locus_section(page: PageContext, summary: Mapping[str, Any]) -> Section:
    """Return the average footprints and a card per example locus."""
    results, loci = page.results, page.once(read_loci)
    own = locus_places(page)
    averages = {name: found for name, found in page.average_profiles.items() if found.around == SUMMITS or name in own}
    blocks: list[Block] = []
    if averages:
        blocks.append(Heading("footprints", "Average footprints"))
        figures = [_average(found, loci, results.tasks) for found in averages.values()]
        blocks.append(SideBySide(tuple(figures[:FOOTPRINTS_OPEN]), 2))
        if len(figures) > FOOTPRINTS_OPEN:
            rest = tuple(figures[FOOTPRINTS_OPEN:])
            blocks.append(Fold(f"Footprints of {plural(len(rest), 'further task')}", (SideBySide(rest, 2),)))
    blocks.append(Heading("examples", "Example loci"))
    if loci:
        rules = "; ".join(f"{name} ({words})" for name, words in RULES)
        blocks.append(Text(f"Chosen by rule, not by eye: {rules}. A locus that several rules choose is shown once."))
    if not loci:
        blocks.append(Note("Without region_predictions.tsv (or without peaks in it) no loci were chosen."))
    elif loci[0].split != "test":
        blocks.append(Note("There are no test peaks, so these loci are not held out from training.", "warn"))
    colours = {
        head.name: motif_colours([motif.motif_id for motif in head.motifs or ()]) for head in results.heads.values()
    }
    further: list[Fold] = []
    for place, task in enumerate(dict.fromkeys(locus.task for locus in loci)):
        cards = tuple(_card(results, locus, colours) for locus in loci if locus.task == task)
        if place >= TASKS_OPEN:
            further.append(Fold(f"Example loci of task {task} ({len(cards)})", cards))
            continue
        blocks += [Heading(f"examples-{place + 1}", f"Task {task}")] if len(results.tasks) > 1 else []
        blocks += cards
    blocks += folded_if_many(further, "Example loci of further tasks")
    return Section(
        "loci",
        "Observed and predicted binding",
        "Reads of peaks on held-out chromosomes as they were observed and as the model predicts them, and the bases "
        "that the prediction rests on.",
        tuple(blocks),
    )


def _average(found: AverageProfile, loci: list[Locus], tasks: tuple[str, ...]) -> Chart:
    split = loci[0].split if loci else "held-out"
    task = f" of task {found.task}" if len(tasks) > 1 else ""
    at_summits = found.around == SUMMITS
    where = found.around if at_summits else f"hits of {found.around}"
    words = (
        "centred on the summit, genomic strands"
        if at_summits
        else "centred on the hit and turned to the motif's strand"
    )
    strands = ("plus strand", "minus strand") if at_summits else ("motif's strand", "other strand")
    table = mirrored_table(
        {"observed": found.observed, "predicted": found.predicted},
        strands,
        np.arange(-found.reach, found.reach + 1),
    )
    colours = dict(zip(strands, (PLUS, MINUS), strict=True))
    x_title = "position from the " + ("summit" if at_summits else "motif's centre") + ", bp"
    return Chart(
        table,
        mirrored(table, "strand", colours, (x_title, "share of reads"), "observed"),
        f"Mean over {count(found.n)} {where} in {split} peaks{task} of each region's reads scaled to one, {words}. "
        "Filled: observed; line: predicted. From dataset.h5 and predictions.h5.",
        f"Around {where}{task if at_summits else ''}",
        label=f"Average observed and predicted profile around {where}",
    )


def _card(results: TfResults, locus: Locus, colours: Mapping[str, Mapping[str, str]]) -> Card:
    boxes = {
        head.name: _boxes(head.hits, locus, colours[head.name])
        for head in results.heads.values()
        if head.hits is not None
    }
    centre = locus.summit
    window = (centre - LETTERS_SHOWN // 2, centre - LETTERS_SHOWN // 2 + LETTERS_SHOWN)
    tracks: list[Markup] = []
    missing: list[str] = []
    for profile, words, unit, file in (
        (locus.observed, "Observed", "observed", "dataset.h5"),
        (locus.predicted, "Predicted", "predicted", "predictions.h5"),
    ):
        if profile is None:
            missing.append(f"{file} was not given or lacks this region: no {words.lower()} profile.")
        else:
            label = f"{words} profile of {locus.region_id}"
            last = words == "Predicted" or locus.predicted is None
            tracks.append(profile_track(profile, locus.start, label, unit, not tracks, last, window))
    if boxes and locus.length:
        tracks.append(hit_track(boxes, locus.start, locus.length))
    blocks: list[Block] = []
    if tracks:
        blocks.append(
            Figure(
                Markup("").join(tracks),
                f"{locus.chrom}, position in bp. 5' ends of reads per base, plus strand up and minus strand "
                "down; predicted: "
                "expected number. Boxes: hits per head, fuller colour for more confidence. Shaded: the part "
                "drawn as letters.",
            )
        )
    blocks.extend(_letters(locus, boxes, window))
    blocks.extend(Note(words) for words in missing)
    if not locus.contributions:
        blocks.append(Note("No contributions were given for this region."))
    facts: list[tuple[str, str | Markup]] = [
        (
            "ln(1 + reads)",
            f"observed {decimal(locus.observed_log_count, 2)}, predicted {decimal(locus.predicted_log_count, 2)}",
        ),
        ("Profile distance", decimal(locus.profile_jsd)),
        ("Hits", ", ".join(f"{len(found)} {head}" for head, found in boxes.items()) or "not called"),
    ]
    if len(results.tasks) > 1:
        facts.append(("Task", locus.task))
    of_task = f"{results.tasks.index(locus.task) + 1}-" if len(results.tasks) > 1 else ""
    anchor = f"locus-{of_task}" + "".join(letter if letter.isalnum() else "-" for letter in locus.region_id)
    title = f"{locus.chrom}:{locus.summit:,}"
    return Card(anchor, title, tuple(facts), tuple(blocks), tuple((rule, "plain") for rule in locus.rules))


def _letters(locus: Locus, boxes: Mapping[str, list[Box]], window: tuple[int, int]) -> list[Block]:
    blocks: list[Block] = []
    for head, (contributions, first) in locus.contributions.items():
        low, high = max(window[0] - first, 0), min(window[1] - first, len(contributions))
        if high <= low:
            continue
        part = contributions[low:high]
        drawing = letter_track(
            np.nan_to_num(part),
            first + low,
            f"Contributions to the {head} head at {locus.region_id}",
            boxes.get(head, []),
        )
        unit = HEAD_TITLES[head]
        blocks.append(
            Figure(
                drawing,
                f"{unit}: DeepSHAP contribution of each base to its output, {high - low} bp around the summit; boxes: "
                "hits. From attributions.h5 and hits.bed.",
            )
        )
    return blocks


def _boxes(hits: Any, locus: Locus, colours: Mapping[str, str]) -> list[Box]:
    """Return all hits that lie in the locus, whichever region they were found through."""
    reach = max(locus.length, LETTERS_SHOWN) // 2 + 1
    near = hits[
        (hits["chrom"] == locus.chrom) & (hits["end"] > locus.summit - reach) & (hits["start"] < locus.summit + reach)
    ].sort_values(["start", "end", "motif_id", "strand"], kind="stable")
    return [
        Box(
            int(hit.start),
            int(hit.end),
            str(hit.strand),
            str(hit.motif_id),
            colours.get(str(hit.motif_id), "#5b6776"),
            float(hit.confidence),
        )
        for hit in near.itertuples()
    ]
