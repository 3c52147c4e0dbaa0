"""The heads of every network; each has attributions, motifs and hits."""

HEADS = ("counts", "profile")
