"""The motif algebra (trim, orient, compare, databases)."""
