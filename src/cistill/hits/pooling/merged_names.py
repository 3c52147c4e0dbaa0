"""Hits under the names of the motifs that both heads' motifs were merged into."""

from pathlib import Path

import pandas as pd

from cistill.tables import read_table


def as_merged(hits: pd.DataFrame, merged: Path) -> pd.DataFrame:
    """Return hits under the names and on the strands of merged motifs; motifs that were not merged stay as they are.

    Parameters
    ----------
    hits : pandas.DataFrame
        `motif_id, strand`.
    merged : Path
        merged.tsv of `motifs merge-heads`: `motif_id, member, strand` (`-` for a member that lies the other way round).
    """
    members = read_table(merged, ("motif_id", "member", "strand"), dtype=dict.fromkeys(("motif_id", "member"), str))
    members = members.drop_duplicates("member").set_index("member")
    turned = hits["motif_id"].map(members["strand"]) == "-"
    other = hits["strand"].map({"+": "-", "-": "+"}).fillna(hits["strand"])
    return hits.assign(
        motif_id=hits["motif_id"].map(members["motif_id"]).fillna(hits["motif_id"]),
        strand=hits["strand"].where(~turned, other),
    )
