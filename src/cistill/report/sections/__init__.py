"""The sections of the page, a module or folder each."""
