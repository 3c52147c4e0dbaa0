"""Time and versions of every stage, as summary.json has them."""

from typing import Any

from cistill.report.drawing.wording import plain
from cistill.report.reading.page_context import PageContext
from cistill.report.reading.stages import by_stage, stage_seconds
from cistill.report.reading.tf_results import TfResults


def run_record(page: PageContext) -> dict[str, Any]:
    """Return the time that each stage took, and the versions that it recorded."""
    return {"timings": _timings(page.results), "versions": _versions(page.results)}


def _timings(results: TfResults) -> dict[str, Any]:
    """Return seconds per stage, by the name of its provenance file without the TF's name; runs and trials together."""
    stages = {}
    for name, records in by_stage(results).items():
        seconds = stage_seconds(records)
        if seconds is not None:
            stages[name] = plain(seconds)
    return {"stages": dict(sorted(stages.items())), "total": plain(sum(stages.values())) if stages else None}


def _versions(results: TfResults) -> dict[str, str]:
    """Return the versions that the stages recorded; differing ones are joined."""
    found: dict[str, set[str]] = {}
    for record in results.provenance.values():
        for name, version in {"cistill": record.get("cistill"), **record.get("versions", {})}.items():
            if version:
                found.setdefault(name, set()).add(str(version))
    return {name: ", ".join(sorted(found[name])) for name in sorted(found)}
