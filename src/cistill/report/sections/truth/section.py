"""Planted against found, for simulated data."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from markupsafe import Markup

from cistill.report.drawing import vega
from cistill.report.drawing.alignment import Alignment, laid_over
from cistill.report.drawing.anchors import motif_link
from cistill.report.drawing.blocks import Block, Chart, Figure, Heading, Note, Section, SideBySide, Table
from cistill.report.drawing.logos import LOGO_SIZE, information_logo, motif_logo, shown_part
from cistill.report.drawing.mirrored import mirrored, mirrored_table
from cistill.report.drawing.palette import BLUE, GOLD, GREY, INK
from cistill.report.drawing.wording import MISSING, count, decimal
from cistill.report.reading.average_profiles import AverageProfile
from cistill.report.reading.page_context import PageContext
from cistill.report.sections.truth.comparison import (
    FOOTPRINT,
    LARGEST_DISTANCE,
    RECOVERED,
    Comparison,
    FoundMotif,
    Spacing,
    planted_footprint,
    read_comparison,
)

STRANDS = ("motif's strand", "other strand")


def truth_section(page: PageContext, summary: Mapping[str, Any]) -> Section | None:
    """Return motifs, recall, spacing and footprint, each planted next to found; None where nothing was simulated."""
    comparison, record = page.once(read_comparison), summary["truth"]
    if comparison is None:
        return None
    footprint = page.average_profiles.get(FOOTPRINT)
    truth = comparison.truth
    blocks: list[Block] = [_motif_table(comparison, record)]
    for name, found in comparison.found.items():
        blocks.append(Heading(f"planted-{name}", f"Planted motif {name}"))
        blocks.append(_logos(name, truth["motifs"][name], found))
    blocks.append(Heading("planted-sites", "Planted sites, spacing and footprint"))
    if record["site_recall"]:
        blocks.append(_recall(record["site_recall"], truth.get("classes", {})))
    figures: list[Block] = [_spacing(pairs, record["planted_distance"]) for pairs in comparison.spacing.values()]
    if not figures:
        blocks.append(Note("No head gave hits of both motifs, so the spacing of planted pairs is not measured."))
    drawn = None if footprint is None else _footprint(truth, record["footprint"], footprint)
    if drawn is not None:
        figures.append(drawn)
    if figures:
        blocks.append(SideBySide(tuple(figures), 2))
    return Section(
        "truth",
        "Planted and found",
        "These data are simulated, so it is known what should be found: planted motifs, sites, spacing and footprint.",
        tuple(blocks),
    )


def _motif_table(comparison: Comparison, record: Mapping[str, Any]) -> Table:
    rows = []
    for name, found in record["motifs"].items():
        for head in list(comparison.per_head) or [MISSING]:
            best = found["by_head"].get(head, {"motif_id": None, "correlation": None})
            link: str | Markup = MISSING
            if best["motif_id"] is not None:
                link = motif_link(best["motif_id"])
            good = best["correlation"] is not None and best["correlation"] >= RECOVERED
            verdict = Markup('<span class="badge {}">{}</span>').format(*(("good", "yes") if good else ("warn", "no")))
            rows.append(
                (
                    name,
                    Markup('<span class="sequence">{}</span>').format(found["consensus"]),
                    head,
                    link,
                    decimal(best["correlation"]),
                    verdict,
                )
            )
    return Table(
        "The found motif most like each planted one; correlation of base frequencies over the planted motif, "
        "recovered from "
        f"{RECOVERED} on. From truth.json and motifs.h5.",
        ("planted", "consensus", "head", "found", "correlation", "recovered"),
        tuple(rows),
        frozenset({4}),
        "Motifs",
    )


def _logos(name: str, planted: Mapping[str, Any], found: FoundMotif | None) -> Block:
    matrix = np.array(planted["pfm"], dtype=np.float64)
    if found is None or found.motif.matrices is None:
        drawing = motif_logo(information_logo(matrix), f"Planted motif {name}", "bits", None, 2.0, **LOGO_SIZE)
        return SideBySide((Figure(drawing, "As planted; no motif was found to lay beside it.", "Planted"),), 2)
    pfm = found.motif.matrices.pfm
    alignment = found.alignment
    if alignment.reverse:  # show both as the planted one reads
        pfm = pfm[::-1, ::-1]
        alignment = Alignment(len(pfm) - alignment.offset - len(matrix), False, alignment.correlation)
    part = shown_part(len(pfm), (max(alignment.offset, 0), min(alignment.offset + len(matrix), len(pfm))))
    laid = laid_over(len(pfm), matrix, alignment)[part]
    heights = np.where(laid.sum(axis=1, keepdims=True) > 0, information_logo(laid), 0.0)
    turned = ", reverse complement" if found.alignment.reverse else ""
    return SideBySide(
        (
            Figure(
                motif_logo(heights, f"Planted motif {name}", "bits", None, 2.0, part.start, **LOGO_SIZE),
                "Base frequencies that the planted energies imply, laid under the found motif; height is "
                "information in bits.",
                "Planted",
            ),
            Figure(
                motif_logo(
                    information_logo(pfm[part]),
                    f"Found motif {found.motif.motif_id}",
                    "bits",
                    None,
                    2.0,
                    part.start,
                    **LOGO_SIZE,
                ),
                f"{found.motif.motif_id}{turned}: correlation {decimal(alignment.correlation)} with the planted motif.",
                "Found",
            ),
        )
    )


def _recall(recall: Mapping[str, Mapping[str, float | None]], classes: Mapping[str, str]) -> Table:
    heads = list(recall)
    found = dict.fromkeys(name for by_class in recall.values() for name in by_class)
    names = sorted(found, key=lambda name: list(classes).index(name) if name in classes else len(classes))
    rows = tuple(
        (name, str(classes.get(name, "")), *(decimal(recall[head].get(name)) for head in heads)) for name in names
    )
    return Table(
        "Recall of the planted sites within the regions' reach, by class of binding energy, for the hits of each head.",
        ("class", "meaning", *(f"{head} head" for head in heads)),
        rows,
        frozenset(range(2, 2 + len(heads))),
        "Sites by energy",
    )


def _spacing(pairs: Spacing, planted: int) -> Chart:
    places = np.arange(-LARGEST_DISTANCE, LARGEST_DISTANCE + 1)
    table = pd.concat(
        [
            pd.DataFrame({"strands": words, "distance": places, "pairs": number})
            for words, number in (("same strand", pairs.same), ("opposite strand", pairs.opposite))
        ],
        ignore_index=True,
    )
    table = table[table["pairs"] > 0].reset_index(drop=True)
    bars = (
        vega.chart()
        .transform_calculate(left="datum.distance - 0.45", right="datum.distance + 0.45")
        .mark_bar()
        .encode(
            x=alt.X(
                "left:Q",
                title="main motif's to partner's first base, bp",
                bin=alt.BinParams(binned=True),
                scale=alt.Scale(domain=[-LARGEST_DISTANCE - 0.5, LARGEST_DISTANCE + 0.5]),
            ),
            x2="right:Q",
            y=alt.Y("pairs:Q", title="pairs of hits", stack=None),
            color=vega.colours("strands", {"same strand": BLUE, "opposite strand": GREY}),
            tooltip=vega.tips(strands="", distance="d", pairs=",d"),
        )
    )
    return Chart(
        table,
        bars + vega.rule(x=float(planted), colour=INK),
        f"Pairs of a main and a partner site among the hits of a region ({pairs.head} head), by the distance of their "
        f"first bases along the main motif: {count(int(pairs.same.sum()))} on the same strand, "
        f"{count(int(pairs.opposite.sum()))} on opposite ones; dashed: as planted, {planted} bp. A hit of a pattern "
        "that holds both motifs counts as a pair. From hits.bed.",
        f"Spacing, {pairs.head} head",
    )


def _footprint(truth: Mapping[str, Any], record: Mapping[str, Any] | None, footprint: AverageProfile) -> Chart | None:
    planted = planted_footprint(truth, footprint.reach)
    if planted is None or record is None:
        return None
    profiles = {
        "planted": planted / planted.sum(),
        "predicted": footprint.predicted / max(footprint.predicted.sum(), 1e-12),
    }
    table = mirrored_table(profiles, STRANDS, np.arange(-footprint.reach, footprint.reach + 1))
    titles = ("position from the motif's first base, bp", "share of reads")
    return Chart(
        table,
        mirrored(table, "strand", dict(zip(STRANDS, (BLUE, GOLD), strict=True)), titles, "planted"),
        f"Shape of the main motif's footprint as planted (filled), and the mean prediction around {count(footprint.n)} "
        "hits in held-out peaks (lines), each scaled to one; correlation "
        f"{decimal(record['predicted_correlation'])} (observed reads {decimal(record['observed_correlation'])}). "
        "Motif's strand up, other strand down.",
        "Footprint",
        "planted footprint",
        "Planted and predicted footprint of the main motif",
    )
