"""The best strategy for a leader among those to which one given reply is a best reply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.optimize as optimize
from jaxtyping import Float, Int

from foedus.equilibrium.stochastic.arrays import StochasticArrays
from foedus.equilibrium.stochastic.induced import (
    action_values,
    chain_of,
    decision_problem,
    discountings,
    joint_values,
    values_of,
)

INSIDE = 1e-8  # of the values: by how much a search may leave the reply short of the best


@dataclass(frozen=True, eq=False, kw_only=True)
class Binding:
    """The strategy (states, actions), or None: there is none, or none was found.

    `exact`: no better one exists, or, for None, none at all.
    """

    strategy: Float[np.ndarray, "states actions"] | None
    exact: bool


def best_binding(
    arrays: StochasticArrays,
    leader: int,
    reply: Int[np.ndarray, "states"],
    start: Float[np.ndarray, "states"],
    *,
    rng: np.random.Generator,
    starts: int,
) -> Binding:
    """The leader's best strategy for a given start under which `reply` is a best reply."""
    problem = _Problem(arrays, leader, reply, start)
    if not problem.moves_state():
        return Binding(strategy=problem.by_programme(), exact=True)
    found: tuple[float, np.ndarray] | None = None
    for number in range(starts):
        strategy = problem.by_search(problem.first(rng, uniform=number == 0))
        if strategy is not None and (found is None or problem.value(strategy) > found[0]):
            found = (problem.value(strategy), strategy)
    return Binding(strategy=None if found is None else found[1], exact=False)


class _Problem:
    """Maximise the leader's value over its strategies, given that the reply is a best one."""

    def __init__(
        self, arrays: StochasticArrays, leader: int, reply: np.ndarray, start: np.ndarray
    ) -> None:
        self.arrays, self.leader, self.follower = arrays, leader, 1 - leader
        self.reply, self.start = reply, start
        self.size = arrays.sizes[leader]
        self.available = arrays.available[:, leader, : self.size]
        replied = np.zeros(arrays.available.shape)
        replied[np.arange(len(reply)), self.follower, reply] = 1.0
        self.replied = replied

    def play(self, strategy: np.ndarray) -> np.ndarray:
        play = self.replied.copy()
        play[:, self.leader, : self.size] = strategy
        return play

    def value(self, strategy: np.ndarray) -> float:
        return float(self.start @ values_of(self.arrays, self.play(strategy))[:, self.leader])

    def first(self, rng: np.random.Generator, *, uniform: bool) -> np.ndarray:
        weight = self.available * (1.0 if uniform else rng.exponential(size=self.available.shape))
        return np.asarray(weight / weight.sum(axis=1, keepdims=True))

    def moves_state(self) -> bool:
        """Whether what the leader does has a part in where play goes next."""
        rows = self.arrays.transitions
        if not isinstance(rows, np.ndarray):
            return True
        rows = np.moveaxis(rows, self.leader + 1, -1)
        available = self.available[:, None, None, :]
        low = np.where(available, rows, np.inf).min(axis=-1)
        high = np.where(available, rows, -np.inf).max(axis=-1)
        possible = self.arrays.available[:, self.follower, : self.arrays.sizes[self.follower]]
        return bool(((high - low).max(axis=-1)[possible] > 1e-14).any())

    def by_programme(self) -> np.ndarray | None:
        """The linear programme: values are linear in the strategy, as the chain is fixed."""
        arrays, n_states = self.arrays, self.arrays.n_states
        play = self.play(self.first(np.random.default_rng(0), uniform=True))
        factors = discountings(arrays, chain_of(arrays, play))
        states = np.arange(n_states)
        paid = [
            np.moveaxis(arrays.payoffs[:, i], self.leader + 1, 1)  # states, own, the follower's
            for i in range(2)
        ]
        weight = factors[self.leader].solve(self.start, adjoint=True)
        aim = weight[:, None] * paid[self.leader][states, :, self.reply]
        kept = paid[self.follower][states, :, self.reply]
        inverse = factors[self.follower].solve(np.eye(n_states))
        _, chain = decision_problem(arrays, play, self.follower)
        chain = np.asarray(chain).reshape(n_states, -1, n_states)
        rows = []
        for state in range(n_states):
            for other in np.flatnonzero(arrays.available[state, self.follower]):
                if other == self.reply[state]:
                    continue
                ahead = arrays.discount[self.follower] * chain[state, other] @ inverse
                row = (ahead - inverse[state])[:, None] * kept
                row[state] += paid[self.follower][state, :, other]
                rows.append(row.ravel())
        found = optimize.linprog(
            -aim.ravel(),
            A_ub=np.array(rows) if rows else None,
            b_ub=np.zeros(len(rows)) if rows else None,
            A_eq=np.kron(np.eye(n_states), np.ones(self.size)),
            b_eq=np.ones(n_states),
            bounds=[(0.0, 1.0 if possible else 0.0) for possible in self.available.ravel()],
            method="highs-ds",
        )
        return self._proper(found.x) if found.success else None

    def by_search(self, first: np.ndarray) -> np.ndarray | None:
        """Sequential quadratic programming from one strategy; None where it ends outside."""
        scale = max(1.0, float(np.abs(values_of(self.arrays, self.play(first))).max()))
        shortfalls = self._shortfalls()

        def aim(flat: np.ndarray) -> float:
            return -self.value(flat.reshape(first.shape)) / scale

        sums = np.kron(np.eye(len(first)), np.ones(self.size))
        found = optimize.minimize(
            aim,
            first.ravel(),
            method="SLSQP",
            bounds=[(0.0, 1.0 if possible else 0.0) for possible in self.available.ravel()],
            constraints=[
                {"type": "eq", "fun": lambda flat: sums @ flat - 1.0, "jac": lambda _: sums},
                {
                    "type": "ineq",
                    "fun": lambda flat: -shortfalls(flat.reshape(first.shape)) / scale,
                },
            ],
            options={"maxiter": 200, "ftol": 1e-12},
        )
        if not np.isfinite(found.x).all():
            return None
        strategy = self._proper(found.x)
        return strategy if shortfalls(strategy).max(initial=0.0) <= INSIDE * scale else None

    def _shortfalls(self) -> Callable[[np.ndarray], np.ndarray]:
        """What the follower would gain by every other action, flat."""
        other = self.arrays.available[:, self.follower].copy()
        other[np.arange(len(other)), self.reply] = False

        def shortfalls(strategy: np.ndarray) -> np.ndarray:
            play = self.play(strategy)
            values = values_of(self.arrays, play)
            worth = action_values(self.arrays, play, joint_values(self.arrays, values))
            return np.asarray((worth[:, self.follower] - values[:, self.follower, None])[other])

        return shortfalls

    def _proper(self, flat: np.ndarray) -> np.ndarray:
        strategy = np.maximum(flat.reshape(-1, self.size), 0.0)
        return np.asarray(strategy / strategy.sum(axis=1, keepdims=True))
