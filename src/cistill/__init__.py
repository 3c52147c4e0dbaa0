"""cistill: distils from models of in vivo TF binding what the cell reads in DNA."""

__version__ = "0.1.0"
