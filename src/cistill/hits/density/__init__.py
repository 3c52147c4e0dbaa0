"""The density-adapted caller: seqlets assigned to TF-MoDISco's patterns by what they add to a graph's modularity."""
