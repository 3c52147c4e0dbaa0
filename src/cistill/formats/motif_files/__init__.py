"""Motif files of any program, and one reader that recognises their format by their content."""
