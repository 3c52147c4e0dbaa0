"""The caller that looks at no contributions: position weight matrices scanned over the sequences."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cistill.hits.caller import Caller, Calls
from cistill.hits.scan.settings import ScanCallSettings

if TYPE_CHECKING:
    from cistill.formats.attributions import AttributionWindows
    from cistill.formats.motifs import Motif


class Scan(Caller[ScanCallSettings]):
    """Calls the matches of the motifs' PFMs and measures the contributions at them; see `call_by_scan`."""

    Settings = ScanCallSettings

    def call(self, windows: "AttributionWindows", motifs: "Sequence[Motif]") -> Calls:
        """Call motif instances."""
        from cistill.hits.scan.calling import call_by_scan

        return call_by_scan(windows, motifs, self.settings)
