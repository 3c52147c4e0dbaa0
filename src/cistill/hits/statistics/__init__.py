"""Statistics of hits, and hit sets side by side."""
