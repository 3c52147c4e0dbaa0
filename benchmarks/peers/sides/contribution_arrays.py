"""Contributions of this project as the arrays that peers read. Usage: contribution_arrays.py ATTRIBUTIONS.h5 OUTDIR

Writes sequences.npz and contributions.npz, `(regions, 4, length)`, hypothetical contributions.
"""

import sys
from pathlib import Path

import h5py
import numpy as np

with h5py.File(sys.argv[1]) as file:
    for name, dataset in (("sequences", "input_seqs"), ("contributions", "hyp_scores")):
        values = file[dataset][:].transpose(0, 2, 1)
        np.savez(Path(sys.argv[2]) / name, values.astype(np.float32 if name == "contributions" else np.int8))
