"""One player's decision problem against a stationary world: policy iteration, exact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from jaxtyping import Bool, Float, Int

from foedus.equilibrium.stochastic.induced import Discounting, Matrix
from foedus.errors import SolveError

ROUNDS = 500  # far above what has been seen; policy iteration ends after finitely many
BETTER = 1e-13  # of the values: a smaller gain is rounding, and no reason to change


@dataclass(frozen=True, eq=False, kw_only=True)
class Decided:
    """An optimal action in every state, what it is worth, and what every action is worth.

    `action_values` is -inf where an action is not available.
    """

    actions: Int[np.ndarray, "states"]
    values: Float[np.ndarray, "states"]
    action_values: Float[np.ndarray, "states actions"]
    rounds: int


def decide(
    rewards: Float[np.ndarray, "states actions"],
    chain: Matrix,
    discount: float,
    available: Bool[np.ndarray, "states actions"],
) -> Decided:
    r"""The solution of $V(s) = \max_a r(s, a) + \delta \sum_{s'} p(s' | s, a) V(s')$.

    `chain` has shape (states * actions, states), dense or sparse; rows may add up to less than 1.
    Of equally good actions the first is taken. Policy iteration: each round evaluates the
    actions exactly and changes every one that can be bettered (Howard 1960).

    Two states, staying pays 1 in the first and 2 in the second, moving pays nothing:

    >>> ahead = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    >>> decided = decide(np.array([[1.0, 0.0], [2.0, 0.0]]), ahead, 0.9, np.ones((2, 2), bool))
    >>> decided.actions.tolist(), decided.values.round(6).tolist()
    ([1, 0], [18.0, 20.0])
    """
    n_states, n_actions = rewards.shape
    states = np.arange(n_states)
    actions = np.argmax(np.where(available, rewards, -np.inf), axis=1)
    for round_ in range(1, ROUNDS + 1):
        rows = chain[states * n_actions + actions]
        within = rows if isinstance(rows, np.ndarray) else sparse.csr_array(rows)
        values = Discounting(within, discount).solve(rewards[states, actions])
        ahead = np.asarray(chain @ values).reshape(n_states, n_actions)
        worth = np.where(available, rewards + discount * ahead, -np.inf)
        slack = BETTER * max(1.0, float(np.abs(values).max(initial=0.0)))
        best = np.argmax(worth, axis=1)
        better = worth[states, best] > worth[states, actions] + slack
        if not better.any():
            top = worth.max(axis=1, keepdims=True)
            first = np.argmax(worth >= top - slack, axis=1)
            return Decided(actions=first, values=values, action_values=worth, rounds=round_)
        actions = np.where(better, best, actions)
    raise SolveError(
        f"the best reply kept changing for {ROUNDS} rounds, which only rounding can do",
        hints=("payoffs of more equal size",),
    )
