"""Linear systems x - S(x) = b where S is known by what it does, not as a matrix."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

DENSE_LIMIT = 100  # unknowns up to which the matrix itself is cheaper
MEMORY = 20  # directions kept, each made orthogonal to the others, before starting afresh
LIMIT = 2000  # applications of the map

Point = Float[Array, "*shape"]


def solve_linearised(
    step: Callable[[Point], Point], right: Point, *, accuracy: float = 1e-13
) -> Point:
    """The x with x - step(x) = right, for a linear `step`; differentiable both ways.

    Small systems by factorisation; others by conjugate residuals until the residual is
    `accuracy` times that of x = 0, or for 2,000 applications of `step`.
    """
    if right.size > DENSE_LIMIT:

        def solve(system: Callable[[Point], Point], given: Point) -> Point:
            return conjugate_residuals(system, given, accuracy)

        iterated: Point = jax.lax.custom_linear_solve(
            lambda x: x - step(x), right, solve=solve, transpose_solve=solve
        )
        return iterated
    basis = jnp.eye(right.size, dtype=right.dtype).reshape(-1, *right.shape)
    columns = jax.vmap(step)(basis).reshape(right.size, right.size)
    found: Point = jnp.linalg.solve(jnp.eye(right.size) - columns.T, right.ravel())
    return found.reshape(right.shape)


def conjugate_residuals(system: Callable[[Point], Point], right: Point, accuracy: float) -> Point:
    """The x with system(x) = right, by generalised conjugate residuals, restarted: GCR(20).

    One application of `system` a step. Over a cycle of 20 steps no combination of the
    residual's 20 images does better, plain iteration included; dropping only the oldest
    direction instead would lose that, and can stall. Eisenstat, Elman & Schultz (1983), SIAM
    J. Numer. Anal. 20.
    """
    goal = accuracy * jnp.linalg.norm(right)

    def running(state: tuple[Array, Array, Array, Array, Array]) -> Array:
        _, residual, _, _, count = state
        more: Array = (jnp.linalg.norm(residual) > goal) & (count < LIMIT)
        return more

    def advance(
        state: tuple[Array, Array, Array, Array, Array],
    ) -> tuple[Array, Array, Array, Array, Array]:
        x, residual, directions, images, count = state
        slot = count % MEMORY
        directions, images = (jnp.where(slot == 0, 0.0, kept) for kept in (directions, images))
        direction = residual
        image = system(direction.reshape(right.shape)).ravel()
        # Twice is enough: one pass of Gram-Schmidt leaves rounding that the second removes.
        for _ in range(2):
            weights = images @ image
            image = image - weights @ images
            direction = direction - weights @ directions
        size = jnp.linalg.norm(image)
        scale = jnp.where(size > 0, 1.0 / jnp.where(size > 0, size, 1.0), 0.0)
        direction, image = scale * direction, scale * image
        amount = image @ residual
        return (
            x + amount * direction,
            residual - amount * image,
            directions.at[slot].set(direction),
            images.at[slot].set(image),
            count + 1,
        )

    flat = right.ravel()
    history = jnp.zeros((MEMORY, flat.size), flat.dtype)
    state = (jnp.zeros_like(flat), flat, history, history, jnp.array(0))
    found: Point = jax.lax.while_loop(running, advance, state)[0].reshape(right.shape)
    return found
