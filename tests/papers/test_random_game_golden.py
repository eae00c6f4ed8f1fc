"""Logit Markov perfect values of one random game, known to twelve digits from two solvers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from foedus.equilibrium.logit import Logit
from foedus.equilibrium.solve import solve
from foedus.game.builders import stochastic_game


@pytest.mark.parametrize("at", [0, 1])
def test_values(expected: Callable[[str], dict[str, Any]], at: int) -> None:
    solution = expected("random_game_golden")["solution"][at]
    rng = np.random.default_rng(1)
    payoffs = [rng.random((2, 2, 2)) for _ in range(4)]
    weights = [rng.exponential(size=(2, 2, 4)) for _ in range(4)]
    game = stochastic_game(payoffs, [w / w.sum(axis=-1, keepdims=True) for w in weights], 0.95)
    equilibrium = solve(game, Logit(precision=solution["precision"]))
    np.testing.assert_allclose(equilibrium.values, solution["values"], atol=1e-11)
