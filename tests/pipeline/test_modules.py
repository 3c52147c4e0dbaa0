"""Every module by itself: on real data, as a stub, and refusing a bad input. One start of Nextflow runs them all."""

import csv
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from pipeline_runs import PROJECT, Run, environment

pytestmark = pytest.mark.nextflow

META = "[id: 'SIM1', tf: 'SIM1']"
RUN = "[id: 'SIM1.all.fold_0', tf: 'SIM1', fold: '0', kind: 'all', restarts: [1, 2]]"
HEAD = "[id: 'SIM1.counts', tf: 'SIM1', head: 'counts']"
LIBRARY = "[id: 'SIM1.variants', tf: 'SIM1', library: 'variants', task: '']"
RESULTS = (
    "{dataset,train,finetune,select,predict,shap,modisco,motifs,callhits,collapse,summarizehits,comparehits,"
    "library,marginalize,calibrate,analyse}"
)
# What each module is called with: `sim` is a simulated experiment, `out` the results of a run, `bad` a nonsense file.
CALLS = {
    "SIMULATE": "'tiny', [seed: 7]",
    "CONFIGURE": "[seed: 5], schema, [], '0.1.0', [[], []], [[], []]",
    "CHECK": "sheet, existing_files(named, sheet), "
    "tuple(file(\"${sim}/genome.fa.gz\"), [], []), [outdir: 'results'], none, [:]",
    "COVERAGE": "tuple([id: 'r1'], file(\"${sim}/reads.rep1.bam\")), [], [min_mapq: 0]",
    "DATASET": f"tuple({META}, [[role: 'signal', task: 'sim1']], [file(\"${{out}}/coverage/SIM1.sim1.r1.plus.bw\"), "
    'file("${out}/coverage/SIM1.sim1.r1.minus.bw")], [\'sim1\'], [file("${sim}/peaks.narrowPeak")]), '
    'tuple(file("${sim}/genome.fa.gz"), [], []), [input_length: 546, output_length: 200]',
    "TUNE": "tuple([id: 'SIM1.1', tf: 'SIM1', trial: 1], file(\"${out}/dataset/SIM1.dataset.h5\")), preset, "
    "[epochs: 1, filters: 4], ''",
    "PICKTRIAL": f"tuple({META}, trial)",
    "TRAIN": f'tuple({RUN}, file("${{out}}/dataset/SIM1.dataset.h5"), []), preset, [epochs: 1, filters: 4], ""',
    "FINETUNE": f'tuple({RUN}, file("${{out}}/dataset/SIM1.dataset.h5"), files("${{out}}/train/*.model.safetensors")), '
    "[epochs: 1, restarts: 1]",
    "SELECT": f'tuple({META}, files("${{out}}/train/*.model.safetensors")), [], [keep: "all"]',
    "PREDICT": f'tuple({META}, file("${{out}}/dataset/SIM1.dataset.h5"), '
    'file("${out}/select/SIM1.model.safetensors")), [:]',
    "PAGEMODEL": f'tuple({META}, file("${{out}}/dataset/SIM1.dataset.h5"), '
    'file("${out}/select/SIM1.model.safetensors")), [n_backgrounds: 2]',
    "SHAP": f'tuple({META}, file("${{out}}/dataset/SIM1.dataset.h5"), file("${{out}}/select/SIM1.model.safetensors")), '
    "[n_shuffles: 1], ''",
    "MODISCO": f'tuple({HEAD}, file("${{out}}/shap/SIM1.counts.attributions.h5"), '
    'file("${out}/dataset/SIM1.dataset.h5"), file("${out}/predict/SIM1.predictions.h5")), '
    'file("${sim}/motifs.meme"), [min_seqlets: 10]',
    "MERGEMOTIFS": f'tuple({META}, file("${{out}}/modisco/SIM1.counts.motifs.h5"), '
    'file("${out}/modisco/SIM1.profile.motifs.h5")), file("${sim}/motifs.meme"), [:]',
    "CALLHITS": f'tuple({HEAD}, file("${{out}}/shap/SIM1.counts.attributions.h5"), '
    'file("${out}/modisco/SIM1.counts.motifs.h5"), file("${out}/modisco/SIM1.counts.modisco.h5")), [:]',
    "FILTERHITS": f'tuple({HEAD}, file("${{out}}/callhits/SIM1.counts.hits.bed"), '
    'file("${out}/shap/SIM1.counts.attributions.h5"), file("${out}/modisco/SIM1.counts.motifs.h5")), [:]',
    "COLLAPSE": f'tuple({META}, files("${{out}}/callhits/SIM1.*.hits.bed"), '
    'file("${out}/motifs/SIM1.merged.tsv")), [:]',
    "SUMMARIZEHITS": f'tuple({META}, file("${{out}}/collapse/SIM1.hits.bed"), '
    'file("${out}/dataset/SIM1.regions.tsv")), [:]',
    "COMPAREHITS": f'tuple({HEAD}, [""], file("${{out}}/callhits/SIM1.counts.hits.bed"), '
    'file("${out}/dataset/SIM1.regions.tsv"), file("${sim}/truth/sites.bed"), []), [:]',
    "CHECKLIBRARIES": 'file("${sim}/affinity.csv"), '
    "tuple(['truth/energies.tsv'], [file(\"${sim}/truth/energies.tsv\")]), 'SIM1/sim1', [:]",
    "LIBRARY": f'tuple({LIBRARY}, file("${{sim}}/truth/energies.tsv"), [], [reader: "simulated_energies"]), [:]',
    "MARGINALIZE": f'tuple({LIBRARY} + [chunk: "1/2"], file("${{out}}/library/SIM1.variants.library.tsv"), '
    'file("${out}/dataset/SIM1.dataset.h5"), file("${out}/select/SIM1.model.safetensors")), [n_backgrounds: 2], ""',
    "MERGESCORES": f"tuple({LIBRARY}, parts, logs)",
    "ANALYSE": f'tuple({LIBRARY} + [facts: [labelled: true, unit: "kcal/mol", has_single: true, distillable: true]], '
    'file("${out}/marginalize/SIM1.variants.scores.tsv"), files("${out}/marginalize/SIM1.variants.*.h5"), '
    'file("${out}/library/SIM1.variants.library.tsv"), file("${out}/library/SIM1.variants.library.json"), '
    'file("${out}/calibrate/SIM1.variants.calibrator.json"), file("${out}/dataset/SIM1.dataset.h5"), '
    'file("${out}/predict/SIM1.predictions.h5")), [:]',
    "SPECIFICITY": f'tuple({LIBRARY}, ["SIM1", "OTHER"], files("${{out}}/marginalize/SIM1.variants.scores.tsv") * 2, '
    'file("${out}/library/SIM1.variants.library.tsv"), file("${out}/library/SIM1.variants.library.json")), [:]',
    "CALIBRATE": f'tuple({LIBRARY}, file("${{out}}/marginalize/SIM1.variants.scores.tsv"), '
    'file("${out}/library/SIM1.variants.library.tsv"), file("${out}/library/SIM1.variants.library.json"), '
    '[["planted", ""]], [file("${sim}/motifs.meme")]), [resamples: 20, repeats: 2]',
    "BROWSER": f'tuple({META}, files("${{out}}/{RESULTS}/SIM1.*")), file("${{sim}}/genome.fa.gz"), [[], []], '
    "[coverage: '../coverage'], [:]",
    "REPORT": f'tuple({META}, files("${{out}}/{RESULTS}/SIM1.*"), '
    'file("${sim}/truth/truth.json")), file("${sim}/motifs.meme"), [:]',
}
WRITES = {
    "SIMULATE": ["simulation"],
    "CONFIGURE": ["options.json", "problems.txt"],
    "CHECK": ["genome.sizes", "readsets.tsv"],
    "COVERAGE": ["r1.coverage.json", "r1.minus.bw", "r1.plus.bw"],
    "DATASET": ["SIM1.dataset.h5", "SIM1.dataset.json", "SIM1.regions.tsv", "SIM1.sufficiency.tsv"],
    "TUNE": ["SIM1.trial_1.json", "SIM1.trial_1.tsv"],
    "PICKTRIAL": ["SIM1.tuning.json", "SIM1.tuning.tsv"],
    "TRAIN": [
        f"SIM1.all.fold_0.restart_{restart}.{name}"
        for restart in (1, 2)
        for name in ("history.tsv", "model.safetensors", "train.json")
    ],
    "FINETUNE": [
        f"SIM1.all.fold_0.restart_1.finetuned.{name}" for name in ("history.tsv", "json", "model.safetensors")
    ],
    "SELECT": ["SIM1.candidates.tsv", "SIM1.model.safetensors", "SIM1.select.json"],
    "PREDICT": ["SIM1.metrics.tsv", "SIM1.predict.json", "SIM1.predictions.h5", "SIM1.region_predictions.tsv"],
    "PAGEMODEL": ["SIM1.page_model.json", "SIM1.pagemodel.json"],
    "SHAP": [
        f"SIM1.{name}"
        for name in ("counts.attributions.h5", "profile.attributions.h5", "region_contributions.tsv", "shap.tsv")
    ],
    "MODISCO": [
        f"SIM1.counts.{name}"
        for name in (
            *("footprints.h5", "modisco.h5", "modisco.json", "motifs.h5", "motifs.meme", "motifs.tsv"),
            *("seqlets.tsv", "summit_distances.tsv"),
        )
    ],
    "MERGEMOTIFS": [
        f"SIM1.{name}"
        for name in ("merge.json", "merged.motifs.h5", "merged.motifs.meme", "merged.motifs.tsv", "merged.tsv")
    ],
    "CALLHITS": ["SIM1.counts.callhits.json", "SIM1.counts.hits.bed"],
    "FILTERHITS": ["SIM1.counts.filter.tsv", "SIM1.counts.filterhits.json", "SIM1.counts.hits.bed"],
    "COLLAPSE": ["SIM1.collapse.json", "SIM1.hits.bed"],
    "SUMMARIZEHITS": [
        f"SIM1.{name}"
        for name in (
            *("cooccurrence.tsv", "distance_summary.tsv", "distances.tsv", "hits_per_region.tsv", "homotypic.tsv"),
            *("prevalence.tsv", "summarizehits.json"),
        )
    ],
    "COMPAREHITS": [
        f"SIM1.counts.{name}" for name in ("comparehits.json", "sets.tsv", "site_curve.tsv", "site_recall.tsv")
    ],
    "CHECKLIBRARIES": ["libraries.tsv"],
    "LIBRARY": ["SIM1.variants.library.json", "SIM1.variants.library.tsv"],
    "MARGINALIZE": ["SIM1.variants.chunk_1.marginalize.json", "SIM1.variants.chunk_1.scores.tsv"],
    "MERGESCORES": ["SIM1.variants.marginalize.json", "SIM1.variants.scores.tsv"],
    "ANALYSE": [f"SIM1.variants.{name}" for name in ("variation.json", "variation.tsv", "variation_scores.tsv")],
    "SPECIFICITY": [
        f"SIM1.variants.{name}" for name in ("specificity.json", "specificity.tsv", "specificity_differences.tsv")
    ],
    "CALIBRATE": [
        f"SIM1.variants.{name}"
        for name in ("calibrate.json", "calibrated.tsv", "calibration.tsv", "calibrator.json", "rmse_bars.tsv")
    ],
    "BROWSER": [
        f"SIM1.{name}" for name in ("browser.html", "browser.json", "genomes.txt", "hub.txt", "igv.xml", "trackDb.txt")
    ],
    "REPORT": [
        f"SIM1.{name}"
        for name in (
            *("explore.ipynb", "report.html", "report.json", "statistics_mqc.json", "summary.json"),
            "tasks_mqc.json",
        )
    ],
}
# One thing that each module must refuse: text of the call, and what stands there instead.
REFUSED = {
    "SIMULATE": ("'tiny'", "'gigantic'"),
    "COVERAGE": ('file("${sim}/reads.rep1.bam")', "bad"),
    "DATASET": ('file("${sim}/peaks.narrowPeak")', "bad"),
    "TUNE": ('file("${out}/dataset/SIM1.dataset.h5")', "bad"),
    "PICKTRIAL": ("trial)", "bad)"),
    "TRAIN": ('file("${out}/dataset/SIM1.dataset.h5")', "bad"),
    "FINETUNE": ('files("${out}/train/*.model.safetensors")', "bad"),
    "SELECT": ('files("${out}/train/*.model.safetensors")', "bad"),
    "PREDICT": ('file("${out}/select/SIM1.model.safetensors")', "bad"),
    "PAGEMODEL": ('file("${out}/select/SIM1.model.safetensors")', "bad"),
    "SHAP": ('file("${out}/select/SIM1.model.safetensors")', "bad"),
    "MODISCO": ('file("${out}/shap/SIM1.counts.attributions.h5")', "bad"),
    "CALLHITS": ('file("${out}/modisco/SIM1.counts.motifs.h5")', "bad"),
    "MERGEMOTIFS": ('file("${out}/modisco/SIM1.profile.motifs.h5")', "bad"),
    "FILTERHITS": ('file("${out}/callhits/SIM1.counts.hits.bed")', "bad"),
    "COLLAPSE": ('files("${out}/callhits/SIM1.*.hits.bed")', "bad"),
    "SUMMARIZEHITS": ('file("${out}/collapse/SIM1.hits.bed")', "bad"),
    "COMPAREHITS": ('file("${sim}/truth/sites.bed")', "bad"),
    "LIBRARY": ('file("${sim}/truth/energies.tsv")', "bad"),
    "MARGINALIZE": ('file("${out}/select/SIM1.model.safetensors")', "bad"),
    "MERGESCORES": ("parts, ", "[bad], "),
    "SPECIFICITY": ('files("${out}/marginalize/SIM1.variants.scores.tsv") * 2', "[bad, bad]"),
    "ANALYSE": ('file("${out}/marginalize/SIM1.variants.scores.tsv")', "bad"),
    "CALIBRATE": ('file("${out}/marginalize/SIM1.variants.scores.tsv")', "bad"),
    "BROWSER": ("{dataset,train,", "{train,"),
    "REPORT": ("{dataset,train,", "{train,"),
}
SCRIPT = """
include {{ existing_files }} from '{project}/functions/files'
{includes}

workflow {{
    sim = '{sim}'
    out = '{out}'
    bad = file('{bad}')
    sheet = file("${{sim}}/samplesheet.csv")
    named = ['reads.rep1.bam', 'reads.rep2.bam', 'control.bam', 'peaks.narrowPeak']
    named = named + ['truth/sites.bed', 'truth/truth.json']
    schema = file('{project}/nextflow_schema.json')
    preset = file('{project}/assets/models/profile-546.json')
    none = file('{project}/tests/nf-test/none.txt')
    known = file('{project}/tests/nf-test/known_problems.txt')
    trial = file('{project}/tests/nf-test/trial.tsv')
    parts = files('{project}/tests/nf-test/SIM1.variants.chunk_*.scores.tsv')
    logs = files('{project}/tests/nf-test/SIM1.variants.chunk_*.json')
{calls}
}}
"""
# A task that fails must not stop the others.
CONFIG = """
process.errorStrategy = 'ignore'
trace {
    enabled = true
    file    = 'trace.tsv'
    fields  = 'name,status,exit,workdir'
}
"""


