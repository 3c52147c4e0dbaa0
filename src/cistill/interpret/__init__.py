"""Contributions of bases (DeepSHAP) and the motifs distilled from them (TF-MoDISco)."""
