"""Chicken, stag hunt and extended deterrence: published logit equilibria of small games."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from foedus.equilibrium.logit import Logit
from foedus.equilibrium.result import Equilibrium
from foedus.equilibrium.solve import solve
from foedus.game.builders import stochastic_game


def symmetric(payoff: list[list[float]], precision: float) -> Equilibrium:
    own = np.array(payoff)
    game = stochastic_game([np.stack([own, own.T])], np.zeros((1, 2, 2, 1)), 0.0, horizon=1)
    return solve(game, Logit(precision=precision))


@pytest.mark.parametrize("at", range(3))
def test_chicken_is_symmetric_on_the_principal_branch(
    expected: Callable[[str], dict[str, Any]], at: int
) -> None:
    paper = expected("chicken_qre")
    play = symmetric([[0.0, -1.0], [1.0, -10.0]], paper["precision"][at]).strategies[0]
    np.testing.assert_allclose(play[:, 0], paper["swerve"][at], atol=5e-7)


def test_the_principal_branch_of_the_stag_hunt_ends_at_hare() -> None:
    """Risk dominance: (hare, hare), although (stag, stag) pays both more."""
    play = symmetric([[10.0, 1.0], [8.0, 5.0]], 100.0).strategies[0]
    np.testing.assert_allclose(play[:, 1], 1.0, atol=1e-12)


@pytest.mark.parametrize("at", range(2))
def test_extended_deterrence(expected: Callable[[str], dict[str, Any]], at: int) -> None:
    """States: the attacker's move, then the defender's; each has one mover."""
    case = expected("signorino1999_deterrence")["case"][at]
    attack = np.zeros((2, 2, 1))
    defend = np.array([[1.0, -1.0], [-1.0, -0.5]]).reshape(2, 1, 2)
    onward = np.zeros((2, 1, 2))
    onward[1, 0, 1] = 1.0
    game = stochastic_game(
        [attack, defend],
        [onward, np.zeros((1, 2, 2))],
        1.0,
        players=("attacker", "defender"),
        states=("peace", "attacked"),
    )
    play = solve(game, Logit(precision=case["precision"])).strategies
    np.testing.assert_allclose(play[0, 0, 1], case["attack"], atol=5e-6)
    np.testing.assert_allclose(play[1, 1, 1], case["defend"], atol=5e-6)
