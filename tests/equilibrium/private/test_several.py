"""Several equilibria with private types, where pooling and separating are known in closed form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit

import foedus as fd

TALK = """\
foedus: 1
title: Talk between friends
horizon: {evaluate: 1, solve: 1}
precision: 4
players:
  S: {types: {north: 0.5, south: 0.5}, discount: 0.5, beliefs: 3}
  R: {discount: 0.5}
moves:
  - {player: S, actions: [say_north, say_south]}
  - {player: R, actions: [go_north, go_south]}
define:
  met: (type(S) == north and R == go_north) + (type(S) == south and R == go_south)
payoffs:
  S: {met: met}
  R: {met: met}
starts: {now: {}}
quantities:
  honest: {rate: S == say_north, given: type(S) == north, within: 1}
  reversed: {rate: S == say_north, given: type(S) == south, within: 1}
  heeded: {rate: R == go_north, given: S == say_north, within: 1}
"""


def found_in(text: str, folder: Path, starts: int) -> tuple[fd.Equilibria, np.ndarray]:
    """The equilibria of a game, and (equilibria, quantities) what they come to."""
    file = folder / "talk.yaml"
    file.write_text(text, encoding="utf-8")
    scenario = fd.read(file)
    found = fd.find_equilibria(fd.compile_scenario(scenario), starts, solver=fd.Logit())
    assert all(one.certificate.passed for one in found)
    rules = scenario.rules().quantities
    return found, np.array([list(dict(fd.report(one, rules)).values()) for one in found])


def separating(precision: float) -> float:
    """p = S(λ (2r - 1)), r = S(λ (2p - 1)): what a type says rightly, if it is heeded so."""
    return float(
        brentq(lambda p: expit(precision * (2 * expit(precision * (2 * p - 1)) - 1)) - p, 0.6, 1.0)
    )


def test_pooling_and_both_separating_equilibria_of_one_period(tmp_path: Path) -> None:
    found, numbers = found_in(TALK, tmp_path, 10)
    right = separating(4.0)
    heard = float(expit(4.0 * (2 * right - 1)))
    wanted = [[1 - right, right, 1 - heard], [0.5, 0.5, 0.5], [right, 1 - right, heard]]
    np.testing.assert_allclose(numbers[np.argsort(numbers[:, 0])], wanted, atol=1e-9)
    assert "others not ruled out" in found.completeness
    assert found.searches[0] == 15
    assert list(found.to_dataframe()["pure"]) == [False] * 3


@pytest.mark.parametrize("horizon", ["solve: 2", "stationary: true"])
def test_pooling_and_separating_equilibria_of_longer_play(tmp_path: Path, horizon: str) -> None:
    """Saying nothing for ever is an equilibrium; so is honest talk, and its mirror image."""
    text = TALK.replace("solve: 1", horizon)
    found, numbers = found_in(text, tmp_path, 3)
    honest = numbers[:, 0] - numbers[:, 1]
    assert np.abs(honest).min() <= 1e-9
    assert honest.max() > 0.9
    assert honest.min() < -0.9
    worth = np.array([one.values[0, 0] for one in found])
    assert worth[honest > 0.9].max() == pytest.approx(worth[honest < -0.9].max(), abs=1e-8)
    assert "others not ruled out" in found.completeness
