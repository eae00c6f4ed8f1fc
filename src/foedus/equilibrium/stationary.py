"""Stationary play: values that one period of logit play maps to themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from foedus.equilibrium.period import period_values
from foedus.equilibrium.wiring import Wiring
from foedus.game.game import Tables
from foedus.numerics.fixed_points import Reached, find_fixed_point
from foedus.numerics.linear import solve_linearised

ATTEMPTS = 60  # fixed points sought on the way up in precision before giving up
CLOSEST = 1.0 + 1e-3  # ratio of two precisions on the way; closer ones would not differ


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What is compiled into the program; see `Logit` for the meaning."""

    shock: bool
    tolerance: float
    max_iterations: int


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False, kw_only=True)
class Search:
    """How the fixed point was found: `fraction` of the precision reached, after `attempts`."""

    converged: Bool[Array, ""]
    fraction: Float[Array, ""]
    attempts: Int[Array, ""]
    iterations: Int[Array, ""]
    residual: Float[Array, ""]


def stationary_equilibrium(
    wiring: Wiring,
    tables: Tables,
    precision: Float[Array, "players"],
    *,
    settings: Settings,
) -> tuple[Float[Array, "players states"], tuple[Any, ...], tuple[Any, ...], Search]:
    """Values, strategies with a leading axis of one period, block solutions, and the search.

    The fixed point is sought directly; where that fails, at a fraction of the precision
    first and then upwards. Derivatives are those of the implicit function.
    """
    values, guesses, search = _fixed_point(settings, wiring, tables, precision)
    _, strategies, solutions = period_values(
        wiring,
        tables,
        precision,
        values,
        shock=settings.shock,
        guesses=guesses,
        solved=True,
    )
    strategies = jax.tree_util.tree_map(lambda x: x[None], strategies)
    return values, strategies, solutions, search


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _fixed_point(
    settings: Settings, wiring: Wiring, tables: Tables, precision: Any
) -> tuple[Array, Any, Search]:
    def seek(fraction: Array, start: Array, guesses: Any) -> Reached:
        def period(values: Array, guesses: Any, *, solved: bool = False) -> tuple[Array, Any]:
            now, _, solutions = period_values(
                wiring,
                tables,
                fraction * precision,
                values,
                shock=settings.shock,
                guesses=guesses,
                solved=solved,
            )
            return now, solutions

        return find_fixed_point(
            period,
            lambda values, guesses: period(values, guesses, solved=True)[0],
            start,
            guesses,
            tolerance=settings.tolerance,
            max_iterations=settings.max_iterations,
        )

    nothing = jnp.zeros_like(tables.flow)
    unsolved = _no_guesses(settings, wiring, tables, precision, nothing)
    return _climb(seek, nothing, unsolved)


def _climb(
    seek: Callable[[Array, Array, Any], Reached], start: Array, unsolved: Any
) -> tuple[Array, Any, Search]:
    """Solve at the full precision, or step by step from a small fraction of it.

    Returns the last point that was tried, solved or not.
    """

    def running(state: tuple[Any, ...]) -> Array:
        search: Search = state[2]
        target: Array = state[3]
        hopeless = (search.fraction > 0) & (target < CLOSEST * search.fraction)
        return ~search.converged & ~hopeless & (search.attempts < ATTEMPTS)

    def attempt(state: tuple[Any, ...]) -> tuple[Any, ...]:
        solved, _, search, target = state
        found = seek(target, *solved)
        good, point = found.converged, (found.point, found.side)
        # Failure: halfway back on a logarithmic scale, or an eighth where nothing is solved yet.
        # Success: twice the last ratio, at most four times as high.
        begun = search.fraction > 0
        ratio = jnp.where(begun, target / search.fraction, 2.0)
        back = jnp.where(begun, jnp.sqrt(target * search.fraction), target / 8.0)
        following = jnp.where(good, target * jnp.minimum(ratio**2, 4.0), back)
        return (
            jax.tree_util.tree_map(lambda a, b: jnp.where(good, a, b), point, solved),
            point,
            Search(
                converged=good & (target >= 1.0),
                fraction=jnp.where(good, target, search.fraction),
                attempts=search.attempts + 1,
                iterations=search.iterations + found.iterations,
                residual=found.residual,
            ),
            jnp.minimum(following, 1.0),
        )

    search = Search(
        converged=jnp.array(False),
        fraction=jnp.array(0.0),
        attempts=jnp.array(0),
        iterations=jnp.array(0),
        residual=jnp.array(jnp.inf),
    )
    nowhere = (start, unsolved)
    _, last, search, _ = jax.lax.while_loop(
        running, attempt, (nowhere, nowhere, search, jnp.array(1.0))
    )
    return *last, search


@_fixed_point.defjvp
def _fixed_point_derivative(settings: Settings, primals: Any, tangents: Any) -> Any:
    wiring, tables, precision = primals
    values, guesses, search = _fixed_point(settings, wiring, tables, precision)

    def period(values: Array, tables: Tables, precision: Array) -> Array:
        return period_values(
            wiring,
            tables,
            precision,
            values,
            shock=settings.shock,
            guesses=guesses,
            solved=True,
        )[0]

    _, moved = jax.jvp(partial(period, values), (tables, precision), tangents[1:])
    _, carried = jax.linearize(lambda x: period(x, tables, precision), values)
    change = solve_linearised(carried, moved)
    still = jax.tree_util.tree_map(_no_tangent, (guesses, search))
    return (values, guesses, search), (change, *still)


def _no_tangent(value: Array) -> Any:
    if jnp.issubdtype(value.dtype, jnp.inexact):
        return jnp.zeros_like(value)
    return np.zeros(value.shape, jax.dtypes.float0)


def _no_guesses(
    settings: Settings, wiring: Wiring, tables: Tables, precision: Any, values: Array
) -> Any:
    """Block solutions that start nothing: NaN, so that every path begins at uniform play."""
    shapes = jax.eval_shape(
        lambda v: period_values(wiring, tables, precision, v, shock=settings.shock)[2], values
    )
    return jax.tree_util.tree_map(
        lambda x: jnp.full(x.shape, jnp.nan if x.dtype.kind == "f" else 0, x.dtype), shapes
    )
