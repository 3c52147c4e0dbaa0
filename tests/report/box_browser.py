"""The sums of the sequence box in Chromium, compared with this program's."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
from playwright.sync_api import Page, sync_playwright

from cistill.affinity.marginalization.marginalize import marginalize
from cistill.affinity.marginalization.settings import EngineSettings
from cistill.affinity.page_model import page_ensemble, rounded_weights
from cistill.api.sequence_functions import predict
from cistill.data.splits import Split
from cistill.formats.page_model import PageModel, page_model_json
from cistill.model.member import Member
from cistill.model.network import NetworkConfig, build_network
from cistill.report.page import TEMPLATES
from cistill.report.sections.sequence_box.matrices import matrix_energies

CHROMIUM = "/usr/bin/chromium"
INPUT, OUTPUT = 114, 40
SMALL = {
    "input_length": INPUT, "output_length": OUTPUT, "filters": 6, "layers": 4, "first_kernel": 7, "profile_kernel": 9,
}  # fmt: skip
AT_ONCE = 25
PREPARE = "(text) => { window.kept = sequenceNetwork.prepare(JSON.parse(text)); }"
PREDICT = """(texts) => texts.map((text) => {
  const began = performance.now();
  const forward = sequenceNetwork.atOnce(sequenceNetwork.pass(kept, sequenceNetwork.encode(text)));
  const seconds = (performance.now() - began) / 1000;
  const made = sequenceNetwork.atOnce(sequenceNetwork.predict(kept, sequenceNetwork.encode(text), forward));
  const tasks = made.map(({ profile, logCounts }) => ({ profile: profile.map((row) => [...row]), logCounts }));
  return { seconds, tasks };
})"""
MARGINALIZE = """(texts) => texts.map((text) =>
  sequenceNetwork.atOnce(sequenceNetwork.marginalize(kept, sequenceNetwork.encode(text))).effects)"""
SCORE = """([texts, matrix]) => texts.map((text) =>
  sequenceEnergies.score(sequenceEnergies.read(text).sequences[0].codes, matrix))"""


class Predicted(NamedTuple):
    """Largest differences of predictions, and the seconds of each pass through the network.

    Attributes
    ----------
    log_counts : float
        ln.
    profile : float
        Of a probability, as a share of the largest of its strand.
    seconds : list of float
    """

    log_counts: float
    profile: float
    seconds: list[float]


@contextmanager
def opened() -> Iterator[Page]:
    """Yield an empty page of Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser.new_page()
        finally:
            browser.close()


def load_sums(page: Page) -> None:
    """Load the scripts of the box that compute."""
    for name in ("sequence_energies", "sequence_network"):
        page.add_script_tag(content=(TEMPLATES / f"{name}.js").read_text())


def keep(page: Page, model: PageModel) -> None:
    """Give the page a network to compute with."""
    page.evaluate(PREPARE, json.dumps(page_model_json(model)))


def compare_predictions(page: Page, model: PageModel, sequences: Sequence[str]) -> Predicted:
    """Return how far the page's predictions are from those of `predict` with the same weights."""
    ensemble = page_ensemble(model)
    counts, profiles, seconds = [0.0], [0.0], []
    for first in range(0, len(sequences), AT_ONCE):
        part = list(sequences[first : first + AT_ONCE])
        expected = predict(ensemble, part)
        found = page.evaluate(PREDICT, part)
        seconds += [one["seconds"] for one in found]
        log_counts = np.array([[task["logCounts"] for task in one["tasks"]] for one in found])
        profile = np.array([[task["profile"] for task in one["tasks"]] for one in found])
        counts.append(np.abs(log_counts - expected.log_counts).max())
        share = np.abs(profile - expected.profile) / expected.profile.max(-1, keepdims=True)
        profiles.append(share.max())
    return Predicted(float(max(counts)), float(max(profiles)), seconds)


def compare_effects(page: Page, model: PageModel, inserts: Sequence[str]) -> float:
    """Return the largest difference, ln, between the page's effects and those of `marginalize` in its backgrounds."""
    settings = EngineSettings(both_orientations=True)
    expected = marginalize(page_ensemble(model), inserts, model.backgrounds, settings=settings).scores
    found = np.concatenate(
        [
            np.array(
                page.evaluate(MARGINALIZE, list(inserts[first : first + AT_ONCE]))
            )  # (inserts, backgrounds, tasks)
            for first in range(0, len(inserts), AT_ONCE)
        ]
    )
    return float(np.abs(found.mean(1) - expected).max())


def compare_energies(page: Page, ddg: np.ndarray, rt: float, sequences: Sequence[str]) -> float:
    """Return the largest relative difference between the page's energies and those of `calibrate`'s matrix scores."""
    expected = matrix_energies(list(sequences), ddg, rt)
    found = page.evaluate(SCORE, [list(sequences), {"ddG": ddg.tolist(), "rt": rt}])
    energies = np.array([one["energy"] for one in found])
    return float((np.abs(energies - expected) / np.maximum(np.abs(expected), 1e-6)).max())


def random_sequences(number: int, lengths: tuple[int, int], seed: int = 0) -> list[str]:
    """Return random sequences of lengths between two, both included."""
    random = np.random.default_rng(seed)
    return ["".join(random.choice(list("ACGT"), size=n)) for n in random.integers(lengths[0], lengths[1] + 1, number)]


def toy_page_model(tasks: int = 2, seed: int = 1, **form: object) -> PageModel:
    """Return an untrained network of 114 -> 40 bp whose outputs vary, as a page keeps it."""
    network = build_network(NetworkConfig(**{**SMALL, "tasks": tasks, **form})).eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.normal_(0, 0.3, generator=generator)
    names = [f"task{number}" for number in range(tasks)]
    votes = [names[-1], *names[:-1]]  # shown in another order than the outputs'
    weights = rounded_weights(Member(network, names, "0", Split((), (), ()), {}, votes))
    backgrounds = random_sequences(3, (INPUT, INPUT), seed=9)
    return PageModel("T", names, votes, network.config.to_json(), weights, backgrounds, {"fold": "0"})
