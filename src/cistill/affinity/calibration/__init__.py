"""From scores to measured units: calibrators, how well they do on sequences held out, and against what else."""
