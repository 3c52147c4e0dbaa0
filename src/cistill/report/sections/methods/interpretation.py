"""How motifs, their instances and affinities came out of the model, in sentences."""

from collections.abc import Mapping
from typing import Any

from cistill.report.drawing.sentences import listed
from cistill.report.drawing.wording import count, plural, significant
from cistill.report.reading.facts import calling
from cistill.report.reading.library_results import LibraryResults
from cistill.report.reading.tf_results import TfResults

CALLERS = {
    "cwm_scan": "sliding the contribution weight matrix of each motif over the contributions, with shuffled matrices "
    "as decoys",
    "density": "the gain of modularity of the graph of seqlets",
    "finemo": "a non-negative lasso of the motifs on the contributions (Fi-NeMo; Wang et al. 2024)",
    "scan": "scanning sequences with position weight matrices (Korhonen et al. 2009)",
}
NULLS = {"exact": "an exact permutation test", "fisher": "Fisher's exact test"}


def contributions(results: TfResults) -> str:
    """Return how contributions of bases were computed; empty without a record."""
    settings = results.stage("shap").get("settings", {})
    if not settings:
        return ""
    heads = listed([str(head) for head in settings.get("heads") or ()]) or "output"
    words = " against {} dinucleotide shuffles of the region (Altschul and Erickson 1985)"
    against = clause(words, settings.get("n_shuffles"))
    return (
        f"The contribution of each base to the {heads} of a region was computed by DeepSHAP (Shrikumar et al. 2017; "
        f"Lundberg and Lee 2017){against}, as the mean over the networks of the model."
    )


def motifs(results: TfResults, summary: Mapping[str, Any]) -> str:
    """Return how motifs were found, matched and merged; empty without a record."""
    found = {head: results.stage("modisco", head) for head in results.heads}
    records = [record for record in found.values() if record.get("settings")]
    if not records:
        return ""
    settings, version = records[0]["settings"], records[0].get("versions", {}).get("modisco-lite")
    most = settings.get("max_seqlets_per_metacluster")
    words = (
        f"Motifs were found by TF-MoDISco (Shrikumar et al. 2018{clause('; modisco-lite {}', version)})"
        + clause(" in the central {} bp", settings.get("window"))
        + clause(", from seqlets at a false discovery rate of {}", settings.get("target_seqlet_fdr"))
        + clause(", at most {} of them", None if most is None else count(most))
        + ", clustered by the Leiden algorithm (Traag et al. 2019)."
    )
    if any(motif["match"] for motif in summary["motifs"] or ()):
        words += " Motifs were compared with the database by TOMTOM (Gupta et al. 2007)."
    pair = results.stage("merge").get("settings", {}).get("pair")
    if summary["merged_motifs"] is not None and pair is not None:
        words += f" Motifs of both heads with a similarity of {pair:g} or more were merged."
    return words


def instances(results: TfResults) -> str:
    """Return how instances were called and their arrangement was tested; empty without a record."""
    records = [calling(results, head) for head in results.heads.values() if head.hits is not None]
    records = [record for record in records if record.get("settings")]
    if not records:
        return ""
    settings = records[0]["settings"]
    method = str(settings.get("method"))
    rate = settings.get("fdr")
    at = f" at a false discovery rate of {rate:g}" if rate is not None else ""
    words = f"Motif instances were called by {CALLERS.get(method, method)} ({method}){at}."
    if results.stage("collapse"):
        words += " Of overlapping instances of both heads one was kept."
    null = results.stage("summarizehits").get("settings", {}).get("null")
    if null is not None:
        words += (
            f" Whether motifs share regions more or less often than by chance was tested by "
            f"{NULLS.get(null, 'permutations')}, corrected over all pairs (Benjamini and Hochberg 1995)."
        )
    return words


def affinities(library: LibraryResults) -> str:
    """Return how a library was scored and calibrated; empty without a record."""
    number, scored = library.result("marginalize", "backgrounds"), library.result("marginalize", "scored")
    if number is None:
        return ""
    panel = (library.result("marginalize", "panels") or [{}])[0]
    source = clause(f" ({'shuffled ' if panel.get('shuffled') else ''}{{}})", panel.get("from"))
    sequences = "sequences" if scored is None else plural(scored, "sequence")
    words = (
        f"Library {library.name}: {sequences} were inserted into {plural(number, 'background')}{source}, and the mean "
        "change of the predicted ln(1 + 5' ends) was taken as the score (Alexandari et al. 2023)."
    )
    sampled, held_out = library.result("calibrate", "sampled"), library.result("calibrate", "held_out")
    if sampled is None or held_out is None:
        return words
    resamples = library.records.get("calibrate", {}).get("settings", {}).get("resamples")
    interval = f", with 95% intervals from {count(resamples)} bootstrap samples" if resamples else ""
    return (
        f"{words} Scores were calibrated to {library.unit} on {count(sampled)} sequences and judged on the other "
        f"{count(held_out)}{interval}."
    )


def software(versions: Mapping[str, str]) -> str:
    """Return the program and the packages that it used, with versions; empty where no stage recorded them."""
    if "cistill" not in versions:
        return ""
    others = [f"{name} {version}" for name, version in versions.items() if name != "cistill"]
    return f"cistill {versions['cistill']} was used with {listed(others)}." if others else ""


def seeds(results: TfResults) -> str:
    """Return the seeds of random choices; empty where none was recorded."""
    found = sorted({int(record["seed"]) for record in results.provenance.values() if record.get("seed") is not None})
    if not found:
        return ""
    shown = listed([significant(seed, 12) for seed in found[:6]])
    return f"Random choices were seeded ({shown}{', ...' if len(found) > 6 else ''})."


def clause(words: str, value: object) -> str:
    """Return words with a value put in; empty where that is not known."""
    return "" if value is None else words.format(value)
