"""Networks that other programs trained, read into ours without those programs and without unpickling."""
