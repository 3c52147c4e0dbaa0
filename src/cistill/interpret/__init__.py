"""Contributions of bases (DeepSHAP) and the patterns that recur among them (TF-MoDISco)."""
