"""What a caller of motif instances is: a class with its settings, what it needs, and `call`."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from cistill.declared import option, settings_from
from cistill.hits.search_scope import Selection
from cistill.seeds import LARGEST_SEED, SEED

if TYPE_CHECKING:  # settings and names of callers are read by commands that import no more than they use
    import pandas as pd

    from cistill.formats.attributions import AttributionWindows
    from cistill.formats.motifs import Motif


@dataclass(frozen=True)
class CallSettings:
    """Settings that all callers take; those of each are a subclass.

    Attributes
    ----------
    min_confidence : float
        Instances of at least this confidence are hits; above 0, below 1.
    seed : int
        Seed of whatever is random.
    """

    min_confidence: float = option(
        0.5, "Hits of at least this confidence; 0.5 is the method's own threshold.", min=0.01, max=0.99
    )
    seed: int = option(SEED, "Seed of what is random: decoys, subsamples.", min=0, max=LARGEST_SEED)


@dataclass(frozen=True)
class StrengthSettings(CallSettings):
    """Settings of callers that ask for a share of a motif's mean contributions.

    Attributes
    ----------
    min_strength : float
        Share of a motif's mean contributions that an instance of confidence one half has at least.
    """

    min_strength: float = option(
        0.1,
        "Share of a motif's mean contributions that an instance of confidence 0.5 has at least.",
        min=0,
        max=1,
    )


@dataclass(frozen=True)
class Calls:
    """What a caller found.

    Attributes
    ----------
    hits : pandas.DataFrame
        Columns of `cistill.formats.hits.COLUMNS` but `score`.
    calibration : mapping
        motif_id to how its threshold was found: a dataclass or a mapping of plain values.
    """

    hits: "pd.DataFrame"
    calibration: Mapping[str, Any]


SettingsT = TypeVar("SettingsT", bound=CallSettings)


class Caller(ABC, Generic[SettingsT]):
    """A way to call motif instances: all take the same inputs and give the same table.

    A subclass names its settings, whose fields declare its options (`cistill.declared.option`), and defines `call`.
    Its module imports what computes within `call`, so that names and options of all callers are known at once.

    Parameters
    ----------
    settings : CallSettings
        Of the class `Settings`.

    Attributes
    ----------
    Settings : type
        Settings class of the caller.
    needs : mapping
        Options without which the caller cannot run, and what each is.
    """

    Settings: ClassVar[type[CallSettings]]
    needs: ClassVar[Mapping[str, str]] = {}

    def __init__(self, settings: SettingsT) -> None:
        self.settings = settings

    @classmethod
    def make_settings(cls, values: Mapping[str, Any], selection: Selection) -> CallSettings:
        """Return the settings of these options; a subclass may take more from what is searched.

        Parameters
        ----------
        values : mapping
            Values of options by their names.
        selection : Selection
            What is searched for which motifs.
        """
        return settings_from(cls.Settings, values)

    @abstractmethod
    def call(self, windows: "AttributionWindows", motifs: "Sequence[Motif]") -> Calls:
        """Call the instances of motifs in the windows of an attribution file.

        Parameters
        ----------
        windows : AttributionWindows
            Contributions and bases.
        motifs : sequence of Motif
            What to call.
        """
