"""Statistics of one set of hits: prevalence, hits per region, co-occurrence, distances."""
