"""Tables of hits made in code."""

import pandas as pd

from cistill.formats.hits import MEASURED


def hit_table(*rows: tuple[int, int, str, float], chrom: str = "chr1", **columns: object) -> pd.DataFrame:
    """Return hits of (start, end, motif_id, confidence), all on the plus strand; further columns as given."""
    table = pd.DataFrame(rows, columns=["start", "end", "motif_id", "confidence"])
    table = table.assign(chrom=chrom, strand="+", region_id="chr1:100", importance=1.0, importance_total=1.0)
    table = table.assign(importance_fraction=0.1, similarity=0.9, sequence_score=5.0, method_score=1.0)
    table = table.assign(q_value=float("nan"), percentile=float("nan")).assign(**columns)
    return table[[*MEASURED, *(name for name in columns if name not in MEASURED)]]
