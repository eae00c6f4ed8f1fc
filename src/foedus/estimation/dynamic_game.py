r"""Stationary dynamic games of incomplete information: payoffs, shocks and what they make likely.

In state s all players act at once, each seeing only its own shock. With u linear in θ,

    v_i(s, a_i) = E_{a_-i}[ u_i(s, a; θ) + δ_i Σ_s' T(s' | s, a) V_i(s') ],   V_i(s) = S(v_i(s, ·))

S is the expected best of values and shocks: log Σ exp v + γ for type-I extreme values; for two
actions and a standard normal shock to their difference d, $v_0 + d Φ(d) + φ(d)$. Choice
probabilities are its slopes. `dynamic_equilibrium` solves these equations.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import scipy.sparse
import scipy.special

from foedus.errors import GameError

ShockName = Literal["gumbel", "normal"]


@dataclass(frozen=True, eq=False, kw_only=True)
class DynamicGame:
    """A game with payoffs linear in K parameters.

    - `features`: (players, states, *actions, K) and `offset` without the last axis: payoffs are
        features @ θ + offset.
    - `transitions`: (states, *actions, states). `discount`: (players,).
    """

    features: np.ndarray
    offset: np.ndarray
    transitions: np.ndarray
    discount: np.ndarray
    shocks: ShockName = "gumbel"

    def __post_init__(self) -> None:
        n, s = self.features.shape[:2]
        sizes = self.features.shape[2:-1]
        if len(sizes) != n or self.transitions.shape != (s, *sizes, s):
            raise GameError(
                f"features of shape {self.features.shape} are (players, states, actions of each "
                f"player, parameters) and go with transitions of shape {(s, *sizes, s)}; found "
                f"{self.transitions.shape}"
            )
        if self.offset.shape != self.features.shape[:-1] or self.discount.shape != (n,):
            raise GameError(
                "offset has the shape of features without its last axis; one discount per player"
            )
        for name in ("features", "offset", "transitions", "discount"):
            if not np.isfinite(getattr(self, name)).all():
                raise GameError(f"{name} must be finite numbers")
        if self.transitions.sum(axis=-1).max() > 1 + 1e-8 or self.transitions.min() < 0:
            raise GameError(
                "rows of transitions are probabilities that add up to 1, or to less where play ends"
            )
        if not ((self.discount >= 0) & (self.discount < 1)).all():
            raise GameError("discounts are at least 0 and below 1")
        if self.shocks == "normal" and any(size != 2 for size in sizes):
            raise GameError("normal shocks are for two actions per player")

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many actions each player has."""
        return self.features.shape[2:-1]

    @property
    def n_states(self) -> int:
        return int(self.features.shape[1])

    @cached_property
    def spans(self) -> list[slice]:
        """Where each player's actions stand in the last axis of v."""
        ends = np.cumsum([0, *self.sizes])
        return [slice(int(ends[i]), int(ends[i + 1])) for i in range(len(self.sizes))]

    def surplus(self, v: np.ndarray) -> np.ndarray:
        """(states, players): what play is worth, given action values (states, all actions)."""
        columns = []
        for span in self.spans:
            own = v[:, span]
            if self.shocks == "gumbel":
                columns.append(log_sum(own)[:, 0] + np.euler_gamma)
            else:
                d = own[:, 1] - own[:, 0]
                density = np.exp(-0.5 * d * d) / np.sqrt(2 * np.pi)
                columns.append(own[:, 0] + d * scipy.special.ndtr(d) + density)
        return np.stack(columns, axis=1)

    def log_choices(self, v: np.ndarray) -> np.ndarray:
        """(states, all actions): log-probabilities."""
        answer = np.empty_like(v)
        for span in self.spans:
            own = v[:, span]
            if self.shocks == "gumbel":
                answer[:, span] = own - log_sum(own)
            else:
                d = own[:, 1] - own[:, 0]
                answer[:, span] = scipy.special.log_ndtr(np.stack([-d, d], axis=1))
        return answer

    def slopes(self, v: np.ndarray) -> np.ndarray:
        """(states, all, all): how log-probabilities move with action values, block by player."""
        total = v.shape[1]
        answer = np.zeros((len(v), total, total))
        for span in self.spans:
            own = v[:, span]
            if self.shocks == "gumbel":
                p = scipy.special.softmax(own, axis=1)
                answer[:, span, span] = np.eye(own.shape[1]) - p[:, None, :]
            else:
                d = own[:, 1] - own[:, 0]
                log_density = -0.5 * d * d - 0.5 * np.log(2 * np.pi)
                up = np.exp(log_density - scipy.special.log_ndtr(d))
                down = np.exp(log_density - scipy.special.log_ndtr(-d))
                block = np.stack(
                    [np.stack([down, -down], axis=1), np.stack([-up, up], axis=1)], axis=1
                )
                answer[:, span, span] = block
        return answer

    def curved(self, v: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """(states, all, all): second derivatives of weighted log-probabilities in action values.

        `weights` is (states, all actions); blocks by player.
        """
        total = v.shape[1]
        answer = np.zeros((len(v), total, total))
        for span in self.spans:
            own, w = v[:, span], weights[:, span]
            if self.shocks == "gumbel":
                p = scipy.special.softmax(own, axis=1)
                spread = p[:, :, None] * (np.eye(own.shape[1]) - p[:, None, :])
                answer[:, span, span] = -w.sum(axis=1)[:, None, None] * spread
            else:
                d = own[:, 1] - own[:, 0]
                bent = w[:, 1] * bend_of_log_ndtr(d) + w[:, 0] * bend_of_log_ndtr(-d)
                answer[:, span, span] = bent[:, None, None] * np.array([[1.0, -1.0], [-1.0, 1.0]])
        return answer

    def others(self, p: np.ndarray, *left_out: int) -> np.ndarray:
        """(states, *actions): the probability of everybody else's actions."""
        n = len(self.sizes)
        answer = np.ones((self.n_states, *[1] * n))
        for j in range(n):
            if j not in left_out:
                shape = [self.n_states, *[1] * n]
                shape[j + 1] = self.sizes[j]
                answer = answer * p[:, self.spans[j]].reshape(shape)
        return answer

    def expected(self, table: np.ndarray, weights: np.ndarray, *kept: int) -> np.ndarray:
        """Sums a (states, *actions, ...) table over the actions of all but the `kept` players."""
        n = len(self.sizes)
        weighted = weights.reshape(*weights.shape, *[1] * (table.ndim - n - 1)) * table
        axes = tuple(j + 1 for j in range(n) if j not in kept)
        answer: np.ndarray = weighted.sum(axis=axes)
        return answer

    @cached_property
    def moves(self) -> tuple[scipy.sparse.csr_array, np.ndarray, list[np.ndarray]]:
        """Transitions without their zeros: a matrix, rows of its entries, where they go by player.

        Rows are (state, *actions) in C order; the entries' places are in (state, own action,
        state).
        """
        matrix = scipy.sparse.csr_array(self.transitions.reshape(-1, self.n_states))
        rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        state, *taken = np.unravel_index(rows, self.transitions.shape[:-1])
        places = [
            (state * size + own) * self.n_states + matrix.indices
            for size, own in zip(self.sizes, taken, strict=True)
        ]
        return matrix, rows, places

    def ahead(self, worth: np.ndarray) -> np.ndarray:
        """(states, *actions, columns): what `worth` (states, columns) is expected to be next."""
        answer: np.ndarray = self.moves[0] @ worth
        return answer.reshape(*self.transitions.shape[:-1], -1)

    def chain(self, p: np.ndarray, i: int) -> np.ndarray:
        """(states, own actions, states): where player i's actions lead as the others play p."""
        matrix, rows, places = self.moves
        weights = np.broadcast_to(self.others(p, i), self.transitions.shape[:-1]).reshape(-1)
        shape = (self.n_states, self.sizes[i], self.n_states)
        answer = np.bincount(places[i], weights[rows] * matrix.data, int(np.prod(shape)))
        return answer.reshape(shape)


def log_sum(values: np.ndarray) -> np.ndarray:
    """(rows, 1): the logarithm of summed exponentials."""
    top = values.max(axis=1, keepdims=True)
    answer: np.ndarray = top + np.log(np.exp(values - top).sum(axis=1, keepdims=True))
    return answer


def bend_of_log_ndtr(x: np.ndarray) -> np.ndarray:
    """The second derivative of the logarithm of the normal distribution function."""
    ratio = np.exp(-0.5 * x * x - 0.5 * np.log(2 * np.pi) - scipy.special.log_ndtr(x))
    answer: np.ndarray = -ratio * (x + ratio)
    return answer
