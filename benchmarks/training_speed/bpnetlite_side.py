"""Training steps a second of bpnet-lite's model class and loss, on made-up data; called by `compare.py`.

Runs in an environment of its own: torch of this project's version, tangermeme, bpnet-lite 1.1.0 (installed without its
dependencies), h5py, pandas, tqdm. The step is that of its training loop: forward, its loss, backward, clipping, Adam.
"""

import argparse
import time

import torch
from bpnetlite import BPNet
from bpnetlite.bpnet import _mixture_loss


def main() -> None:
    """Print regions a second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    device = torch.device(given.device)
    torch.manual_seed(0)
    network = BPNet(n_filters=64, n_layers=8, n_outputs=2, n_control_tracks=2, trimming=557, verbose=False).to(device)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    codes = torch.randint(0, 4, (given.batch, 2114))
    sequence = torch.nn.functional.one_hot(codes, 4).transpose(1, 2).to(torch.int8).contiguous()
    counts = torch.poisson(torch.full((given.batch, 2, 1000), 0.2))
    control = torch.poisson(torch.full((given.batch, 2, 2114), 0.2))
    labels = torch.ones(given.batch, device=device)
    dtype = {"fp32": torch.float32, "tf32": torch.float32, "bf16": torch.bfloat16}[given.precision]
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = given.precision == "tf32"
    network.train()

    def step() -> None:
        x, y, x_control = sequence.to(device).float(), counts.to(device), control.to(device)
        optimizer.zero_grad()
        with torch.autocast(device_type=device.type, dtype=dtype, enabled=dtype != torch.float32):
            logits, log_counts = network(x, x_control)
            _, _, loss = _mixture_loss(y, logits, log_counts, 30, labels)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1)
            optimizer.step()

    for _ in range(3):
        step()
    wait(device)
    start, processor = time.perf_counter(), time.process_time()
    for _ in range(given.steps):
        step()
    wait(device)
    wall, processor = time.perf_counter() - start, time.process_time() - processor
    print(given.steps * given.batch / wall, given.steps * given.batch / processor)


def wait(device: torch.device) -> None:
    """Wait for a GPU."""
    if device.type == "cuda":
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