@dataclass(frozen=True)
class Task:
    """A task that ran: its exit status and its folder."""

    exit: str
    folder: Path

    def written(self) -> list[str]:
        """Files and folders that it made, without Nextflow's and without links to its inputs."""
        made = (entry for entry in self.folder.iterdir() if not entry.name.startswith(".") and not entry.is_symlink())
        return sorted(entry.name for entry in made)

    def told(self) -> str:
        """What it wrote to stderr."""
        return (self.folder / ".command.err").read_text()


def run_modules(
    nextflow: str, folder: Path, calls: dict[str, str], places: dict[str, Path], *options: str
) -> dict[str, Task]:
    """Run modules side by side; name of the process to its task."""
    (folder / "bin").symlink_to(PROJECT / "bin")
    (folder / "nextflow.config").write_text(CONFIG)
    bad = folder / "nonsense"
    bad.write_bytes(b"nonsense\x00\xff" * 100)
    includes = [f"include {{ {name} }} from '{PROJECT}/modules/{name.lower()}'" for name in calls]
    lines = [f"    {name}({call})" for name, call in calls.items()]
    script = SCRIPT.format(
        project=PROJECT,
        includes="\n".join(includes),
        calls="\n".join(lines),
        bad=bad,
        **{k: str(v) for k, v in places.items()},
    )
    (folder / "main.nf").write_text(script)
    command = [nextflow, "run", "main.nf", *options]
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    assert (folder / "trace.tsv").exists(), done.stdout + done.stderr
    with (folder / "trace.tsv").open() as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    assert len(rows) == len(calls), done.stdout + done.stderr
    return {row["name"].split(" ")[0]: Task(row["exit"], Path(row["workdir"])) for row in rows}


