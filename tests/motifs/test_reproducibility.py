"""Motifs found again in other sets, and motifs across tasks."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from toy_motifs import letters, motif

from cistill.errors import InputError
from cistill.formats.motifs import write_motifs
from cistill.motifs.across_tasks import prevalence, read_sheet
from cistill.motifs.clusters import cluster_motifs
from cistill.motifs.reproducibility import reproducibility
from cistill.motifs.sets import MotifSets, SetMotif, read_sets
from cistill.motifs.similarity import similarities


def sets(**words: list[str]) -> MotifSets:
    motifs = [
        SetMotif(name, motif(word, f"counts.pos_{i}", n_seqlets=100 * (i + 1)))
        for name, own in words.items()
        for i, word in enumerate(own)
    ]
    return MotifSets(tuple(words), tuple(motifs), {}, 0)


def test_means_over_the_other_sets_by_hand() -> None:
    found = reproducibility(sets(a=["TTACCCGG", "GATTACAG"], b=["CCGGGTAA"], c=["TTACCCGG", "CTGTAATC"]))
    # TTACCCGG is in all three; GATTACAG is turned in c, and in b something else is nearest
    other = float(similarities([letters("GATTACAG")], [letters("TTACCCGG")], centre=False).value[0, 0])
    assert found.motifs["reproducibility"].tolist() == pytest.approx([1, (other + 1) / 2, 1, 1, (1 + other) / 2])
    assert found.motifs["n_found"].tolist() == [2, 1, 2, 2, 1]
    assert found.motifs["n_sets"].tolist() == [2] * 5
    # of two values 1 and x: sd = |1 - x| / sqrt(2), over sqrt(2)
    assert found.motifs["standard_error"].tolist() == pytest.approx([0, (1 - other) / 2, 0, 0, (1 - other) / 2])
    assert found.motifs["share_of_seqlets"].tolist() == pytest.approx([1 / 3, 2 / 3, 1, 1 / 3, 2 / 3])
    table = found.sets.set_index("set")
    assert table["n_motifs"].tolist() == [2, 1, 2, 5]
    assert table.loc["all", "reproducibility"] == pytest.approx((3 + 1 + other) / 5)
    assert table.loc["a", "reproducibility_by_seqlets"] == pytest.approx((1 + 2 * (other + 1) / 2) / 3)
    # leaving a or c out, the rest has b's 1 and 1 and other; leaving b out, all four are 1
    left = np.array([(2 + other) / 3, 1.0, (2 + other) / 3])
    assert table.loc["all", "standard_error"] == pytest.approx(np.sqrt(2 / 3 * np.square(left - left.mean()).sum()))


def test_a_set_without_motifs_finds_nothing_again() -> None:
    found = reproducibility(sets(a=["TTACCCGG"], b=[]))
    assert found.motifs["reproducibility"].tolist() == [0.0]
    assert found.best["best_motif"].isna().all()
    assert found.sets["n_motifs"].tolist() == [1, 0, 1]
    assert len(reproducibility(sets(a=[], b=[])).motifs) == 0


def test_one_set_is_refused() -> None:
    with pytest.raises(InputError, match="at least two sets"):
        reproducibility(sets(a=["TTACCCGG"]))


def test_files_of_one_name_are_one_set(tmp_path: Path) -> None:
    write_motifs(
        tmp_path / "X.counts.motifs.h5", [motif("TTACCCG"), motif("GATTACA", "counts.pos_1", weak=True)], "X", "counts"
    )
    write_motifs(tmp_path / "X.profile.motifs.h5", [motif("TTACCCG", "profile.neg_0", sign="neg")], "X", "profile")
    given = [f"f={tmp_path / 'X.counts.motifs.h5'}", f"f={tmp_path / 'X.profile.motifs.h5'}"]
    found = read_sets(given)
    assert found.names == ("f",)
    assert [m.label for m in found.motifs] == ["f:counts.pos_0", "f:counts.pos_1", "f:profile.neg_0"]
    assert list(found.files) == ["f", "f#2"]
    assert [m.label for m in read_sets(given, sign="pos", weak=False).motifs] == ["f:counts.pos_0"]
    assert read_sets(given, sign="pos", weak=False).n_left_out == 2
    assert read_sets([str(tmp_path / "X.counts.motifs.h5")]).names == ("X.counts",)
    with pytest.raises(InputError, match=r"already has counts.pos_0, counts.pos_1.*\n.*no such file"):
        read_sets([given[0], given[0], "g=/nowhere.h5"])


def write_task(folder: Path, name: str, words: list[str], rows: list[tuple[str, str]], peaks: int | None) -> str:
    """Write the files of a task and return its line of the sheet."""
    write_motifs(
        folder / f"{name}.h5", [motif(word, f"counts.pos_{i}") for i, word in enumerate(words)], name, "counts"
    )
    pd.DataFrame(rows, columns=["motif_id", "region_id"]).to_csv(folder / f"{name}.tsv", sep="\t", index=False)
    if peaks is None:
        return f"{name}\t{name}.h5\t{name}.tsv\t\n"
    regions = pd.DataFrame({"kind": ["peak"] * peaks + ["background"], "tasks": name, "kept": True})
    regions.to_csv(folder / f"{name}.regions.tsv", sep="\t", index=False)
    return f"{name}\t{name}.h5\t{name}.tsv\t{name}.regions.tsv\n"


def test_prevalence_of_clusters_in_tasks_by_hand(tmp_path: Path) -> None:
    lines = [
        write_task(tmp_path, "A", ["TTACCCGG", "GATTACAG"],
                   [("counts.pos_0", "r1"), ("counts.pos_0", "r1"), ("counts.pos_0", "r2"), ("counts.pos_1", "r3"),
                    ("counts.neg_0", "r4")], 8),
        write_task(tmp_path, "B", ["CCGGGTAA"], [("counts.pos_0", "r1")], None),
    ]  # fmt: skip
    (tmp_path / "sheet.tsv").write_text("task\tmotifs\tinstances\tregions\n" + "".join(lines))
    tasks = read_sheet(tmp_path / "sheet.tsv")
    motifs = read_sets([f"{task}={file}" for task, files in tasks.items() for file in files.motifs]).motifs
    table = prevalence(motifs, cluster_motifs(motifs, k=2), tasks).set_index(["task", "cluster"])
    assert table.loc[("A", "cluster_1"), "n_motifs":"n_regions_any"].tolist() == [1, 3, 2, 3]
    assert table.loc[("A", "cluster_2"), "n_motifs":"n_regions_any"].tolist() == [1, 1, 1, 3]
    assert table.loc[("B", "cluster_2"), "n_motifs":"n_regions_any"].tolist() == [0, 0, 0, 1]
    assert table.loc["A", "prevalence"].tolist() == pytest.approx([2 / 8, 1 / 8])
    assert table.loc["A", "prevalence_any"].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert table.loc["A", "share_of_instances"].tolist() == pytest.approx([3 / 4, 1 / 4])
    assert table.loc["B", "prevalence"].isna().all()
    assert table.loc["B", "share_of_instances"].tolist() == [1, 0]


def test_the_sheet_is_checked_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "s.tsv").write_text("task\tmotifs\tinstances\nA\tno.h5\t\n\tno.h5\tno.tsv\n")
    with pytest.raises(InputError) as caught:
        read_sheet(tmp_path / "s.tsv")
    text = str(caught.value)
    assert "line 2, column motifs: no such file" in text
    assert "line 2: no instances" in text
    assert "line 3: no task" in text


def test_instances_of_another_run_are_refused(tmp_path: Path) -> None:
    line = write_task(tmp_path, "A", ["TTACCCGG"], [("profile.pos_0", "r1")], None)
    (tmp_path / "sheet.tsv").write_text("task\tmotifs\tinstances\tregions\n" + line)
    tasks = read_sheet(tmp_path / "sheet.tsv")
    motifs = read_sets([f"A={tmp_path / 'A.h5'}"]).motifs
    with pytest.raises(InputError, match="no instance is of a motif of A"):
        prevalence(motifs, cluster_motifs(motifs, k=1), tasks)
