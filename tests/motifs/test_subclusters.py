"""Sub-clusters of a pattern."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from toy_motifs import letters, motif
from toy_run import seqlet_rows, write_modisco

from cistill.dna.matrices import consensus
from cistill.errors import InputError
from cistill.motifs.settings import LeidenSettings
from cistill.motifs.subclusters import leiden, subcluster_seqlets, subcluster_table, subclusters

NAME = "pos_patterns/pattern_0"


def seqlets(words: list[str], seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [letters(f"NNN{word}NNN") + rng.normal(0, 0.01, (14, 4)) for word in words]


def test_stored_ones_are_numbered_by_falling_size(tmp_path: Path) -> None:
    words = ["TTACCCGG", "TTACCCGG", "TTACCCGA", "TTACCCGA", "TTACCCGA"]
    file = write_modisco(tmp_path / "m.h5", {NAME: (seqlets(words), [0, 0, 1, 1, 1])})
    [found] = subclusters(file, [motif("TTACCCGG", n_seqlets=5)])
    assert found.of_seqlet.tolist() == [1, 1, 0, 0, 0]
    assert [own.motif_id for own in found.motifs] == ["counts.pos_0.sub_0", "counts.pos_0.sub_1"]
    assert [own.n_seqlets for own in found.motifs] == [3, 2]
    assert [consensus(own.pfm[3:11]) for own in found.motifs] == ["TTACCCGA", "TTACCCGG"]
    rows = subcluster_table([found])
    assert rows["share"].tolist() == pytest.approx([0.6, 0.4])
    assert rows["similarity"].tolist() == pytest.approx([(8 - 1 - 1 / 3) / 8, 1], abs=0.01)
    own = subcluster_seqlets([found], seqlet_rows("counts.pos_0", 5))
    assert own["subcluster"].tolist() == [f"counts.pos_0.sub_{label}" for label in (1, 1, 0, 0, 0)]


def test_they_lie_as_the_motif_does(tmp_path: Path) -> None:
    file = write_modisco(tmp_path / "m.h5", {NAME: (seqlets(["TTACCCGG"] * 3), [-1] * 3)})
    [found] = subclusters(file, [replace(motif("TTACCCGG", n_seqlets=3)).reversed()])
    [own] = found.motifs
    assert own.flipped
    assert consensus(own.pfm[slice(*own.core)]) == "CCGGGTAA"


def test_leiden_tells_two_kinds_of_seqlets_apart_whatever_their_size() -> None:
    words = ["TTACCCGG", "GATTACAG"] * 20
    scores = np.stack(seqlets(words)) * np.random.default_rng(1).lognormal(0, 1, (40, 1, 1))
    label = leiden(scores, scores, LeidenSettings(neighbours=8))
    assert len(set(label[::2])) == len(set(label[1::2])) == 1
    assert label[0] != label[1]
    assert np.array_equal(label, leiden(scores, scores, LeidenSettings(neighbours=8)))


def test_a_handful_of_seqlets_is_one_cluster() -> None:
    for number in (0, 1, 2):
        assert leiden(np.zeros((number, 5, 4)), np.zeros((number, 5, 4))).tolist() == [0] * number


def test_files_of_different_runs_are_refused(tmp_path: Path) -> None:
    file = write_modisco(tmp_path / "m.h5", {NAME: (seqlets(["TTACCCGG"] * 3), [0] * 3)})
    with pytest.raises(InputError, match=r"has 3 seqlets, but counts.pos_0 was made from 100"):
        subclusters(file, [motif("TTACCCGG")])
    with pytest.raises(InputError, match=r"there is no neg_patterns/pattern_0 \(counts.neg_0\)"):
        subclusters(file, [motif("TTACCCGG", "counts.neg_0", sign="neg")])
    found = subclusters(file, [motif("TTACCCGG", n_seqlets=3)])
    with pytest.raises(InputError, match=r"seqlets.tsv has 2 seqlets of counts.pos_0, modisco.h5 3"):
        subcluster_seqlets(found, seqlet_rows("counts.pos_0", 2))
    (tmp_path / "text.h5").write_text("no HDF5")
    with pytest.raises(InputError, match=r"text\.h5: not a readable result of TF-MoDISco"):
        subclusters(tmp_path / "text.h5", [])
