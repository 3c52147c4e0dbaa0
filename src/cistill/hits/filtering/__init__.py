"""Filtering."""
