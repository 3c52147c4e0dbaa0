"""Pages of the documentation that follow from the declared formats: docs/formats.md, folders in docs/output.md."""

from cistill.formats.hdf5 import Layout
from cistill.formats.published import Column, ResultFile, ResultTable
from cistill.formats.tables import FILES

INTRODUCTION = """# Formats

Every table and HDF5 file that a command writes, with its columns or datasets. `tools/formats` writes this page from
`src/cistill/formats/tables/`. Tables are tab-separated with a header; `NA` is a missing value. A name with `{...}`
stands for any number of columns; optional columns are not in every such table.
"""
BEGIN, END = "<!-- folders: tools/formats -->\n", "<!-- end of folders -->\n"


def folder_table(files: tuple[ResultFile, ...] = FILES) -> str:
    """Return the table of published folders and their files, as Markdown."""
    folders = dict.fromkeys(file.folder for file in files if file.folder)
    lines = ["| folder | file | what it holds |", "|---|---|---|"]
    for folder in folders:
        for place, file in enumerate(file for file in files if file.folder == folder):
            lines.append(f"| {f'`{folder}/`' if not place else ''} | `{file.pattern}` | {file.words} |")
    return "\n".join(lines) + "\n"


def formats_page(files: tuple[ResultFile, ...] = FILES) -> str:
    """Return docs/formats.md."""
    parts = [INTRODUCTION]
    for command in dict.fromkeys(file.command for file in files):
        described = [
            file for file in files if file.command == command and (file.layout or isinstance(file, ResultTable))
        ]
        if described:
            parts.append(f"## `{command}`\n")
            parts += [_described(file) for file in described]
    return "\n".join(parts)


def _described(file: ResultFile) -> str:
    where = f", in `{file.folder}/`" if file.folder else ""
    text = f"### {file.pattern}\n\n{file.words[:1].upper()}{file.words[1:]}{where}.\n\n"
    if isinstance(file, ResultTable):
        return text + _columns(file.columns)
    assert file.layout is not None
    return text + _layout(file.layout)


def _columns(columns: tuple[Column, ...]) -> str:
    lines = ["| column | type | meaning |", "|---|---|---|"]
    for column in columns:
        marks = [column.kind, *(["or NA"] if column.missing else [])]
        optional = " (optional)" if column.optional and column.pattern is None else ""
        lines.append(f"| `{column.name}` | {' '.join(marks)}{optional} | {column.words} |")
    return "\n".join(lines) + "\n"


def _layout(layout: Layout) -> str:
    stamp = f"Attributes `format` = `{layout.name}`, `format_version` = {layout.version}, and:\n"
    lines = [
        stamp if layout.stamped else f"The layout of {layout.name}; attributes:\n",
        "| attribute | meaning |", "|---|---|",
        *(f"| `{name}` | {words} |" for name, words in layout.attributes.items()),
        "\n| dataset | type, shape, meaning |", "|---|---|",
        *(f"| `{name}` | {words} |" for name, words in layout.datasets.items()),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def with_folders(text: str) -> str:
    """Return the text of docs/output.md with the table of folders between its marks."""
    before, rest = text.split(BEGIN)
    return before + BEGIN + folder_table() + END + rest.split(END)[1]
