"""Sufficiency."""
