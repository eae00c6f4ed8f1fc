"""Symmetric rivals: games on which homotopy solvers are known to stop with a wrong answer."""

from __future__ import annotations

import numpy as np
import pytest

from foedus.equilibrium.logit import Logit
from foedus.equilibrium.solve import solve
from foedus.game.builders import stochastic_game
from foedus.game.game import Game


def symmetric_game(seed: int) -> Game:
    """Four states, two players who can be exchanged, two actions each."""
    rng = np.random.default_rng(seed)
    payoffs, transitions = [], []
    for _ in range(4):
        own = rng.random((2, 2))
        weights = rng.exponential(size=(2, 2, 4))
        weights = weights + weights.transpose(1, 0, 2)
        payoffs.append(np.stack([own, own.T]))
        transitions.append(weights / weights.sum(axis=-1, keepdims=True))
    return stochastic_game(payoffs, transitions, 0.95)


@pytest.mark.parametrize("precision", [3.0, 100.0])
def test_exchangeable_players_play_alike(precision: float) -> None:
    for seed in (15, 21, 22, 35):
        equilibrium = solve(symmetric_game(seed), Logit(precision=precision))
        play = equilibrium.strategies
        np.testing.assert_allclose(play[:, 0], play[:, 1], atol=1e-9)
        assert equilibrium.certificate.regret < np.log(2) / precision


def test_where_the_direct_way_fails_precision_is_raised_in_steps() -> None:
    equilibrium = solve(symmetric_game(4), Logit(precision=100.0))
    assert "precisions, up to the full one" in equilibrium.certificate.tried[0]
    assert "principal branch" in equilibrium.certificate.selection
    assert equilibrium.certificate.residual < 1e-9
