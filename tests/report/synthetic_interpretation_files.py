"""Merged motifs, statistics of hits, callers side by side and checks of contributions, for the made-up TF."""

from pathlib import Path

import numpy as np
import pandas as pd
from synthetic_regions import TF

from cistill.hits.comparison.comparehits import compare_hits
from cistill.hits.comparison.observed_signal import DatasetSignal
from cistill.hits.comparison.settings import ComparisonSettings, Truth
from cistill.hits.statistics.settings import StatisticsSettings
from cistill.hits.statistics.summarizehits import summarize_hits
from cistill.motifs.commands import merge_motifs
from cistill.motifs.settings import MergeSettings
from cistill.tables import read_table, write_table


def write_interpretation(folder: Path) -> None:
    """Write what the commands shap, motifs, collapse, summarizehits and comparehits add."""
    write_shap(folder)
    files = [folder / f"{TF}.{head}.motifs.h5" for head in ("counts", "profile")]
    merge_motifs(folder, TF, *files, None, MergeSettings())
    write_statistics(folder)
    write_callers(folder)


def write_shap(folder: Path, gap: float = 2e-7) -> None:
    """Write shap.tsv and region_contributions.tsv: two regions with unknown bases, one gap as given."""
    regions = read_table(folder / f"{TF}.regions.tsv", dtype={"region_id": str})
    names = regions.loc[(regions["kind"] == "peak") & regions["kept"], "region_id"].to_numpy()
    table = pd.DataFrame({"region_id": names, "task": TF, "unknown_bases": 0, "bases_off_contig": 0})
    table["shuffles_equal"] = 0
    table.loc[:1, "unknown_bases"] = 7
    for head, difference in (("counts", 4.0), ("profile", 2.5)):
        table[f"{head}_difference"], table[f"{head}_gap"] = difference, 1e-7
    table.loc[3, "counts_gap"] = gap
    write_table(folder / f"{TF}.region_contributions.tsv", table)
    rows = [
        {
            "head": head, "task": TF, "regions": len(table), "shuffles": 20, "gap_median": gaps.median(),
            "gap_95": gaps.quantile(0.95), "gap_max": gaps.max(), "gap_over_1_percent": int((gaps > 0.01).sum()),
            "gap_over_5_percent": 0, "with_unknown_bases": 2, "at_contig_edges": 0, "with_shuffles_equal": 0,
        }
        for head, gaps in (("counts", table["counts_gap"]), ("profile", table["profile_gap"]))
    ]  # fmt: skip
    write_table(folder / f"{TF}.shap.tsv", pd.DataFrame(rows))


def write_statistics(folder: Path, empty: bool = False) -> None:
    """Write the pooled hits and their statistics: a partner stands 20 bp from the hits of every other peak."""
    hits = read_table(folder / f"{TF}.counts.hits.bed", dtype={"region_id": str})
    partner = hits.iloc[::2].assign(motif_id="profile.pos_1")
    partner[["start", "end"]] += 20
    pooled = pd.concat([hits, partner]).sort_values(["chrom", "start", "end"], kind="stable")
    path = folder / f"{TF}.hits.bed"
    write_table(path, pooled.iloc[:0] if empty else pooled, bed=True)
    summarize_hits(folder / TF, path, folder / f"{TF}.regions.tsv", [], StatisticsSettings())


def write_callers(folder: Path, sites: bool = True) -> None:
    """Write three callers' hits side by side: the default, half of it, and one that is off by 30 bp."""
    hits = read_table(folder / f"{TF}.counts.hits.bed", dtype={"region_id": str})
    shifted = hits.copy()
    shifted[["start", "end"]] += 30
    files = {}
    for name, table in (("cwm_scan", hits), ("density", hits.iloc[::2]), ("scan", shifted)):
        files[name] = folder / f"{name}.bed"
        write_table(files[name], table, bed=True)
    known = folder / "known.bed"
    known.write_text(
        "".join(f"{row.chrom}\t{row.start}\t{row.end}\tprimary\n" for row in hits[hits.index % 3 != 0].itertuples())
    )
    dataset = folder / f"{TF}.dataset.h5"
    compare_hits(
        folder / f"{TF}.counts.methods",
        files,
        dict.fromkeys(files, "confidence"),
        [],
        folder / f"{TF}.regions.tsv",
        Truth(known) if sites else Truth(),
        DatasetSignal(dataset),
        {"dataset": dataset},
        ComparisonSettings(n_examples=1, rank_bins=8),
    )
    for file in [*files.values(), known]:
        file.unlink()


def callers_of(folder: Path, table: str) -> pd.DataFrame:
    """Return a table of the comparison of callers."""
    return read_table(folder / f"{TF}.counts.methods.{table}.tsv", dtype={"hit_set": str})


def peaks_with_hits(folder: Path) -> int:
    """Return how many regions hold a hit of the counts head."""
    return int(np.unique(read_table(folder / f"{TF}.counts.hits.bed")["region_id"].to_numpy(str)).size)
