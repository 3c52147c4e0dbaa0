"""Colours of the charts: seen on either ground, told apart with any colour vision."""

from itertools import combinations

import numpy as np
import pytest

from cistill.report.drawing.palette import COLOURS, SERIES, colour_rules

GROUND = ("#ffffff", "#14191f")
# Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB
VISION = {
    "any": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
NAMES = [name for name, colour in COLOURS.items() if colour.light in SERIES]


def linear(colour):
    value = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    to_xyz = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                       [0.0193339, 0.1191920, 0.9503041]])  # fmt: skip
    ratio = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one, other):
    low, high = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ground", [0, 1], ids=["light", "dark"])
def test_every_series_and_text_is_seen_on_its_ground(ground):
    assert {name: round(contrast(COLOURS[name][ground], GROUND[ground]), 2) for name in NAMES
            if contrast(COLOURS[name][ground], GROUND[ground]) < 3} == {}  # fmt: skip
    for name in ("ink", "muted"):
        assert contrast(COLOURS[name][ground], GROUND[ground]) >= 4.5


@pytest.mark.parametrize("ground", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("vision", VISION)
def test_series_are_told_apart_with_any_colour_vision(vision, ground):
    seen = {name: lab(VISION[vision] @ linear(COLOURS[name][ground])) for name in NAMES}
    alike = {
        (one, other): round(float(np.linalg.norm(seen[one] - seen[other])))
        for one, other in combinations(NAMES, 2)
        if np.linalg.norm(seen[one] - seen[other]) < 15  # CIE 1976; some 2 are just seen
    }
    assert alike == {}


def test_every_colour_has_its_rules():
    rules = colour_rules()
    assert 'svg [fill="#14558f"]{fill:var(--blue)}' in rules
    assert "--blue:light-dark(#14558f,#4aa8e6);" in rules
    assert len({colour.light for colour in COLOURS.values()}) == len(COLOURS)
