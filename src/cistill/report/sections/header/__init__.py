"""Header."""
