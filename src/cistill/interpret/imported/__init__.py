"""Importance scores that other programs computed, read into attribution files."""
