"""What was planted, as tables: sites, energies, motifs, and a motif database to find them in."""

import itertools
import json
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cistill.dna.codes import BASES, encode
from cistill.files import atomic_output
from cistill.simulation.energies import (
    MAIN,
    PARTNER,
    RT,
    RULE,
    Binding,
    EnergyModel,
    Floats,
    effective_energy,
    frequencies,
    scan,
)
from cistill.simulation.planting import Planted
from cistill.simulation.reads import FOOTPRINTS, MOTIF_WIDTH, REACH, BoundSites

CLASS_OCCUPANCY = {"strong": 0.5, "medium": 0.15}  # at least; below: weak
DECOYS = 20
DECOY_WIDTH = (6, 14)


def site_class(occupancy: Floats) -> list[str]:
    """Return the class of main sites by their effective energy.

    Strong sites lie at or below mu (at least half occupied), medium ones within RT ln(0.85 / 0.15) = 1.03 kcal/mol
    of it (at least 0.15), weak ones above.
    """
    return [
        "strong" if p >= CLASS_OCCUPANCY["strong"] else "medium" if p >= CLASS_OCCUPANCY["medium"] else "weak"
        for p in occupancy
    ]


def bound_sites(binding: Binding, weakest: float) -> BoundSites:
    """Return the sites of one chromosome that recruit at least `weakest` (1 = a fully occupied main site)."""
    found = []
    for model in (MAIN, PARTNER):
        recruitment = binding.occupancy[model.name] * FOOTPRINTS[model.name].recruitment
        strand, start = np.nonzero(recruitment >= weakest)
        found.append((start, strand, np.full(len(start), model.name), recruitment[strand, start]))
    start, strand, motif, strength = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((motif, strand, start))
    return BoundSites(start[order], strand[order], motif[order], strength[order])


def site_table(chrom: str, binding: Binding, planted: list[Planted], threshold: float, depth: float) -> pd.DataFrame:
    """Return the sites of one chromosome that recruit at least `threshold`, planted or not.

    Parameters
    ----------
    chrom : str
        Its name.
    binding : Binding
        Energies and occupancies.
    planted : list of Planted
        What was planted there.
    threshold : float
        Least recruitment: occupancy, times the partner's share of tags for the partner.
    depth : float
        Expected tags per replicate of a fully occupied main site.

    Returns
    -------
    pandas.DataFrame
        BED6 and `energy_kcal`, `occupancy`, `motif`, `effective_kcal`, `arrangement`, `expected_tags`.
    """
    sites = bound_sites(binding, threshold)
    arrangement = {(site.start, site.strand, site.motif): site.arrangement for site in planted}
    tables = []
    for model in (MAIN, PARTNER):
        chosen = np.flatnonzero(sites.motif == model.name)
        start, strand = sites.start[chosen], sites.strand[chosen]
        occupancy = binding.occupancy[model.name][strand, start]
        kinds = [
            arrangement.get((int(at), int(side), model.name), "chance") for at, side in zip(start, strand, strict=True)
        ]
        tables.append(
            pd.DataFrame(
                {
                    "chrom": chrom,
                    "start": start,
                    "end": start + MOTIF_WIDTH[model.name],
                    "name": site_class(occupancy) if model is MAIN else "partner",
                    "score": np.rint(1000 * occupancy).astype(int),
                    "strand": np.where(strand == 0, "+", "-"),
                    "energy_kcal": binding.energy[model.name][strand, start].round(4),
                    "occupancy": occupancy,
                    "motif": model.name,
                    "effective_kcal": effective_energy(occupancy, model).round(4),
                    "arrangement": kinds,
                    "expected_tags": depth * sites.recruitment[chosen],
                }
            )
        )
    return pd.concat(tables).sort_values(["start", "strand", "motif"], kind="stable")


