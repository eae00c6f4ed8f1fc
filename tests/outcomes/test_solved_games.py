"""Payoffs of solved games add up to the values that the solver reports."""

import numpy as np
import pytest

import foedus as fd
from foedus.outcomes import payoffs


def random_stochastic_game(seed, horizon):
    """Two players, three states, and some probability that play ends."""
    draw = np.random.default_rng(seed)
    transitions = draw.dirichlet(np.ones(3), size=(3, 2, 2)) * 0.95
    return fd.stochastic_game(
        draw.normal(size=(3, 2, 2, 2)),
        transitions,
        discount=[0.9, 0.7],
        horizon=horizon,
        terminal=draw.normal(size=(3, 2)) if horizon else None,
    )


@pytest.mark.parametrize("horizon", [6, None])
@pytest.mark.parametrize("seed", [0, 1])
def test_payoffs_add_up_to_values(seed, horizon):
    game = random_stochastic_game(seed, horizon)
    equilibrium = fd.solve(game, fd.Logit(precision=1.0))
    for state in range(3):
        start = np.eye(game.structure.states.n_states)[state]
        table = payoffs(equilibrium, start=start)
        values = equilibrium.certificate.values[0, :, state]
        np.testing.assert_allclose(table.sum(axis=1), values, rtol=0, atol=1e-10)