@pytest.fixture(scope="module")
def places(tiny: Path, finished: Run) -> dict[str, Path]:
    return {"sim": tiny, "out": finished.outdir}


@pytest.fixture(scope="module")
def real(nextflow: str, places: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Task]:
    return run_modules(nextflow, tmp_path_factory.mktemp("real"), CALLS, places)


@pytest.fixture(scope="module")
def stubs(nextflow: str, places: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Task]:
    return run_modules(nextflow, tmp_path_factory.mktemp("stubs"), CALLS, places, "-stub")


@pytest.fixture(scope="module")
def refusals(nextflow: str, places: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Task]:
    calls = {name: CALLS[name].replace(*change) for name, change in REFUSED.items()}
    assert all(calls[name] != CALLS[name] for name in calls)
    return run_modules(nextflow, tmp_path_factory.mktemp("refusals"), calls, places)


def test_every_module_is_tested_and_described() -> None:
    names = sorted(folder.parent.name for folder in PROJECT.glob("modules/*/main.nf"))
    assert names == sorted(name.lower() for name in CALLS)
    assert set(CALLS) - set(REFUSED) == {"CONFIGURE", "CHECK", "CHECKLIBRARIES"}  # for which problems are a result
    for name in names:
        about = (PROJECT / "modules" / name / "meta.yml").read_text()
        assert about.startswith(f"name: {name}\n")
        assert (PROJECT / "modules" / name / "tests" / "main.nf.test").exists()
        text = (PROJECT / "modules" / name / "main.nf").read_text()
        assert "    stub:\n" in text
        # both scripts carry the digest of the library, so that results of older code are not reused
        assert text.count('    """\n    # library ${task.ext.library}\n') == 2


