"""DeepSHAP of bpnet-lite's model class through its wrapper of tangermeme, on made-up data; called by `shap_speed.py`.

Runs in an environment of its own: torch of this project's version, tangermeme 1.6.0, bpnet-lite 1.1.0 (installed
without its dependencies), h5py, pandas, tqdm. Its program explains the profile in float64; both are timed.
"""

import argparse
import time

import torch
from bpnetlite import BPNet
from bpnetlite.attribute import deep_lift_shap
from bpnetlite.bpnet import CountWrapper, ProfileWrapper
from tangermeme.ersatz import dinucleotide_shuffle


def main() -> None:
    """Print what it took, seconds a sequence by the clock and by processor time, without the shuffles."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("sequences", "references", "threads", "batch", "filters", "layers"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--windows", required=True)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    length, out = map(int, given.windows.split(","))
    torch.manual_seed(0)
    network = BPNet(
        n_filters=given.filters,
        n_layers=given.layers,
        n_outputs=2,
        n_control_tracks=0,
        trimming=(length - out) // 2,
        verbose=False,
    ).eval()
    codes = torch.randint(0, 4, (given.sequences, length))
    one_hot = torch.nn.functional.one_hot(codes, 4).transpose(1, 2).contiguous()
    references = dinucleotide_shuffle(one_hot, n=given.references, random_state=0)

    def explain(wrapper: type[torch.nn.Module], dtype: torch.dtype, n: int) -> None:
        deep_lift_shap(
            wrapper(network.to(dtype)),
            one_hot[:n].to(dtype),
            references=references[:n].to(dtype),
            hypothetical=True,
            batch_size=given.batch,
            device="cpu",
            warning_threshold=float("inf"),
        )

    for name, wrapper, dtype in (
        ("counts", CountWrapper, torch.float32),
        ("profile", ProfileWrapper, torch.float32),
        ("profile in float64", ProfileWrapper, torch.float64),
    ):
        explain(wrapper, dtype, 1)
        start, processor = time.perf_counter(), time.process_time()
        explain(wrapper, dtype, given.sequences)
        wall, processor = time.perf_counter() - start, time.process_time() - processor
        print(name, wall / given.sequences, processor / given.sequences, sep="\t")


if __name__ == "__main__":
    main()
