"""Training networks: one, many, searched, fine-tuned, chosen."""
