"""Hooks of mkdocs: pages that are kept elsewhere in the project, and links to files that the site does not have."""

import re
from pathlib import Path

from mkdocs.structure.files import File, Files

PROJECT = Path(__file__).resolve().parents[1]
ELSEWHERE = {"contributing.md": "CONTRIBUTING.md", "changelog.md": "CHANGELOG.md"}
LINK = re.compile(r"\[(?P<words>[^\]]*)\]\((?P<target>[^)\s]+)\)")


def on_files(files: Files, config: dict) -> Files:
    """Add the pages that are kept in the project's folder."""
    for page, source in ELSEWHERE.items():
        files.append(File.generated(config, page, abs_src_path=str(PROJECT / source)))
    return files


def on_page_markdown(markdown: str, page: object, config: dict, files: Files) -> str:
    """Lead links between the project's folder and docs/ to pages of the site; those to other files become words."""
    name = page.file.src_uri
    folder = PROJECT if name in ELSEWHERE else (PROJECT / "docs" / name).parent

    def led(found: re.Match[str]) -> str:
        path, mark, anchor = found["target"].partition("#")
        if not path or ":" in path or not (folder / path).exists():
            return found[0]
        target = (folder / path).resolve().relative_to(PROJECT).as_posix()
        inside = {source: page for page, source in ELSEWHERE.items()}.get(target, target.removeprefix("docs/"))
        if files.get_file_from_path(inside) is None:
            return found["words"] if found.string[found.start() - 1 : found.start()] != "!" else found[0]
        up = "../" * name.count("/")
        return f"[{found['words']}]({up}{inside}{mark}{anchor})"

    return LINK.sub(led, markdown)
