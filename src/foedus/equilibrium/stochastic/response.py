"""How players respond to the values of their actions, with the slopes Newton's method needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from jaxtyping import Bool, Float

from foedus.equilibrium.stochastic.short_axes import max_last, sum_last

EULER_GAMMA = float(np.euler_gamma)


@dataclass(frozen=True, eq=False, kw_only=True)
class Played:
    r"""Play at given action values, and how it moves with them and with the path's parameter t.

    Axes: draws, if any, states, players, actions. Padding has 0 everywhere.

    - `strategies`: $\sigma_i(s, a)$.
    - `beliefs`: what others take for it; `strategies` themselves unless a path bends them.
    - `steepness`: g, by which beliefs(a) move with $q_i(s, b)$: $g_a (1_{a=b} - g_b / \sum g)$.
    - `by_parameter`: $\partial$ beliefs / $\partial t$.
    - `worth`: the value $v_i(s)$ of moving at these action values, without an axis of actions.
    - `worth_slope`, `worth_by_parameter`: its derivatives by $q_i(s, b)$ and t.
    """

    strategies: np.ndarray
    beliefs: np.ndarray
    steepness: np.ndarray
    by_parameter: np.ndarray
    worth: np.ndarray
    worth_slope: np.ndarray
    worth_by_parameter: np.ndarray


class Response(Protocol):
    """A rule of play along a path with one parameter."""

    def __call__(self, action_values: np.ndarray, parameter: np.ndarray | float) -> Played: ...

    def select(self, draws: np.ndarray) -> Response:
        """The rule of some draws of a batch."""
        ...


@dataclass(frozen=True, eq=False, kw_only=True)
class LogitResponse:
    r"""$\sigma_i \propto e^{t \lambda_i q_i}$ over available actions: t is a share of precision.

    - `precision`: $\lambda$, (players,), or (draws, players).
    - `available`: as in `StochasticArrays`.
    - `shock`: whether the value is $\log \sum e^{t \lambda q} + \gamma$ over $t \lambda$ for a
        player with a choice, as under the convention `"shock"`; otherwise $\sum \sigma q$.
    """

    precision: Float[np.ndarray, "*draws players"]
    available: Bool[np.ndarray, "*draws states players most"]
    shock: bool = False

    def __call__(self, action_values: np.ndarray, parameter: np.ndarray | float) -> Played:
        """Play when the precision is `parameter` times `precision`, draw by draw."""
        share = np.asarray(parameter, float)[..., None]
        base = self.precision[..., None, :, None]
        sharp = share[..., None, None] * base
        sigma, top, total = self._shares(action_values, sharp)
        mean = sum_last(sigma * action_values)
        gap = sigma * (action_values - mean[..., None])
        steepness = sharp * sigma
        by_parameter = base * gap
        if not self.shock:
            return Played(
                strategies=sigma,
                beliefs=sigma,
                steepness=steepness,
                by_parameter=by_parameter,
                worth=mean,
                worth_slope=sigma + sharp * gap,
                worth_by_parameter=sum_last(by_parameter * action_values),
            )
        moves = self.available.sum(axis=-1) > 1
        flat = np.where(moves, sharp[..., 0], 1.0)
        surplus = np.where(moves, (np.log(total) + EULER_GAMMA) / flat, 0.0)
        worth = np.where(moves, top, mean) + surplus
        # d/dt of log-sum-exp(t x) / t is (mean - worth) / t.
        drift = np.where(moves, mean - worth, 0.0) / np.where(share > 0, share, 1.0)[..., None]
        return Played(
            strategies=sigma,
            beliefs=sigma,
            steepness=steepness,
            by_parameter=by_parameter,
            worth=worth,
            worth_slope=sigma,
            worth_by_parameter=drift,
        )

    def select(self, draws: np.ndarray) -> LogitResponse:
        """The rule of some draws of a batch."""
        return LogitResponse(
            precision=self.precision[draws], available=self.available[draws], shock=self.shock
        )

    def batched(self) -> LogitResponse:
        """The same rule for a batch of one draw."""
        return LogitResponse(
            precision=self.precision[None], available=self.available[None], shock=self.shock
        )

    def strategies(
        self, action_values: np.ndarray, parameter: np.ndarray | float = 1.0
    ) -> np.ndarray:
        """Play alone, without its slopes."""
        share = np.asarray(parameter, float)[..., None, None, None]
        return self._shares(action_values, share * self.precision[..., None, :, None])[0]

    def _shares(
        self, action_values: np.ndarray, sharp: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        if self.available.all():
            top = max_last(action_values)
            weight = np.exp(sharp * (action_values - top[..., None]))
        else:
            top = max_last(np.where(self.available, action_values, -np.inf))
            behind = np.where(self.available, action_values - top[..., None], 0.0)
            weight = np.where(self.available, np.exp(sharp * behind), 0.0)
        total = sum_last(weight)
        return weight / total[..., None], top, total
