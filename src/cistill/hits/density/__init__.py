"""The density-adapted caller: seqlets assigned to TF-MoDISco's patterns by what they add to a graph's modularity."""

from cistill.hits.density.caller import call_by_density
from cistill.hits.density.settings import DensitySettings

__all__ = ["DensitySettings", "call_by_density"]
