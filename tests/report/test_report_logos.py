"""Logos: heights in bits, order of the stacks, orientation of negative letters."""

import re

import numpy as np
import pytest

from cistill.dna.codes import BASES
from cistill.report.drawing.logos import information_logo, letter_shapes, letters, motif_logo

PLACE = re.compile(r'href="#base-(\w)" transform="matrix\(([-\d.]+) 0 0 ([-\d.]+) ([-\d.]+) ([-\d.]+)\)"')


def placed(heights, **kwargs):
    """Return (letter, height in px, top in px or zero line for letters turned over) of every letter drawn."""
    arguments = {"left": 0, "zero": 100, "column": 10, "pixels_per_unit": 50} | kwargs
    found = [PLACE.search(text).groups() for text in letters(np.array(heights, dtype=float), **arguments)]
    return [(base, 100 * float(scale), float(y)) for base, _, scale, _, y in found]


def test_a_certain_base_has_two_bits_and_a_uniform_position_none():
    heights = information_logo(np.array([[0, 0, 1, 0], [0.25, 0.25, 0.25, 0.25]]))
    assert heights[0, 2] == pytest.approx(2, abs=0.04)
    assert heights[1] == pytest.approx(0, abs=1e-9)


def test_two_equal_bases_share_one_bit():
    assert information_logo(np.array([[0.5, 0.5, 0, 0]]))[0, :2] == pytest.approx([0.5, 0.5], abs=0.02)


def test_the_largest_letter_stands_on_top():
    assert placed([[0.2, 0.6, 0.4, 0]]) == [("A", 10, 90), ("G", 20, 70), ("C", 30, 40)]


def test_negative_letters_hang_upside_down_the_largest_farthest():
    assert placed([[0, -0.2, 0, -0.6]]) == [("C", -10, 110), ("T", -30, 140)]


def test_letters_too_small_to_see_are_not_written():
    assert placed([[0.001, 0, np.nan, 0]]) == []


def test_letters_lie_within_their_column():
    (text,) = letters(np.array([[0, 0, 0, 0], [0, 0, 0, 1.0]]), 20, 100, 10, 50)
    _, width, _, x, _ = PLACE.search(text).groups()
    assert 30 <= float(x) < float(x) + 100 * float(width) <= 40


def test_a_logo_of_zeros_is_still_a_drawing():
    assert "nan" not in motif_logo(np.zeros((5, 4)), "nothing", "bits")


def test_every_letter_has_its_shape():
    shapes = letter_shapes()
    assert all(f'id="base-{base}"' in shapes for base in BASES)
