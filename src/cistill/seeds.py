"""The seed of every random choice, where none is given."""

SEED = 1
