"""One player and a discount of 0.9999: Rust's bus engines to the printed digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from foedus.equilibrium.logit import Logit
from foedus.equilibrium.solve import solve
from foedus.game.builders import stochastic_game


def test_replacement_probabilities(expected: Callable[[str], dict[str, Any]]) -> None:
    paper = expected("rust1987_bus_engines")
    n_bins = 90
    payoffs = np.zeros((n_bins, 1, 2))
    transitions = np.zeros((n_bins, 2, n_bins))
    for x in range(n_bins):
        payoffs[x, 0] = [-0.001 * paper["theta"] * x, -paper["replacement"]]
        for more, chance in enumerate(paper["mileage"]):
            transitions[x, 0, min(x + more, n_bins - 1)] += chance
            transitions[x, 1, more] += chance
    game = stochastic_game(payoffs, transitions, paper["discount"])
    equilibrium = solve(game, Logit(precision=1.0, convention="shock"))
    found = equilibrium.strategies[paper["bins"], 0, 1]
    np.testing.assert_allclose(found, paper["probability"], atol=5e-9)
    assert equilibrium.stats.iterations < 50
