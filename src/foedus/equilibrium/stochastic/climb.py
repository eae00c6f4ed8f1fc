"""Logit equilibria of one game at ever higher precision, on the way to a Nash equilibrium.

Precision is counted in shares t of one that is natural for each player: 1 over the spread of
its payoffs. Steps go up on the logarithm of t, along the tangent, while the branch does not turn
back; where it does, the climb ends there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from foedus.equilibrium.stochastic.arrays import StochasticArrays
from foedus.equilibrium.stochastic.logit_path import payoff_units
from foedus.equilibrium.stochastic.response import LogitResponse
from foedus.equilibrium.stochastic.system import Point, System

CORRECTIONS = 12
LARGEST_MOVE = 0.2  # of any strategy between prediction and correction; more may be another branch
FIRST_RATIO = 2.0
LARGEST_RATIO = 4.0
SMALLEST_RATIO = 1.0 + 1e-4
STEPS = 400


@dataclass(frozen=True, eq=False, kw_only=True)
class Standing:
    """A logit equilibrium at share `t` of the natural precision."""

    point: Point
    t: float
    strategies: Float[np.ndarray, "states players most"]


class Climb:
    """The branch from some point upwards. `standing` is the last equilibrium found, or None.

    `response`: another rule of play, whose own precision is then the one that shares are of.
    """

    def __init__(self, arrays: StochasticArrays, response: LogitResponse | None = None) -> None:
        if response is None:
            natural = 1.0 / payoff_units(arrays)
            response = LogitResponse(precision=natural, available=arrays.available)
        self.natural, self.response = response.precision, response
        self.system = System(arrays, self.response)
        self.standing: Standing | None = None
        self.steps = 0
        self._ratio = FIRST_RATIO

    def begin(self, start: Point, t: float) -> bool:
        """Solve at t by Newton's method from `start`; whether it got there."""
        point = self.correct(start, t)
        if point is None:
            return False
        self._stand(point, t)
        self._ratio = FIRST_RATIO
        return True

    def rise(self, target: float) -> bool:
        """Follow the branch up to `target`; whether it got there."""
        assert self.standing is not None
        for _ in range(STEPS):
            if self.standing.t >= target * (1 - 1e-12):
                return True
            ahead = min(target, self.standing.t * self._ratio)
            if self._step(ahead):
                self._ratio = min(self._ratio**1.6, LARGEST_RATIO)
            else:
                self._ratio **= 0.4
            if self._ratio < SMALLEST_RATIO:
                return False
        return False

    def _step(self, ahead: float) -> bool:
        assert self.standing is not None
        here, t = self.standing.point, self.standing.t
        try:
            tangent = self.system.linearise(here, t).tangent()
        except np.linalg.LinAlgError:
            return False
        # Along log t, as scaled action values move less than in proportion to t.
        guess = here.plus(tangent, t * np.log(ahead / t))
        point = self.correct(guess, ahead)
        if point is None:
            return False
        moved = self._play(point, ahead) - self._play(guess, ahead)
        if np.abs(moved).max() > LARGEST_MOVE:
            return False
        self._stand(point, ahead)
        return True

    def correct(self, point: Point, t: float) -> Point | None:
        """The solution at t that Newton's method reaches from `point`, or None."""
        last = np.inf
        for _ in range(CORRECTIONS):
            try:
                linear = self.system.linearise(point, t)
                step = linear.solve(linear.residual)
            except (np.linalg.LinAlgError, ValueError):
                return None
            self.steps += 1
            size = float(np.abs(step.action_values * self.natural[:, None]).max()) * t
            scale = 1.0 + t * float(np.abs(point.values * self.natural).max())
            point = point.plus(step, -1.0)
            if not np.isfinite(size) or size > 1e6:
                return None
            if size <= 1e-7 + 1e-12 * scale:
                return point
            if size > 4.0 * last and size > 1.0:
                return None
            last = size
        return None

    def _play(self, point: Point, t: float) -> np.ndarray:
        return self.response.strategies(point.action_values, t)

    def _stand(self, point: Point, t: float) -> None:
        self.standing = Standing(point=point, t=t, strategies=self._play(point, t))