def variant_energies(model: EnergyModel) -> pd.DataFrame:
    """Return the consensus and all its variants of one and two mismatches with their energies.

    Returns
    -------
    pandas.DataFrame
        `variant`, `mismatches`, `ddg_kcal`, and `additive_kcal`: the energy without couplings.
    """
    matrix = np.array(model.energies)
    reference = encode(model.consensus)
    rows = []
    for mismatches in range(3):
        for positions in itertools.combinations(range(model.width), mismatches):
            choices = [[code for code in range(4) if code != reference[position]] for position in positions]
            for bases in itertools.product(*choices):
                codes = reference.copy()
                codes[list(positions)] = bases
                additive = float(matrix[np.arange(model.width), codes].sum())
                word = "".join(BASES[code] for code in codes)
                rows.append((word, mismatches, float(scan(codes, model)[0]), additive))
    table = pd.DataFrame(rows, columns=["variant", "mismatches", "ddg_kcal", "additive_kcal"])
    return table.round({"ddg_kcal": 4, "additive_kcal": 4})


def describe_energies(model: EnergyModel) -> dict[str, Any]:
    """Return what truth.json says of any factor's binding."""
    return {
        "name": model.name,
        "consensus": model.consensus,
        "width": model.width,
        "mu_kcal": model.mu,
        "energies_kcal": [list(row) for row in model.energies],
        "couplings": [
            {"position": item.position, "bases": item.bases, "energy_kcal": item.energy} for item in model.couplings
        ],
        "pfm": frequencies(model).round(6).tolist(),
    }


def describe_motif(model: EnergyModel) -> dict[str, Any]:
    """Return what truth.json says of a factor that brings tags."""
    footprint = FOOTPRINTS[model.name]
    return {
        **describe_energies(model),
        "recruitment": footprint.recruitment,
        "footprint": {
            "first_offset": -REACH,
            "same_strand": footprint.shape()[0].round(7).tolist(),
            "opposite_strand": footprint.shape()[1].round(7).tolist(),
            "same_strand_border": max(footprint.same, key=lambda offset: footprint.same[offset]),
            "opposite_strand_border": max(footprint.opposite, key=lambda offset: footprint.opposite[offset]),
        },
    }


def describe_biology() -> dict[str, Any]:
    """Return the constants of the simulated biology, for truth.json."""
    return {
        "rt_kcal": RT,
        "base_order": BASES,
        "motifs": {model.name: describe_motif(model) for model in (MAIN, PARTNER)},
        "main_motif": MAIN.name,
        "partner_motif": PARTNER.name,
        "spacing_rule": {
            "main": MAIN.name,
            "partner": PARTNER.name,
            "distance": RULE.distance,
            "orientation": "same",
            "energy_kcal": RULE.energy,
        },
        "classes": {
            "strong": f"effective energy <= mu (occupancy >= {CLASS_OCCUPANCY['strong']})",
            "medium": f"occupancy >= {CLASS_OCCUPANCY['medium']}",
            "weak": "the rest of the listed main sites",
            "partner": "sites of the partner",
        },
    }


def write_json(path: str | os.PathLike[str], content: dict[str, Any]) -> None:
    """Write a JSON file whole or not at all."""
    with atomic_output(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1) + "\n")


def draw_decoy(rng: np.random.Generator) -> Floats:
    """Draw a random motif `(width, 4)` with a core of high information and flanks of low information."""
    width = int(rng.integers(*DECOY_WIDTH, endpoint=True))
    strength = np.where(np.abs(np.arange(width) - (width - 1) / 2) < width * 0.35, 0.12, 0.8)
    return np.array([rng.dirichlet(np.full(4, value)) for value in strength])


def write_motifs(
    path: str | os.PathLike[str], rng: np.random.Generator, models: Sequence[EnergyModel] = (MAIN, PARTNER)
) -> None:
    """Write the factors' motifs among random ones, in random order, as a MEME file."""
    motifs = [(model.name, frequencies(model)) for model in models]
    motifs += [(f"DECOY{number:02d}", draw_decoy(rng)) for number in range(1, DECOYS + 1)]
    lines = ["MEME version 4", "", f"ALPHABET= {BASES}", "", "strands: + -", "", "Background letter frequencies"]
    lines += ["A 0.29 C 0.21 G 0.21 T 0.29", ""]
    for index in rng.permutation(len(motifs)):
        name, matrix = motifs[index]
        lines.append(f"MOTIF {name}")
        lines.append(f"letter-probability matrix: alength= 4 w= {len(matrix)} nsites= 500 E= 0")
        lines += [" ".join(f"{value:.6f}" for value in row) for row in matrix]
        lines.append("")
    with atomic_output(path) as temporary:
        temporary.write_text("\n".join(lines))
