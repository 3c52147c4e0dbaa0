"""The seed of every random choice, where none is given."""

SEED = 1
LARGEST_SEED = 2**31 - 1
"""What all libraries take that draw at random."""
