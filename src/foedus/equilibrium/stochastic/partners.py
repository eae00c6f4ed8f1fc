"""The partner of an equilibrium: the other end of its branch of logit equilibria.

A branch that does not begin at uniform play comes down from a Nash equilibrium, turns back, and
goes up again to another (McKelvey and Palfrey 1995, theorem 3, for almost all games). On the
branches of a slightly different game equilibria have other partners, so tilting payoffs finds more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from foedus.equilibrium.stochastic.arclength import Follower
from foedus.equilibrium.stochastic.arrays import StochasticArrays
from foedus.equilibrium.stochastic.climb import Climb
from foedus.equilibrium.stochastic.finish import Finish, finish
from foedus.equilibrium.stochastic.induced import Strategies
from foedus.equilibrium.stochastic.logit_path import logit_course, payoff_units
from foedus.equilibrium.stochastic.point import Point
from foedus.equilibrium.stochastic.walk import Place, Walk

SHARPNESS = (30.0, 100.0, 300.0)  # precisions, over the spread of payoffs, at which to set out
TRIES = 400  # steps along one branch
FIRST_LENGTH = 0.05  # of the first step, in the logarithm of precision
TILT = 0.1  # of the spread of payoffs
INSIDE = 1e-6  # probability that Newton's method begins from where an action is not played


def partner_finishes(
    arrays: StochasticArrays, known: Strategies, seed: int, tolerance: float
) -> Iterator[tuple[str, Finish]]:
    """Where the branch of a known equilibrium leads, in the game and in a tilted one."""
    units = payoff_units(arrays)
    noise = np.random.default_rng(seed).uniform(-1.0, 1.0, arrays.payoffs.shape)
    column = units.reshape(-1, *(1,) * arrays.n_players)
    tilted = replace(arrays, payoffs=arrays.payoffs + TILT * column * noise)
    for game, words in ((arrays, ""), (tilted, " of the game with payoffs tilted")):
        end = partner(game, known)
        if end is not None:
            yield f"partner{words}", finish(arrays, end, tolerance=tolerance)


def partner(arrays: StochasticArrays, known: Strategies) -> Strategies | None:
    """Play at the other end of the branch, or None where it begins at uniform play or is lost."""
    units = payoff_units(arrays)
    course = logit_course(arrays, 1.0 / units, shock=False, nash=True)
    follower = Follower(course)
    start = _above(arrays, known)
    if start is None:
        return None
    point, sharpness = start
    top = float(np.log1p(sharpness))
    place = follower.settle(np.append(point.vector * follower.scale, top))
    if place is None or np.abs(place.strategies - known).max() > 0.2:
        return None
    down = replace(place, direction=-place.direction) if place.direction[-1] > 0 else place
    return _descended(follower, down, top)


def _above(arrays: StochasticArrays, known: Strategies) -> tuple[Point, float] | None:
    """A logit equilibrium near a Nash equilibrium, and its precision over the spread of payoffs."""
    for sharpness in SHARPNESS:
        climb = Climb(arrays)
        # Mixtures need differences of action values that a Nash equilibrium does not have.
        logs = np.log(np.maximum(known, INSIDE)) / (sharpness * climb.natural[:, None])
        base = climb.system.evaluated(known)
        mixed = (known > INSIDE).sum(axis=-1, keepdims=True) > 1
        played = known > INSIDE
        own = base.action_values + np.where(mixed & played, logs, 0.0)
        if climb.begin(Point(own, base.values), sharpness):
            assert climb.standing is not None
            if np.abs(climb.standing.strategies - known).max() <= 0.2:
                return climb.standing.point, sharpness
    return None


def _descended(follower: Follower, place: Place, top: float) -> Strategies | None:
    """Play where the branch comes up to `top` again; None if it ends at uniform play."""
    pace = max(abs(float(place.direction[-1])), FIRST_LENGTH)
    walk = Walk(places=(place,), length=FIRST_LENGTH / pace)
    for _ in range(TRIES):
        attempt, walk = follower.step(walk)
        found = attempt.place
        if found is not None and found.s >= top and found.direction[-1] > 0:
            return found.strategies
        if follower.stuck(walk):
            return None
    return None
