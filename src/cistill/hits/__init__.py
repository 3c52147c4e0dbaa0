"""Motif instances and their comparison with known sites."""
