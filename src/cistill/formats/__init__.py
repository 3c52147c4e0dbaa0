"""File formats, one module each: what a file holds, writing, reading, all checks."""
