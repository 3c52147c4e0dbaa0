"""One small call, at least, of every command: each works on what those before it made.

A call runs in a folder of its own and writes to `out/` in it. `@NAME/` stands for the results of the call NAME,
`@given/` for files made here. A new command needs a line in `CALLS`; a test compares them with the commands that there
are.
"""

import re
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

TESTS = Path(__file__).resolve().parents[1]
PROJECT = TESTS.parent
sys.path.insert(0, str(PROJECT / "src"))
NETWORK = "--filters 4 --layers 2 --first_kernel 7 --profile_kernel 9 --epochs 1"
MOTIFS = "@modisco-counts/T.counts.motifs.h5"
BOTH = "--motifs a=@modisco-counts/T.counts.motifs.h5 --motifs b=@modisco-profile/T.profile.motifs.h5"
HITS = f"callhits --attributions @planted/T.counts.attributions.h5 --motifs {MOTIFS} --window 100"
LIBRARY = "--library @library/affinity.library.tsv"
SCORES = f"--scores @marginalize/T.scores.tsv {LIBRARY}"
MODEL = "--dataset @dataset/T.dataset.h5 --model @select/T.model.safetensors"
RESULTS = "dataset train finetune select predict pagemodel planted modisco-counts modisco-profile motifs-merge-heads"
RESULTS += " callhits collapse summarizehits comparehits library marginalize calibrate affinity-variation"


class ToyCall(NamedTuple):
    """A call of a command.

    Attributes
    ----------
    name : str
        Also that of its folder.
    text : str
        The command and its arguments.
    survives : str
        Part of the message with which the command, by design, goes on after an error and ends with whole results.
    """

    name: str
    text: str
    survives: str = ""

    @property
    def command(self) -> str:
        """The command, with its sub-command if it has any."""
        words = self.text.split()
        return " ".join(words[: 2 if words[0] in ("affinity", "motifs") else 1])

    def words(self) -> list[str]:
        """Return the arguments, files as seen from the call's folder."""
        words = [re.sub(r"@([a-z0-9-]+)", _folder, word) for word in shlex.split(self.text)]
        return [*words, "--outdir", "out"]


def _folder(found: re.Match[str]) -> str:
    return f"../{found[1]}" if found[1] in ("given", "planted") else f"../{found[1]}/out"


