"""Pooling hits, and leaving one where several overlap."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pandas as pd
import pytest
from hit_tables import hit_table
from hypothesis import given
from hypothesis import strategies as st

from cistill.errors import InputError
from cistill.formats.hits import COLUMNS, read_hits, write_hits
from cistill.hits.pooling.collapse import collapse, collapse_hits, pool
from cistill.hits.pooling.settings import CollapseSettings

A, B = "counts.pos_0", "counts.pos_1"
# a chain: 1 overlaps 2 and 2 overlaps 3 by 4 bases, 1 and 3 do not; 4 stands alone, 5 touches it
CHAIN = hit_table((0, 10, A, 0.8), (6, 16, B, 0.7), (12, 22, A, 0.6), (40, 50, B, 0.9), (50, 60, A, 0.95))


def starts(hits: pd.DataFrame) -> list[int]:
    return hits["start"].tolist()


def test_suppression_keeps_what_only_a_suppressed_hit_overlaps() -> None:
    assert starts(collapse(CHAIN)) == [0, 12, 40, 50]


def test_the_published_rule_leaves_one_hit_of_a_chain() -> None:
    assert starts(collapse(CHAIN, CollapseSettings(rule="chain"))) == [0, 40, 50]
    assert starts(collapse(CHAIN, CollapseSettings(rule="chain", shared=0))) == [0, 50]  # touching is enough
    merged = collapse(CHAIN, CollapseSettings(rule="chain", merge_coordinates=True))
    assert merged[["start", "end", "confidence"]].values.tolist() == [[0, 22, 0.8], [40, 50, 0.9], [50, 60, 0.95]]


def test_with_zero_shared_bases_touching_hits_compete() -> None:
    assert starts(collapse(CHAIN, CollapseSettings(shared=0))) == [0, 12, 50]
    assert starts(collapse(CHAIN, CollapseSettings(shared=5))) == [0, 6, 12, 40, 50]


def test_motifs_on_their_own() -> None:
    # 0-10 and 12-22 of A do not overlap, and B's 6-16 competes with neither
    assert starts(collapse(CHAIN, CollapseSettings(mode="by_motif"))) == [0, 6, 12, 40, 50]
    close = hit_table((0, 10, A, 0.8), (1, 11, B, 0.7), (2, 12, A, 0.9))
    assert starts(collapse(close, CollapseSettings(mode="by_motif"))) == [1, 2]
    assert starts(collapse(close)) == [2]


def test_numbers_are_compared_as_numbers() -> None:
    hits = hit_table((0, 10, A, 0.5), (1, 11, A, 0.5), method_score=[9.8, 12.1])
    assert starts(collapse(hits, CollapseSettings(column="method_score"))) == [1]
    assert starts(collapse(hits, CollapseSettings(column="method_score", rule="chain"))) == [1]
    small = hit_table((0, 10, A, 0.5), (1, 11, A, 0.5), method_score=[9e-05, 0.5])
    assert starts(collapse(small, CollapseSettings(column="method_score"))) == [1]


def test_a_missing_value_is_the_worst() -> None:
    hits = hit_table((0, 10, A, 0.5), (1, 11, A, 0.5), q_value=[np.nan, -1e300])
    assert starts(collapse(hits, CollapseSettings(column="q_value"))) == [1]


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(3, 12), st.integers(0, 5)), min_size=1, max_size=25))
def test_chains_are_those_of_connected_spans(rows: list[tuple[int, int, int]]) -> None:
    hits = hit_table(*((start, start + length, A, value / 10) for start, length, value in rows))
    spans: list[list[int]] = []
    for start, end in sorted(zip(hits["start"], hits["end"], strict=True)):
        if spans and start <= spans[-1][1] - 3:
            spans[-1][1] = max(spans[-1][1], end)
        else:
            spans.append([start, end])
    merged = collapse(hits, CollapseSettings(rule="chain", merge_coordinates=True))
    assert merged[["start", "end"]].values.tolist() == spans


def write(folder: Path, name: str, hits: pd.DataFrame) -> Path:
    write_hits(folder / name, hits)
    return folder / name


def test_a_site_of_two_heads_is_written_once_with_both_heads(tmp_path: Path) -> None:
    counts = hit_table((0, 10, A, 0.8), (100, 110, A, 0.7), (200, 210, A, 0.6))
    profile = hit_table((2, 12, "profile.pos_3", 0.9), (300, 310, "profile.pos_3", 0.6))
    files = [write(tmp_path, "X.counts.hits.bed", counts), write(tmp_path, "X.profile.hits.bed", profile)]
    for rule in ("nms", "chain"):
        kept = collapse(pool(files), CollapseSettings(rule=rule))
        assert starts(kept) == [2, 100, 200, 300]
        assert kept["heads"].tolist() == ["counts,profile", "counts", "counts", "profile"]


def test_inputs_of_no_head_are_named_by_their_files(tmp_path: Path) -> None:
    files = [write(tmp_path, f"{name}.hits.bed", hit_table((0, 10, "MA0363.3", 0.8))) for name in ("one", "two")]
    kept = collapse(pool(files))
    assert kept["heads"].tolist() == ["one,two"]


def test_collapsing_again_changes_nothing(tmp_path: Path) -> None:
    first = collapse(pool([write(tmp_path, "X.counts.hits.bed", CHAIN)]))
    file = write(tmp_path, "X.hits.bed", first)
    pd.testing.assert_frame_equal(collapse(pool([file])), pool([file]))


def test_no_hits_are_a_valid_input(tmp_path: Path) -> None:
    empty = write(tmp_path, "e.hits.bed", CHAIN.iloc[:0])
    full = write(tmp_path, "f.hits.bed", CHAIN)
    assert len(collapse(pool([empty]))) == 0
    assert len(collapse(pool([empty]), CollapseSettings(rule="chain"))) == 0
    assert starts(collapse(pool([empty, full]))) == [0, 12, 40, 50]


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    file = write(tmp_path, "X.hits.bed", CHAIN)
    with pytest.raises(InputError) as error:
        collapse_hits("X", tmp_path, [file], CollapseSettings("some", "motif_id", "best", 3, True))
    assert len(str(error.value).splitlines()) == 5
    with pytest.raises(InputError, match="NA in every row"):
        collapse_hits("Y", tmp_path, [file], CollapseSettings(column="percentile"))


def test_the_command(run_command: Callable[..., CompletedProcess[str]], tmp_path: Path) -> None:
    counts = write(tmp_path, "X.counts.hits.bed", CHAIN)
    profile = write(tmp_path, "X.profile.hits.bed", hit_table((2, 12, "profile.pos_3", 0.9)))
    done = run_command("collapse", "--prefix", "X", "--outdir", tmp_path / "out", counts, profile)
    assert done.returncode == 0, done.stderr
    hits = read_hits(tmp_path / "out/X.hits.bed")
    assert tuple(hits.columns) == (*COLUMNS, "heads")
    assert starts(hits) == [2, 12, 40, 50]
    record = json.loads((tmp_path / "out/X.collapse.json").read_text())
    assert record["results"]["hits_by_heads"] == {"counts": 3, "counts,profile": 1}
    (tmp_path / "nonsense").write_text("no table\n")
    done = run_command("collapse", "--prefix", "X", "--outdir", tmp_path / "no", tmp_path / "nonsense")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_motifs_merged_from_both_heads_are_one_motif(tmp_path: Path) -> None:
    one, other = tmp_path / "T.counts.hits.bed", tmp_path / "T.profile.hits.bed"
    write_hits(one, hit_table((0, 10, "counts.pos_0", 0.8), (40, 50, "counts.pos_1", 0.7)))
    write_hits(other, hit_table((1, 11, "profile.pos_3", 0.9), (70, 80, "profile.pos_9", 0.6)))
    merged = tmp_path / "T.merged.tsv"
    rows = [
        ("C.pos_0:P.pos_3", "counts.pos_0", "+"),
        ("C.pos_0:P.pos_3", "profile.pos_3", "-"),
        ("C.pos_1", "counts.pos_1", "+"),
    ]
    merged.write_text("".join("\t".join(row) + "\n" for row in [("motif_id", "member", "strand"), *rows]))
    kept = collapse_hits("T", tmp_path, [one, other], CollapseSettings(mode="by_motif"), merged)
    assert kept["motif_id"].tolist() == ["C.pos_0:P.pos_3", "C.pos_1", "profile.pos_9"]
    assert kept["heads"].tolist() == ["counts,profile", "counts", "profile"]
    assert kept["strand"].tolist() == ["-", "+", "+"]  # the profile's motif lies the other way round in the merged one
