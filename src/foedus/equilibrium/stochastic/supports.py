r"""Nash play with given supports: Newton's method on the indifferences of those who mix.

A player who mixes in a state is indifferent between the actions of its support,

    Q_i(s, b) - Q_i(s, r) = 0    for every b of the support except one, r.

The unknowns are the probabilities of those b; values are those of play, $V_i = (I - \delta_i
P_\sigma)^{-1} r_i$, so they are no unknowns, and pure play needs no equation at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from foedus.equilibrium.stochastic.arrays import StochasticArrays
from foedus.equilibrium.stochastic.induced import (
    Discounting,
    Strategies,
    action_values,
    averaged,
    chain_of,
    decision_problem,
    discountings,
    joint_values,
    rewards_of,
)

MAX_STEPS = 25
STALLED = 5  # steps without a lower residual after which the search is given up
FURTHEST = 3.0  # of any probability from 0; beyond it a search has left the game


@dataclass(frozen=True, eq=False, kw_only=True)
class Mixture:
    """The end of a search with given supports.

    `strategies` may have entries below 0: then no equilibrium has these supports hereabouts.
    `slope` is the derivative of the indifferences, rows and columns in the order of `places`.
    """

    strategies: Strategies
    values: Float[np.ndarray, "states players"]
    action_values: Float[np.ndarray, "states players most"]
    residual: float
    converged: bool
    slope: Float[np.ndarray, "unknowns unknowns"]
    places: Places


@dataclass(frozen=True, eq=False, kw_only=True)
class Places:
    """The unknown probabilities: state, player, action, and the action that makes up for it."""

    state: np.ndarray
    player: np.ndarray
    action: np.ndarray
    reference: np.ndarray


def mixed_play(
    arrays: StochasticArrays,
    start: Strategies,
    support: Bool[np.ndarray, "states players most"],
    *,
    tolerance: float = 1e-13,
) -> Mixture:
    """Play near `start` that makes everybody indifferent over its support, by Newton's method.

    `tolerance` is of the residual, relative to the larger of 1 and the largest value. A singular
    system takes the shortest step that solves it best, which finds a point of a continuum.
    """
    play = np.where(support, np.maximum(start, 0.0), 0.0)
    play = play + 1e-12 * support
    play /= play.sum(axis=-1, keepdims=True)
    places = _places(play, support)
    best, stalled, converged = np.inf, 0, False
    for step in range(MAX_STEPS + 1):
        values, worth, gap, slope = _linearised(arrays, play, places)
        scale = max(1.0, float(np.abs(values).max()))
        residual = float(np.abs(gap).max(initial=0.0))
        if not np.isfinite(residual):
            break
        if residual <= tolerance * scale:
            converged = True
            break
        stalled = 0 if residual < 0.5 * best else stalled + 1
        best = min(best, residual)
        if step == MAX_STEPS or stalled >= STALLED:
            break
        change = _newton_step(slope, gap)
        # A long step is no longer about this place; its direction still is.
        change *= min(1.0, 1.0 / max(1e-300, float(np.abs(change).max(initial=0.0))))
        play = play.copy()
        np.add.at(play, (places.state, places.player, places.action), change)
        np.add.at(play, (places.state, places.player, places.reference), -change)
        if np.abs(play).max() > FURTHEST:
            break
    return Mixture(
        strategies=play,
        values=values,
        action_values=worth,
        residual=residual,
        # Rounding may leave the residual a little above what was asked for.
        converged=converged or residual <= 100 * tolerance * scale,
        slope=slope,
        places=places,
    )


def _places(play: Strategies, support: np.ndarray) -> Places:
    reference = np.argmax(play, axis=-1)
    free = support.copy()
    np.put_along_axis(free, reference[..., None], False, axis=-1)
    state, player, action = np.nonzero(free)
    return Places(state=state, player=player, action=action, reference=reference[state, player])


def _newton_step(slope: np.ndarray, gap: np.ndarray) -> np.ndarray:
    try:
        change = np.linalg.solve(slope, -gap)
        if np.isfinite(change).all() and np.abs(change).max(initial=0.0) < 1e8:
            return change
    except np.linalg.LinAlgError:
        pass
    return np.asarray(np.linalg.lstsq(slope, -gap, rcond=1e-10)[0])


def _linearised(
    arrays: StochasticArrays, play: Strategies, places: Places
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Values, action values, the indifferences, and their derivative in the unknowns."""
    chain, paid = chain_of(arrays, play), rewards_of(arrays, play)
    factors = discountings(arrays, chain)
    everybody = range(arrays.n_players)
    values = np.stack([factors[i].solve(paid[:, i]) for i in everybody], axis=1)
    joint = joint_values(arrays, values)
    worth = action_values(arrays, play, joint)
    at = (places.state, places.player)
    gap = worth[(*at, places.action)] - worth[(*at, places.reference)]
    slope = np.zeros((len(gap), len(gap)))
    for i in everybody:
        mine = np.flatnonzero(places.player == i)
        if not len(mine):
            continue
        ahead = _continuations(arrays, play, places, i, mine, factors[i])
        for j in everybody:
            theirs = np.flatnonzero(places.player == j)
            if len(theirs):
                slope[np.ix_(mine, theirs)] = _pair(
                    arrays, play, joint[:, i], places, (i, mine), (j, theirs), ahead
                )
    return values, worth, gap, slope


def _continuations(
    arrays: StochasticArrays,
    play: Strategies,
    places: Places,
    player: int,
    mine: np.ndarray,
    factors: Discounting,
) -> np.ndarray:
    """(own unknowns, states): weight of each state's reward in the indifferences of a player."""
    size, state = arrays.sizes[player], places.state[mine]
    _, rows = decision_problem(arrays, play, player)
    difference = (
        rows[size * state + places.action[mine]] - rows[size * state + places.reference[mine]]
    )
    if not isinstance(difference, np.ndarray):
        difference = difference.toarray()
    return np.asarray(arrays.discount[player] * factors.solve(difference.T, adjoint=True).T)


def _pair(
    arrays: StochasticArrays,
    play: Strategies,
    joint: np.ndarray,
    places: Places,
    own: tuple[int, np.ndarray],
    other: tuple[int, np.ndarray],
    ahead: np.ndarray,
) -> np.ndarray:
    """How the indifferences of one player change with the unknowns of another, or its own."""
    (i, mine), (j, theirs) = own, other
    state, action, reference = (
        places.state[theirs],
        places.action[theirs],
        places.reference[theirs],
    )
    rest = [k for k in range(arrays.n_players) if k != j]
    given = averaged(joint, play, rest)  # (states, actions of j): worth to i
    slope = ahead[:, state] * (given[state, action] - given[state, reference])
    if i == j:
        return np.asarray(slope)
    rest = [k for k in rest if k != i]
    pairwise = averaged(joint, play, rest)
    if i > j:
        pairwise = np.swapaxes(pairwise, 1, 2)
    here = places.state[mine]
    a, r = places.action[mine], places.reference[mine]
    row, column = np.nonzero(here[:, None] == state[None, :])
    s, c, d = here[row], action[column], reference[column]
    slope[row, column] += (
        pairwise[s, a[row], c]
        - pairwise[s, r[row], c]
        - pairwise[s, a[row], d]
        + pairwise[s, r[row], d]
    )
    return np.asarray(slope)
