"""Calling through Fi-NeMo's library."""
