"""The page of a measured library, whatever reader it came through: from the table that a user has to the page."""

from pathlib import Path

import numpy as np
import pytest
from reader_tables import ROWS, TABLES
from report_pages import report
from synthetic_regions import TF, region_table

from cistill.affinity.analyses.analyse_energies import analyse_energies
from cistill.affinity.analyses.analyse_psam import analyse_psam
from cistill.affinity.analyses.variation import analyse_variation
from cistill.affinity.calibration.calibrate import calibrate
from cistill.affinity.calibration.settings import CalibrateSettings, SampleSettings
from cistill.affinity.tables.build_library import build_library
from cistill.provenance import write_provenance
from cistill.tables import write_table

READERS = Path(__file__).resolve().parents[2] / "assets" / "readers"
LIBRARY = "measured"
UNLABELLED = {"fasta", "sequences"}
SEQUENCES = {"psam": 16, "simulated_energies": 34}
"""Sequences in the library of readers whose table is no list of `ROWS` sequences."""


def test_every_reader_of_the_program_has_a_table_here():
    assert sorted(TABLES) == sorted(file.stem for file in READERS.glob("*.yml"))


def write_library_results(folder: Path, reader: str) -> None:
    """Write what the pipeline makes of a user's table: library, made-up scores, calibration, analyses."""
    parameters, table = TABLES[reader]
    source = folder / "given.csv"
    source.write_text(table)
    stem = folder / f"{TF}.{LIBRARY}"
    library = build_library(source, f"{reader}:{parameters}" if parameters else reader, None, READERS, stem)
    source.unlink()
    rows = library.table
    rng = np.random.default_rng(0)
    strength = rows["label"].fillna(0.0).to_numpy() * (1.0 if library.higher_is_tighter else -1.0)
    scores = rows[["sequence"]].assign(task=TF, score=strength + rng.normal(0, 0.2, len(rows)))
    scores = scores.assign(standard_error=0.05, sd_backgrounds=0.5, sd_networks=0.3, n_backgrounds=20)
    write_table(Path(f"{stem}.scores.tsv"), scores)
    write_provenance(Path(f"{stem}.marginalize.json"), {}, {}, {"backgrounds": 20})
    given, file = f"{stem}.scores.tsv", Path(f"{stem}.library.tsv")
    if reader not in UNLABELLED:
        settings = CalibrateSettings(SampleSettings(share=0.3), kmers=2, resamples=20, repeats=2)
        calibrate([given], file, [], settings, stem)
    analyse_variation(stem, [given], file, None)
    analyse_energies(stem, given, file, 298.15, None, if_possible=True)
    if (rows["class"] == "consensus").sum() == 1:
        analyse_psam(stem, given, None, file, None, "auto", 298.15, None)


@pytest.mark.parametrize("reader", sorted(TABLES))
def test_a_library_of_every_reader_reaches_the_page(reader, tmp_path):
    folder = tmp_path / "results"
    folder.mkdir()
    write_table(folder / f"{TF}.regions.tsv", region_table())
    write_library_results(folder, reader)
    page, summary, text = report(folder, tmp_path)
    found = summary["affinity"][LIBRARY]
    assert found["sequences"] == SEQUENCES.get(reader, ROWS)
    assert "nan" not in text.lower()
    assert f"Library {LIBRARY}" in page.text
    if reader in UNLABELLED:
        assert "Nothing was measured of these sequences" in page.text
    else:
        assert found["calibrators"]["ols"]["rmse"] < 1.0
        assert "Measured and predicted" in page.text
