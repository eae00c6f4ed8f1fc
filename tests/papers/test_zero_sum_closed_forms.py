"""Absorbing zero-sum games with known values: Big Match and two games by Kohlberg and others.

The values are closed forms, so there is no file of printed numbers: with weight l on today
(discount 1 - l, payoffs times l), a game that is absorbed pays the absorbing payoff for ever.
"""

from __future__ import annotations

import numpy as np
import pytest

from foedus.equilibrium.certificate import certify
from foedus.equilibrium.logit import Logit
from foedus.equilibrium.solve import solve
from foedus.equilibrium.stochastic.minmax import minmax
from foedus.equilibrium.stochastic.nash import Nash
from foedus.game.builders import stochastic_game
from foedus.game.game import Game
from foedus.game.profile import Profile

WEIGHTS = (0.5, 0.1, 0.05)


def absorbing_game(payoff: list[list[float]], stars: list[list[int]], weight: float) -> Game:
    """An entry with a star ends play and pays its number in every period from now on."""
    once = np.array(payoff, float)
    ends = np.array(stars, bool)
    paid = np.where(ends, once, weight * once)
    chances = np.where(ends, 0.0, 1.0)[None, :, :, None]
    return stochastic_game(np.stack([paid, -paid])[None], chances, 1.0 - weight)


def mixed(row: float, column: float) -> Profile:
    first, second = np.array([row, 1 - row]), np.array([column, 1 - column])
    return Profile(((first.reshape(1, 1, 2, 1), second.reshape(1, 1, 1, 2)), None))


def games(weight: float) -> dict[str, tuple[Game, Profile, float]]:
    """Each game with optimal play and its value; * absorbs."""
    root = 1 / (1 + np.sqrt(weight))
    return {
        "Big Match [[1*, 0*], [0, 1]]": (
            absorbing_game([[1, 0], [0, 1]], [[1, 1], [0, 0]], weight),
            mixed(weight / (1 + weight), 0.5),
            0.5,
        ),
        "[[0, 1*], [1*, 0*]]": (
            absorbing_game([[0, 1], [1, 0]], [[0, 1], [1, 1]], weight),
            mixed(root, root),
            root,
        ),
        "[[1*, 0], [0, 1*]]": (
            absorbing_game([[1, 0], [0, 1]], [[1, 0], [0, 1]], weight),
            mixed(0.5, 0.5),
            1 / (1 + weight),
        ),
    }


NAMES = tuple(games(0.5))


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("name", NAMES)
def test_optimal_play_is_certified(name: str, weight: float) -> None:
    game, profile, value = games(weight)[name]
    certificate = certify(game, profile)
    assert certificate.passed
    assert certificate.regret <= 1e-12
    np.testing.assert_allclose(certificate.values[0, :, 0], [value, -value], atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_logit_play_approaches_it(name: str) -> None:
    game, _, value = games(0.1)[name]
    errors = [
        abs(solve(game, Logit(precision=precision)).values[0, 0] - value)
        for precision in (10.0, 100.0, 1000.0)
    ]
    assert errors[0] >= errors[1] >= errors[2]
    assert errors[2] < 5e-3


@pytest.mark.parametrize("weight", [*WEIGHTS, 1e-3])
@pytest.mark.parametrize("name", NAMES)
def test_nash_and_minmax_have_the_closed_form(name: str, weight: float) -> None:
    game, _, value = games(weight)[name]
    equilibrium = solve(game, Nash())
    assert equilibrium.certificate.regret <= 1e-10
    assert equilibrium.values[0, 0] == pytest.approx(value, abs=1e-9)
    for player, sign in ((0, 1.0), (1, -1.0)):
        found = minmax(game, player)
        assert found.values[0] == pytest.approx(sign * value, abs=1e-11)
        assert found.gap <= 1e-9
