"""The principal branch where it turns back in precision, followed by arc length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from foedus.equilibrium.stochastic.arclength import Follower
from foedus.equilibrium.stochastic.arrays import StochasticArrays
from foedus.equilibrium.stochastic.logit_path import logit_course
from foedus.equilibrium.stochastic.system import Point
from foedus.equilibrium.stochastic.walk import Place, Walk

TRIES = 3000  # steps tried along a branch before giving up
FIRST_LENGTH = 0.02  # of the first step, in the logarithm of precision
FARTHEST_CORRECTION = 0.1  # of any strategy at the end; more may be another branch


@dataclass(frozen=True, eq=False, kw_only=True)
class Turned:
    """Where following the branch led: `point` solves at the full precision if `solved`."""

    point: Point
    solved: bool
    tries: int
    folds: int


def follow_turns(
    arrays: StochasticArrays,
    precision: Float[np.ndarray, "players"],
    start: Point,
    share: float,
    *,
    shock: bool = False,
    tries: int = TRIES,
) -> Turned:
    """On from a solution at `share` of the precision, through folds, to the full precision.

    Bifurcations are passed straight through. The branch never goes below precision 0, nor with
    shocks below where the logit path with shocks begins.
    """
    course = logit_course(arrays, precision, shock=shock)
    follower = Follower(course)
    reached = float(np.log1p(share * (precision * course.units).max()))
    uniform = course.system(0.0).start()
    # Where a fold is very near, Newton's method may fail at the start: then from the beginning.
    spent, folds = 0, 0
    for point, s in ((start, reached), (uniform, course.begin)):
        found, tried, folds = _followed(follower, point, s, tries)
        spent += tried
        if found is not None:
            return Turned(point=follower.point(found.y), solved=True, tries=spent, folds=folds)
    return Turned(point=start, solved=False, tries=spent, folds=folds)


def _followed(
    follower: Follower, point: Point, s: float, tries: int
) -> tuple[Place | None, int, int]:
    """The place at the end of the course, from a point at s; tries and folds on the way."""
    place = follower.settle(np.append(point.vector * follower.scale, s))
    if place is None:
        return None, 0, 0
    pace = max(abs(float(place.direction[-1])), FIRST_LENGTH)
    walk = Walk(places=(place,), length=FIRST_LENGTH / pace)
    folds = 0
    for tried in range(1, tries + 1):
        attempt, following = follower.step(walk)
        here, place = walk.here, attempt.place
        if place is not None and place.s >= follower.course.end:
            last = _arrived(follower, here, place)
            if last is not None:
                return last, tried, folds
            following = Walk(places=walk.places, length=0.5 * walk.length)
        elif place is not None:
            folds += bool(here.direction[-1] * place.direction[-1] < 0)
        walk = following
        if follower.stuck(walk):
            return None, tried, folds
    return None, tries, folds


def _arrived(follower: Follower, here: Place, place: Place) -> Place | None:
    """The solution at the end of the course, between two places around it."""
    share = (follower.course.end - here.s) / (place.s - here.s)
    guess = here.y + share * (place.y - here.y)
    guess[-1] = follower.course.end
    last = follower.settle(guess)
    if last is None or np.abs(last.strategies - follower.play(guess)).max() > FARTHEST_CORRECTION:
        return None
    return last
