"""Genome browsers: a page on igv.js, an IGV session, a UCSC track hub."""
