"""From patterns to motifs: trim, orient, compare with databases, cluster, merge, split, export."""
