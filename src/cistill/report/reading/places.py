"""Where the pipeline publishes each result file, and what it holds: role to folder and words."""

from cistill.formats.published import LIBRARY
from cistill.formats.tables import FILES

PLACES = {file.role: (file.folder, file.words) for file in FILES if file.role and file.prefix != LIBRARY}
LIBRARY_PLACES = {file.role: (file.folder, file.words) for file in FILES if file.role and file.prefix == LIBRARY}
"""The same of the files of a library of sequences."""