@pytest.mark.parametrize("name", CALLS)
def test_real(real: dict[str, Task], name: str) -> None:
    assert real[name].exit == "0", real[name].told()
    assert set(WRITES[name]) <= set(real[name].written())


@pytest.mark.parametrize("name", CALLS)
def test_stub_writes_the_same_files(stubs: dict[str, Task], name: str) -> None:
    assert stubs[name].exit == "0", stubs[name].told()
    assert set(WRITES[name]) <= set(stubs[name].written())


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_refused_with_one_message(refusals: dict[str, Task], name: str) -> None:
    task = refusals[name]
    told = task.told()
    assert task.exit == "2", told
    assert "Traceback" not in told
    assert told.lower().count("error: ") == 1, told
    assert not [file for file in task.written() if file in WRITES[name] and name != "SIMULATE"]


def test_check_adds_known_problems_to_its_own_without_failing(nextflow: str, tiny: Path, tmp_path: Path) -> None:
    call = CALLS["CHECK"].replace("none", "known").replace('tuple(file("${sim}/genome.fa.gz")', "tuple(bad")
    task = run_modules(nextflow, tmp_path, {"CHECK": call}, {"sim": tiny, "out": tiny})["CHECK"]
    assert task.exit == "0"
    assert "problems.txt" in task.written()
    assert "readsets.tsv" not in task.written()
    problems = (task.folder / "problems.txt").read_text()
    assert "parameter --seeds is unknown" in problems
    assert "nonsense" in problems


