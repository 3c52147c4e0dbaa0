"""What a model's scores are compared with: motif matrices, affinity matrices, additive models, k-mers."""
