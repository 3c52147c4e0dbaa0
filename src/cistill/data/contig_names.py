"""What a contig is by its name."""

MITOCHONDRIA = {"m", "mt", "mito", "mit", "mtdna", "mitochondrion"}


def is_mitochondrial(name: str) -> bool:
    """Say whether a chromosome is mitochondrial by its name (chrM, MT, chrmit, Mito, ...)."""
    return name.lower().removeprefix("chr") in MITOCHONDRIA