def test_configure_tells_of_problems_without_failing(nextflow: str, tiny: Path, tmp_path: Path) -> None:
    call = CALLS["CONFIGURE"].replace("[seed: 5]", "[outdirs: 'results']")
    task = run_modules(nextflow, tmp_path, {"CONFIGURE": call}, {"sim": tiny, "out": tiny})["CONFIGURE"]
    assert task.exit == "0"
    assert "did you mean --outdir?" in (task.folder / "problems.txt").read_text()
    assert (task.folder / "options.json").read_text() == "{}\n"


def test_configure_compares_a_choice_of_networks_with_the_samplesheet(
    nextflow: str, tiny: Path, tmp_path: Path
) -> None:
    sheet, choice = tmp_path / "two TFs; (1).csv", tmp_path / "choice.tsv"
    sheet.write_text("tf,bam,peaks\nA,a.bam,p.bed\nB,b.bam,p.bed\n")
    choice.write_text("candidate\ttask\tchosen\nall.fold_0.restart_1\tA\tTrue\n")
    files = f"[file('{sheet}', glob: false), []], [[['choice', 'my choice.tsv']], [file('{choice}')]]"
    call = CALLS["CONFIGURE"].replace("[seed: 5]", "[step: 'all']").replace("[[], []], [[], []]", files)
    task = run_modules(nextflow, tmp_path, {"CONFIGURE": call}, {"sim": tiny, "out": tiny})["CONFIGURE"]
    assert "--choice: my choice.tsv: a table of candidates belongs to" in (task.folder / "problems.txt").read_text()
