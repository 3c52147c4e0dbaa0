"""Training steps a second of this project's network, on made-up data; called by `compare.py`."""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

import torch

from cistill.model.network import NetworkConfig, build_network
from cistill.model.precision import use_precision
from cistill.model.training.gradients import Gradients
from cistill.model.windows.batches import Batch


def main() -> None:
    """Print regions a second, loss, optimizer and running average included."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--family", default="profile")
    parser.add_argument("--windows", type=int, nargs=2, default=(2114, 1000))
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    device = torch.device(given.device)
    dtype = use_precision(given.precision)
    torch.manual_seed(0)
    config = NetworkConfig(*given.windows, 64, given.layers, controls=True, family=given.family)
    network = build_network(config).to(device)
    average = [weight.detach().clone() for weight in network.parameters()]
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, fused=True)
    gradients = Gradients(network, 30, dtype, given.batch, device)
    codes = torch.randint(0, 4, (given.batch, given.windows[0]))
    sequence = torch.nn.functional.one_hot(codes, 4).transpose(1, 2).to(torch.int8).contiguous()
    counts = torch.poisson(torch.full((given.batch, 1, 2, given.windows[1]), 0.2))
    made = Batch(sequence, counts, counts.clone())

    def step() -> None:
        gradients.compute(made.to(device))
        optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(average, list(network.parameters()), 0.01)

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
