"""Windows of a dataset in memory, and batches of them."""