STATE = "the state of the training was not saved"
CALLS = [
    ToyCall("simulate", "simulate --preset tiny --seed 1"),
    ToyCall("simulate-multitask", "simulate --preset multitask --genome_size 60000 --chromosomes 2 --sites 4 "
            "--partner_alone 2 --depth 60 --background 0.005 --control 0.005"),
    ToyCall("configure", "configure --params @given/params.json --schema @given/schema.json"),
    ToyCall("configure-problems", "configure --params @given/bad.json --schema @given/schema.json --problems out.txt"),
    ToyCall("sheetfiles", "sheetfiles --samplesheet @simulate/samplesheet.csv --affinity @simulate/affinity.csv"),
    ToyCall("check", "check --input @simulate/samplesheet.csv --fasta @simulate/genome.fa.gz"),
    ToyCall("checklibraries", "checklibraries --input @simulate/affinity.csv"),
    ToyCall("coverage", "coverage --bam @simulate/reads.rep1.bam --readset r1"),
    ToyCall(
        "dataset",
        "dataset --tf T --fasta @simulate/genome.fa.gz --signal t,@coverage/r1.plus.bw,@coverage/r1.minus.bw "
        "--peaks t,@simulate/peaks.narrowPeak --input_length 126 --output_length 100 --max_jitter 4 "
        "--train_background_per_peak 1",
    ),
    ToyCall("train", f"train --dataset @dataset/T.dataset.h5 {NETWORK} --restarts 2 --checkpoint_dir kept", STATE),
    ToyCall("finetune", "finetune --dataset @dataset/T.dataset.h5 --epochs 1 --restarts 1 "
            "@train/T.all.fold_0.restart_1.model.safetensors"),
    ToyCall("tune", "tune --dataset @dataset/T.dataset.h5 --trial 1 --preset @given/preset.json --epochs 1 "
            "--checkpoint_dir kept", STATE),
    ToyCall("tune-choice", "tune --tf T @tune/T.trial_1.tsv"),
    ToyCall("select", "select @train/T.all.fold_0.restart_1.model.safetensors "
            "@train/T.all.fold_0.restart_2.model.safetensors"),
    ToyCall("predict", f"predict {MODEL} --bigwigs"),
    ToyCall("predict-bed", "predict --model @select/T.model.safetensors --bed @given/few.bed "
            "--fasta @simulate/genome.fa.gz"),
    ToyCall("pagemodel", f"pagemodel {MODEL} --n_backgrounds 2"),
    ToyCall("bounds", "bounds --dataset @dataset/T.dataset.h5"),
    ToyCall("convert-source", "convert --source @given/keras.h5 --tf T"),
    ToyCall("convert-torch", "convert --model @select/T.model.safetensors --export torch"),
    ToyCall("convert-onnx", "convert --model @select/T.model.safetensors --export onnx"),
    ToyCall("shap", f"shap {MODEL} --n_shuffles 2 --bigwigs --checkpoint_dir kept"),
    ToyCall("importscores", "importscores --scores @planted/T.counts.attributions.h5 --tf T --head counts"),
    *(
        ToyCall(f"modisco-{head}", f"modisco --attributions @planted/T.{head}.attributions.h5 --prefix T.{head} "
                "--motif_db @simulate/motifs.meme --window 100 --min_seqlets 10 --leiden_runs 1 "
                "--parameters @given/modisco.json "
                "--dataset @dataset/T.dataset.h5 --predictions @predict/T.predictions.h5")
        for head in ("counts", "profile")
    ),
    ToyCall("motifs-export", f"motifs export --motifs {MOTIFS}"),
    ToyCall("motifs-match", f"motifs match --motifs {MOTIFS} --motif_db @simulate/motifs.meme"),
    ToyCall("motifs-cluster", f"motifs cluster {BOTH} --k 1"),
    ToyCall("motifs-merge-heads", "motifs merge-heads --counts @modisco-counts/T.counts.motifs.h5 "
            "--profile @modisco-profile/T.profile.motifs.h5 --motif_db @simulate/motifs.meme"),
    ToyCall("motifs-subclusters", f"motifs subclusters --motifs {MOTIFS} --modisco @modisco-counts/T.counts.modisco.h5 "
            "--seqlets @modisco-counts/T.counts.seqlets.tsv"),
    ToyCall("motifs-reproducibility", f"motifs reproducibility {BOTH}"),
    ToyCall("motifs-across-tasks", "motifs across-tasks --sheet @given/tasks.tsv --k 1"),
    ToyCall("motifs-footprints", "motifs footprints --seqlets @modisco-counts/T.counts.seqlets.tsv --width 40 "
            "--dataset @dataset/T.dataset.h5 --predictions @predict/T.predictions.h5"),
    ToyCall("callhits", f"{HITS} --method cwm_scan"),
    ToyCall("callhits-finemo", f"{HITS} --method finemo --max_steps 20"),
    ToyCall("callhits-scan", f"{HITS} --method scan"),
    ToyCall("callhits-density", f"{HITS} --method density --modisco @modisco-counts/T.counts.modisco.h5"),
    ToyCall("filterhits", "filterhits --hits @callhits/T.counts.hits.bed --prefix T.counts --window 100 "
            f"--attributions @planted/T.counts.attributions.h5 --motifs {MOTIFS}"),
    ToyCall("collapse", "collapse @callhits/T.counts.hits.bed --prefix T"),
    ToyCall("summarizehits", "summarizehits --hits @collapse/T.hits.bed --regions @dataset/T.regions.tsv --prefix T"),
    ToyCall("comparehits", "comparehits --hits @callhits/T.counts.hits.bed --regions @dataset/T.regions.tsv "
            "--known_sites @planted/sites.bed --dataset @dataset/T.dataset.h5"),
    ToyCall("scan", "scan --motifs @simulate/motifs.meme --prefix T --dataset @dataset/T.dataset.h5 --window 100"),
    ToyCall("library", "library --table @simulate/truth/energies.tsv --reader simulated_energies"),
    ToyCall("library-generate", "library --generate substitutions:ACGTACG:1"),
    ToyCall("marginalize", f"marginalize {MODEL} {LIBRARY} --n_backgrounds 3 --deltas --footprints 2 --write_panel "
            "--checkpoint_dir kept"),
    *(
        ToyCall(f"marginalize-{i}", f"marginalize {MODEL} {LIBRARY} --n_backgrounds 2 --deltas --chunk {i}/2")
        for i in (1, 2)
    ),
    ToyCall("marginalize-merge", "marginalize --merge @marginalize-1/T.chunk_1.scores.tsv "
            "--merge @marginalize-2/T.chunk_2.scores.tsv"),
    ToyCall("calibrate", f"calibrate {SCORES} --matrices @simulate/motifs.meme --resamples 5 --repeats 1 --kmers 3"),
    ToyCall("calibrate-apply", "calibrate --scores @marginalize/T.scores.tsv --apply "
            "@calibrate/affinity.calibrator.json"),
    ToyCall("affinity-backgrounds", f"affinity backgrounds --deltas @marginalize/T.deltas.h5 {LIBRARY}"),
    ToyCall("affinity-specificity", "affinity specificity --scores A=@marginalize/T.scores.tsv "
            "--scores B=@marginalize-merge/T.scores.tsv --library A=@library/affinity.library.tsv "
            "--library B=@library/affinity.library.tsv"),
    ToyCall("affinity-matches", f"affinity matches {SCORES} --dataset @dataset/T.dataset.h5 "
            "--predictions @predict/T.predictions.h5"),
    ToyCall("affinity-footprints", f"affinity footprints --footprints @marginalize/T.footprints.h5 {LIBRARY} "
            "--dataset @dataset/T.dataset.h5 --predictions @predict/T.predictions.h5 --width 40"),
    ToyCall("affinity-psam", f"affinity psam {SCORES} --kind scores"),
    ToyCall("affinity-energies", f"affinity energies {SCORES} --if_possible"),
    ToyCall("affinity-variation", f"affinity variation --scores @marginalize-merge/T.scores.tsv {LIBRARY}"),
    ToyCall("browser", "browser --tf T --fasta @simulate/genome.fa.gz "
            f"--published coverage=.. {' '.join(f'@{n}' for n in RESULTS.split())}"),
    ToyCall("report", f"report --tf T --motif_db @simulate/motifs.meme {' '.join(f'@{n}' for n in RESULTS.split())}"),
]  # fmt: skip


