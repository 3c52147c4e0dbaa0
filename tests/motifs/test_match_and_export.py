"""Motifs matched with a database and with other sets, and written as text."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from toy_motifs import letters, motif

from cistill.formats.meme import NamedMatrix, read_meme
from cistill.motifs.export_motifs import export, oriented, trimmed_span
from cistill.motifs.match import match_database, match_sets
from cistill.motifs.sets import SetMotif


def database() -> list[NamedMatrix]:
    rng = np.random.default_rng(3)
    others = [NamedMatrix(f"M{i}", "", rng.dirichlet([0.3] * 4, size=9)) for i in range(40)]
    return [*others, NamedMatrix("R", "REB", 0.9 * letters("ACCGGGTAA") + 0.025)]


def test_the_best_match_of_the_database_says_where_it_lies() -> None:
    table = match_database([motif("TTACCCGG")], database(), top=3)
    assert table["rank"].tolist() == [1, 2, 3]
    first = table.iloc[0]
    # TTACCCGGT lies on TTACCCGG from its first base on
    assert first[["target", "target_name", "offset", "strand", "overlap"]].tolist() == ["R", "REB", 0, "-", 8]
    assert first["q"] < 0.01
    assert table["p"].is_monotonic_increasing
    assert len(match_database([motif("TTACCCGG")], database(), top=3, max_q=first["q"])) == 1
    assert len(match_database([], database())) == 0


def test_each_motif_is_paired_once_with_each_set() -> None:
    own = [motif("TTACCCGG", "counts.pos_0"), motif("TTACCCGG", "counts.pos_1", noise=1)]
    others = [
        SetMotif("a", motif("CCGGGTAA", "profile.pos_0")),
        SetMotif("a", motif("GATTACAG", "profile.pos_1")),
        SetMotif("b", motif("GATTACAG", "profile.pos_0")),
    ]
    table = match_sets(own, others).set_index(["motif_id", "set"])
    assert table.loc[("counts.pos_0", "a"), ["target", "offset", "strand", "overlap"]].tolist() == [
        "profile.pos_0", 0, "-", 8,
    ]  # fmt: skip
    assert table["paired"].tolist() == [True, False, False, False]
    assert table["similarity"].iloc[0] == pytest.approx(1)
    assert len(match_sets(own, others, top=2)) == 6
    assert len(match_sets(own, [])) == 0
    assert len(match_sets([], others)) == 0


def test_trimming() -> None:
    found = motif("TTACCCGG", flanks=(5, 4))
    found.pfm[1] = [0.6, 0.2, 0.1, 0.1]  # 0.43 bits
    assert trimmed_span(found) == (5, 13)
    assert trimmed_span(found, pad=2) == (3, 15)
    assert trimmed_span(found, pad=9) == (0, 17)
    assert trimmed_span(found, "information", 0.2) == (1, 13)
    assert trimmed_span(found, "information", 0.5) == (5, 13)
    assert trimmed_span(found, "information", 2.0) == (0, 17)  # none passes: all
    assert trimmed_span(found, "none") == (0, 17)


def test_one_orientation_for_all_matrices() -> None:
    found = motif("TTACCCGG", flanks=(2, 5))
    assert oriented(found) is found
    turned = oriented(found, "purine")
    assert (turned.flipped, turned.core) == (True, (5, 13))
    assert oriented(turned, "purine") is turned
    # what the contributions say holds, even where the base frequencies would say otherwise
    odd = replace(found, pfm=found.pfm[::-1, ::-1])
    assert np.array_equal(oriented(odd, "purine").pfm, found.pfm)


def test_files_of_an_export(tmp_path: Path) -> None:
    export(tmp_path / "X", [motif("TTACCCGG", flanks=(5, 4)), motif("GATTACAG", "counts.pos_1", weak=True)], pad=1)
    table = pd.read_csv(tmp_path / "X.cwm.tsv", sep="\t")
    assert table.columns.tolist() == ["motif_id", "position", "A", "C", "G", "T"]
    first = table[table["motif_id"] == "counts.pos_0"]
    assert first["position"].tolist() == list(range(4, 14))
    assert np.array_equal(first[list("ACGT")].to_numpy(), letters("NTTACCCGGN"))
    assert [len(named.matrix) for named in read_meme(tmp_path / "X.meme")] == [10, 10]
    rows = pd.read_csv(tmp_path / "X.export.tsv", sep="\t")
    assert rows["weak_reason"].fillna("-").tolist() == ["-", "made so"]
    assert rows["start"].tolist() == [4, 2]
