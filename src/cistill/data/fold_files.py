"""Reading folds from JSON files: our own, and those of ChromBPNet, BPNet, bpnet-lite and other programs."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cistill.data.chromosome_split import PARTS, Split
from cistill.errors import InputError
from cistill.presets import CHROM_SPLITS, preset_file
from cistill.texts import read_json

JSON_NAME = re.compile(r"\.json(\.gz)?$", re.IGNORECASE)
REST = "*"
"""In the place of the names of `train`: all that is not held out."""
WORDS = {
    "train": ("train", "training"),
    "valid": ("valid", "val", "validation", "validate", "dev", "tune", "tuning"),
    "test": ("test", "testing", "heldout", "held_out", "holdout", "hold_out"),
}
ENDINGS = ("", "_chroms", "_chrom", "_chromosomes", "_chromosome", "_chrs", "_chr", "_set", "_contigs")
PART_OF_KEY = {word + ending: part for part, words in WORDS.items() for word in words for ending in ENDINGS}
FORM = '{"train": ["chr2", "chr3"], "valid": ["chr8"], "test": ["chr1"]}'


def fold_files(given: Iterable[str | os.PathLike[str]]) -> tuple[Path, ...]:
    """Return the files of folds that were given, each once.

    Parameters
    ----------
    given : iterable of path
        Files, folders of `.json` files, patterns such as `folds/*.json`, several of these separated by commas, or names
        of `CHROM_SPLITS`.

    Returns
    -------
    tuple of Path
        Several files in the order of their names, `fold_10` after `fold_9`.

    Raises
    ------
    InputError
        If there is no such file or name, or a folder holds no `.json` file.
    """
    found = dict.fromkeys(file for one in given for file in _files_of(str(one)))
    return tuple(sorted(found, key=_natural_order))


def _files_of(given: str) -> list[Path]:
    """Return the files that one text names."""
    path = Path(given)
    if path.is_dir():
        inside = [file for file in path.iterdir() if JSON_NAME.search(file.name) and not file.name.startswith(".")]
        if not inside:
            raise InputError(f"--splits {given}: the folder holds no .json file; give files of folds")
        return inside
    if path.exists():
        return [path]
    folder, pattern = path.parent, path.name
    if folder.is_dir() and re.search(r"[*?[]", pattern) and (matching := list(folder.glob(pattern))):
        return matching
    if "," in given:
        return [file for part in given.split(",") if part.strip() for file in _files_of(part.strip())]
    file = preset_file(path, CHROM_SPLITS, "--splits")
    return [file] if file is not None else []


def _natural_order(path: Path) -> tuple[list[tuple[int, str]], str]:
    """Return a key that puts numbers within names in the order of their values."""
    pieces = re.findall(r"[0-9]+|[^0-9]+", path.name.lower())
    return [(int(piece), "") if piece.isdecimal() else (-1, piece) for piece in pieces], str(path)


def read_folds(files: Sequence[str | os.PathLike[str]]) -> dict[str, Split]:
    """Read the folds of several files as one set; see `read_splits`.

    Where files of one fold each name it alike, folds are named as their files.

    Raises
    ------
    InputError
        If a file cannot be read, or two folds have one name.
    """
    of_files = [(Path(file), read_splits(file)) for file in files]
    uses = Counter(name for _, folds in of_files for name in folds)
    if max(uses.values(), default=0) > 1 and all(len(folds) == 1 for _, folds in of_files):
        of_files = [(file, {_name_of(file): next(iter(folds.values()))}) for file, folds in of_files]
    merged: dict[str, Split] = {}
    first: dict[str, Path] = {}
    for file, folds in of_files:
        for name, split in folds.items():
            if name in merged:
                raise InputError(f"chromosome splits: {first[name]} and {file} both have a fold {name!r}; rename one")
            merged[name], first[name] = split, file
    return merged


def read_splits(path: str | os.PathLike[str]) -> dict[str, Split]:
    """Read folds from a JSON file.

    The file holds `{name: {"train": [...], "valid": [...], "test": [...]}, ...}`, a list of such folds, or one fold
    without a name, which is then named as the file. Other programs' words for the parts are known (`val`,
    `validation_chroms`, ...), other keys are ignored. A fold without a list to train on trains on all others (`REST`).

    Raises
    ------
    InputError
        If the file is not such a JSON.
    """
    content = read_json(path, "chromosome splits")
    where = f"chromosome splits {path}"
    if isinstance(content, dict) and isinstance(inner := content.get("splits", content.get("folds")), (dict, list)):
        content = inner
    if _is_fold(content):
        content = {_name_of(path): content}
    if isinstance(content, list) and content and all(isinstance(fold, dict) for fold in content):
        content = {str(number): fold for number, fold in enumerate(content)}
    if not isinstance(content, dict) or not content:
        raise InputError(f"{where}: expected an object of folds, each with train, valid and test, as in {FORM}")
    folds: dict[str, Split] = {}
    for name, value in content.items():
        if (fit := fit_name(str(name))) in folds:
            raise InputError(f"{where}: two folds are named {fit!r}; rename one")
        folds[fit] = _fold(value, f"{where}: fold {name!r}")
    return folds


def _fold(value: Any, where: str) -> Split:
    """Return one fold of a splits file."""
    parts: dict[str, tuple[str, ...]] = {}
    for key, names in value.items() if isinstance(value, dict) else ():
        part = _part(key)
        if part is None:
            continue
        found = _names(names)
        if found is None or part in parts:
            why = f"the key {key!r} gives {part} again" if part in parts else f"{key!r} is {_short(names)}"
            raise InputError(
                f"{where}: expected exactly the lists train, valid and test of chromosome names; {why}: "
                f"write it as {FORM}"
            )
        parts[part] = found
    if set(parts) not in (set(PARTS), {"valid", "test"}):
        missing = ", ".join(part for part in PARTS if part not in parts)
        keys = f"its keys are {_short(list(value))}" if isinstance(value, dict) else f"it is {_short(value)}"
        raise InputError(
            f"{where}: expected exactly the lists train, valid and test of chromosome names; there is no {missing} "
            f"({keys}): write it as {FORM}"
        )
    return Split(parts.get("train", (REST,)), parts["valid"], parts["test"])


def _is_fold(value: Any) -> bool:
    """Say whether a value is one fold: an object with lists for two parts or more."""
    if not isinstance(value, Mapping):
        return False
    return len({_part(key) for key, names in value.items() if not isinstance(names, Mapping)} - {None}) > 1


def _part(key: str) -> str | None:
    """Return the part that a key means."""
    return PART_OF_KEY.get(re.sub(r"[\s.-]+", "_", key.strip()).lower())


def _names(value: Any) -> tuple[str, ...] | None:
    """Return chromosome names from a list, or from a text with commas or blanks; None for anything else."""
    if isinstance(value, str):
        value = [name for name in re.split(r"[,\s]+", value) if name]
    if not isinstance(value, list) or not all(
        isinstance(name, (str, int)) and not isinstance(name, bool) for name in value
    ):
        return None
    return tuple(dict.fromkeys(str(name).strip() for name in value))


def _name_of(path: str | os.PathLike[str]) -> str:
    """Return the name of the fold of a file that does not give one: the file's, in letters that suit file names."""
    return fit_name(re.sub(r"(\.json)?(\.gz)?$", "", Path(path).name, flags=re.IGNORECASE)) or "0"


def fit_name(name: str) -> str:
    """Return the name of a fold in letters that suit file names."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_")


def _short(value: Any) -> str:
    """Write a value in a few letters."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else repr(value)
    return text if len(text) <= 60 else f"{text[:60]} ..."
