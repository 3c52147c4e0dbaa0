"""From models to binding energies: libraries of inserts, marginalization, calibration, comparators."""
