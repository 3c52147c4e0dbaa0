"""From the text of an option's value to the value, as the option takes it."""

import math
from pathlib import Path
from typing import Any

from cistill.parameters.options import Option

TRUE = ("true", "yes", "on")
FALSE = ("false", "no", "off")


def value_of(option: Option, text: str) -> tuple[Any, str]:
    """Return the value that a text stands for, and what is wrong with it (empty if nothing is).

    Parameters
    ----------
    option : Option
    text : str
        As it stands in a file.
    """
    match option.kind:
        case "boolean":
            if text.lower() in TRUE + FALSE:
                return text.lower() in TRUE, ""
            return None, f"is {text!r}, but must be true or false"
        case "integer":
            try:
                return _in_range(option, int(text))
            except ValueError:
                return None, f"is {text!r}, but must be a whole number"
        case "number":
            try:
                number = float(text)
            except ValueError:
                number = math.nan
            if not math.isfinite(number):
                return None, f"is {text!r}, but must be a number"
            return _in_range(option, number)
        case "path":
            if not Path(text).is_absolute() and "://" not in text:
                return None, f"is {text!r}, but must be an absolute path: tasks run in folders of their own"
            return text, ""
    if option.choices and text not in option.choices:
        return None, f"is {text!r}, but must be one of {', '.join(option.choices)}"
    return text, ""


def _in_range(option: Option, number: float) -> tuple[Any, str]:
    """Return a number, and what is wrong with it if it is out of the option's range."""
    if option.least is not None and number < option.least:
        return None, f"is {number:g}, but must be at least {option.least:g}"
    if option.most is not None and number > option.most:
        return None, f"is {number:g}, but must be at most {option.most:g}"
    return number, ""
