"""Fixed points of large maps: safeguarded Anderson acceleration, then Newton's method.

Points are (groups, entries) arrays. Sizes are measured group by group, because the
groups, such as players, may count in different units.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from foedus.numerics.linear import solve_linearised

MEMORY = 5  # differences Anderson acceleration combines
ACCELERATED_STEPS = 30
NEAR = 1e-4  # relative residual at which Newton's method takes over
FORCING = 1e-5  # relative residual of the linear solve inside a Newton step
SHORTEST = 2.0**-12  # of a Newton step, before the search for a lower residual gives up

Point = Float[Array, "groups entries"]
# (point, side) -> (image, side): `side` is what the map solves inside; the last one found
# starts the next search.
Map = Callable[[Point, Any], tuple[Point, Any]]
# The same image from the side that belongs to the point; differentiable in the point.
Smooth = Callable[[Point, Any], Point]


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False, kw_only=True)
class Reached:
    """The last iterate: `residual` is max |T(x) - x| relative to the size of x."""

    point: Point
    side: Any
    image: Point
    residual: Float[Array, ""]
    step: Float[Array, ""]
    converged: Bool[Array, ""]
    iterations: Int[Array, ""]


def find_fixed_point(
    function: Map,
    smooth: Smooth,
    start: Point,
    side: Any,
    *,
    tolerance: float,
    max_iterations: int,
) -> Reached:
    """A point that `function` maps to itself, sought from `start`.

    Converged: Newton's last step was full, and no larger than `tolerance` relative to the
    point. Newton's error is then of the order of the square of that.
    """
    first = _accelerate(function, start, side)
    return _newton(function, smooth, first, tolerance, max_iterations)


def _relative(change: Point, point: Point) -> Float[Array, ""]:
    size = jnp.max(jnp.abs(point), axis=1)
    largest = jnp.max(jnp.abs(change), axis=1)
    return jnp.max(largest / jnp.where(size > 0, size, 1.0))


def _accelerate(function: Map, start: Point, side: Any) -> Reached:
    """Anderson acceleration; a combination that does not help is dropped for a plain step."""

    def running(state: tuple[Reached, Point, Reached, Array, Array]) -> Array:
        best = state[0]
        return (best.iterations < ACCELERATED_STEPS) & ~(best.residual <= NEAR)

    def advance(
        state: tuple[Reached, Point, Reached, Array, Array],
    ) -> tuple[Reached, Point, Reached, Array, Array]:
        best, proposal, last, gaps, images = state
        image, side = function(proposal, best.side)
        residual = _relative(image - proposal, image)
        now = replace(last, point=proposal, side=side, image=image, residual=residual)
        begun = jnp.isfinite(best.residual)
        # When the residual grows, forget the history and take a plain step from the best point.
        helps = (residual < 2.0 * best.residual) | ~begun
        change = image - proposal - (last.image - last.point)
        gaps = jnp.where(helps & begun, _push(gaps, change), 0.0)
        images = jnp.where(helps & begun, _push(images, image - last.image), 0.0)
        best = _choose(residual < best.residual, now, best)
        best = replace(best, iterations=last.iterations + 1)
        last = replace(_choose(helps, now, best), iterations=last.iterations + 1)
        # Column k of the histories holds the change over the step taken k steps ago.
        weights = _least_squares(gaps, last.image - last.point)
        combined = last.image - jnp.tensordot(weights, images, axes=1)
        proposal = jnp.where(jnp.isfinite(combined).all(), combined, last.image)
        return best, proposal, last, gaps, images

    first = Reached(
        point=start,
        side=side,
        image=start,
        residual=jnp.array(jnp.inf),
        step=jnp.array(jnp.inf),
        converged=jnp.array(False),
        iterations=jnp.array(0),
    )
    history = jnp.zeros((MEMORY, *start.shape))
    return jax.lax.while_loop(running, advance, (first, start, first, history, history))[0]


def _choose(condition: Array, one: Any, other: Any) -> Any:
    return jax.tree_util.tree_map(lambda a, b: jnp.where(condition, a, b), one, other)


def _push(history: Array, newest: Point) -> Array:
    return jnp.concatenate([newest[None], history[:-1]])


def _least_squares(gaps: Array, gap: Point) -> Float[Array, "memory"]:
    rows = gaps.reshape(len(gaps), -1)
    gram = rows @ rows.T
    # Unused history rows are zero; the ridge makes their weights zero too.
    ridge = 1e-12 * jnp.trace(gram) + 1e-300
    weights: Array = jnp.linalg.solve(gram + ridge * jnp.eye(len(rows)), rows @ gap.ravel())
    return weights


def _newton(
    function: Map, smooth: Smooth, start: Reached, tolerance: float, max_iterations: int
) -> Reached:
    def running(state: tuple[Reached, Array, Array]) -> Array:
        reached, count, stuck = state
        return ~reached.converged & ~stuck & (count < max_iterations)

    def advance(state: tuple[Reached, Array, Array]) -> tuple[Reached, Array, Array]:
        reached, count, _ = state
        _, derivative = jax.linearize(lambda x: smooth(x, reached.side), reached.point)
        change = solve_linearised(derivative, reached.image - reached.point, accuracy=FORCING)
        fraction, point, image, side, residual = _search(function, reached, change)
        step = _relative(change, point)
        full = fraction == 1.0
        lower = (residual < reached.residual) | (full & (step <= tolerance))
        attempted = replace(reached, point=point, side=side, image=image, residual=residual)
        moved = replace(
            _choose(lower, attempted, reached),
            step=step,
            converged=full & (step <= tolerance) & jnp.isfinite(residual),
            iterations=reached.iterations + 1,
        )
        return moved, count + 1, ~lower

    state = (start, jnp.array(0), jnp.array(False))
    return jax.lax.while_loop(running, advance, state)[0]


def _search(
    function: Map, reached: Reached, change: Point
) -> tuple[Array, Point, Point, Any, Array]:
    """The longest of the steps 1, 1/2, 1/4 ... that lowers the residual."""

    def worse(state: tuple[Array, Point, Point, Any, Array]) -> Array:
        fraction, *_, residual = state
        # Near the solution rounding decides which residual is smaller; a full step is fine.
        good = residual <= jnp.maximum((1.0 - 0.1 * fraction) * reached.residual, 1e-14)
        return ~good & (fraction > SHORTEST)

    def halve(
        state: tuple[Array, Point, Point, Any, Array],
    ) -> tuple[Array, Point, Point, Any, Array]:
        fraction = state[0] / 2.0
        point = reached.point + fraction * change
        image, side = function(point, reached.side)
        return fraction, point, image, side, _relative(image - point, image)

    before = (jnp.array(2.0), reached.point, reached.image, reached.side, jnp.array(jnp.inf))
    return jax.lax.while_loop(worse, halve, before)
