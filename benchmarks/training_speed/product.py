"""The machine's own rate of float32 matrix products of 4,096 squared; called by `compare.py`."""

import argparse
import time

import torch

SIZE = 4096


def main() -> None:
    """Print billions of operations a second, by the clock and by processor time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    one, other = torch.randn(2, SIZE, SIZE)
    made = torch.mm(one, other)
    start, processor = time.perf_counter(), time.process_time()
    for _ in range(given.steps):
        torch.mm(one, other, out=made)
    wall, processor = time.perf_counter() - start, time.process_time() - processor
    operations = given.steps * 2 * SIZE**3 / 1e9
    print(operations / wall, operations / processor)


if __name__ == "__main__":
    main()
