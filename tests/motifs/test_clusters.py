"""Groups of motifs."""

from pathlib import Path

import numpy as np
import pytest
from toy_motifs import motif

from cistill.errors import InputError
from cistill.motifs.clusters import cluster_motifs, cluster_table, dendrogram_table, read_groups, similarity_table
from cistill.motifs.sets import SetMotif

WORDS = ("TTACCCGG", "TTACCCGA", "GATTACAG", "CTGTAATC", "ACGACGAC", "TTACCCGG")  # the fourth is the third, turned


@pytest.fixture
def motifs() -> list[SetMotif]:
    return [SetMotif("ab"[i % 2], motif(word, f"counts.pos_{i}", noise=i)) for i, word in enumerate(WORDS)]


@pytest.mark.parametrize("linkage", ["average", "ward", "ward_rows"])
@pytest.mark.parametrize("k", range(1, 7))
def test_there_are_exactly_k_clusters(motifs: list[SetMotif], linkage: str, k: int) -> None:
    found = cluster_motifs(motifs, linkage=linkage, k=k)
    assert len(found.clusters) == k
    assert sorted(index for cluster in found.clusters for index in cluster.members) == list(range(6))
    sizes = [len(cluster.members) for cluster in found.clusters]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("k", [2, 3])
def test_k_holds_even_where_all_distances_are_equal(k: int) -> None:
    same = [SetMotif("a", motif("TTACCCG", f"counts.pos_{i}")) for i in range(4)]
    assert len(cluster_motifs(same, k=k).clusters) == k


def test_alike_motifs_are_together_whichever_strand_they_are_on(motifs: list[SetMotif]) -> None:
    found = cluster_motifs(motifs, k=3)
    assert [sorted(cluster.members) for cluster in found.clusters] == [[0, 1, 5], [2, 3], [4]]
    table = cluster_table(motifs, found)
    turned = dict(zip(table["motif_id"], table["strand"], strict=True))
    assert turned["counts.pos_2"] != turned["counts.pos_3"]
    # of three with G, G and A at the end, the average is (2 G + A) / 3 there: centred, its cosine with A is
    # 1 / sqrt(33), and that with G 5 / sqrt(33)
    similarity = table.set_index("motif_id")["similarity"]
    assert similarity["counts.pos_0"] == pytest.approx((7 + 5 / 33**0.5) / 8, abs=0.01)
    assert similarity["counts.pos_1"] == pytest.approx((7 + 1 / 33**0.5) / 8, abs=0.01)
    assert table["mean_similarity"].isna().tolist() == [False] * 5 + [True]
    assert sorted(table["leaf"]) == list(range(6))


def test_a_distance_cuts_at_that_height(motifs: list[SetMotif]) -> None:
    heights = cluster_motifs(motifs, k=1).tree
    assert heights is not None
    for step, height in enumerate(heights[:, 2]):
        assert len(cluster_motifs(motifs, distance=height + 1e-9).clusters) == 5 - step
    assert len(cluster_motifs(motifs, distance=0).clusters) == 6


def test_the_average_is_of_members_of_one_size() -> None:
    big, small = motif("TTACCCGG", "a.pos_0", size=100.0), motif("TTACCCGG", "b.pos_0", size=0.01)
    found = cluster_motifs([SetMotif("a", big), SetMotif("b", small)], k=1)
    [cluster] = found.clusters
    assert cluster.motif.members == ("a:a.pos_0", "b:b.pos_0")
    assert np.linalg.norm(cluster.motif.cwm[3:11]) == pytest.approx(np.sqrt(8))  # sqrt(100 x 0.01) = 1
    assert cluster.motif.n_seqlets == 200


def test_tables_name_motifs_and_nodes(motifs: list[SetMotif]) -> None:
    found = cluster_motifs(motifs, k=2)
    tree = dendrogram_table(motifs, found)
    assert tree["node"].tolist() == [f"node_{i}" for i in range(5)]
    assert {"a:counts.pos_0", "b:counts.pos_5", "node_0"} <= set(tree["left"]) | set(tree["right"])
    assert tree["size"].tolist()[-1] == 6
    matrix = similarity_table(motifs, found)
    assert matrix["motif"].tolist() == list(matrix.columns[1:])
    assert np.allclose(np.diag(matrix.iloc[:, 1:].to_numpy()), 1)


def test_groups_of_the_user(motifs: list[SetMotif], tmp_path: Path) -> None:
    (tmp_path / "g.tsv").write_text("group\tmotif\nREB1\ta:counts.pos_0\nREB1\tb:counts.pos_1\nother\ta:counts.pos_2\n")
    found = cluster_motifs(motifs, groups=read_groups(tmp_path / "g.tsv"))
    assert {cluster.name: sorted(cluster.members) for cluster in found.clusters} == {"REB1": [0, 1], "other": [2]}
    assert len(dendrogram_table(motifs, found)) == 0
    assert len(cluster_table(motifs, found)) == 3


def test_wrong_groups_are_refused_all_at_once(motifs: list[SetMotif]) -> None:
    groups = [("x", "a:counts.pos_0"), ("y", "a:counts.pos_0"), ("y", "a:counts.pos_99")]
    with pytest.raises(InputError, match=r"is in the group x and again in y\n.*pos_99, of the group y, is not among"):
        cluster_motifs(motifs, groups=groups)
    with pytest.raises(InputError, match="7 clusters asked for, but there are 6"):
        cluster_motifs(motifs, k=7)


def test_no_motif_and_one() -> None:
    assert cluster_motifs([], k=3).clusters == []
    one = [SetMotif("a", motif("TTACCCGG"))]
    assert len(cluster_motifs(one, k=1).clusters) == 1
    assert len(dendrogram_table(one, cluster_motifs(one, distance=0.5))) == 0
