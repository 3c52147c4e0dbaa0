"""Anchors of the page that one section links to in another."""

from markupsafe import Markup


def anchor_of(*parts: str) -> str:
    """Return an anchor made of names: letters, figures and `_` stay, all else becomes a hyphen."""
    return "-".join("".join(letter if letter.isalnum() or letter == "_" else "-" for letter in part) for part in parts)


def motif_anchor(motif_id: str) -> str:
    """Return the anchor of a motif."""
    return anchor_of("motif", motif_id)


def motif_link(motif_id: str) -> Markup:
    """Return a link to a motif's card; the row that holds it is marked where the motif is chosen."""
    link = Markup('<a href="#{}" data-motif="{}">{}</a>')
    return link.format(motif_anchor(motif_id), motif_id, motif_id)


def library_anchor(name: str) -> str:
    """Return the anchor of a library."""
    return f"affinity-{name}"
