"""Dynamic audience costs: how much peace, crisis and war there is in the long run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from foedus.equilibrium.logit import Logit
from foedus.equilibrium.solve import solve
from foedus.game.builders import stochastic_game
from foedus.game.game import Game

LEVELS = range(3)  # peace, crisis, war; an action names the level it leads to


def crisis(alpha: float) -> Game:
    """u_i = β_s + κ_a + γ_s [both escalate] + α [backs down from s before the other], s' = max."""
    beta = kappa = (0.0, -1.0, -2.0)
    gamma = (0.0, 0.5, 1.0)
    payoffs, transitions = np.zeros((3, 2, 3, 3)), np.zeros((3, 3, 3, 3))
    for state in LEVELS:
        for first in LEVELS:
            for second in LEVELS:
                for player, (own, other) in enumerate(((first, second), (second, first))):
                    payoffs[state, player, first, second] = (
                        beta[state]
                        + kappa[own]
                        + gamma[state] * (own > 0 and other > 0)
                        + alpha * (own < state <= other)
                    )
                transitions[state, first, second, max(first, second)] = 1.0
    return stochastic_game(payoffs, transitions, 0.9)


@pytest.mark.parametrize("at", range(3))
def test_long_run_shares(expected: Callable[[str], dict[str, Any]], at: int) -> None:
    case = expected("crismancox2018_audience_costs")["case"][at]
    equilibrium = solve(crisis(case["alpha"]), Logit(precision=1.0, convention="shock"))
    # s' = max(a_1, a_2): its distribution function is the product of the two players'.
    up_to = np.cumsum(equilibrium.strategies, axis=2).prod(axis=1)
    chain = np.diff(up_to, axis=1, prepend=0.0)
    shares = np.linalg.matrix_power(chain, 4096)[0]
    np.testing.assert_allclose(shares, case["shares"], atol=5.1e-5)
