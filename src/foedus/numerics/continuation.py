r"""Principal solutions of $y = G(y)$: along the path $y = (s / S)\, G(y)$ from $s = 0$ to $s = S$.

Many small systems are followed at once, each at its own pace, by pseudo-arclength: the
path may turn back in s, and does in a few games in a hundred, but not in its own length.
Allgower & Georg (1990), *Numerical Continuation Methods*, ch. 10.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

CORRECTIONS = 5  # Newton steps allowed at one point of a path; good predictions need one to three
LOOSE = 1e-4  # size of the last Newton step on the way, relative to the point
TIGHT, ROUNDING = 1e-8, 1e-13  # the same at the end, absolute (its square remains) and relative
LARGEST_MOVE = 0.05  # of any response between prediction and correction; more may be another path
SMALLEST_COSINE = 0.95  # between tangents at neighbouring points, for the same reason
FIRST_LENGTH, SHORTEST = 0.5, 1e-7  # of a step along the path
LIMIT = 3000

RUNNING, SOLVED, FAILED = range(3)


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False, kw_only=True)
class Followed:
    """Where each path ended, and how many rounds of Newton steps all of them took."""

    solution: Float[Array, "batch unknowns"]
    converged: Bool[Array, "batch"]
    iterations: Int[Array, ""]


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False, kw_only=True)
class _Walk:
    """All paths in mid-course; a point is y with s appended.

    `anchor`, `tangent`: the last accepted point (s = -1: none yet). `predicted` is being
    corrected on the hyperplane through it that is orthogonal to `row`.
    """

    anchor: Array
    tangent: Array
    length: Array
    predicted: Array
    row: Array
    current: Array
    corrections: Array
    status: Array
    iterations: Array


def follow(
    linearise: Callable[
        [Float[Array, "batch unknowns"]],
        tuple[Float[Array, "batch unknowns"], Float[Array, "batch unknowns unknowns"]],
    ],
    response: Callable[[Float[Array, "batch unknowns"]], Float[Array, "batch parts"]],
    end: Float[Array, "batch"],
    guess: Float[Array, "batch unknowns"],
) -> Followed:
    r"""Solutions of $y = G(y)$ on the path that starts at $y = 0$.

    `linearise` returns G and its derivative, row by row of the batch; `end` is S, of the size
    of G, so that path and parameter have one scale. Every row first tries Newton's method from
    `guess`, where that is finite, and follows its path only if that fails. `response` maps y
    to what must not jump between prediction and correction.

    Not differentiable: the caller owns the implicit rule.
    """
    size, unknowns = guess.shape
    upwards = jnp.zeros((size, unknowns + 1)).at[:, -1].set(1.0)
    warm = jnp.isfinite(guess).all(axis=1, keepdims=True)
    start = jnp.where(warm, jnp.concatenate([guess, end[:, None]], axis=1), 0.0)
    walk = _Walk(
        anchor=-upwards,
        tangent=upwards,
        length=jnp.full(size, FIRST_LENGTH),
        predicted=start,
        row=upwards,
        current=start,
        corrections=jnp.zeros(size, jnp.int32),
        status=jnp.full(size, RUNNING, jnp.int32),
        iterations=jnp.int32(0),
    )

    def running(walk: _Walk) -> Array:
        return jnp.any(walk.status == RUNNING) & (walk.iterations < LIMIT)

    def advance(walk: _Walk) -> _Walk:
        y, s = walk.current[:, :-1], walk.current[:, -1:] / end[:, None]
        image, slope = linearise(y)
        system = jnp.concatenate(
            [
                jnp.concatenate(
                    [
                        jnp.eye(unknowns) - s[:, :, None] * slope,
                        -(image / end[:, None])[:, :, None],
                    ],
                    axis=2,
                ),
                walk.row[:, None, :],
            ],
            axis=1,
        )
        off = jnp.sum(walk.row * (walk.current - walk.predicted), axis=1, keepdims=True)
        gap = jnp.concatenate([y - s * image, off], axis=1)
        found = jnp.linalg.solve(system, jnp.stack([gap, upwards], axis=-1))
        return _judge(walk, walk.current - found[..., 0], found[..., 1], end, response)

    walk = jax.lax.while_loop(running, advance, walk)
    return Followed(
        solution=walk.current[:, :-1],
        converged=walk.status == SOLVED,
        iterations=walk.iterations,
    )


def _judge(walk: _Walk, corrected: Array, slope: Array, end: Array, response: Any) -> _Walk:
    """Take the Newton step, then for each path: go on correcting, accept, or step back."""
    running = walk.status == RUNNING
    begun = walk.anchor[:, -1] >= 0.0
    last = walk.predicted[:, -1] >= end
    step = jnp.max(jnp.abs(corrected - walk.current), axis=1)
    size = 1.0 + jnp.max(jnp.abs(corrected), axis=1)
    corrections = walk.corrections + 1
    close = step <= jnp.where(last, TIGHT + ROUNDING * size, LOOSE * size)
    slope = slope / jnp.linalg.norm(slope, axis=1, keepdims=True)
    cosine = jnp.sum(slope * walk.tangent, axis=1)
    moved = jnp.abs(response(corrected[:, :-1]) - response(walk.predicted[:, :-1]))
    same = (jnp.max(moved, axis=1) <= LARGEST_MOVE) & (last | (cosine >= SMALLEST_COSINE))
    accept = running & close & (same | ~begun)
    back = running & ~accept & (close | ~(step < jnp.inf) | (corrections >= CORRECTIONS))

    anchor = jnp.where(accept[:, None], corrected, walk.anchor)
    tangent = jnp.where(accept[:, None], slope, walk.tangent)
    longer = jnp.where(begun & (corrections <= 3), 2.0, 1.0)
    length = walk.length * jnp.where(accept, longer, jnp.where(back & begun, 0.25, 1.0))
    # A step that would pass the end stops there: s is fixed instead of the length.
    ahead = anchor[:, -1] + length * tangent[:, -1]
    passes = ahead >= end
    share = jnp.where(passes, (end - anchor[:, -1]) / (length * tangent[:, -1]), 1.0)
    length = length * jnp.where(passes & (accept | back), share, 1.0)
    predicted = anchor + length[:, None] * tangent
    predicted = predicted.at[:, -1].set(jnp.where(passes, end, predicted[:, -1]))
    upwards = jnp.zeros_like(tangent).at[:, -1].set(1.0)
    row = jnp.where(passes[:, None], upwards, tangent)
    # Without an accepted point, a failed guess makes way for the start of the path.
    fresh = (back & ~begun)[:, None]
    predicted, row = jnp.where(fresh, 0.0, predicted), jnp.where(fresh, upwards, row)

    move = ((accept & ~last) | back)[:, None]
    # The path from s = 0 does not come back there: below 0 it is another one.
    strayed = accept & (corrected[:, -1] < 0.0)
    failed = strayed | (back & ((length < SHORTEST) | (~begun & ~last)))
    return _Walk(
        anchor=anchor,
        tangent=tangent,
        length=length,
        predicted=jnp.where(move, predicted, walk.predicted),
        row=jnp.where(move, row, walk.row),
        current=jnp.where(move, predicted, jnp.where(running[:, None], corrected, walk.current)),
        corrections=jnp.where(move[:, 0], 0, corrections),
        status=jnp.where(accept & last, SOLVED, jnp.where(failed, FAILED, walk.status)),
        iterations=walk.iterations + 1,
    )
