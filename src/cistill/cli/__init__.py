"""The commands: one module each, its arguments and checks, and one call into the library."""

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typer import Typer

# What `cistill --help` says of each command; a command's module is imported only when it is run.
COMMANDS = {
    "affinity": "Analyse scores and affinities: backgrounds, paralogs, genomic matches, footprints, matrix, variation.",
    "bounds": "Score uninformed and perfect predictions: the bounds of every metric.",
    "browser": "Make the genome browser page, IGV session and track hub of one TF from its result files.",
    "calibrate": "Calibrate scores to measured affinities and compare them with motifs and other baselines.",
    "callhits": "Call the instances of motifs in the contributions of every region.",
    "check": "Check the samplesheet, the parameters and every input file before anything runs.",
    "checklibraries": "Check the affinity sheet and every table that it names before anything runs.",
    "collapse": "Pool motif instances; where instances overlap, the best stays.",
    "comparehits": "Compare sets of motif instances with each other, with known sites and with observed signal.",
    "configure": "Check the parameters and the file of options, and write the options of every command of a run.",
    "convert": "Read another program's network into a model file, or write ours for other programs.",
    "coverage": "Count the 5' ends of reads, strand by strand, base by base.",
    "dataset": "Build the training set of a TF: windows around peaks and GC-matched background, as HDF5.",
    "filterhits": "Leave out motif instances that do not reach thresholds, or that chance explains.",
    "finetune": "Fine-tune the heads of trained networks on their frozen trunks.",
    "importscores": "Import importance scores that another program computed, as attribution files.",
    "library": "Read a table of in-vitro measurements, or generate sequences, into the form that other commands read.",
    "marginalize": "Score inserted sequences: the change of predicted log counts that they make in many backgrounds.",
    "modisco": "Find recurring patterns of contributions (TF-MoDISco) and match them with a motif database.",
    "motifs": "Export, match, cluster and merge motifs; subclusters, reproducibility, tasks, footprints.",
    "pagemodel": "Keep one network of a model for the page, where people paste sequences.",
    "predict": "Predict regions with a model, and score the predictions next to their bounds.",
    "report": "Make the HTML page and the summary of one TF from its result tables.",
    "scan": "Scan sequences with position weight matrices.",
    "select": "Choose among trained networks and make the model of a TF of the chosen ones.",
    "shap": "Explain a model's predictions by DeepSHAP: what every base contributes to the counts and to the profile.",
    "sheetfiles": "List the files that samplesheet and affinity sheet name, so that they can be brought to a task.",
    "simulate": "Simulate a genome and ChIP-exo experiments with sites of known binding energy.",
    "summarizehits": "Summarize motif instances: prevalence, hits per region, co-occurrence, distances.",
    "train": "Train profile models of a TF: folds, restarts, all tasks or one.",
    "tune": "Search learning rate and count weight: one trial at a time, then the choice.",
}


THEN = "--then"


def main(words: list[str] | None = None) -> None:
    """Run `cistill COMMAND ...`: `words` are the command and its arguments, those of the command line by default.

    Several commands, `--then` between them, run one after the other in one process, until one fails: starting a
    process and importing what commands need takes longer than the work of some.
    """
    from cistill.console import errors_as_messages

    given = sys.argv[1:] if words is None else words
    ends = [place for place, word in enumerate(given) if word == THEN]
    calls = [given[first:end] for first, end in zip([0, *(end + 1 for end in ends)], [*ends, len(given)], strict=True)]
    for place, call in enumerate(calls, 1):
        if place > 1:
            from cistill.provenance import start_clock

            start_clock()
        with errors_as_messages(call[0] if call and call[0] in COMMANDS else "cistill"):
            try:
                _main(call)
            except SystemExit as end:  # how a command ends, an error or not
                if end.code or place == len(calls):
                    raise


def _main(given: list[str]) -> None:
    if not given or given[0] in ("-h", "--help"):
        print("Usage: cistill COMMAND [OPTIONS] ... [--then COMMAND ...]\n")
        print("Commands (`cistill COMMAND --help` lists the options):")
        for name, words_of in COMMANDS.items():
            print(f"  {name.ljust(max(map(len, COMMANDS)))}  {words_of}")
        sys.exit(0)
    if given[0] == "--version":
        import cistill

        print(f"cistill {cistill.__version__}")
        sys.exit(0)
    if given[0] not in COMMANDS:
        from difflib import get_close_matches

        near = get_close_matches(given[0], COMMANDS, 1)
        print(
            f"cistill: error: no such command: {given[0]}" + (f"; did you mean {near[0]}?" if near else ""),
            file=sys.stderr,
        )
        sys.exit(2)
    from cistill.console import run

    sys.argv = [given[0], *given[1:]]  # the command's own name is what its messages and its provenance say
    run(app_of(given[0]))


def app_of(command: str) -> "Typer":
    """Return the Typer app of a command."""
    app: Typer = import_module(f"cistill.cli.{command}").app
    return app
