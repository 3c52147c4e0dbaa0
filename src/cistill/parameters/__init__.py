"""The pipeline's parameters: which options of which commands they set, their defaults, and the file of options."""
