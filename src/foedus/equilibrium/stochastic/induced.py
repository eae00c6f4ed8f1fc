"""What strategies make of a stochastic game: a chain, its values, and what deviations earn."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
import scipy.linalg as linalg
import scipy.sparse as sparse
import scipy.sparse.linalg as sparse_linalg
from jaxtyping import Float

from foedus.equilibrium.stochastic.arrays import StochasticArrays

Strategies = Float[np.ndarray, "states players most"]
Matrix: TypeAlias = "np.ndarray | sparse.csr_array"


def own_play(arrays: StochasticArrays, strategies: Strategies, player: int) -> np.ndarray:
    """(states, actions) of one player, without the padding of players with more actions."""
    return np.asarray(strategies[:, player, : arrays.sizes[player]])


def averaged(table: np.ndarray, strategies: Strategies, players: Iterable[int]) -> np.ndarray:
    """(states, *actions, ...) averaged over the actions of some players; the other axes stay."""
    for player in sorted(players, reverse=True):  # the last first, so that axes stay where they are
        shape = table.shape
        before, after = math.prod(shape[1 : player + 1]), math.prod(shape[player + 2 :])
        play = strategies[:, None, None, player, : shape[player + 1]]
        table = play @ table.reshape(shape[0], before, shape[player + 1], after)
        table = table.reshape(*shape[: player + 1], *shape[player + 2 :])
    return table


def chain_of(arrays: StochasticArrays, strategies: Strategies) -> Matrix:
    """(states, states): from state to next state when everybody plays so; rows may miss 1."""
    everybody = range(arrays.n_players)
    if isinstance(arrays.transitions, np.ndarray):
        return averaged(arrays.transitions, strategies, everybody)
    return _weighed(arrays, joint_play(arrays, strategies, everybody))


def joint_play(
    arrays: StochasticArrays, strategies: Strategies, players: Iterable[int]
) -> np.ndarray:
    """(states, *actions): the product of the strategies of these players; 1 for all others."""
    joint = np.ones((arrays.n_states, *arrays.sizes))
    for player in players:
        shape = [arrays.n_states] + [1] * arrays.n_players
        shape[player + 1] = arrays.sizes[player]
        joint = joint * own_play(arrays, strategies, player).reshape(shape)
    return joint


def _weighed(arrays: StochasticArrays, weights: np.ndarray) -> sparse.csr_array:
    n_states, width = arrays.n_states, arrays.n_joint
    rows = sparse.csr_array(
        (weights.ravel(), np.arange(n_states * width), width * np.arange(n_states + 1)),
        shape=(n_states, n_states * width),
    )
    return sparse.csr_array(rows @ arrays.transitions)


class Discounting:
    r"""Factors of $I - \delta P$, for values and for their adjoints."""

    def __init__(self, chain: Matrix, discount: float) -> None:
        size = chain.shape[0]
        if isinstance(chain, np.ndarray):
            self._dense = linalg.lu_factor(np.eye(size) - discount * chain)
            self._sparse = None
        else:
            system = sparse.csc_array(sparse.eye_array(size) - discount * chain)
            self._sparse = sparse_linalg.splu(system)

    def solve(self, right: np.ndarray, *, adjoint: bool = False) -> np.ndarray:
        r"""$(I - \delta P)^{-1}$, or its transpose, times the columns of `right`."""
        if self._sparse is not None:
            return np.asarray(self._sparse.solve(np.asarray(right), trans="T" if adjoint else "N"))
        return np.asarray(linalg.lu_solve(self._dense, right, trans=int(adjoint)))


def discountings(arrays: StochasticArrays, chain: Matrix) -> list[Discounting]:
    """The factors of every player; players with one discount share them."""
    kept = {delta: Discounting(chain, delta) for delta in set(arrays.discount.tolist())}
    return [kept[delta] for delta in arrays.discount.tolist()]


def values_of(
    arrays: StochasticArrays, strategies: Strategies
) -> Float[np.ndarray, "states players"]:
    """What every player gets from each state on when everybody plays so for ever."""
    chain = chain_of(arrays, strategies)
    paid = rewards_of(arrays, strategies)
    factors = discountings(arrays, chain)
    return np.stack([factors[i].solve(paid[:, i]) for i in range(arrays.n_players)], axis=1)


def rewards_of(
    arrays: StochasticArrays, strategies: Strategies
) -> Float[np.ndarray, "states players"]:
    """The expected payoff of one period."""
    everybody = range(arrays.n_players)
    return np.stack(
        [averaged(arrays.payoffs[:, i], strategies, everybody) for i in everybody], axis=1
    )


def joint_values(
    arrays: StochasticArrays, values: Float[np.ndarray, "states players"]
) -> Float[np.ndarray, "states players *actions"]:
    r"""$u_i(s, a) + \delta_i \sum_{s'} p(s' | s, a) V_i(s')$ of every joint action."""
    following = values * arrays.discount
    if isinstance(arrays.transitions, np.ndarray):
        ahead = arrays.transitions @ following
    else:
        ahead = (arrays.transitions @ following).reshape(arrays.n_states, *arrays.sizes, -1)
    return np.asarray(arrays.payoffs + np.moveaxis(ahead, -1, 1))


def action_values(
    arrays: StochasticArrays, strategies: Strategies, joint: np.ndarray
) -> Float[np.ndarray, "states players most"]:
    """What each action is worth against the others' play; -inf where it is not available.

    `joint`: what every joint action is worth, as `joint_values` has it.
    """
    found = np.full(arrays.available.shape, -np.inf)
    for i, size in enumerate(arrays.sizes):
        others = [j for j in range(arrays.n_players) if j != i]
        found[:, i, :size] = averaged(joint[:, i], strategies, others)
    return np.where(arrays.available, found, -np.inf)


def decision_problem(
    arrays: StochasticArrays, strategies: Strategies, player: int
) -> tuple[np.ndarray, Matrix]:
    """One player's rewards (states, actions) and chain (states * actions, states)."""
    others = [j for j in range(arrays.n_players) if j != player]
    paid = averaged(arrays.payoffs[:, player], strategies, others)
    size, n_states = arrays.sizes[player], arrays.n_states
    if isinstance(arrays.transitions, np.ndarray):
        ahead = averaged(arrays.transitions, strategies, others)
        return paid, ahead.reshape(n_states * size, n_states)
    weights = joint_play(arrays, strategies, others)
    own = np.arange(size).reshape([-1 if j == player else 1 for j in range(arrays.n_players)])
    place = np.broadcast_to(own, arrays.sizes).ravel()
    lines = (size * np.arange(n_states)[:, None] + place).ravel()
    columns = np.arange(n_states * arrays.n_joint)
    spread = sparse.csr_array(
        (weights.ravel(), (lines, columns)), shape=(n_states * size, len(columns))
    )
    return paid, sparse.csr_array(spread @ arrays.transitions)


def gains(
    arrays: StochasticArrays, strategies: Strategies
) -> tuple[Float[np.ndarray, "states players most"], Float[np.ndarray, "states players"]]:
    """What each action is worth beyond play as it is, -inf where unavailable, and the values."""
    values = values_of(arrays, strategies)
    worth = action_values(arrays, strategies, joint_values(arrays, values))
    return worth - values[:, :, None], values
