"""The motifs' file."""

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from cistill.errors import InputError
from cistill.formats.motifs import Motif, read_motifs, write_motifs


def motif(rank: int, weak: bool = False) -> Motif:
    rng = np.random.default_rng(rank)
    pfm = rng.dirichlet([1] * 4, size=12)
    return Motif(
        motif_id=f"counts.pos_{rank}",
        head="counts",
        sign="pos",
        pattern=f"pos_patterns/pattern_{rank}",
        flipped=False,
        n_seqlets=30 + rank,
        pfm=pfm,
        cwm=pfm * 0.1,
        hcwm=pfm - 0.25,
        core=(2, 9),
        weak=weak,
        weak_reason="too little information" if weak else "",
    )


def test_motifs_come_back_in_their_order(tmp_path: Path) -> None:
    motifs = [motif(rank, weak=rank == 1) for rank in range(12)]  # pos_10 sorts before pos_2 as text
    write_motifs(tmp_path / "m.h5", motifs, "TF", "counts")
    again = read_motifs(tmp_path / "m.h5")
    assert [m.motif_id for m in again] == [m.motif_id for m in motifs]
    assert [m.weak for m in again] == [m.weak for m in motifs]
    assert again[1].weak_reason == "too little information"
    assert again[3].core == (2, 9)
    for one, other in zip(motifs, again, strict=True):
        assert np.array_equal(one.cwm, other.cwm)


def test_the_layout_is_as_documented(tmp_path: Path) -> None:
    write_motifs(tmp_path / "m.h5", [motif(0)], "TF", "counts")
    with h5py.File(tmp_path / "m.h5") as file:
        group = file["counts.pos_0"]
        assert set(group) == {"pfm", "cwm", "hcwm"}
        assert group["cwm"].shape == (12, 4)
        assert list(group.attrs["trim"]) == [2, 9]
        assert (group.attrs["head"], group.attrs["sign"], group.attrs["n_seqlets"]) == ("counts", "pos", 30)


def test_no_motif_is_a_valid_file(tmp_path: Path) -> None:
    write_motifs(tmp_path / "m.h5", [], "TF", "counts")
    assert read_motifs(tmp_path / "m.h5") == []


def test_same_motifs_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.h5", "b.h5"):
        write_motifs(tmp_path / name, [motif(0), motif(1)], "TF", "counts")
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


def test_reversing_turns_every_matrix_and_the_core() -> None:
    one = motif(0)
    turned = one.reversed()
    assert turned.core == (3, 10)
    assert turned.flipped
    assert np.array_equal(turned.cwm, one.cwm[::-1, ::-1])
    assert np.array_equal(turned.pfm[slice(*turned.core)], one.pfm[slice(*one.core)][::-1, ::-1])
    again = turned.reversed()
    assert replace(again, pfm=one.pfm, cwm=one.cwm, hcwm=one.hcwm) == one


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.h5").write_text("no HDF5")
    with pytest.raises(InputError, match=r"m\.h5"):
        read_motifs(tmp_path / "m.h5")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = [1]
    with pytest.raises(InputError, match=r"not a motifs\.h5"):
        read_motifs(tmp_path / "other.h5")
