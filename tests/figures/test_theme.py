"""The palette can be read: contrast by the WCAG formula, hues told apart without colour vision."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from foedus.figures.theme import (
    DASHES,
    HEAT_STEPS,
    MARKS,
    SHAPES,
    STRONG,
    TOKENS,
    colour,
    css,
    dark,
    heat,
    palette,
    series,
)

BY_NAME = {token.name: token for token in TOKENS}


def linear(hexadecimal: str) -> np.ndarray:
    """Linear red, green and blue of sRGB."""
    value = np.array([int(hexadecimal[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance and contrast ratio."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    low, high = sorted(float(linear(c) @ weights) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def deuteranopia(hexadecimal: str) -> np.ndarray:
    """Linear colour as seen without green cones: Viénot, Brettel & Mollon (1999)."""
    matrix = np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]])
    return np.clip(matrix @ linear(hexadecimal), 0, 1)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_words_have_contrast_aa_on_paper_and_panels(mode: str) -> None:
    for token in TOKENS:
        if token.text:
            for ground in ("paper", "panel"):
                ratio = contrast(getattr(token, mode), getattr(BY_NAME[ground], mode))
                assert ratio >= 4.5, (token.name, ground, ratio)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_words_on_the_heat_scale_have_contrast_aa(mode: str) -> None:
    for step in range(HEAT_STEPS):
        fill, ink = heat((step + 0.5) / HEAT_STEPS)
        assert fill == colour(f"heat-{step}")
        names = {token.light: token for token in TOKENS}
        ratio = contrast(getattr(names[fill], mode), getattr(names[ink], mode))
        assert ratio >= 4.5, (step, ratio)
    assert heat(0.0)[0] == colour("heat-0")
    assert heat(1.0)[0] == colour(f"heat-{HEAT_STEPS - 1}")
    assert 0 < STRONG < HEAT_STEPS


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_verdicts_are_told_apart_without_green_cones_or_by_shape(mode: str) -> None:
    words = [word for word in MARKS if word not in ("too few draws", "untestable")]
    for one, other in combinations(words, 2):
        (a, first), (b, second) = MARKS[one], MARKS[other]
        seen = [deuteranopia(getattr(BY_NAME[token], mode)) ** (1 / 2.2) for token in (a, b)]
        assert first != second or np.linalg.norm(seen[0] - seen[1]) > 0.08, (one, other)


def test_a_light_value_stands_for_one_token() -> None:
    assert len({token.light for token in TOKENS}) == len(TOKENS)
    assert len({token.name for token in TOKENS}) == len(TOKENS)


def test_forty_series_all_look_different() -> None:
    looks = [series(number) for number in range(40)]
    assert len(set(looks)) == 40
    assert all(dash in DASHES and shape in SHAPES for _, dash, shape in looks)


def test_dark_changes_colours_and_leaves_data_alone() -> None:
    spec = {"mark": {"fill": colour("ink")}, "data": {"values": [{"label": colour("ink")}]}}
    night = dark(spec)
    assert night["mark"]["fill"] == BY_NAME["ink"].dark
    assert night["data"] == spec["data"]


def test_the_style_sheet_has_every_token_in_both_themes() -> None:
    sheet = css()
    for mode in ("light", "dark"):
        for name, value in palette(mode).items():  # type: ignore[arg-type]
            assert f"--fig-{name}:{value};" in sheet
