"""Bifurcations: where another branch of equilibria crosses a path, and how to keep off them.

A path sees them by a sign, which changes where one branch crosses and not where two cross at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from foedus.equilibrium.stochastic.arclength import Follower
from foedus.equilibrium.stochastic.arrays import StochasticArrays
from foedus.equilibrium.stochastic.walk import Place

INVERSE_ITERATIONS = 6
TILT = 1e-3  # of a player's range of payoffs


@dataclass(frozen=True, eq=False, kw_only=True)
class Bifurcation:
    """A place where the determinant of the equations passes 0 and the path does not turn back.

    - `step`: of the path, after which it lies.
    - `parameter`: precision, or t, interpolated between the points on either side.
    - `direction`: how strategies change along the branch that crosses, largest change 1.
    """

    step: int
    parameter: float
    strategies: Float[np.ndarray, "states players most"]
    direction: Float[np.ndarray, "states players most"]


def tilted(
    arrays: StochasticArrays, units: Float[np.ndarray, "players"], seed: int
) -> StochasticArrays:
    """The game with a random share of `TILT` of a unit added to every payoff.

    Almost every such game has no bifurcations on its path: where branches would cross, the path
    bends into one of them, and which one is up to the seed.
    """
    rng = np.random.default_rng(seed)
    shape = (1, arrays.n_players, *(1,) * arrays.n_players)
    noise = TILT * rng.uniform(-1.0, 1.0, arrays.payoffs.shape) * units.reshape(shape)
    return replace(arrays, payoffs=arrays.payoffs + noise)


def crossed(before: Place, after: Place) -> bool:
    """Whether branches cross between two places: the bordered determinant changes its sign."""
    return before.orientation * after.orientation < 0


def between(before: Place, after: Place) -> np.ndarray:
    """The point between two places where the determinant, taken as linear, is 0."""
    logs = np.array([before.log, after.log])
    sizes = np.exp(logs - logs.max()) if np.isfinite(logs).all() else np.ones(2)
    share = float(sizes[0] / sizes.sum())
    return np.asarray((1.0 - share) * before.y + share * after.y)


def crossing_direction(follower: Follower, y: np.ndarray, row: np.ndarray) -> np.ndarray:
    """The null vector of the bordered system at y, by inverse iteration: along the other branch.

    It has length 1 and is orthogonal to the direction of travel `row`.
    """
    border = follower.border(y, row)
    course = follower.course
    slope = course.slope(float(y[-1]))
    size = border.linear.residual.vector.size
    found = np.random.default_rng(0).standard_normal(size + 1)
    system = border.linear.system
    for _ in range(INVERSE_ITERATIONS):
        moved, parameter = border.solve(system.point(found[:-1]), float(found[-1]))
        found = np.append(moved.vector * follower.scale, parameter / slope)
        found = found / np.linalg.norm(found)
    return np.asarray(found)


def strategy_change(follower: Follower, y: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """How fast strategies change in a direction, by central differences."""
    step = 1e-6 * (1.0 + float(np.abs(y).max()))
    ahead, behind = follower.play(y + step * direction), follower.play(y - step * direction)
    return np.asarray((ahead - behind) / (2.0 * step))
