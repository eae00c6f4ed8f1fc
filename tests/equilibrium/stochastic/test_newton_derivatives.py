"""Derivatives through equilibria: against differences, forwards against backwards, and refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from foedus.equilibrium.stochastic.arrays import arrays_of, stack
from foedus.equilibrium.stochastic.batch import BatchSolution, solve_batch
from foedus.equilibrium.stochastic.derivatives import Sensitivity
from foedus.errors import SolveError
from foedus.game.builders import stochastic_game
from foedus.game.game import Game

MakeGame = Callable[..., Game]


@pytest.mark.parametrize("sizes", [(2, 3), (3,), (2, 2, 2)])
@pytest.mark.parametrize("convention", ["expected", "shock"])
def test_derivatives(random_game: MakeGame, sizes: tuple[int, ...], convention: str) -> None:
    arrays = arrays_of(random_game(3, sizes, seed=1))
    # Play may end, so that transitions can change without adding up to more than 1.
    arrays = replace(arrays, transitions=0.9 * np.asarray(arrays.transitions))
    rng = np.random.default_rng(0)
    precision = np.linspace(1.0, 3.0, len(sizes))
    payoffs = rng.normal(size=arrays.payoffs.shape)
    table = np.asarray(arrays.transitions)
    transitions = 0.1 * table * rng.normal(size=table.shape)
    discount, sharper = 0.1 * rng.normal(size=len(sizes)), rng.normal(size=len(sizes))

    def moved(step: float) -> BatchSolution:
        other = replace(
            arrays,
            payoffs=arrays.payoffs + step * payoffs,
            transitions=table + step * transitions,
            discount=arrays.discount + step * discount,
        )
        return solve_batch(
            [other], precision + step * sharper, convention=convention, tolerance=1e-13
        )

    here = moved(0.0)
    sensitivity = Sensitivity(
        arrays, here.strategies[0], here.values[0], precision, convention=convention
    )
    change = sensitivity.forward(
        payoffs=payoffs, transitions=transitions, discount=discount, precision=sharper
    )
    ahead, behind = moved(1e-5), moved(-1e-5)
    slope = (ahead.strategies[0] - behind.strategies[0]) / 2e-5
    np.testing.assert_allclose(change.strategies, slope, atol=1e-7)
    slope = (ahead.values[0] - behind.values[0]) / 2e-5
    np.testing.assert_allclose(change.values, slope, atol=1e-5)

    by_strategy = rng.normal(size=change.strategies.shape)
    by_value = rng.normal(size=change.values.shape)
    gradient = sensitivity.gradient(strategies=by_strategy, values=by_value)
    backwards = (
        (gradient.payoffs * payoffs).sum()
        + (gradient.transitions * transitions).sum()
        + gradient.discount @ discount
        + gradient.precision @ sharper
    )
    forwards = (by_strategy * change.strategies).sum() + (by_value * change.values).sum()
    assert backwards == pytest.approx(forwards, abs=1e-9)


def test_no_derivative_at_a_bifurcation() -> None:
    """Coordination on either side pays 1: at precision 2 the mixed equilibrium branches."""
    same = np.eye(2)
    game = stochastic_game([[same, same]], np.ones((1, 2, 2, 1)), discount=0.0)
    arrays = arrays_of(game)
    for precision, fine in ((1.5, True), (2.0, False)):
        sharp = np.full(2, precision)
        found = solve_batch(stack([arrays]), 1.0)
        assert found.strategies[0] == pytest.approx(0.5)
        values = np.full((1, 2), 0.5)
        if fine:
            assert Sensitivity(arrays, found.strategies[0], values, sharp).condition < 100
        else:
            with pytest.raises(SolveError, match="no derivative"):
                Sensitivity(arrays, found.strategies[0], values, sharp)