def write_given(folder: Path) -> None:
    """Write the files that no command makes."""
    import json

    sys.path.append(str(TESTS / "model"))
    from test_convert_keras import chrombpnet

    folder.mkdir(parents=True)
    schema = PROJECT / "nextflow_schema.json"
    shutil.copy(schema, folder / "schema.json")
    (folder / "params.json").write_text(json.dumps({"seed": 5, "outdir": "results"}))
    (folder / "bad.json").write_text(json.dumps({"seed": -5, "outdir": "results"}))
    (folder / "preset.json").write_text(
        json.dumps({"input_length": 126, "output_length": 100, "filters": 4, "layers": 2, "first_kernel": 7,
                    "profile_kernel": 9})
    )  # fmt: skip
    (folder / "modisco.json").write_text(json.dumps({"min_metacluster_size": 20}))
    (folder / "few.bed").write_text("".join(f"chr1\t{start}\t{start + 100}\n" for start in (5000, 9000, 12000)))
    rows = [f"{head}\t../modisco-{head}/out/T.{head}.motifs.h5\t../modisco-{head}/out/T.{head}.seqlets.tsv"
            for head in ("counts", "profile")]  # fmt: skip
    (folder / "tasks.tsv").write_text("\n".join(["task\tmotifs\tinstances", *rows]) + "\n")
    chrombpnet().save(folder / "keras.h5")


def plant(root: Path) -> None:
    """Write attributions in which planted sites can be found; those of the network, which learnt nothing, hold none."""
    import h5py

    sys.path.append(str(TESTS / "nf-test"))
    import plant as planted

    folder = root / "planted"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    known = planted.weights_of(root / "simulate/out/motifs.meme")
    weights = {name: known[name] for name in ("SIM1", "SIM2")}
    for seed, head in enumerate(("counts", "profile")):
        shutil.copy(root / f"shap/out/T.{head}.attributions.h5", folder)
        with h5py.File(folder / f"T.{head}.attributions.h5", "r+") as file:
            sites = planted.more_sites(file, weights, apart=44, free=12, each=1)
            planted.plant(file, sites, weights, seed)
    sites.iloc[:, :6].sort_values(["#chrom", "start"]).to_csv(folder / "sites.bed", sep="\t", index=False)


EVERY_DAY = [
    "configure", "configure-problems", "simulate", "sheetfiles", "check", "checklibraries", "coverage", "dataset",
    "train", "select", "tune", "predict", "bounds", "convert-source", "convert-torch", "shap", "scan", "library",
    "marginalize-1", "marginalize-2", "marginalize-merge", "affinity-variation",
]  # fmt: skip
"""Calls that need few others and are quick: those of the tests of every day."""


def hold_rows(root: Path) -> None:
    """See that there are motifs and hits: without any, the calls that follow would write empty tables."""
    for file in ("modisco-counts/out/T.counts.seqlets.tsv", "modisco-profile/out/T.profile.seqlets.tsv",
                 "callhits/out/T.counts.hits.bed"):  # fmt: skip
        if len((root / file).read_text().splitlines()) < 3:
            raise RuntimeError(f"the toys hold too little: {root / file}")


AFTER: dict[str, Callable[[Path], None]] = {"shap": plant, "callhits": hold_rows}
"""What is made or looked at once a call is done."""
