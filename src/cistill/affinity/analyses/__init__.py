"""What calibrated scores say: additivity, specificity of paralogs, dynamic range, genomic sites, affinity matrices."""
