"""Every reader of every format refuses another version, a missing part and a truncated file in one message."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
from files_of_formats import row_of, write_layout

from cistill.errors import InputError
from cistill.formats import attributions, dataset, deltas, insert_footprints, modisco, motifs, predictions
from cistill.formats.hdf5 import Layout
from cistill.formats.hits import write_hits
from cistill.formats.published import ResultTable
from cistill.formats.tables import FILES, TABLES
from cistill.formats.tables.hits import HITS
from cistill.formats.tables.libraries import SEQUENCES
from cistill.formats.tables.motifs import MOTIFS, SEQLETS
from cistill.formats.tables.regions import REGIONS

OPENED: dict[str, tuple[Layout, Callable[[Path], Any]]] = {
    "dataset": (dataset.LAYOUT, lambda path: _use(dataset.open_dataset(path))),
    "predictions": (predictions.LAYOUT, lambda path: _use(predictions.open_predictions(path))),
    "attributions": (attributions.LAYOUT, lambda path: _use(attributions.open_attributions(path))),
    "motifs": (motifs.LAYOUT, motifs.read_motifs),
    "modisco": (modisco.LAYOUT, lambda path: _patterns_of(path)),
    "deltas": (deltas.LAYOUT, lambda path: _use(deltas.open_deltas(path))),
    "insert footprints": (insert_footprints.LAYOUT, insert_footprints.read_insert_footprints),
}
NEEDED = [
    (kind, name)
    for kind, names in {
        "dataset": ("region_id", "summit", "signal/indptr", "signal/position", "signal/value"),
        "predictions": ("summit", "log_counts", "log_profile"),
        "attributions": attributions.NEEDED,
        "motifs": ("a/pfm", "a/cwm", "a/hcwm"),
        "modisco": tuple(
            f"pos_patterns/pattern_0/{name}"
            for name in ("sequence", "seqlets/sequence", "seqlets/contrib_scores", "seqlets/start")
        ),
        "deltas": tuple(deltas.LAYOUT.datasets),
        "insert footprints": tuple(insert_footprints.LAYOUT.datasets),
    }.items()
    for name in names
]


def _use(manager: Any) -> None:
    with manager:
        pass


def _patterns_of(path: Path) -> None:
    with modisco.open_modisco(path) as reader:
        assert reader.names("neg") == []
        for pattern in map(reader.pattern, reader.names("pos")):
            assert pattern.base_frequencies.shape == (pattern.length, 4)
            assert {len(pattern.seqlets(track)) for track in (modisco.SEQUENCE, modisco.ACTUAL)} == {2}
            assert pattern.places() == [(0, 0, 0, 0), (1, 1, 1, 1)]


@pytest.mark.parametrize("kind", OPENED)
def test_a_whole_file_is_read(kind: str, tmp_path: Path) -> None:
    layout, read = OPENED[kind]
    read(write_layout(tmp_path / "whole.h5", layout))


@pytest.mark.parametrize("kind", OPENED)
def test_another_version_is_refused(kind: str, tmp_path: Path) -> None:
    layout, read = OPENED[kind]
    file = write_layout(tmp_path / "other.h5", layout)
    with h5py.File(file, "r+") as handle:
        handle.attrs["format_version"] = layout.version + 1
    with pytest.raises(InputError, match=f"format {layout.version + 1}, this program reads {layout.version}: make it"):
        read(file)


@pytest.mark.parametrize("kind", OPENED)
def test_another_format_is_refused(kind: str, tmp_path: Path) -> None:
    layout, read = OPENED[kind]
    file = write_layout(tmp_path / "other.h5", layout)
    with h5py.File(file, "r+") as handle:
        handle.attrs["format"] = "something else"
    with pytest.raises(InputError, match=f"not {layout.what} made by"):
        read(file)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
@pytest.mark.parametrize("kind", OPENED)
def test_a_truncated_file_is_refused(kind: str, share: float, tmp_path: Path) -> None:
    layout, read = OPENED[kind]
    file = write_layout(tmp_path / "cut.h5", layout)
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    with pytest.raises(InputError, match="or it is damaged"):
        read(file)


@pytest.mark.parametrize(("kind", "name"), NEEDED)
def test_a_missing_part_is_named(kind: str, name: str, tmp_path: Path) -> None:
    layout, read = OPENED[kind]
    file = write_layout(tmp_path / "less.h5", layout)
    with h5py.File(file, "r+") as handle:
        del handle[name]
    with pytest.raises(InputError, match=name.split("/")[-1]):
        read(file)


def test_a_group_that_modisco_lite_left_out_holds_no_patterns(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file.attrs["window_size"] = 400
    with modisco.open_modisco(tmp_path / "m.h5") as reader:
        assert reader.names("pos") == []
        assert reader.pattern("pos_patterns/pattern_0") is None
        assert reader.pattern("") is None


def test_every_layout_of_the_registry_is_tested() -> None:
    read_by_us = {id(layout) for layout, _ in OPENED.values()} | {id(motifs.FOOTPRINT_LAYOUT)}  # written only
    assert {id(file.layout) for file in FILES if file.layout} <= read_by_us


@pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.command} {table.name}")
class TestOfEachTable:
    """What holds of every declared table."""

    def test_what_is_written_is_read(self, table: ResultTable, tmp_path: Path) -> None:
        table.write(tmp_path / "whole.tsv", row_of(table))
        found = table.read(tmp_path / "whole.tsv")
        assert tuple(found.columns) == table.all_names
        for column in table.columns:
            if column.kind == "bool":
                assert found[column.name].tolist() == [True, False]
            elif column.kind == "text" and column.pattern is None:
                assert found[column.name].tolist() == ["01", "x"]

    def test_a_missing_column_is_named(self, table: ResultTable, tmp_path: Path) -> None:
        name = table.names[-1]
        row_of(table).drop(columns=name).assign(another=1).to_csv(tmp_path / "less.tsv", sep="\t", index=False)
        with pytest.raises(InputError, match=f"lacks the column\\(s\\) {name}"):
            table.read(tmp_path / "less.tsv")

    def test_a_truncated_or_foreign_file_is_refused(self, table: ResultTable, tmp_path: Path) -> None:
        (tmp_path / "cut.tsv").write_text(",".join(table.names)[:-1])
        with pytest.raises(InputError):
            table.read(tmp_path / "cut.tsv")
        (tmp_path / "empty.tsv").write_text("")
        with pytest.raises(InputError, match="empty"):
            table.read(tmp_path / "empty.tsv")
        (tmp_path / "binary.tsv").write_bytes(bytes(range(128, 256)))
        with pytest.raises(InputError):
            table.read(tmp_path / "binary.tsv")

    def test_values_of_another_type_are_refused(self, table: ResultTable, tmp_path: Path) -> None:
        for column in table.columns:
            if column.kind != "text" and column.pattern is None:
                frame = row_of(table).astype(object)
                frame.loc[1, column.name] = "much"
                frame.to_csv(tmp_path / "wrong.tsv", sep="\t", index=False)
                with pytest.raises(InputError, match=f"row 2: the column {column.name} holds 'much'"):
                    table.read(tmp_path / "wrong.tsv")

    def test_a_column_that_is_not_declared_is_not_written(self, table: ResultTable, tmp_path: Path) -> None:
        if any(column.name.startswith("{") for column in table.columns):
            pytest.skip("columns of any name")
        with pytest.raises(ValueError, match="not declared"):
            table.write(tmp_path / "t.tsv", row_of(table).assign(**{"new column": 1}))


def test_missing_truth_values_stay_missing(tmp_path: Path) -> None:
    table = next(table for table in TABLES if table.name == "genomic_matches.tsv")
    frame = row_of(table).assign(unseen=pd.Series([True, None], dtype=object))
    table.write(tmp_path / "t.tsv", frame)
    assert table.read(tmp_path / "t.tsv")["unseen"].tolist() == [True, None]


def test_a_column_is_the_one_that_says_most_of_its_name(tmp_path: Path) -> None:
    assert [MOTIFS.column(name).kind for name in ("match_1", "match_1_p", "match_12_q")] == ["text", "float", "float"]
    frame = row_of(MOTIFS).assign(match_1=["01", "x"], match_1_p=[0.5, None])
    MOTIFS.write(tmp_path / "t.tsv", frame)
    assert MOTIFS.read(tmp_path / "t.tsv")["match_1_p"].dtype == float


def test_truth_values_of_a_spreadsheet_are_read(tmp_path: Path) -> None:
    row_of(REGIONS).assign(kept=["TRUE", "false"]).to_csv(tmp_path / "t.tsv", sep="\t", index=False)
    assert REGIONS.read(tmp_path / "t.tsv")["kept"].tolist() == [True, False]


def test_expected_ends_are_counts_times_shares() -> None:
    from cistill.formats.profiles import cut_out, expected_ends

    ends = expected_ends(np.log1p(np.array([10.0, 0.0])), np.log(np.array([[0.5, 0.5], [0.1, 0.9]])))
    assert ends == pytest.approx(np.array([[5, 5], [0, 0]]))
    assert expected_ends(np.log1p(np.array([8.0])), np.log(np.array([[1.0, 3.0]])), rescale=True) == pytest.approx(
        np.array([[2, 6]])
    )
    assert expected_ends(np.array([-1.0]), np.zeros((1, 2))).tolist() == [[0, 0]]
    profile = np.array([[1.0, 2, 3, 4], [5, 6, 7, 8]])
    assert cut_out(profile, 1, 2, reverse=False).tolist() == [[2, 3], [6, 7]]
    assert cut_out(profile, 1, 2, reverse=True).tolist() == [[7, 6], [3, 2]]


COMMANDS = {
    "motifs footprints": ("--seqlets", "seqlets.tsv"),
    "comparehits": ("--hits", "hits.bed", "--regions", "regions.tsv"),
    "affinity matches": ("--library", "library.tsv"),
    "affinity footprints": (),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_dataset_of_an_older_version_is_one_message_and_exit_code_2(
    command: str, run_command: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    SEQLETS.write(tmp_path / "seqlets.tsv", row_of(SEQLETS))
    REGIONS.write(tmp_path / "regions.tsv", row_of(REGIONS).assign(region_id=["r", "s"], kind="peak", kept=True))
    write_hits(tmp_path / "hits.bed", row_of(HITS).drop(columns=["score", "heads"]).assign(strand="+", region_id="r"))
    SEQUENCES.write(tmp_path / "library.tsv", row_of(SEQUENCES).assign(sequence=["ACGT", "ACCT"]))
    old = write_layout(tmp_path / "old.dataset.h5", dataset.LAYOUT)
    with h5py.File(old, "r+") as handle:
        handle.attrs["format_version"] = 1
        del handle["signal"]
        handle["signal"] = np.zeros((1, 1, 2, 12))
    words = [tmp_path / word if "." in word else word for word in COMMANDS[command]]
    done = run_command(*command.split(), *words, "--dataset", old, "--outdir", tmp_path)
    assert done.returncode == 2, done.stderr
    assert "dataset format 1, this program reads 2: make it again with `cistill dataset`" in done.stderr
    assert "Traceback" not in done.stderr
