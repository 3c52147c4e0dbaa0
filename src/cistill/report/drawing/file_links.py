"""Names of result files, as links where the page is published next to them."""

from urllib.parse import quote

from markupsafe import Markup


def linked_file(name: str, folder: str, link_root: str | None) -> str | Markup:
    """Return a file's name, linked to where it is published if that is known."""
    if link_root is None:
        return name
    return Markup('<a href="{}">{}</a>').format(quote(f"{link_root.rstrip('/')}/{folder}/{name}"), name)
