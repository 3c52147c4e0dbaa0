"""Hits of several sets pooled: of those that overlap the best stays."""
