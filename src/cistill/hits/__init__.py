"""Motif instances: callers, filtering, pooling, scanning, statistics and the comparison of sets of hits.

`callers` names the callers, `callhits` runs one from files to files; `cwm`, `density`, `finemo` and `scan` hold them.
"""
