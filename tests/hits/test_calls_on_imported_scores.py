"""Scores of other programs, imported and searched as they are: 1,000 bp of every region, cores of 0.3 bits."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import h5py
import numpy as np
import pytest
from planted_patterns import Planted, plant, read_motifs_of, write_planted

from cistill.formats.hits import read_hits
from cistill.formats.motifs import write_motifs

Run = Callable[..., CompletedProcess[str]]
LENGTH, REGIONS, WIDTH = 1000, 40, 9
STARTS = 2000 * np.arange(REGIONS) + 500  # as `write_planted` places the windows
AS_PUBLISHED = ("--window", LENGTH, "--min_information", 0.3)
OF_METHOD = {"cwm_scan": (), "density": ("--leiden_seeds", 2)}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Planted]:
    """Return a folder with our own attribution file, modisco.h5, motifs.h5 and peaks, and what was planted."""
    folder = tmp_path_factory.mktemp("planted")
    made = plant(REGIONS, LENGTH, [1, 1], seed=2, sites_per_region=4)
    _, modisco = write_planted(folder, made)
    write_motifs(folder / "counts.motifs.h5", read_motifs_of(modisco, WIDTH), "SYN", "counts")
    summits = STARTS + LENGTH // 2
    rows = [f"chr1\t{s - 50}\t{s + 50}\tp{i}\t0\t.\t1\t1\t1\t50\n" for i, s in enumerate(summits)]
    (folder / "peaks.narrowPeak").write_text("".join(rows))
    return folder, made


def write_layout(folder: Path, made: Planted, layout: str) -> tuple[object, ...]:
    """Write what was planted as another program does; return the options that import it."""
    scores, bases = made.scores, made.bases
    channels_first = {"scores": scores.swapaxes(1, 2).copy(), "bases": bases.swapaxes(1, 2).copy()}
    if layout == "npz":
        np.savez_compressed(folder / "attr.npz", channels_first["scores"])
        np.savez_compressed(folder / "ohe.npz", channels_first["bases"])
        return ("--scores", folder / "attr.npz", "--sequences", folder / "ohe.npz", "--head", "counts")
    file = folder / f"{layout}.counts_scores.h5"
    chroms = np.array(["chr1"] * REGIONS, dtype="S")
    with h5py.File(file, "w") as handle:
        if layout == "chrombpnet":
            handle["raw/seq"], handle["shap/seq"] = channels_first["bases"], channels_first["scores"].astype("f2")
        elif layout == "bpnet":
            handle["inputs/seq"], handle["hyp_imp/Oct4/counts/pre-act"] = bases.astype("f4"), scores
            for name, values in (("chr", chroms), ("start", STARTS), ("end", STARTS + LENGTH)):
                handle[f"metadata/range/{name}"] = values
        else:
            handle["input_seqs"], handle["count_hyp_scores"] = bases.astype("f4"), scores
            for name, values in (("chrom", chroms), ("start", STARTS), ("end", STARTS + LENGTH)):
                handle[f"coords_{name}"] = values
    return ("--scores", file)


def call(command: Run, folder: Path, attributions: Path, method: str, out: Path) -> bytes:
    modisco = ("--modisco", folder / "counts.modisco.h5") if method == "density" else ()
    files = ("--attributions", attributions, "--motifs", folder / "counts.motifs.h5", *modisco)
    options = ("--method", method, *AS_PUBLISHED, *OF_METHOD[method], "--prefix", method, "--outdir", out)
    done = command("callhits", *files, *options)
    assert done.returncode == 0, done.stderr
    return (out / f"{method}.hits.bed").read_bytes()


@pytest.mark.parametrize(
    ("layout", "method"),
    [
        ("motif_discovery", "cwm_scan"), ("bpnet", "cwm_scan"), ("chrombpnet", "cwm_scan"), ("npz", "cwm_scan"),
        ("motif_discovery", "density"), ("chrombpnet", "density"),
    ],
)  # fmt: skip
def test_hits_are_those_of_our_own_attribution_file(
    call_command: Run, tmp_path: Path, planted: tuple[Path, Planted], layout: str, method: str
) -> None:
    folder, made = planted
    options = write_layout(tmp_path, made, layout)
    peaks = ("--peaks", folder / "peaks.narrowPeak") if layout in ("chrombpnet", "npz") else ()
    done = call_command("importscores", "--tf", "SYN", *options, *peaks, "--outdir", tmp_path)
    assert done.returncode == 0, done.stderr
    own = folder / f"own_{method}"
    expected = own / f"{method}.hits.bed"
    if not expected.exists():
        call(call_command, folder, folder / "counts.attributions.h5", method, own)
    found = call(call_command, folder, tmp_path / "SYN.counts.attributions.h5", method, tmp_path)
    assert found == expected.read_bytes()
    hits = read_hits(expected)
    centre = (hits["start"] + hits["end"]).to_numpy() / 2
    sites = [STARTS[region] + start + WIDTH / 2 for region, start, _, _ in made.sites]
    near = [np.abs(centre - site).min() <= 3 for site in sites]
    assert np.mean(near) > 0.9
