"""Position weight matrices scanned over sequences: the caller `scan`, and the command `scan`."""
