"""Pesendorfer and Schmidt-Dengler (2008): two firms with normal shocks, and five equilibria.

The engine's equations take any rule of play. Here a firm is active if what it gains by that is more
than a standard normal cost that only the firm sees.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from foedus.equilibrium.stochastic.arrays import StochasticArrays, arrays_of
from foedus.equilibrium.stochastic.response import Played
from foedus.equilibrium.stochastic.system import System
from foedus.game.builders import stochastic_game

STARTS, STEPS = 600, 60

# P(active) of firm 1, then of firm 2, in states 00, 01, 10, 11.
PRINTED = [
    [0.275728, 0.222790, 0.420449, 0.293796, 0.732634, 0.800214, 0.613483, 0.751526],
    [0.615285, 0.312290, 0.830913, 0.605955, 0.528064, 0.839828, 0.303089, 0.577600],
    [0.575571, 0.304508, 0.842312, 0.594810, 0.575571, 0.842312, 0.304508, 0.594810],
]
MIRROR = [4, 6, 5, 7, 0, 2, 1, 3]  # firms and states exchanged
SYMMETRIC_VALUES = [2.920648, 2.516435, 3.704493, 3.042536]


@dataclass(frozen=True, eq=False)
class NormalShock:
    """Active (action 1) where q(1) + e > q(0), with e standard normal; the value counts e."""

    def __call__(self, action_values: np.ndarray, parameter: np.ndarray | float) -> Played:
        gain = action_values[..., 1] - action_values[..., 0]
        active, density = norm.cdf(gain), norm.pdf(gain)
        sigma = np.stack([1.0 - active, active], axis=-1)
        nothing = np.zeros_like(sigma)
        # With both at 2 f, beliefs move by f as the rule of `Played` has it.
        return Played(
            strategies=sigma,
            beliefs=sigma,
            steepness=np.stack([2.0 * density, 2.0 * density], axis=-1),
            by_parameter=nothing,
            worth=action_values[..., 0] + gain * active + density,
            worth_slope=sigma,
            worth_by_parameter=np.zeros_like(gain),
        )

    def select(self, draws: np.ndarray) -> NormalShock:
        return self


def entry_game() -> StochasticArrays:
    """Profit 1.2 alone and -1.2 together, entry 0.2, scrap 0.1; the state is who was active."""
    payoffs, ahead = np.zeros((4, 2, 2, 2)), np.zeros((4, 2, 2, 4))
    for state, first, second in np.ndindex(4, 2, 2):
        were, are = (state // 2, state % 2), (first, second)
        ahead[state, first, second, 2 * first + second] = 1.0
        for firm in (0, 1):
            profit = (1.2 - 2.4 * are[1 - firm] - 0.2 * (1 - were[firm])) * are[firm]
            payoffs[state, firm, first, second] = profit + 0.1 * were[firm] * (1 - are[firm])
    return arrays_of(stochastic_game(payoffs, ahead, 0.9))


def many(arrays: StochasticArrays, count: int) -> StochasticArrays:
    """The same game once for each start."""

    def repeated(part: np.ndarray) -> np.ndarray:
        return np.broadcast_to(part, (count, *part.shape))

    assert isinstance(arrays.transitions, np.ndarray)
    return StochasticArrays(
        payoffs=repeated(arrays.payoffs),
        transitions=repeated(arrays.transitions),
        discount=repeated(arrays.discount),
        available=repeated(arrays.available),
        members=arrays.members,
        n_stages=arrays.n_stages,
    )


def solved() -> tuple[np.ndarray, np.ndarray]:
    """P(active) and values of every start from which Newton's method arrives."""
    system = System(many(entry_game(), STARTS), NormalShock())
    first = np.random.default_rng(0).random((STARTS, 4, 2))
    point = system.evaluated(np.stack([1.0 - first, first], axis=-1))
    with np.errstate(all="ignore"):
        for _ in range(STEPS):
            linear = system.linearise(point, 1.0)
            step = linear.solve(linear.residual)
            longest = np.abs(step.action_values).max(axis=(1, 2, 3))
            point = point.plus(step, -1.0 / np.maximum(1.0, longest))
        linear = system.linearise(point, 1.0)
        left = np.abs(linear.residual.vector).max(axis=1)
    arrived = left < 1e-12
    active = linear.played.strategies[arrived, :, :, 1]
    return active.swapaxes(1, 2).reshape(-1, 8), point.values[arrived]


def test_all_five_equilibria_and_no_other() -> None:
    found, values = solved()
    assert len(found) > 0.6 * STARTS
    printed = np.array([row for known in PRINTED for row in (known, np.take(known, MIRROR))])
    apart = np.abs(found[:, None] - printed).max(axis=-1)
    assert (apart.min(axis=1) <= 6e-7).all()
    assert (apart.min(axis=0) <= 6e-7).all()
    assert len(np.unique(found.round(6), axis=0)) == 5
    symmetric = np.argmin(apart[:, 4])
    np.testing.assert_allclose(values[symmetric, :, 0], SYMMETRIC_VALUES, atol=6e-7)


def test_a_firm_does_best_as_the_equations_say() -> None:
    """Value iteration against the printed play of the other, written out here, is the oracle."""
    game = entry_game()
    assert isinstance(game.transitions, np.ndarray)
    for known in PRINTED:
        other = np.array(known[4:])
        mix = np.stack([1.0 - other, other], axis=-1)
        paid = np.einsum("sab,sb->sa", game.payoffs[:, 0], mix)
        ahead = np.einsum("sabt,sb->sat", game.transitions, mix)
        values = np.zeros(4)
        for _ in range(500):
            worth = paid + 0.9 * ahead @ values
            gain = worth[:, 1] - worth[:, 0]
            values = worth[:, 0] + gain * norm.cdf(gain) + norm.pdf(gain)
        np.testing.assert_allclose(norm.cdf(gain), known[:4], atol=2e-6)
