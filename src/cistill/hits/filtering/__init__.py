"""Hits left out by thresholds, or because chance explains them."""
