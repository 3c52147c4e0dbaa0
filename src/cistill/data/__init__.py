"""Reads to stranded 5' counts to windows."""
