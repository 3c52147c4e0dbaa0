"""Factors that open the chromatin around them, each only in the cell types that have it (see `chromatin`)."""

from cistill.simulation.energies import BASES, EnergyModel

MISMATCH = (0.7, 1.6, 2.4, 2.8, 3.0, 2.8, 2.4, 1.6, 0.7)  # ddG of any other base, kcal/mol per position


def _opener(name: str, consensus: str) -> EnergyModel:
    rows = [[cost * (base != wanted) for base in BASES] for wanted, cost in zip(consensus, MISMATCH, strict=True)]
    return EnergyModel(name, consensus, tuple((a, c, g, t) for a, c, g, t in rows), mu=1.5)


OPENERS = {
    model.name: model
    for model in (
        _opener("OPEN1", "GCGGAAGTA"),
        _opener("OPEN2", "ATGAGTCAC"),
        _opener("OPEN3", "CAGGTGTTC"),
        _opener("OPEN4", "TAATTAGCG"),
        _opener("OPEN5", "GGCATATCC"),
    )
}
