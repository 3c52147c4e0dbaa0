"""Reading folds from JSON files: our own, and those of ChromBPNet, BPNet, bpnet-lite and other programs."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cistill.data.chromosome_split import PARTS, Split
from cistill.errors import InputError
from cistill.texts import read_json

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
    return {str(name): _fold(value, f"{where}: fold {name!r}") for name, value in content.items()}


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
    stem = re.sub(r"(\.json)?(\.gz)?$", "", Path(path).name, flags=re.IGNORECASE)
    return re.sub(r"[^\w-]+", "_", stem).strip("_") or "0"


def _short(value: Any) -> str:
    """Write a value in a few letters."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else repr(value)
    return text if len(text) <= 60 else f"{text[:60]} ..."
