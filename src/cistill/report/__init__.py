"""Figures and the HTML page, from result tables alone."""
