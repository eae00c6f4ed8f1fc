"""Newton's method kept away from solutions already known, so that it finds others.

The equations F are multiplied by $η(x) = Π_k (1 + 1 / |x - x_k|^2)$, which is infinite at every
known solution x_k (Farrell, Birkisson and Funke 2015, section 2). By the formula of Sherman and
Morrison the step is Newton's own, only longer, shorter or backwards.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from foedus.equilibrium.stochastic.climb import Climb
from foedus.equilibrium.stochastic.system import Point

STEPS = 60
LONGEST = 20.0  # of a step, in units of precision times action value


def deflated(climb: Climb, start: Point, t: float, known: Sequence[Point]) -> Point | None:
    """A logit equilibrium at share t that is none of the known ones, or None."""
    point = start
    for _ in range(STEPS):
        try:
            linear = climb.system.linearise(point, t)
            step = linear.solve(linear.residual)
        except (np.linalg.LinAlgError, ValueError):
            return None
        size = float(np.abs(_scaled(climb, step, t)).max())
        if not np.isfinite(size):
            return None
        factor = 1.0 / (1.0 + _slope(climb, point, step, t, known))
        factor = float(np.clip(factor, -LONGEST / max(size, 1e-12), LONGEST / max(size, 1e-12)))
        point = point.plus(step, -factor)
        if size * abs(factor) <= 1e-3:
            # Near a new solution the deflated step is Newton's, so that may finish.
            found = climb.correct(point, t)
            if found is None or any(_distance(climb, found, other, t) < 1e-4 for other in known):
                return None
            return found
    return None


def _scaled(climb: Climb, point: Point, t: float) -> np.ndarray:
    """What play depends on: precision times action values, without what is common to actions."""
    own = point.action_values * (t * climb.natural[:, None])
    available = climb.response.available
    mean = np.where(available, own, 0.0).sum(axis=-1) / available.sum(axis=-1)
    return np.where(available, own - mean[..., None], 0.0)


def _distance(climb: Climb, one: Point, other: Point, t: float) -> float:
    difference = one.plus(other, -1.0)
    return float(np.abs(_scaled(climb, difference, t)).max())


def _slope(climb: Climb, point: Point, step: Point, t: float, known: Sequence[Point]) -> float:
    """The derivative of log η along `step`."""
    along, total = _scaled(climb, step, t), 0.0
    for other in known:
        apart = _scaled(climb, point.plus(other, -1.0), t)
        square = max(float((apart**2).sum()), 1e-24)
        total -= 2.0 * float((apart * along).sum()) / (square * (1.0 + square))
    return total
