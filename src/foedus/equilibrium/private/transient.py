r"""Stationary play with private types as where slow adjustment comes to rest.

Play that adjusts as $dz/dt = T(z) - z$, z the y and values of `Joint`, rests at equilibria.
Implicit steps of rising length follow it and turn into Newton's method at its end (pseudo-transient
continuation, Kelley & Keyes 1998). Unlike a branch in precision it passes the corners that beliefs
on a grid give the equations, at which branches turn back by almost half a circle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from foedus.equilibrium.private.fixed import random_guess
from foedus.equilibrium.private.joint import Joint, solved

STEPS = 250
FIRST, SHORTEST, LONGEST = 0.5, 1e-4, 1e14  # lengths of a step, in units of t
LARGEST_MOVE = 0.4  # of any probability in one step
GROWS = 2.0  # the gap, at most, in one step
CLOSE = 1e-12  # of unknowns, relative to their size
ROUNDING = 1e-10  # likewise, where no step makes it smaller
STALE = 40  # steps without a smaller gap, after which play is going round
STARTS = 12  # from random play, when even play leads nowhere
FIRST_SHARE, SMALLEST_RISE = 1 / 16, 1 / 256  # of the precision


@dataclass(frozen=True, eq=False, kw_only=True)
class Settled:
    """Where adjustment came to rest, or stood when it was given up."""

    point: np.ndarray
    gap: float
    steps: int

    @property
    def solved(self) -> bool:
        """Whether it is a fixed point, as far as rounding lets one say."""
        return bool(self.gap <= ROUNDING)


@dataclass(frozen=True, eq=False, kw_only=True)
class Reached:
    """`way`: what led to the last point; `share`: of the precision, up to which there is play."""

    settled: Settled
    way: str
    share: float
    steps: int


def settle(joint: Joint, point: np.ndarray, share: float = 1.0, *, first: float = FIRST) -> Settled:
    """Where play that adjusts from `point` comes to rest.

    `first` is the length of the first step: a long one is a step of Newton's method.
    """
    gap = joint.gap(point, share)
    worst = best = joint.worst(point, gap)
    length, since, taken = first, 0, 0
    unit = sp.eye_array(joint.size, format="csc")
    while worst > CLOSE and taken < STEPS and since < STALE and np.isfinite(worst):
        taken += 1
        slopes, before = joint.slopes(point, share), joint.probabilities(point)
        while True:
            ahead = point - solved(slopes + unit / length, gap)
            gap_ahead = joint.gap(ahead, share)
            after = joint.worst(ahead, gap_ahead)
            moved = np.abs(joint.probabilities(ahead) - before).max(initial=0.0)
            if length <= SHORTEST or (moved <= LARGEST_MOVE and after <= GROWS * worst):
                break
            length = max(SHORTEST, 0.3 * length)
        if worst <= ROUNDING and not after < worst:
            break
        length = min(LONGEST, length * (2.0 if after < worst else 1.2))
        since = 0 if after < 0.99 * best else since + 1
        point, gap, worst, best = ahead, gap_ahead, after, min(best, after)
    return Settled(point=point, gap=worst if np.isfinite(worst) else np.inf, steps=taken)


def reach(joint: Joint) -> Reached:
    """Stationary play: from even play, else as the precision rises, else from random play."""
    even = joint.even()
    found = settle(joint, even)
    steps = found.steps
    if found.solved:
        return Reached(settled=found, way="even play", share=1.0, steps=steps)
    point, share, rise = even, 0.0, FIRST_SHARE
    while share < 1.0 and rise >= SMALLEST_RISE:
        ahead = min(1.0, share + rise)
        found = settle(joint, point, ahead)
        steps += found.steps
        if found.solved:
            point, share, rise = found.point, ahead, 2 * rise
        else:
            rise /= 4
    if share >= 1.0:
        return Reached(settled=found, way="play at lower precision", share=1.0, steps=steps)
    for start in random_points(joint, even, np.random.default_rng(0), STARTS):
        found = settle(joint, start)
        steps += found.steps
        if found.solved:
            return Reached(settled=found, way="random play", share=1.0, steps=steps)
    return Reached(settled=found, way="nothing", share=share, steps=steps)


def random_points(
    joint: Joint, even: np.ndarray, rng: np.random.Generator, count: int
) -> Iterator[np.ndarray]:
    """Points of random play, and what one period of it is worth before even play."""
    following = joint.following(even)
    for _ in range(count):
        guess = random_guess(joint.period, following, rng)
        yield joint.point(guess, joint.period.sweep(guess, following).values)
