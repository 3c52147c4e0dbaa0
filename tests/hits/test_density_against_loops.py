"""The density-adapted caller, hit for hit, against an independent implementation in plain loops."""

import numpy as np
import pytest
from close_decisions import Decisions
from planted_patterns import FLANK, plant, read_motifs_of, write_planted
from slow_density import slow_calls

from cistill.formats.attributions import open_windows
from cistill.hits.density.calling import call_by_density
from cistill.hits.density.settings import DensitySettings

WIDTH = 9
CLEAR = 1e-5  # over 50 times what the order of a sum in single precision changes similarities by


@pytest.mark.parametrize(
    ("signs", "seed", "options"),
    [
        ([1, 1, 1], 2, {"neighbours": 40, "subcluster_perplexity": 8, "max_submotif_seqlets": 12, "leiden_seeds": 3}),
        ([1, -1, 1, -1], 3, {"leiden_seeds": 2}),  # everything else as published
    ],
)
def test_same_hits_as_the_loops(tmp_path, signs, seed, options):
    """Both must agree on any processor, so the data are such that no choice depends on the last bit.

    With other seeds, one window of a region can be a seqlet of two patterns, on opposite strands. Both are then exactly
    as similar to a third seqlet, and the order in which a sum is taken chooses its last neighbour among them. Only the
    search for beta may end at another step; it is exact to 1e-5 nats, which the tolerance of the scores allows for.
    """
    planted = plant(40, 120, signs, seed=seed, sites_per_region=3)
    attributions, modisco = write_planted(tmp_path, planted, seqlets=30)
    settings = DensitySettings(min_confidence=1e-9, modisco=modisco, **options)
    motifs = read_motifs_of(modisco, WIDTH, flipped=(1,))
    windows = open_windows(attributions)
    calls = call_by_density(windows, motifs, settings)
    expected, decisions = {}, Decisions()
    for sign in {motif.sign for motif in motifs}:
        mine = [motif for motif in motifs if motif.sign == sign]
        found = slow_calls(
            planted.scores,
            planted.bases,
            modisco,
            sign,
            {motif.pattern: (FLANK, FLANK + WIDTH) for motif in mine},
            {
                "subcluster_perplexity": settings.subcluster_perplexity,
                "perplexity": settings.perplexity,
                "neighbours": settings.neighbours,
                "seeds": settings.leiden_seeds,
                "most": settings.max_submotif_seqlets,
                "seed": 1234,
                "length": 25,
                "flank": 10,
                "fdr": 0.2,
                "least": 0.03,
                "most_share": 0.2,
                "samples": 10_000,
            },
            decisions,
        )
        flipped = {motif.pattern: motif.flipped for motif in mine}
        name = {motif.pattern: motif.motif_id for motif in mine}
        for one in found:
            region, start, end, pattern, strand = one["key"]
            if flipped[pattern]:
                strand = "+-"["+-".index(strand) - 1]
            offset = windows.start[region]
            expected[windows.region_id[region], start + offset, end + offset, name[pattern], strand] = one
    assert {"placement", "motif", "percentile", "window", "threshold"} <= set(decisions.narrowest)
    assert ("neighbours" in decisions.narrowest) == ("neighbours" in options)  # else all seqlets are neighbours
    assert min(decisions.narrowest.values()) > CLEAR, decisions.narrowest
    hits = calls.hits
    keys = list(zip(hits["region_id"], hits["start"], hits["end"], hits["motif_id"], hits["strand"], strict=True))
    assert len(expected) > 80
    assert set(keys) == set(expected)
    assert len(keys) == len(set(keys))
    for column, name, tolerance in (
        ("method_score", "delta", 1e-4),
        ("precision", "precision", 1e-4),
        ("percentile", "percentile", 1e-12),
    ):
        np.testing.assert_allclose(hits[column], [expected[key][name] for key in keys], rtol=tolerance, atol=1e-9)
