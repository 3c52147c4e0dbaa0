"""Whether the data were enough to train on, as summary.json has it."""

from typing import Any

import pandas as pd

from cistill.report.drawing.wording import plain
from cistill.report.reading.page_context import PageContext

OVERALL, UNKNOWN = "overall", "unknown"
PLACE = ("readset", "fold", "split", "strand")


def sufficiency_record(page: PageContext) -> dict[str, Any]:
    """Return the verdict on each task and on every figure that one is passed on; None without sufficiency.tsv."""
    table = page.results.sufficiency
    if table is None:
        return {"sufficiency": None}
    verdicts = table[table["measure"] == OVERALL].set_index("task")["verdict"]
    tasks = {
        str(task): {"verdict": str(verdict), "figures": _figures(table[table["task"] == task])}
        for task, verdict in verdicts.items()
    }
    return {"sufficiency": {"verdict": worst(verdicts), "tasks": tasks}}


def worst(verdicts: "pd.Series[str]") -> str:
    """Return the worst of some verdicts; `enough` of none."""
    found = set(verdicts)
    return next((verdict for verdict in ("not enough", "doubtful") if verdict in found), "enough")


def _figures(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the figures of a task that a verdict is passed on."""
    judged = rows[(rows["measure"] != OVERALL) & (rows["verdict"] != UNKNOWN)]
    return [
        {
            "measure": str(row["measure"]),
            **{name: None if pd.isna(row[name]) else str(row[name]) for name in PLACE},
            **{name: plain(row[name]) for name in ("value", "lower", "upper")},
            "n": int(row["n"]),
            "verdict": str(row["verdict"]),
            "advice": None if pd.isna(row["advice"]) else str(row["advice"]),
        }
        for row in judged.to_dict("records")
    ]
