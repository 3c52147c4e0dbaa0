"""Marginalization: what a sequence adds to the predicted log counts of many backgrounds, and how sure that is."""
