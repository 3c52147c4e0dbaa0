"""Where attribution files are read from now: `cistill.formats.attributions`."""

from cistill.formats.attributions import AttributionWindows, open_windows

__all__ = ["AttributionWindows", "open_windows"]
