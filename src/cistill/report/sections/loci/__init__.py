"""Loci."""
