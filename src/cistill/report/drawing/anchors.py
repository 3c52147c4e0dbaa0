"""Anchors of the page that one section links to in another."""


def anchor_of(*parts: str) -> str:
    """Return an anchor made of names: letters, figures and `_` stay, all else becomes a hyphen."""
    return "-".join("".join(letter if letter.isalnum() or letter == "_" else "-" for letter in part) for part in parts)


def motif_anchor(motif_id: str) -> str:
    """Return the anchor of a motif."""
    return anchor_of("motif", motif_id)


def library_anchor(name: str) -> str:
    """Return the anchor of a library."""
    return f"affinity-{name}"
