r"""Logit equilibria at a given precision: Newton's method, and precision raised in steps.

Every draw of a batch goes its own way. Where precision is low, Newton's method from uniform play
meets the equilibrium at once. Otherwise it first solves at a share of the precision at which that
is so, and follows the solutions up on a logarithmic scale, predicting each from the last ones;
this stays on the principal branch while the branch does not turn back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from foedus.equilibrium.stochastic.response import LogitResponse
from foedus.equilibrium.stochastic.short_axes import widest_range
from foedus.equilibrium.stochastic.system import Point, System

EASY = 3.0  # precision times the spread of a player's action values, up to which to start at once
CLOSE = 0.03  # last Newton step on the way up, in units of precision times value
LARGEST_MOVE = 0.2  # of any strategy between prediction and correction; more may be another branch
AIM = 0.3  # size of the first Newton step after a good prediction
DIVERGED = 1e3  # size of a Newton step that leads nowhere
CORRECTIONS = 8  # Newton steps allowed at one precision
FIRST_RATIO = 0.4  # first step up, in logarithms
SHORTEST = 2e-3  # shorter steps than this: the branch turns back, or nearly so
ROUNDS = 400

RUNNING, SOLVED, LOST = range(3)


@dataclass(frozen=True, eq=False, kw_only=True)
class Reached:
    """Where each draw ended.

    - `solved`: whether its own precision was reached; otherwise `point` solves at `share` of it.
    - `rounds`: Newton steps taken; `precisions`: at how many precisions.
    - `error`: an estimate of the distance that is left, in units of precision times value.
    """

    point: Point
    solved: Bool[np.ndarray, "draws"]
    share: Float[np.ndarray, "draws"]
    rounds: Int[np.ndarray, "draws"]
    precisions: Int[np.ndarray, "draws"]
    error: Float[np.ndarray, "draws"]


def raise_precision(
    system: System,
    start: Point,
    *,
    tolerance: float = 1e-10,
    max_corrections: int = CORRECTIONS,
    share: float | None = None,
    shortest: float = SHORTEST,
) -> Reached:
    """Solve every draw of a batch at its full precision, from uniform play.

    `system` has a `LogitResponse`; `start` holds the action values and values of uniform play, or
    of play near an equilibrium at that `share` of the precision, to go up from there.
    `tolerance` is of `error`; at most `max_corrections` Newton steps are taken at one precision;
    the climb ends where steps up would be below `shortest`, in logarithms.
    """
    response = system.response
    assert isinstance(response, LogitResponse)
    climb = _Climb(system, response, start, tolerance, min(max_corrections, CORRECTIONS))
    climb.shortest = shortest
    if share is not None:
        climb.target[:], climb.joining = share, True
    # A singular system gives steps that are not finite, and those count as failed.
    with np.errstate(all="ignore"):
        for _ in range(ROUNDS):
            if not len(climb.active):
                break
            climb.advance()
    return climb.reached()


class _Climb:
    """All draws on their way up; arrays have one entry for each draw."""

    def __init__(
        self,
        system: System,
        response: LogitResponse,
        start: Point,
        tolerance: float,
        max_corrections: int,
    ) -> None:
        draws = len(start.values)
        self.system, self.response, self.tolerance = system, response, tolerance
        self.max_corrections = max_corrections
        self.precision = np.broadcast_to(response.precision, (draws, system.n_players))
        spread = widest_range(system.possible, start.action_values)
        sharp = (self.precision * spread).max(axis=-1)
        self.target = np.where(sharp > EASY, EASY / np.where(sharp > 0, sharp, 1.0), 1.0)
        self.status = np.full(draws, RUNNING)
        self.shortest = SHORTEST
        self.joining = False  # a branch at the first target, or not at all
        self._selection, self._selected = system, np.arange(draws)
        self.solved_share = np.zeros(draws)  # 0: nothing solved yet
        self.solved, self.tangent = start.copy(), start.zero()  # tangent by log of the share
        self.last_tangent, self.last_ratio = start.zero(), np.zeros(draws)
        self.ratio = np.full(draws, FIRST_RATIO)
        self.current, self.predicted = start.copy(), start.copy()
        self.corrections = np.zeros(draws, int)
        self.first_step, self.last_step = np.ones(draws), np.ones(draws)
        self.rounds, self.precisions = np.zeros(draws, int), np.zeros(draws, int)
        self.error = np.full(draws, np.inf)

    @property
    def active(self) -> Int[np.ndarray, "active"]:
        return np.flatnonzero(self.status == RUNNING)

    def advance(self) -> None:
        """One Newton step for every draw under way, and what follows from it."""
        active = self.active
        share = self.target[active]
        current = self.current.select(active)
        linear = self._system(active).linearise(current, share)
        climbing = bool((share < 1.0).any())
        rights = [linear.residual, linear.by_parameter] if climbing else [linear.residual]
        step, *rest = linear.solve_several(rights)
        corrected = current.plus(step, -1.0)
        sharp = self.precision[active] * share[:, None]
        size = self._size(active, step, sharp)
        size = np.where(np.isfinite(size), size, np.inf)
        first = self.corrections[active] == 0
        self.first_step[active] = np.where(first, size, self.first_step[active])
        before = np.where(first, 1.0, self.last_step[active])
        error = size * np.clip(size / before, self.system.accuracy, 1.0)
        self.last_step[active] = size
        self.precisions[active] += first
        self.corrections[active] += 1
        self.rounds[active] += 1
        self.error[active] = error
        final = share >= 1.0
        close = np.where(
            final, error <= self.tolerance + self._rounding(active, sharp), size <= CLOSE
        )
        begun = self.solved_share[active] > 0
        if (close & begun).any():
            close = close & ~(begun & self._jumped(active, corrected))
        spent = self.corrections[active] >= self.max_corrections
        lost = ~np.isfinite(size) | (size > DIVERGED) | spent
        self.current.put(active[~lost], corrected.select(~lost))
        tangent = rest[0].times(-share) if rest else step.zero()
        self._accept(active[close], corrected.select(close), tangent.select(close))
        self._retreat(active[~close & lost])

    def _system(self, active: np.ndarray) -> System:
        """The system of the draws under way, selected only when some have ended."""
        if len(active) < len(self._selected):
            self._selection, self._selected = self.system.select(active), active
        return self._selection

    def _accept(self, draws: np.ndarray, point: Point, tangent: Point) -> None:
        share = self.target[draws]
        if not len(draws):
            return
        begun = self.solved_share[draws] > 0
        taken = np.where(begun, np.log(share / np.where(begun, self.solved_share[draws], 1.0)), 0.0)
        self.last_tangent.put(draws, self.tangent.select(draws))
        self.last_ratio[draws] = taken
        self.solved.put(draws, point)
        self.tangent.put(draws, tangent)
        self.solved_share[draws] = share
        # The error of the prediction grows with the third power of the step.
        growth = np.cbrt(AIM / np.maximum(self.first_step[draws], 1e-9)).clip(0.3, 2.5)
        self.ratio[draws] = np.where(begun, taken * growth, FIRST_RATIO)
        self.status[draws] = np.where(share >= 1.0, SOLVED, RUNNING)
        self._predict(draws[share < 1.0])

    def _retreat(self, draws: np.ndarray) -> None:
        if not len(draws):
            return
        begun = self.solved_share[draws] > 0
        self.ratio[draws] = np.where(
            begun,
            np.log(self.target[draws] / np.where(begun, self.solved_share[draws], 1.0)) * 0.35,
            self.ratio[draws],
        )
        self.target[draws] = np.where(begun, self.target[draws], self.target[draws] / 4.0)
        unbegun = self.joining | (self.target[draws] < 1e-6)
        short = np.where(begun, self.ratio[draws] < self.shortest, unbegun)
        self.status[draws[short]] = LOST
        self._predict(draws[begun & ~short])
        fresh = draws[~begun & ~short]
        self.current.put(fresh, self.solved.select(fresh))
        self.corrections[fresh] = 0

    def _predict(self, draws: np.ndarray) -> None:
        """The next share of the precision, and a parabola's guess at the solution there."""
        if not len(draws):
            return
        share = np.minimum(self.solved_share[draws] * np.exp(self.ratio[draws]), 1.0)
        # No sliver at the end.
        share = np.where(share > 0.95, 1.0, share)
        ahead = np.log(share / self.solved_share[draws])
        last = self.last_ratio[draws]
        tangent = self.tangent.select(draws)
        bend = tangent.plus(self.last_tangent.select(draws), -1.0)
        factor = np.where(last > 0, ahead**2 / (2.0 * np.where(last > 0, last, 1.0)), 0.0)
        guess = self.solved.select(draws).plus(tangent, ahead).plus(bend, factor)
        self.target[draws] = share
        self.corrections[draws] = 0
        self.current.put(draws, guess)
        self.predicted.put(draws, guess)

    def _size(self, draws: np.ndarray, step: Point, sharp: np.ndarray) -> np.ndarray:
        """A step's size: of precision times action value, or of values relative to the largest."""
        # Only differences between actions move play.
        moved = widest_range(self._selection.possible, step.action_values) * sharp
        values = np.abs(self.current.values[draws]).max(axis=(-2, -1))
        carried = np.abs(step.values).max(axis=(-2, -1)) / np.where(values > 0, values, 1.0)
        return np.asarray(np.maximum(moved.max(axis=-1), carried))

    def _rounding(self, draws: np.ndarray, sharp: np.ndarray) -> np.ndarray:
        values = np.abs(self.current.values[draws]).max(axis=(-2, -1))
        return np.asarray(64.0 * np.finfo(float).eps * (1.0 + sharp.max(axis=-1) * values))

    def _jumped(self, draws: np.ndarray, corrected: Point) -> np.ndarray:
        response = LogitResponse(
            precision=self.precision[draws],
            available=self.response.available[draws]
            if self.response.available.ndim == 4
            else self.response.available,
        )
        share = self.target[draws]
        before = response.strategies(self.predicted.action_values[draws], share)
        after = response.strategies(corrected.action_values, share)
        return np.asarray(np.abs(after - before).max(axis=(-3, -2, -1)) > LARGEST_MOVE)

    def reached(self) -> Reached:
        solved = self.status == SOLVED
        return Reached(
            point=self.solved,
            solved=solved,
            share=self.solved_share,
            rounds=self.rounds,
            precisions=self.precisions,
            error=self.error,
        )
