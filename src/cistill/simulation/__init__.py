"""A simulated genome and ChIP experiment with planted, known binding energies."""
