"""The command `library`: make a library of measurements, or generate one, and write its two files."""

from pathlib import Path

from cistill.affinity.tables.measurements import generated_library, make_library
from cistill.affinity.tables.reader import load_reader
from cistill.console import LOG
from cistill.errors import InputError
from cistill.files import named
from cistill.formats.library import Library
from cistill.formats.tables.libraries import SEQUENCES
from cistill.provenance import write_provenance


def build_library(table: Path | None, reader: str | None, generate: str | None, readers: Path, stem: Path) -> Library:
    """Write `{stem}.library.tsv` and `{stem}.library.json`.

    Parameters
    ----------
    table, reader : Path, str
        A file of measurements, and the reader's name or path; both or none.
    generate : str
        What to generate instead (`cistill.affinity.tables.generate.FORMS`).
    readers : Path
        Folder of the readers that come with the program.
    stem : Path
        Folder and start of the files' names.

    Raises
    ------
    InputError
        If neither or both sources are given, and as `make_library`.
    """
    inputs: dict[str, Path] = {}
    if table is not None and reader is not None and generate is None:
        chosen = load_reader(reader, readers)
        library = make_library(table, chosen)
        inputs = {"table": table, "reader": chosen.file}
    elif generate is not None and table is None and reader is None:
        library = generated_library(generate)
    else:
        raise InputError("give either --table with --reader, or --generate")
    rows = library.table
    for reason, number in library.notes.items():
        LOG.info("%s: %s", reason, number)
    LOG.info("%d sequences; unit of the labels: %s", len(rows), library.unit or "none")
    SEQUENCES.write(named(stem, "library.tsv"), rows)
    lengths = rows["sequence"].str.len()
    write_provenance(
        named(stem, "library.json"),
        settings={"reader": reader, "generate": generate},
        inputs=inputs,
        results={
            "assay": library.assay,
            "reader": library.reader,
            "unit": library.unit,
            "higher_is_tighter": library.higher_is_tighter,
            "temperature_K": library.temperature,
            "sequences": len(rows),
            "labelled": int(rows["label"].notna().sum()),
            "shortest": int(lengths.min()),
            "longest": int(lengths.max()),
            "classes": {str(name): int(number) for name, number in rows["class"].value_counts(sort=False).items()},
            "treated": library.notes,
        },
    )
    return library
