"""The sequence box of the page in Chromium against this program: largest differences, and seconds of a pass.

    python benchmarks/sequence_box.py --fasta genome.fa --model TF.model.safetensors --dataset TF.dataset.h5 \
        --psam TF.library.psam.csv
    python benchmarks/sequence_box.py --fasta genome.fa --preset profile-2114 --number 100

Half of the sequences are random, half are from the genome. Without a model the weights of a preset are random ones.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:1] = [str(PROJECT / "src"), str(PROJECT / "tests" / "report")]

from box_browser import (  # noqa: E402
    compare_effects,
    compare_energies,
    compare_predictions,
    keep,
    load_sums,
    opened,
    random_sequences,
)

from cistill.affinity.comparators.psam import ln_affinity  # noqa: E402
from cistill.affinity.page_model import page_model, rounded_weights  # noqa: E402
from cistill.affinity.page_model_settings import PageModelSettings  # noqa: E402
from cistill.affinity.tables.units import thermal_energy  # noqa: E402
from cistill.data.genome import read_chromosomes  # noqa: E402
from cistill.data.splits import Split  # noqa: E402
from cistill.dna.codes import UNKNOWN, decode_texts  # noqa: E402
from cistill.formats.page_model import PageModel, text_size  # noqa: E402
from cistill.formats.psam import read_psam  # noqa: E402
from cistill.model.ensemble import load_ensemble  # noqa: E402
from cistill.model.member import Member  # noqa: E402
from cistill.model.network import NetworkConfig, build_network  # noqa: E402
from cistill.model.network.presets import read_preset  # noqa: E402
from cistill.model.windows.dataset import read_dataset  # noqa: E402


def untrained(preset: str) -> PageModel:
    """Return a network of a preset with random weights, and random backgrounds."""
    arguments = read_preset(PROJECT / "assets" / "models" / f"{preset}.json")
    network = build_network(NetworkConfig(**arguments)).eval()
    network.reset(torch.Generator().manual_seed(1))
    weights = rounded_weights(Member(network, ["t"], "0", Split((), (), ())))
    length = network.config.input_length
    backgrounds = random_sequences(4, (length, length), seed=8)
    return PageModel("T", ["t"], ["t"], network.config.to_json(), weights, backgrounds, {"fold": "0"})


def genomic(fasta: Path, number: int, lengths: tuple[int, int], seed: int = 0) -> list[str]:
    """Return sequences of a genome of lengths between two, without unknown bases."""
    chromosomes = [codes for _, codes in read_chromosomes(fasta) if len(codes) > lengths[1]]
    random, found = np.random.default_rng(seed), []
    while len(found) < number:
        codes = chromosomes[random.integers(len(chromosomes))]
        length = int(random.integers(lengths[0], lengths[1] + 1))
        start = int(random.integers(len(codes) - length))
        window = codes[start : start + length]
        if (window != UNKNOWN).all():
            found.append(decode_texts(window[None])[0].decode())
    return found


def mixed(fasta: Path, number: int, lengths: tuple[int, int], seed: int) -> list[str]:
    """Return random sequences and as many of a genome."""
    return random_sequences(number // 2, lengths, seed) + genomic(fasta, number - number // 2, lengths, seed)


def main() -> None:
    """Compare and print, a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fasta", type=Path, required=True)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--dataset", type=Path)
    parser.add_argument("--preset", default="profile-546")
    parser.add_argument("--psam", type=Path)
    parser.add_argument("--number", type=int, default=1000)
    parser.add_argument("--inserts", type=int, help="Sequences whose effects are compared; as many by default.")
    given = parser.parse_args()
    if given.model is None:
        model, name = untrained(given.preset), f"{given.preset}, random weights"
    else:
        ensemble = load_ensemble(given.model)
        model, name = page_model(ensemble, read_dataset(given.dataset), PageModelSettings()), given.model.name
    length = int(model.network["input_length"])
    inserts = given.number if given.inserts is None else given.inserts
    with opened() as page:
        load_sums(page)
        keep(page, model)
        print(f"{name}: {length} bp, weights as text {text_size(model.weights):,} bytes")
        found = compare_predictions(page, model, mixed(given.fasta, given.number, (length, length), 1))
        print(f"log counts, largest difference (ln)\t{found.log_counts:.3g}\tn = {given.number}")
        print(f"profile, largest difference over the strand's largest\t{found.profile:.3g}\tn = {given.number}")
        least, median, most = min(found.seconds), float(np.median(found.seconds)), max(found.seconds)
        print(f"a pass, seconds\tleast {least:.3f}, median {median:.3f}, largest {most:.3f}")
        if inserts:
            effect = compare_effects(page, model, mixed(given.fasta, inserts, (1, length - 1), 2))
            print(f"effect, largest difference (ln)\t{effect:.3g}\tn = {inserts}")
        if given.psam is not None:
            rt, matrix = thermal_energy(298.15), read_psam(given.psam)
            sequences = mixed(given.fasta, given.number, (len(matrix), 2000), 3)
            energy = compare_energies(page, -rt * ln_affinity(matrix), rt, sequences)
            print(f"energy, largest relative difference\t{energy:.3g}\tn = {given.number}")


if __name__ == "__main__":
    main()
