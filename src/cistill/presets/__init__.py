"""Files that come with the package: networks by name, readers of in-vitro tables, folds of chromosomes."""

from pathlib import Path

from cistill.errors import InputError

MODELS = Path(__file__).parent / "models"
READERS = Path(__file__).parent / "readers"
CHROM_SPLITS = Path(__file__).parent / "chrom_splits"


def preset_file(given: Path | None, folder: Path, option: str) -> Path | None:
    """Return the file that an option names: a JSON file of the user's, or one of the package by its name.

    Parameters
    ----------
    given : Path or None
        As it was given. What ends in ".json" or is a file is a path; anything else is a name.
    folder : Path
        `MODELS` or `CHROM_SPLITS`.
    option : str
        The option, for the message.

    Returns
    -------
    Path or None
        None if nothing was given.

    Raises
    ------
    InputError
        If the package has no file of this name.
    """
    if given is None or given.suffix == ".json" or given.exists():
        return given
    file = folder / f"{given}.json"
    if not file.is_file():
        known = ", ".join(sorted(path.stem for path in folder.glob("*.json")))
        raise InputError(f"{option} {given}: no such file or name; give a JSON file or one of {known}")
    return file
