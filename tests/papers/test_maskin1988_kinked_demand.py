"""Maskin and Tirole's kinked demand curve: a closed-form equilibrium with no gain anywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from foedus.equilibrium.certificate import certify
from foedus.equilibrium.solve import solve
from foedus.equilibrium.stochastic.arrays import arrays_of, strategies_of
from foedus.equilibrium.stochastic.finish import finish
from foedus.equilibrium.stochastic.nash import Nash
from foedus.game.builders import stochastic_game
from foedus.game.game import Game
from foedus.game.profile import Profile

PRICES = 7


def duopoly(discount: float) -> Game:
    """Two firms set prices in turn; state (mover, the other's standing price)."""
    prices = np.arange(PRICES) / 6
    profit = prices * (1 - prices)
    payoffs, transitions = [], []
    for mover in range(2):
        for standing in range(PRICES):
            shape = (PRICES, 1) if mover == 0 else (1, PRICES)
            paid = np.zeros((2, PRICES))
            move = np.zeros((PRICES, 2 * PRICES))
            for price in range(PRICES):
                own = np.where(price < standing, 1.0, 0.5 * (price == standing)) * profit[price]
                rival = (
                    np.where(price > standing, 1.0, 0.5 * (price == standing)) * profit[standing]
                )
                paid[mover, price], paid[1 - mover, price] = own, rival
                move[price, (1 - mover) * PRICES + price] = 1.0
            payoffs.append(paid.reshape(2, *shape))
            transitions.append(move.reshape(*shape, 2 * PRICES))
    return stochastic_game(payoffs, transitions, discount)


def kinked(reply: list[int], discount: float) -> Profile:
    """The equilibrium as printed; a firm that does not move has its one action."""
    mix = (5 + discount) / (5 * discount + 9 * discount**2)
    row = np.zeros((PRICES, PRICES))
    for standing, answer in enumerate(reply):
        if answer < 0:
            row[standing, [1, 3]] = mix, 1 - mix
        else:
            row[standing, answer] = 1.0
    still = np.zeros((PRICES, PRICES))
    still[:, 0] = 1.0
    first, second = np.concatenate([row, still]), np.concatenate([still, row])
    return Profile(((first[None, :, :, None], second[None, :, None, :]), None))


@pytest.mark.parametrize("at", range(3))
def test_nobody_gains(expected: Callable[[str], dict[str, Any]], at: int) -> None:
    paper = expected("maskin1988_kinked_demand")
    discount = paper["discounts"][at]
    certificate = certify(duopoly(discount), kinked(paper["reply"], discount))
    assert certificate.passed
    assert certificate.regret <= 1e-12


def test_printed_values(expected: Callable[[str], dict[str, Any]]) -> None:
    """Of the firm about to move, by the price the other firm stands at."""
    paper = expected("maskin1988_kinked_demand")
    certificate = certify(duopoly(0.9), kinked(paper["reply"], 0.9))
    mover = certificate.values[0, 0, :PRICES]
    np.testing.assert_allclose(mover, paper["values_at_09"], atol=5e-7)


def test_another_mixture_is_refused(expected: Callable[[str], dict[str, Any]]) -> None:
    paper = expected("maskin1988_kinked_demand")
    assert not certify(duopoly(0.9), kinked(paper["reply"], 0.8)).passed


@pytest.mark.parametrize("at", range(3))
def test_play_nearby_is_finished_exactly(
    expected: Callable[[str], dict[str, Any]], at: int
) -> None:
    """From the printed supports with a wrong mixture, Newton's method finds the printed mixture."""
    paper = expected("maskin1988_kinked_demand")
    discount = paper["discounts"][at]
    arrays = arrays_of(duopoly(discount))
    start = strategies_of(arrays, kinked(paper["reply"], 0.7))
    exact = strategies_of(arrays, kinked(paper["reply"], discount))
    found = finish(arrays, start, tolerance=1e-12)
    assert found.gain <= 1e-12
    np.testing.assert_allclose(found.strategies, exact, atol=1e-11)
    assert found.moved > 0.05


def test_another_equilibrium_is_found_from_nothing() -> None:
    equilibrium = solve(duopoly(0.9), Nash())
    assert equilibrium.certificate.regret <= 1e-10
