"""A model of a short output window (40 bp): scores, calibration and every analysis of a measured library."""

import json
from pathlib import Path

import pytest
from affinity_toys import CONSENSUS, toy_library, write_library
from marginal_toys import OUTPUT, in_process, toy_model, write_dataset

from cistill.tables import read_table


@pytest.mark.parametrize("site", [CONSENSUS, CONSENSUS * 10])
def test_every_analysis_of_a_measured_library_fits_a_short_output_window(tmp_path: Path, site: str) -> None:
    library = toy_library()
    library.table["sequence"] = library.table["sequence"] + site[len(CONSENSUS) :]
    table = write_library(tmp_path / "x", library)
    model, dataset = toy_model(tmp_path / "m.safetensors"), write_dataset(tmp_path / "d.h5")
    out = ("--prefix", "o", "--outdir", tmp_path / "out")
    own = {name: tmp_path / f"out/o.{name}" for name in ("scores.tsv", "deltas.h5", "footprints.h5", "calibrator.json")}
    scored = ("--scores", own["scores.tsv"], "--library", table)
    signal = ("--dataset", dataset)
    for command, *arguments in (
        ("marginalize", "--model", model, "--library", table, "--dataset", dataset, "--n_backgrounds", 10, "--deltas",
         "--footprints", 2),
        ("calibrate", *scored, "--repeats", 2, "--resamples", 10, "--kmers", 0),
        ("affinity", "variation", *scored),
        ("affinity", "backgrounds", "--deltas", own["deltas.h5"], "--library", table, "--numbers", "1,5"),
        ("affinity", "matches", *scored, *signal),
        ("affinity", "footprints", "--footprints", own["footprints.h5"], "--library", table, *signal),
        ("affinity", "energies", "--if_possible", *scored),
        ("affinity", "psam", *scored, "--calibrator", own["calibrator.json"]),
    ):  # fmt: skip
        done = in_process(command, *arguments, *out)
        assert done.returncode == 0, (command, arguments, done.stderr)
    record = json.loads((tmp_path / "out/o.genomic_matches.json").read_text())["results"]
    assert (record["window"], record["output_length"]) == (OUTPUT // 2, OUTPUT)
    aggregate = read_table(tmp_path / "out/o.footprint_aggregate.tsv")
    assert (aggregate["position"].min(), aggregate["position"].max()) == (-OUTPUT // 2, OUTPUT // 2 - 1)
    assert json.loads((tmp_path / "out/o.footprint_tables.json").read_text())["results"] == {"width": OUTPUT}
