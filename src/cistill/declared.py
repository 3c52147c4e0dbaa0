"""Options that are declared once, on the fields of a settings class: name, type, default, range and help."""

import keyword
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from typing import Any, TypeVar, get_type_hints

T = TypeVar("T")
KEY = "cistill.option"


@dataclass(frozen=True)
class DeclaredOption:
    """One option of a command, as a field of a settings class declares it.

    Attributes
    ----------
    name : str
        Name on the command line, without dashes.
    field : str
        Name of the field.
    type : type
        Type of the value, as the field is annotated.
    default : object
        Value without the option; False for a switch.
    help : str
        What the option does.
    min, max : float, optional
        Range of the values, both ends included.
    turns_off : bool
        Whether the option is a switch that sets a field to False which is True by default.
    """

    name: str
    field: str
    type: Any
    default: Any
    help: str
    min: float | None = None
    max: float | None = None
    turns_off: bool = False

    @property
    def parameter(self) -> str:
        """The name as a parameter of a Python function."""
        return f"{self.name}_" if keyword.iskeyword(self.name) else self.name

    def field_value(self, value: Any) -> Any:
        """Return what the field is set to where the option has this value."""
        return not value if self.turns_off else value

    def with_help(self, text: str) -> "DeclaredOption":
        """Return the same option with another help text."""
        return replace(self, help=text)


def option(
    default: Any, help: str, *, name: str = "", min: float | None = None, max: float | None = None
) -> Any:  # the field's own annotation is its type
    """Return a dataclass field that is an option of a command.

    Parameters
    ----------
    default : object
        The field's default. A bool is a switch: an option without a value.
    help : str
        What the option does, with its unit.
    name : str
        Name on the command line, without dashes; the field's own by default, after `no_` where a switch turns off what
        is on by default.
    min, max : float, optional
        Range of the values, both ends included.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class CosineSettings:
    ...     min_cosine: float = option(0.7, "Least cosine of a hit.", min=0, max=1)
    """
    return field(default=default, metadata={KEY: {"help": help, "name": name, "min": min, "max": max}})


def options_of(settings: type) -> tuple[DeclaredOption, ...]:
    """Return the options that the fields of a settings class declare, in the fields' order.

    Parameters
    ----------
    settings : type
        A dataclass. Fields that were not made by `option` are no options.
    """
    types = get_type_hints(settings)
    declared = []
    for one in fields(settings):
        if KEY not in one.metadata:
            continue
        facts = dict(one.metadata[KEY])
        off = one.default is True
        name = facts.pop("name") or (f"no_{one.name}" if off else one.name)
        default = False if off else one.default
        assert default is not MISSING
        declared.append(DeclaredOption(name, one.name, types[one.name], default, turns_off=off, **facts))
    return tuple(declared)


def settings_from(settings: type[T], values: Mapping[str, Any], **more: Any) -> T:
    """Return settings made of the values of their options.

    Parameters
    ----------
    settings : type
        The settings class.
    values : mapping
        Value of each option by its name (or its name as a parameter); what is left out has its default, and what is
        no option of the class is left aside.
    **more
        Fields that are no options.
    """
    given = {}
    for one in options_of(settings):
        for name in (one.name, one.parameter):
            if name in values:
                given[one.field] = one.field_value(values[name])
    return settings(**given, **more)
