"""Tables of in-vitro measurements: readers described in YAML, and the one table that they become."""
