"""From tables to values and strategies inside a JAX program, for many draws at once."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from foedus.equilibrium.backward import backward_induction
from foedus.equilibrium.stationary import Settings, stationary_equilibrium
from foedus.equilibrium.wiring import wire
from foedus.game.game import Structure, Tables


def solve_tables(
    structure: Structure,
    tables: Tables,
    precision: Float[Array, "players"],
    *,
    convention: str = "expected",
    tolerance: float = 1e-10,
    max_iterations: int = 40,
) -> tuple[Float[Array, "periods players states"], tuple[Any, ...]]:
    """Values (periods + 1 or 1, players, states), and strategies by stage as in `Profile`.

    Traceable in `tables` and `precision`: it can be differentiated, forward and in reverse, and
    mapped by `jax.vmap` over draws of either. Call it inside `jax.jit` and `jax.enable_x64(True)`.
    Nothing is certified here; `certify` takes single draws. A draw whose fixed point was not
    reached has NaN for all its numbers.
    """
    shock = convention == "shock"
    wiring = jax.tree_util.tree_map(jnp.asarray, wire(structure))
    tables = jax.tree_util.tree_map(lambda x: jnp.asarray(x, float), tables)
    precision = jnp.asarray(precision, float)
    if structure.horizon is None:
        settings = Settings(shock=shock, tolerance=tolerance, max_iterations=max_iterations)
        last, strategies, solutions, search = stationary_equilibrium(
            wiring, tables, precision, settings=settings
        )
        values, reached = last[None], search.converged
    else:
        values, strategies, solutions = backward_induction(
            wiring, tables, precision, horizon=structure.horizon, shock=shock
        )
        reached = jnp.array(True)
    for solution in solutions:
        if solution is not None:
            reached = reached & jnp.all(solution.converged)
    return (
        jnp.where(reached, values, jnp.nan),
        jax.tree_util.tree_map(lambda x: jnp.where(reached, x, jnp.nan), strategies),
    )
