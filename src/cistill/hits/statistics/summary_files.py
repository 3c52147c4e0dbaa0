"""What `summarizehits` does, from files to files."""

import logging
from pathlib import Path

import pandas as pd

from cistill.files import named
from cistill.hits.comparison.hit_sets import kept_peaks, read_hit_table
from cistill.hits.pooling.merged import as_merged
from cistill.hits.statistics.cooccurrence import cooccurrence
from cistill.hits.statistics.distances import distance_tables
from cistill.hits.statistics.prevalence import hits_per_region, homotypic_density, prevalence
from cistill.hits.statistics.region_hits import count_by_region
from cistill.provenance import write_provenance
from cistill.tables import write_table

LOG = logging.getLogger("cistill")
NEEDED = ("chrom", "start", "end", "motif_id", "strand", "region_id")


def summarize(
    stem: Path,
    hits: Path,
    regions: Path,
    min_confidence: float,
    motifs: list[str],
    null: str,
    permutations: int,
    strata: str,
    strata_bins: int,
    largest: int,
    seed: int,
    merged: Path | None = None,
) -> None:
    """Write prevalence, hits per region, homotypic density, co-occurrence and distances of the hits of a file.

    Parameters
    ----------
    stem : Path
        Folder and start of the files' names, e.g. `results/REB1.counts`.
    hits, regions : Path
        hits.bed and regions.tsv; the kept peaks are the regions that hits were looked for in.
    min_confidence : float
        Hits below are left out (where the table has the column `confidence`).
    motifs : list of str
        Only hits of these; all by default.
    null, permutations, seed
        As for `cooccurrence`.
    strata, strata_bins
        As for `count_by_region`.
    largest : int
        Largest number of hits in the homotypic density.
    merged : Path, optional
        merged.tsv, see `as_merged`; `motifs` are then names of merged motifs.
    """
    table = read_hit_table(hits, NEEDED)
    if min_confidence > 0 and "confidence" in table:
        table = table[table["confidence"] >= min_confidence]
    if merged is not None:
        table = as_merged(table, merged)
    if motifs:
        table = table[table["motif_id"].isin(motifs)]
    peaks = kept_peaks(regions)
    counted = count_by_region(table, peaks, strata, strata_bins)
    pairs = cooccurrence(counted, null, permutations, seed)
    shares = prevalence(counted)
    histogram, distances = distance_tables(counted)
    tables: dict[str, pd.DataFrame] = {
        "prevalence": shares,
        "hits_per_region": hits_per_region(counted),
        "homotypic": homotypic_density(counted, largest),
        "cooccurrence": pairs,
        "distances": histogram,
        "distance_summary": distances,
    }
    for name, content in tables.items():
        write_table(named(stem, f"{name}.tsv"), content)
    write_provenance(
        named(stem, "summarizehits.json"),
        settings={
            "min_confidence": min_confidence,
            "motifs": motifs,
            "null": null,
            "permutations": permutations,
            "strata": strata,
            "strata_bins": strata_bins,
            "largest": largest,
        },
        inputs={"hits": hits, "regions": regions} | ({} if merged is None else {"merged": merged}),
        results={
            "hits": len(counted),
            "motifs": counted.motifs,
            "regions": counted.n_regions,
            "regions_with_hit": int(shares["n_regions_with_any_hit"].iloc[0]),
            "strata": len(set(counted.stratum.tolist())),
            "pairs": len(pairs),
            "pairs_with_q_below_0.05": int((pairs["q_value"] < 0.05).sum()),
        },
        seed=seed,
    )
    LOG.info(
        "%d hits of %d motif(s); a hit in %d of %d regions",
        len(counted), len(counted.motifs), shares["n_regions_with_any_hit"].iloc[0], counted.n_regions,
    )  # fmt: skip
