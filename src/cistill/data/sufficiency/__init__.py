"""Whether the data of a TF are enough to train on: reads and peaks counted, measured and judged before any training."""
