"""What `summarizehits` does, from files to files."""

from dataclasses import asdict
from pathlib import Path

import pandas as pd

from cistill.console import LOG
from cistill.files import named
from cistill.formats.tables import table_of
from cistill.hits.hit_tables import kept_peaks, read_hit_table
from cistill.hits.pooling.merged_names import as_merged
from cistill.hits.statistics.cooccurrence import cooccurrence
from cistill.hits.statistics.distances import distance_tables
from cistill.hits.statistics.prevalence import hits_per_region, homotypic_density, prevalence
from cistill.hits.statistics.region_hits import count_by_region
from cistill.hits.statistics.settings import StatisticsSettings
from cistill.provenance import write_provenance

NEEDED = ("chrom", "start", "end", "motif_id", "strand", "region_id")


def summarize_hits(
    stem: Path, hits: Path, regions: Path, motifs: list[str], settings: StatisticsSettings, merged: Path | None = None
) -> None:
    """Write prevalence, hits per region, homotypic density, co-occurrence and distances of the hits of a file.

    Parameters
    ----------
    stem : Path
        Folder and start of the files' names, e.g. `results/REB1.counts`.
    hits, regions : Path
        hits.bed and regions.tsv; the kept peaks are the regions that hits were looked for in.
    motifs : list of str
        Only hits of these; all by default.
    settings : StatisticsSettings
    merged : Path, optional
        merged.tsv, see `as_merged`; `motifs` are then names of merged motifs.
    """
    chosen = _chosen(hits, motifs, settings.min_confidence, merged)
    counted = count_by_region(chosen, kept_peaks(regions), settings.strata, settings.strata_bins)
    pairs = cooccurrence(counted, settings.null, settings.permutations, settings.seed)
    shares = prevalence(counted)
    histogram, distances = distance_tables(counted)
    tables: dict[str, pd.DataFrame] = {
        "prevalence": shares,
        "hits_per_region": hits_per_region(counted),
        "homotypic": homotypic_density(counted, settings.largest),
        "cooccurrence": pairs,
        "distances": histogram,
        "distance_summary": distances,
    }
    for name, content in tables.items():
        table_of("summarizehits", name).write(named(stem, f"{name}.tsv"), content)
    write_provenance(
        named(stem, "summarizehits.json"),
        settings={"min_confidence": settings.min_confidence, "motifs": motifs}
        | {name: value for name, value in asdict(settings).items() if name != "seed"},
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
        seed=settings.seed,
    )
    LOG.info(
        "%d hits of %d motif(s); a hit in %d of %d regions",
        len(counted), len(counted.motifs), shares["n_regions_with_any_hit"].iloc[0], counted.n_regions,
    )  # fmt: skip


def _chosen(hits: Path, motifs: list[str], min_confidence: float, merged: Path | None) -> pd.DataFrame:
    """Return the hits of a file that count, under the names of merged motifs if those are given."""
    table = read_hit_table(hits, NEEDED)
    if min_confidence > 0 and "confidence" in table:
        table = table[table["confidence"] >= min_confidence]
    if merged is not None:
        table = as_merged(table, merged)
    return table[table["motif_id"].isin(motifs)] if motifs else table
